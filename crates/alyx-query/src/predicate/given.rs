//! What is left of a predicate where another one is known to hold.

use super::{Predicate, Truth};

impl Predicate {
    /// What is left to be asked of documents that meet `known`: the two together say what this and
    /// `known` say together.
    ///
    /// A list that filters by what its rule asks anyway costs no more than the filter.
    #[must_use]
    pub fn given(&self, known: &Self) -> Self {
        let facts: Vec<&Self> = match known {
            Self::And(parts) => parts.iter().collect(),
            other => vec![other],
        };
        match facts.iter().all(|fact| matches!(fact, Self::Constant(_))) {
            true => self.clone(),
            false => self.with(&facts),
        }
    }

    fn with(&self, facts: &[&Self]) -> Self {
        if facts.contains(&self) {
            return Self::TRUE;
        }
        match self {
            Self::And(parts) => group(parts, facts, Truth::False),
            Self::Or(parts) => group(parts, facts, Truth::True),
            Self::Not(inner) => match inner.with(facts) {
                Self::Constant(truth) => Self::Constant(!truth),
                left => left.negated(),
            },
            // What other documents are like is not known.
            other => other.clone(),
        }
    }
}

/// An `and` or an `or` without the parts that do not matter; `deciding` is the truth that ends it.
fn group(parts: &[Predicate], facts: &[&Predicate], deciding: Truth) -> Predicate {
    let mut left = Vec::with_capacity(parts.len());
    for part in parts {
        match part.with(facts) {
            Predicate::Constant(truth) if truth == deciding => return Predicate::Constant(deciding),
            Predicate::Constant(truth) if truth == !deciding && truth != Truth::Unknown => {}
            part => left.push(part),
        }
    }
    match deciding {
        Truth::False => Predicate::all(left),
        _ => Predicate::any(left),
    }
}
