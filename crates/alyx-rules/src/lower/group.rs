//! `and` and `or` of predicates, and what the truth alone needs of one.

use alyx_query::{Predicate, Truth};

/// All of these, or one of them, without what does not matter.
///
/// Questions about one related document are asked together: where there is none, all of them are unknown.
pub(super) fn join(parts: Vec<Predicate>, all: bool, exact: bool) -> Predicate {
    let deciding = Truth::from(!all);
    let mut joined: Vec<Predicate> = Vec::with_capacity(parts.len());
    let mut has_unknown = false;
    for part in flattened(parts, all) {
        match part {
            Predicate::Constant(truth) if truth == deciding => return Predicate::Constant(deciding),
            Predicate::Constant(Truth::Unknown) => has_unknown = true,
            Predicate::Constant(_) => {}
            part => add(&mut joined, part, all, exact),
        }
    }
    if !exact && joined.iter().any(never_holds) {
        // What is said of one related document together may contradict itself.
        match all {
            true => return Predicate::FALSE,
            false => joined.retain(|part| !never_holds(part)),
        }
    }
    match (has_unknown, exact, all) {
        (true, false, true) => return Predicate::FALSE,
        (true, true, _) => joined.push(Predicate::Constant(Truth::Unknown)),
        _ => {}
    }
    if all { Predicate::all(joined) } else { Predicate::any(joined) }
}

fn never_holds(part: &Predicate) -> bool {
    matches!(part, Predicate::Related { predicate, .. } if **predicate == Predicate::FALSE)
}

fn flattened(parts: Vec<Predicate>, all: bool) -> Vec<Predicate> {
    let is_group = |part: &Predicate| match part {
        Predicate::And(_) => all,
        Predicate::Or(_) => !all,
        _ => false,
    };
    if !parts.iter().any(is_group) {
        return parts;
    }
    let mut flat = Vec::with_capacity(parts.len() + 2);
    for part in parts {
        match part {
            Predicate::And(inner) if all => flat.extend(inner),
            Predicate::Or(inner) if !all => flat.extend(inner),
            part => flat.push(part),
        }
    }
    flat
}

fn add(joined: &mut Vec<Predicate>, part: Predicate, all: bool, exact: bool) {
    let Predicate::Related { key, target, target_field, predicate } = part else { return joined.push(part) };
    let same = joined.iter_mut().find_map(|known| match known {
        Predicate::Related { key: known_key, target: known_target, target_field: known_field, predicate }
            if *known_key == key && known_target.name == target.name && *known_field == target_field =>
        {
            Some(predicate)
        }
        _ => None,
    });
    match same {
        Some(known) => {
            let first = std::mem::replace(&mut **known, Predicate::TRUE);
            **known = join(vec![first, *predicate], all, exact);
        }
        None => joined.push(Predicate::Related { key, target, target_field, predicate }),
    }
}

/// A predicate that is true of the same documents, and perhaps false where this one is unknown.
pub(super) fn truth_only(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::Constant(Truth::Unknown) => Predicate::FALSE,
        Predicate::And(parts) => join(parts.into_iter().map(truth_only).collect(), true, false),
        Predicate::Or(parts) => join(parts.into_iter().map(truth_only).collect(), false, false),
        Predicate::Related { key, target, target_field, predicate } => match truth_only(*predicate) {
            Predicate::Constant(Truth::False) => Predicate::FALSE,
            predicate => Predicate::Related { key, target, target_field, predicate: Box::new(predicate) },
        },
        Predicate::Outer { level, predicate } => match truth_only(*predicate) {
            constant @ Predicate::Constant(_) => constant,
            predicate => Predicate::Outer { level, predicate: Box::new(predicate) },
        },
        other => other,
    }
}

/// The opposite, said without `not` where it can be.
pub(super) fn negated(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::Constant(truth) => Predicate::Constant(!truth),
        Predicate::Not(inner) => *inner,
        Predicate::Related { key, target, target_field, predicate } => {
            Predicate::Related { key, target, target_field, predicate: Box::new(negated(*predicate)) }
        }
        Predicate::Outer { level, predicate } => Predicate::Outer { level, predicate: Box::new(negated(*predicate)) },
        other => other.negated(),
    }
}

/// The predicate or its opposite.
pub(super) fn negated_if(negate: bool, predicate: Predicate) -> Predicate {
    if negate { negated(predicate) } else { predicate }
}
