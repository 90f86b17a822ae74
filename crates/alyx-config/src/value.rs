//! What a setting can hold: the text of each kind, read and printed. Where the text came from is not known here.

mod address;
mod choice;
mod duration;
mod limit;
mod list;
mod network;
mod plain;
mod rate;
mod size;

use serde_json::Value as Json;

pub(crate) use address::is_private;
pub use address::{Issuer, Redirect};
pub(crate) use choice::choice;
pub use limit::Limit;
pub use network::{Cidr, Host, Origin};
pub use rate::{Period, Rate};
pub use size::ByteSize;

use crate::Kind;

/// Text that is not of the kind wanted, with a way out where one is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    /// What to write instead.
    pub hint: Option<String>,
}

impl Wrong {
    pub(crate) fn because(hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()) }
    }
}

/// A type that a setting can have.
pub trait Value: Sized {
    /// What it is called, how it looks and what JSON Schema says of it.
    fn kind() -> Kind;

    /// Reads the text of a scalar, a variable or a flag.
    ///
    /// # Errors
    /// The text is not of this kind.
    fn parse(text: &str) -> Result<Self, Wrong>;

    /// Reads the items of a list; most kinds take none.
    ///
    /// # Errors
    /// Each wrong item by its position; `None` where a list is not wanted at all.
    fn parse_list(_items: &[&str]) -> Result<Self, Option<Vec<(usize, Wrong)>>> {
        Err(None)
    }

    /// For output: secrets show nothing.
    fn redacted(&self) -> Json;
}
