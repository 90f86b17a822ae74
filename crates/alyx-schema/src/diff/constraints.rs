//! Limits against limits: looser or tighter.

use super::{ChangeClass, ChangeKind, ConstraintKind};
use crate::{Field, JsonShape, Value};

pub(super) fn diff(before: &Field, after: &Field, push: &mut impl FnMut(ChangeKind, ChangeClass)) {
    let (old, new) = (&before.constraints, &after.constraints);
    let changes = [
        (ConstraintKind::MinLength, bound(old.min_length, new.min_length, |old, new| new > old)),
        (ConstraintKind::MaxLength, bound(old.max_length, new.max_length, |old, new| new < old)),
        (ConstraintKind::Min, bound(old.min, new.min, |old, new| new > old)),
        (ConstraintKind::Max, bound(old.max, new.max, |old, new| new < old)),
        (ConstraintKind::Format, bound(old.format, new.format, |_, _| true)),
        (ConstraintKind::Pattern, bound(old.pattern.as_deref(), new.pattern.as_deref(), |_, _| true)),
        (ConstraintKind::Allowed, bound(old.allowed.as_deref(), new.allowed.as_deref(), has_less)),
        (ConstraintKind::JsonShape, bound(before.json_shape.as_ref(), after.json_shape.as_ref(), is_other_shape)),
    ];
    for (constraint, change) in changes {
        let Some(tighter) = change else { continue };
        let class = if tighter { ChangeClass::Unsafe("values that exist may break it") } else { ChangeClass::Safe };
        push(ChangeKind::ConstraintChanged { field: after.name.clone(), constraint, tighter }, class);
    }
}

/// Whether a limit changed, and if so, whether it became tighter: a first limit always is, none never.
fn bound<T: PartialEq>(old: Option<T>, new: Option<T>, is_tighter: impl Fn(T, T) -> bool) -> Option<bool> {
    match (old, new) {
        (old, new) if old == new => None,
        (None, _) => Some(true),
        (_, None) => Some(false),
        (Some(old), Some(new)) => Some(is_tighter(old, new)),
    }
}

fn has_less(old: &[Value], new: &[Value]) -> bool {
    !old.iter().all(|value| new.contains(value))
}

fn is_other_shape(old: &JsonShape, new: &JsonShape) -> bool {
    use crate::FieldType::{String, Text};
    !matches!((old, new), (JsonShape::Items(String | Text), JsonShape::Items(String | Text)))
}
