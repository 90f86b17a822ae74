//! What has to be known for an expression to have a value.

use super::{Kind, Macro};

/// A set of things to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    things: u8,
    /// Variables of macros around it, by slot.
    slots: u64,
}

impl Needs {
    pub(crate) const NOTHING: Self = Self::things(0);
    pub(crate) const AUTH: Self = Self::things(1);
    pub(crate) const REQUEST: Self = Self::things(2);
    /// Fields of `doc`, its foreign keys included.
    pub(crate) const DOCUMENT: Self = Self::things(4);
    /// Documents other than `doc`.
    pub(crate) const WORLD: Self = Self::things(8);

    const fn things(things: u8) -> Self {
        Self { things, slots: 0 }
    }

    /// What an expression needs, its parts included.
    pub(super) fn of(kind: &Kind) -> Self {
        let own = match kind {
            Kind::Auth(_) | Kind::Anonymous => Self::AUTH,
            Kind::Request(_) => Self::REQUEST,
            Kind::Field(path) if path.depth > 0 => Self::WORLD,
            Kind::Field(path) if path.hops.is_empty() => Self::DOCUMENT,
            Kind::Field(_) => Self::DOCUMENT.and(Self::WORLD),
            Kind::ExistsIn(_) => Self::WORLD,
            Kind::Variable(variable) => Self { things: 0, slots: 1 << variable.slot },
            Kind::Macro(inner) => return Self::of_macro(inner),
            _ => Self::NOTHING,
        };
        let mut all = own;
        kind.for_each(&mut |part| all = all.and(part.needs));
        all
    }

    /// A macro's own variables are known within it.
    fn of_macro(inner: &Macro) -> Self {
        let own: u64 = inner.variables.iter().map(|variable| 1 << variable.slot).sum();
        let body = inner.filter.as_ref().map_or(Self::NOTHING, |filter| filter.needs).and(inner.body.needs);
        Self { slots: body.slots & !own, ..body }.and(inner.range.needs)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self { things: self.things | other.things, slots: self.slots | other.slots }
    }

    /// Whether any of the others is among these; variables are not looked at.
    pub(crate) fn any_of(self, other: Self) -> bool {
        self.things & other.things != 0
    }

    /// Whether all of these are among the others, and no variable is needed.
    pub(crate) fn met_by(self, known: Self) -> bool {
        self.things & !known.things == 0 && self.slots == 0
    }

    /// Whether a variable of a macro around it is needed.
    pub(crate) fn has_variables(self) -> bool {
        self.slots != 0
    }
}
