//! A store in a temporary folder, with rules, and short ways to write into it.

use std::{borrow::Cow, collections::HashMap, num::NonZeroU32, sync::Arc, time::Duration};

use alyx_query::{Everything, FieldRef, Predicate, Query, Visible};
use alyx_realtime::{Hub, Question};
use alyx_rules::{Context, FieldOperation, Identity, Operation, PlainRequest, RuleSet};
use alyx_schema::{Collection, CollectionName, Document, Schema, Value, parse_schema};
use alyx_store::{Database, Store, StoreOptions, Synchronous};
use serde_json::Value as Json;

/// Who may read what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) posts: &'static str,
    pub(crate) users: &'static str,
    pub(crate) score: &'static str,
}

pub(crate) const OPEN: Rules = Rules { posts: "true", users: "true", score: "true" };

fn text(rules: Rules) -> String {
    let Rules { posts, users, score } = rules;
    format!(
        r#"
version: 1
collections:
  users:
    fields: {{id: {{type: string, primary: true}}, name: {{type: string}}}}
    rules: {{read: "{users}"}}
  teams:
    fields: {{id: {{type: string, primary: true}}}}
  members:
    fields:
      id: {{type: string, primary: true}}
      team_id: {{type: string, references: teams.id, onDelete: cascade}}
      user_id: {{type: string, references: users.id, onDelete: cascade}}
  posts:
    fields:
      id: {{type: string, primary: true}}
      title: {{type: string}}
      author_id: {{type: string, references: users.id, onDelete: cascade}}
      team_id: {{type: string, references: teams.id, onDelete: set null, nullable: true}}
      parent_id: {{type: string, references: posts.id, onDelete: cascade, nullable: true}}
      published: {{type: bool}}
      score: {{type: int, nullable: true, read: "{score}"}}
    rules: {{read: "{posts}"}}
"#
    )
}

/// A store with a hub; its files go away with it.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) hub: Hub,
    pub(crate) schema: Arc<Schema>,
    rules: RuleSet,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn open(rules: Rules) -> Self {
        Self::open_with(rules, None).await
    }

    /// A store whose feed keeps so many rows.
    pub(crate) async fn open_with(rules: Rules, feed_rows: Option<NonZeroU32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = StoreOptions::new(folder.path().join("alyx.db"));
        (options.readers, options.synchronous, options.feed_rows) = (3, Synchronous::Off, feed_rows);
        let schema = Arc::new(parse_schema("schema.yaml", &text(rules)).unwrap());
        let compiled = RuleSet::compile("schema.yaml", &schema).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let mut database = Database::open(&options).await.unwrap();
        database.create_collections(&schema).await.unwrap();
        let store = database.into_store(schema.clone()).await.unwrap();
        Self { hub: Hub::with_budget(&store, Duration::MAX), store, schema, rules: compiled, _folder: folder }
    }

    fn collection(&self, name: &str) -> &Arc<Collection> {
        self.schema.collection(name).unwrap()
    }

    /// Stores a document; whether it was possible.
    pub(crate) async fn create(&self, collection: &str, json: &Json) -> bool {
        let collection = self.collection(collection);
        let value = |field: &alyx_schema::Field| Value::from_json(field, &json[field.name.as_str()]);
        let values = collection.fields.iter().map(|field| value(field).unwrap_or(Value::Null)).collect();
        self.store.create(collection, Document { values }, &Predicate::TRUE, &Everything).await.is_ok()
    }

    /// Changes a field of a document; whether it was possible.
    pub(crate) async fn update(&self, collection: &str, id: &str, (name, json): (&str, &Json)) -> bool {
        let collection = self.collection(collection);
        let field = FieldRef::named(collection, name).unwrap();
        let value = Value::from_json(field.field(collection), json).unwrap();
        let id = Value::Text(id.to_owned());
        let outcome = self.store.update(collection, &id, vec![(field, value)], &Predicate::TRUE, &Everything).await;
        outcome.is_ok_and(|written| written.is_some())
    }

    pub(crate) async fn delete(&self, collection: &str, id: &str) -> bool {
        let id = Value::Text(id.to_owned());
        self.store.delete(self.collection(collection), &id, &Predicate::TRUE).await.unwrap()
    }

    /// A question as somebody asks it.
    pub(crate) fn question(&self, asker: Option<&str>, json: &Json) -> (Question, Arc<Sight>) {
        let query = Query::from_json(&self.schema, json).unwrap_or_else(|faults| panic!("{json}: {faults:?}"));
        let sight = Arc::new(Sight::of(&self.schema, &self.rules, asker));
        (Question::new(query, sight.clone()), sight)
    }
}

/// What somebody may see.
pub(crate) struct Sight(HashMap<CollectionName, (Predicate, Vec<Predicate>)>);

impl Sight {
    fn of(schema: &Schema, rules: &RuleSet, asker: Option<&str>) -> Self {
        let identity = asker.map(|id| Identity { id: id.to_owned(), role: "user".to_owned(), ..Identity::default() });
        let request = PlainRequest::default();
        let context = Context { auth: identity.as_ref(), request: &request };
        let seen = schema.collections.values().map(|collection| {
            let read = rules.collection_rule(collection, Operation::Read);
            let readable = read.map_or(Predicate::FALSE, |rule| rule.decide(&context).predicate());
            let shown = (0..collection.fields.len()).map(|index| {
                let rule = rules.field_rule(collection, index, FieldOperation::Read);
                rule.map_or(Predicate::TRUE, |rule| rule.decide(&context).predicate())
            });
            (collection.name.clone(), (readable, shown.collect()))
        });
        Self(seen.collect())
    }
}

impl Visible for Sight {
    fn readable(&self, collection: &Collection) -> Cow<'_, Predicate> {
        Cow::Borrowed(&self.0[&collection.name].0)
    }

    fn shown(&self, collection: &Collection, field: usize) -> Cow<'_, Predicate> {
        Cow::Borrowed(&self.0[&collection.name].1[field])
    }
}
