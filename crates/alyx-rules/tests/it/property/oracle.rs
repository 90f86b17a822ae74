//! The oracle: `cel`'s own interpreter. It knows nothing of this crate; the rule comes in words of its own.

use std::sync::{Arc, LazyLock};

use alyx_query::Truth;
use alyx_rules::Identity;
use alyx_schema::{Collection, Document};
use cel_parser::{Context, Env, Program, Value, extensions};

use super::{
    documents::Sample,
    values::{HOPS, auth, document, request},
};

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings).expect("it is added once");
    env.add_extension(extensions::math).expect("it is added once");
    Arc::new(env)
});

/// A rule in a world.
pub(super) struct Oracle<'a> {
    program: Program,
    sample: &'a Sample,
    collection: &'a Collection,
    lists: Vec<(String, Value)>,
    request: Value,
}

impl<'a> Oracle<'a> {
    /// A rule about documents of a collection.
    pub(super) fn new(text: &str, sample: &'a Sample, collection: &str) -> Self {
        let program = ENV.compile(text).unwrap_or_else(|errors| panic!("{text}: {errors}"));
        let lists = sample.schema.collections.values().map(|collection| {
            let documents = sample.documents(collection.name.as_str());
            let values: Vec<Value> = documents.iter().map(|found| document(sample, collection, found, HOPS)).collect();
            (format!("all_{}", collection.name), Value::from(values))
        });
        let lists = lists.collect();
        let collection = sample.schema.collection(collection).expect("it is there");
        Self { program, sample, collection, lists, request: request(&sample.request) }
    }

    /// What the rule says; an error, and what is no bool, is unknown.
    pub(super) fn truth(&self, asked: &Document, caller: Option<&Identity>) -> Truth {
        let mut context = Context::with_env(Arc::clone(&ENV));
        context.add_variable_from_value("doc", document(self.sample, self.collection, asked, HOPS));
        context.add_variable_from_value("auth", auth(caller));
        context.add_variable_from_value("anonymous", Value::Bool(caller.is_none()));
        context.add_variable_from_value("request", self.request.clone());
        for (name, list) in &self.lists {
            context.add_variable_from_value(name.as_str(), list.clone());
        }
        match self.program.execute(&context) {
            Ok(Value::Bool(holds)) => holds.into(),
            _ => Truth::Unknown,
        }
    }
}
