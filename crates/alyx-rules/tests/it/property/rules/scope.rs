//! What a random expression can refer to: documents in reach with their fields and relations, and variables.

use super::{super::choices::Choices, Text};

/// The type of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Double,
    Bool,
    Moment,
    Duration,
    Bytes,
    Texts,
    Ints,
    Json,
}

/// A field of a collection: its name, its type, and whether it can be null.
type FieldRow = (&'static str, Kind, bool);
/// A relation: its name, its foreign key, and the collection that it leads to.
type RelationRow = (&'static str, &'static str, &'static str);

const COLLECTIONS: &[(&str, &[FieldRow], &[RelationRow])] = &[
    (
        "users",
        &[
            ("id", Kind::Text, false),
            ("name", Kind::Text, true),
            ("role", Kind::Text, false),
            ("age", Kind::Int, true),
            ("verified", Kind::Bool, false),
            ("team_id", Kind::Text, true),
        ],
        &[("team", "team_id", "teams")],
    ),
    (
        "teams",
        &[
            ("id", Kind::Text, false),
            ("name", Kind::Text, true),
            ("plan", Kind::Text, false),
            ("open", Kind::Bool, true),
            ("since", Kind::Moment, true),
            ("owner_id", Kind::Text, true),
        ],
        &[("owner", "owner_id", "users")],
    ),
    (
        "memberships",
        &[
            ("id", Kind::Text, false),
            ("team_id", Kind::Text, true),
            ("user_id", Kind::Text, false),
            ("role", Kind::Text, false),
            ("level", Kind::Int, true),
            ("topics", Kind::Texts, true),
        ],
        &[("team", "team_id", "teams"), ("user", "user_id", "users")],
    ),
    (
        "posts",
        &[
            ("id", Kind::Text, false),
            ("title", Kind::Text, true),
            ("status", Kind::Text, false),
            ("views", Kind::Int, false),
            ("likes", Kind::Int, true),
            ("score", Kind::Double, false),
            ("rank", Kind::Double, true),
            ("published", Kind::Bool, false),
            ("pinned", Kind::Bool, true),
            ("created_at", Kind::Moment, false),
            ("edited_at", Kind::Moment, true),
            ("tags", Kind::Texts, false),
            ("labels", Kind::Texts, true),
            ("counts", Kind::Ints, false),
            ("extra", Kind::Json, true),
            ("data", Kind::Bytes, true),
            ("author_id", Kind::Text, true),
            ("team_id", Kind::Text, true),
            ("parent_id", Kind::Text, true),
        ],
        &[("author", "author_id", "users"), ("team", "team_id", "teams"), ("parent", "parent_id", "posts")],
    ),
];

fn collection(name: &str) -> (&'static [FieldRow], &'static [RelationRow]) {
    let (_, fields, relations) = COLLECTIONS.iter().find(|(known, ..)| *known == name).expect("it is in the table");
    (fields, relations)
}

/// Choices, and what can be referred to.
pub(super) struct Scope<'c, 'b> {
    pub(super) choices: &'c mut Choices<'b>,
    /// Documents by name, with their collections.
    pub(super) documents: Vec<(String, &'static str)>,
    /// Variables with their types.
    pub(super) variables: Vec<(Text, Kind)>,
    pub(super) features: Vec<&'static str>,
    pub(super) exists_in: usize,
    named: usize,
}

impl<'c, 'b> Scope<'c, 'b> {
    /// For a rule about documents of a collection.
    pub(super) fn new(choices: &'c mut Choices<'b>, collection: &'static str) -> Self {
        let documents = vec![("doc".to_owned(), collection)];
        Self { choices, documents, variables: Vec::new(), features: Vec::new(), exists_in: 0, named: 0 }
    }

    pub(super) fn feature(&mut self, name: &'static str) {
        self.features.push(name);
    }

    /// A name that nothing has yet.
    pub(super) fn new_name(&mut self, letter: &str) -> String {
        self.named += 1;
        format!("{letter}{}", self.named)
    }

    /// A document in reach: a name, or relations behind one.
    pub(super) fn place(&mut self) -> (String, &'static str) {
        let last = self.documents.len() - 1;
        let index = last - self.choices.below(self.documents.len());
        let (mut text, mut name) = self.documents[index].clone();
        if index < last {
            self.feature("outer document");
        }
        for hop in 0..2 {
            if !self.choices.one_in(3) {
                break;
            }
            let (_, relations) = collection(name);
            let (relation, _, target) = self.choices.of(relations);
            text = format!("{text}.{relation}");
            name = target;
            self.feature(if hop == 0 { "relation" } else { "two hops" });
        }
        (text, name)
    }

    /// A field of a document in reach that has the type, if the chosen one has such.
    pub(super) fn field(&mut self, kind: Kind) -> Option<Text> {
        let (text, name) = self.place();
        let fields: Vec<_> = collection(name).0.iter().filter(|(_, found, _)| *found == kind).collect();
        if fields.is_empty() {
            return None;
        }
        let (field, ..) = self.choices.of(&fields);
        Some(Text::same(format!("{text}.{field}")))
    }

    /// The same, or else this field of posts, or in rules about others a literal.
    pub(super) fn field_or(&mut self, kind: Kind, name: &str) -> Text {
        match self.field(kind) {
            Some(field) => field,
            None if self.is_about("posts") => Text::same(format!("doc.{name}")),
            None => self.literal(kind),
        }
    }

    /// Whether `doc` is of this collection.
    pub(super) fn is_about(&self, collection: &str) -> bool {
        self.documents[0].1 == collection
    }

    /// Any field that can be null.
    pub(super) fn nullable_field(&mut self) -> (Text, Kind) {
        let (text, name) = self.place();
        let fields: Vec<_> = collection(name).0.iter().filter(|(_, _, nullable)| *nullable).collect();
        let (field, kind, _) = self.choices.of(&fields);
        (Text::same(format!("{text}.{field}")), *kind)
    }

    /// A relation, which only `has` takes, and its foreign key.
    pub(super) fn relation(&mut self) -> Text {
        let (text, name) = self.place();
        let (relation, key, _) = self.choices.of(collection(name).1);
        Text::new(format!("{text}.{relation}"), format!("{text}.{key}"))
    }

    /// A variable of the type, if there is one.
    pub(super) fn variable(&mut self, kind: Kind) -> Option<Text> {
        let fitting: Vec<Text> =
            self.variables.iter().filter(|(_, found)| *found == kind).map(|(text, _)| text.clone()).collect();
        if fitting.is_empty() { None } else { Some(fitting[self.choices.below(fitting.len())].clone()) }
    }
}
