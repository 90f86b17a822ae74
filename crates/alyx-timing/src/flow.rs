//! A flow: two kinds of request whose answers must not be told apart.

use std::time::Duration;

use anyhow::Result;

use crate::{
    message::Message,
    world::{Verification, World},
};

/// Makes the next request of one side.
pub(crate) type Side = Box<dyn FnMut() -> Message>;

/// Two kinds of request, and what is measured of them.
pub(crate) struct Flow {
    pub(crate) name: &'static str,
    /// What the sides are, the one to be hidden first.
    pub(crate) sides: [&'static str; 2],
    pub(crate) expected: Expected,
    pub(crate) timed: Timed,
    pub(crate) verification: Verification,
    /// After each sample, so that what one leaves behind is done before the next.
    pub(crate) pause: Duration,
    pub(crate) prepare: fn(&mut World) -> Result<[Side; 2]>,
}

/// What must come out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expected {
    Alike,
    /// A control: where these are not told apart, the measurement would not have noticed a leak either.
    Different,
}

/// Which answer is waited for with the clock running.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Timed {
    /// That to the request itself.
    Own,
    /// That to a harmless request right after it: it tells of work that was put off.
    Next,
}

impl Flow {
    /// A flow as most are.
    pub(crate) const fn new(
        name: &'static str,
        sides: [&'static str; 2],
        prepare: fn(&mut World) -> Result<[Side; 2]>,
    ) -> Self {
        Self {
            name,
            sides,
            expected: Expected::Alike,
            timed: Timed::Own,
            verification: Verification::Optional,
            pause: Duration::ZERO,
            prepare,
        }
    }
}
