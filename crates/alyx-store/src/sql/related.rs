//! Predicates that ask other documents: those that a foreign key points at, and those of a collection.
//!
//! Each can be asked in several ways that find the same; which is quick depends on how many documents
//! are asked, see [`Search`].

use std::sync::Arc;

use alyx_query::{Comparison, FieldAt, FieldRef, Predicate, RelatedKey};
use alyx_schema::Collection;

use super::{Bind, Reach, Search, Sense, Sql, condition, index::serves};

type Relation<'a> = (&'a RelatedKey, &'a Arc<Collection>, &'a FieldRef);

/// Writes what the document that a key points at is said of.
pub(super) fn related(
    sql: &mut Sql,
    reach: &Reach<'_>,
    relation: Relation<'_>,
    (predicate, sense): (&Predicate, Sense),
) {
    let (key, target, target_field) = relation;
    match (key, sense) {
        // A missing row is null, and so is what it would have to say.
        (_, Sense::Exact) => {
            sql.push("(SELECT ");
            looked_up(sql, reach, relation, (predicate, Sense::Exact));
        }
        (RelatedKey::Field(place), Sense::Truth) if sql.search == Search::Few && predicate.outward() == 0 => {
            reach.column(sql, place);
            sql.push(" IN (SELECT ");
            let scope = sql.scope(target);
            sql.column(scope, target_field.field(target)).push(" FROM ");
            scope.write_source(sql);
            sql.push(" WHERE ");
            condition(sql, &Reach::alone(scope), predicate, Sense::Truth);
            sql.push(")");
        }
        (_, Sense::Truth) => {
            sql.push("EXISTS (SELECT ");
            looked_up(sql, reach, relation, (predicate, Sense::Truth));
        }
    }
}

/// Writes `… FROM target WHERE its key is this one)`, with the predicate as what is selected or as a
/// further condition.
fn looked_up(
    sql: &mut Sql,
    reach: &Reach<'_>,
    (key, target, target_field): Relation<'_>,
    (predicate, sense): (&Predicate, Sense),
) {
    let scope = sql.scope(target);
    let inside = Reach { scope, outer: Some(reach) };
    match sense {
        Sense::Exact => condition(sql, &inside, predicate, Sense::Exact),
        Sense::Truth => {
            sql.push("1");
        }
    }
    sql.push(" FROM ");
    scope.write_source(sql);
    sql.push(" WHERE ");
    sql.column(scope, target_field.field(target)).push(" = ");
    match key {
        RelatedKey::Field(place) => reach.column(sql, place),
        RelatedKey::Value(value) => {
            sql.bind(Bind::from(value));
        }
    }
    if sense == Sense::Truth {
        sql.push(" AND ");
        condition(sql, &inside, predicate, Sense::Truth);
    }
    sql.push(")");
}

/// Writes what the documents of a collection are said of, one or another of them.
pub(super) fn exists(
    sql: &mut Sql,
    reach: &Reach<'_>,
    collection: &Arc<Collection>,
    (predicate, sense): (&Predicate, Sense),
) {
    if sense == Sense::Exact {
        sql.push("CASE WHEN ");
        one_exists(sql, reach, collection, |sql, inside| condition(sql, inside, predicate, Sense::Truth));
        sql.push(" THEN 1 WHEN ");
        one_exists(sql, reach, collection, |sql, inside| {
            sql.push("(");
            condition(sql, inside, predicate, Sense::Exact);
            sql.push(") IS NULL");
        });
        sql.push(" THEN NULL ELSE 0 END");
        return;
    }
    match Membership::of(collection, reach, predicate).filter(|membership| membership.is_quick(sql.search)) {
        Some(membership) => membership.write(sql, reach),
        None => one_exists(sql, reach, collection, |sql, inside| condition(sql, inside, predicate, Sense::Truth)),
    }
}

fn one_exists(sql: &mut Sql, reach: &Reach<'_>, collection: &Collection, ask: impl FnOnce(&mut Sql, &Reach<'_>)) {
    sql.push("EXISTS (SELECT 1 FROM ");
    let scope = sql.scope(collection);
    scope.write_source(sql);
    sql.push(" WHERE ");
    ask(sql, &Reach { scope, outer: Some(reach) });
    sql.push(")");
}

/// An `exists` that asks whether a value of the document around is in a set that is the same for all
/// of them, such as the teams that the caller is a member of.
struct Membership<'a> {
    collection: &'a Collection,
    /// The field of the collection whose values are the set.
    member: &'a FieldRef,
    /// The field that must be in it, as seen from outside.
    value: FieldAt,
    /// What decides the set.
    rest: Vec<&'a Predicate>,
}

impl<'a> Membership<'a> {
    fn of(collection: &'a Collection, reach: &Reach<'_>, predicate: &'a Predicate) -> Option<Self> {
        let parts = match predicate {
            Predicate::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let (chosen, (member, value)) = parts.iter().enumerate().find_map(|(index, part)| {
            Some((index, link(part).filter(|link| is_never_null(collection, reach, link))?))
        })?;
        let rest: Vec<&Predicate> =
            parts.iter().enumerate().filter(|(index, _)| *index != chosen).map(|(_, part)| part).collect();
        rest.iter().all(|part| part.outward() == 0).then_some(Self { collection, member, value, rest })
    }

    /// Whether gathering the set is worth it.
    fn is_quick(&self, search: Search) -> bool {
        let is_narrow = self.rest.iter().flat_map(|part| part.equalities()).any(|(field, _)| {
            let field = field.field(self.collection);
            field.primary || field.unique || serves(self.collection, field)
        });
        search == Search::Few || search == Search::Many && is_narrow
    }

    fn write(&self, sql: &mut Sql, reach: &Reach<'_>) {
        if sql.search == Search::Many {
            // Kept from the planner, which would look up all of the set's documents and sort them.
            sql.push("+");
        }
        reach.column(sql, &self.value);
        sql.push(" IN (SELECT ");
        let scope = sql.scope(self.collection);
        sql.column(scope, self.member.field(self.collection)).push(" FROM ");
        scope.write_source(sql);
        for (index, part) in self.rest.iter().enumerate() {
            sql.push(if index == 0 { " WHERE " } else { " AND " });
            condition(sql, &Reach::alone(scope), part, Sense::Truth);
        }
        sql.push(")");
    }
}

/// The two sides of an equality between the inner document and one around it, which is then told as
/// seen from outside.
fn link(part: &Predicate) -> Option<(&FieldRef, FieldAt)> {
    let Predicate::CompareFields { left, comparison: Comparison::Eq, right } = part else { return None };
    let (inner, outer) = if left.level == 0 { (left, right) } else { (right, left) };
    let outside = FieldAt { level: outer.level.checked_sub(1)?, field: outer.field.clone() };
    (inner.level == 0).then_some((&inner.field, outside))
}

/// Null equals null, but null is in no set: one side must never be null.
fn is_never_null(collection: &Collection, reach: &Reach<'_>, (member, value): &(&FieldRef, FieldAt)) -> bool {
    let outside = reach.outward(value.level).scope.collection;
    !member.field(collection).nullable || !value.field.field(outside).nullable
}
