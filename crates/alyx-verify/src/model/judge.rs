//! Whether a caller may see a document: the rules once more, in the plainest words, over all that may be so.

use std::collections::BTreeMap;

use alyx_testing::Value;

use super::{Model, Trace};
use crate::design::{Collection, Design, rule::Rule};

/// Somebody who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    /// By the id of the account.
    Person(String),
    /// The holder of the administrator's token.
    Admin,
}

/// A document that is judged: fields that are known, and what others may be.
struct Judged<'a> {
    shown: Option<&'a Value>,
    trace: Option<&'a Trace>,
}

impl Judged<'_> {
    fn may(&self, field: &str, is_so: impl Fn(&Value) -> bool) -> bool {
        match self.shown.and_then(|shown| shown.get(field)) {
            Some(value) => is_so(value),
            None => self.trace.is_some_and(|trace| trace.may(field, is_so)),
        }
    }

    fn must(&self, field: &str, is_so: impl Fn(&Value) -> bool) -> bool {
        match self.shown.and_then(|shown| shown.get(field)) {
            Some(value) => is_so(value),
            None => self.trace.is_some_and(|trace| trace.must(field, is_so)),
        }
    }
}

impl Model {
    /// Why none of these callers may ever have seen this document with these fields; `None` where one may.
    pub(crate) fn objection(
        &self,
        design: &Design,
        whos: &[Who],
        (collection, document): (&Collection, &Value),
    ) -> Option<String> {
        let mut objection = None;
        for who in whos {
            objection = Some(self.objection_to(design, who, (collection, document))?);
        }
        objection
    }

    fn objection_to(
        &self,
        design: &Design,
        who: &Who,
        (collection, document): (&Collection, &Value),
    ) -> Option<String> {
        let key = document.get(&collection.key().name).map(ToString::to_string).unwrap_or_default();
        if let Some(strange) = self.strange(collection.name, &key, document) {
            return Some(strange);
        }
        let trace = self.documents.get(collection.name).and_then(|documents| documents.get(&key));
        let judged = Judged { shown: Some(document), trace };
        if !self.may_read(who, collection.read.as_ref(), &judged) {
            return Some(format!("{who:?} may not read {} {key}", collection.name));
        }
        let shown = document.as_object().into_iter().flatten();
        shown.into_iter().find_map(|(name, value)| match collection.field(name) {
            Some(field) if field.read.is_some() && !self.may_read(who, field.read.as_ref(), &judged) => {
                Some(format!("{who:?} may not read {name} of {} {key}", collection.name))
            }
            Some(_) => None,
            None => self.objection_to_expanded(design, who, (collection, name, value)),
        })
    }

    fn objection_to_expanded(
        &self,
        design: &Design,
        who: &Who,
        (collection, name, value): (&Collection, &str, &Value),
    ) -> Option<String> {
        let own = collection.fields.iter().filter(|field| field.expands_as() == name);
        let target = own.filter_map(|field| field.target()).next().or_else(|| {
            let mut back = design.referrers(collection.name);
            back.find(|(referrer, field)| name == format!("{}_via_{}", referrer.name, field.name))
                .map(|(referrer, _)| referrer.name)
        });
        let Some(target) = target.and_then(|target| design.collection(target)) else {
            return Some(format!("{} has no field or relation {name}", collection.name));
        };
        let documents = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        documents.iter().find_map(|document| self.objection_to(design, who, (target, document)))
    }

    /// Whether it may be that a caller may read what a rule protects; nothing but administrators without a rule.
    fn may_read(&self, who: &Who, rule: Option<&Rule>, document: &Judged<'_>) -> bool {
        self.may_be(who, "admin") || rule.is_some_and(|rule| self.may_hold(who, rule, document))
    }

    fn may_be(&self, who: &Who, role: &str) -> bool {
        match who {
            Who::Nobody => false,
            Who::Admin => role == "admin",
            Who::Person(id) => self.roles.get(id).is_some_and(|roles| roles.iter().any(|known| known == role)),
        }
    }

    fn may_hold(&self, who: &Who, rule: &Rule, document: &Judged<'_>) -> bool {
        let id = match who {
            Who::Person(id) => Some(id.as_str()),
            _ => None,
        };
        match rule {
            Rule::Always => true,
            Rule::SignedIn => id.is_some(),
            Rule::Moderator => self.may_be(who, "moderator"),
            Rule::Owner(field) => id.is_some_and(|id| document.may(field, |value| value == id)),
            Rule::Flag(field, wanted) => document.may(field, |value| value == wanted),
            Rule::AtLeast(field, least) => document.may(field, |value| value.as_i64().is_some_and(|n| n >= *least)),
            Rule::Shared(field) => id.is_some_and(|id| {
                document.may(field, |value| value.as_array().is_some_and(|list| list.iter().any(|item| item == id)))
            }),
            Rule::Member(field, true) => id.is_some_and(|id| self.may_be_member(id, document, field)),
            Rule::Member(field, false) => id.is_some_and(|id| !self.must_be_member(id, document, field)),
            Rule::Through(key, field, wanted) => document.may(key, |value| {
                let target = self.target(key, &value.to_string());
                target.is_some_and(|trace| trace.may(field, |value| value == wanted))
            }),
            Rule::All(rules) => rules.iter().all(|rule| self.may_hold(who, rule, document)),
            Rule::Any(rules) => rules.iter().any(|rule| self.may_hold(who, rule, document)),
        }
    }

    /// The document that a foreign key of this name points at; names are the same in all collections.
    fn target(&self, key: &str, value: &str) -> Option<&Trace> {
        match key {
            "author_id" | "user_id" => self.documents.get("users")?.get(value),
            "team_id" => self.documents.get("teams")?.get(value),
            _ => ["posts", "order", "notes"].iter().find_map(|name| self.documents.get(*name)?.get(value)),
        }
    }

    fn members(&self) -> impl Iterator<Item = &Trace> {
        self.documents.get("members").into_iter().flat_map(BTreeMap::values)
    }

    fn may_be_member(&self, id: &str, document: &Judged<'_>, field: &str) -> bool {
        self.members()
            .filter(|member| member.may("user_id", |value| value == id))
            .any(|member| document.may(field, |team| !team.is_null() && member.may("team_id", |value| value == team)))
    }

    fn must_be_member(&self, id: &str, document: &Judged<'_>, field: &str) -> bool {
        self.members()
            .filter(|member| member.must("user_id", |value| value == id))
            .any(|member| document.must(field, |team| !team.is_null() && member.must("team_id", |value| value == team)))
    }
}

#[cfg(test)]
mod tests;
