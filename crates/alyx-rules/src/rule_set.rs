//! Every rule of a schema, compiled.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use alyx_query::FieldRef;
use alyx_schema::{Collection, CollectionName, Diagnostic, Field, Rule, Schema, channel::Channel};
use alyx_yaml::did_you_mean;

use crate::{
    check::{DocumentAt, Meaning, Names},
    rule::CompiledRule,
};

/// What a rule of a collection is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Storing a new document.
    Create,
    /// Seeing documents, in whatever way.
    Read,
    /// Changing a document.
    Update,
    /// Deleting a document.
    Delete,
}

/// What a rule of a field is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldOperation {
    /// Seeing the field, and filtering and sorting by it.
    Read,
    /// Setting the field.
    Write,
}

/// What a rule of a channel is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelOperation {
    /// Joining, and hearing what is sent.
    Join,
    /// Sending.
    Broadcast,
    /// Being seen, and seeing who is there.
    Presence,
}

impl Operation {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 4] = [Self::Create, Self::Read, Self::Update, Self::Delete];

    /// Its key under `rules:`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Every rule of a schema. A rule that is missing is for administrators only.
#[derive(Debug)]
pub struct RuleSet {
    pub(crate) file: String,
    pub(crate) schema: Arc<Schema>,
    collections: HashMap<CollectionName, CollectionRules>,
    /// By pattern: join, broadcast, presence.
    channels: HashMap<String, [Option<CompiledRule>; 3]>,
}

/// The rules of one collection.
#[derive(Debug, Default)]
struct CollectionRules {
    /// By operation, as in [`Operation::ALL`].
    operations: [Option<CompiledRule>; 4],
    /// By field: read, write.
    fields: Vec<[Option<CompiledRule>; 2]>,
}

impl RuleSet {
    /// Compiles every rule of a schema that was read from `file`.
    ///
    /// # Errors
    /// Every fault of every rule, in the order of the file.
    pub fn compile(file: &str, schema: &Arc<Schema>) -> Result<Self, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut collections = HashMap::with_capacity(schema.collections.len());
        for (name, collection) in &schema.collections {
            let names = SchemaNames { schema, root: DOCUMENT, collection };
            let mut compile = |rule: &Option<Rule>| compile(file, rule.as_ref()?, &names, &mut faults);
            let rules = &collection.rules;
            let operations = [&rules.create, &rules.read, &rules.update, &rules.delete].map(&mut compile);
            let fields =
                collection.fields.iter().map(|field| [&field.rules.read, &field.rules.write].map(&mut compile));
            let fields = fields.collect();
            collections.insert(name.clone(), CollectionRules { operations, fields });
        }
        let mut channels = HashMap::with_capacity(schema.channels.len());
        for channel in &schema.channels {
            let names = SchemaNames { schema, root: CHANNEL, collection: &channel.shape };
            let rules = channel.rules.named().map(|(_, rule)| compile(file, rule.as_ref()?, &names, &mut faults));
            channels.insert(channel.pattern.as_str().to_owned(), rules);
        }
        faults.sort_by_key(|fault: &Diagnostic| fault.span);
        if faults.is_empty() {
            Ok(Self { file: file.to_owned(), schema: Arc::clone(schema), collections, channels })
        } else {
            Err(faults)
        }
    }

    /// The rule for an operation on a collection, if it has one.
    #[must_use]
    pub fn collection_rule(&self, collection: &Collection, operation: Operation) -> Option<&CompiledRule> {
        let index = Operation::ALL.iter().position(|known| *known == operation)?;
        self.collections.get(&collection.name)?.operations[index].as_ref()
    }

    /// The rule for an operation on a channel, if it has one. It is decided for the document that
    /// [`Schema::channel`] makes of the channel's name.
    #[must_use]
    pub fn channel_rule(&self, channel: &Channel, operation: ChannelOperation) -> Option<&CompiledRule> {
        let [join, broadcast, presence] = self.channels.get(channel.pattern.as_str())?;
        match operation {
            ChannelOperation::Join => join.as_ref(),
            ChannelOperation::Broadcast => broadcast.as_ref(),
            ChannelOperation::Presence => presence.as_ref(),
        }
    }

    /// The collections that rules of channels look at.
    #[must_use]
    pub fn seen_from_channels(&self) -> BTreeSet<CollectionName> {
        self.channels.values().flatten().flatten().flat_map(CompiledRule::looks_at).collect()
    }

    pub(crate) fn channel_rules(&self) -> impl Iterator<Item = &CompiledRule> {
        self.channels.values().flatten().flatten()
    }

    /// The rule for an operation on a field, by its position in [`Collection::fields`], if it has one.
    #[must_use]
    pub fn field_rule(
        &self,
        collection: &Collection,
        field: usize,
        operation: FieldOperation,
    ) -> Option<&CompiledRule> {
        let [read, write] = self.collections.get(&collection.name)?.fields.get(field)?;
        match operation {
            FieldOperation::Read => read.as_ref(),
            FieldOperation::Write => write.as_ref(),
        }
    }
}

fn compile(file: &str, rule: &Rule, names: &SchemaNames<'_>, faults: &mut Vec<Diagnostic>) -> Option<CompiledRule> {
    let compiled = CompiledRule::compile(rule, names);
    compiled.map_err(|found| faults.extend(found.into_iter().map(|fault| fault.diagnostic(file, rule)))).ok()
}

/// Compiles the rule of a function, read from `file`: it sees `auth` and `request`, whose body is the input, and other
/// documents by `exists`, but no document of its own.
///
/// # Errors
/// Every fault of the rule.
pub fn compile_invoke(file: &str, rule: &Rule, schema: &Schema) -> Result<CompiledRule, Vec<Diagnostic>> {
    let compiled = CompiledRule::compile(rule, &FunctionNames(schema));
    compiled.map_err(|found| found.into_iter().map(|fault| fault.diagnostic(file, rule)).collect())
}

/// What names mean in the rule of a function.
struct FunctionNames<'a>(&'a Schema);

impl Names for FunctionNames<'_> {
    fn find(&self, name: &str) -> Option<Meaning> {
        match name {
            "auth" => Some(Meaning::Auth),
            "request" => Some(Meaning::Request),
            _ => None,
        }
    }

    fn known(&self) -> Vec<String> {
        ["auth", "request"].map(str::to_owned).to_vec()
    }

    fn collection(&self, name: &str) -> Result<Arc<Collection>, Option<String>> {
        find_collection(self.0, name)
    }

    fn target(&self, field: &Field) -> Option<(Arc<Collection>, FieldRef)> {
        find_target(self.0, field)
    }
}

fn find_collection(schema: &Schema, name: &str) -> Result<Arc<Collection>, Option<String>> {
    let known = schema.collections.keys().map(CollectionName::as_str);
    schema.collection(name).cloned().ok_or_else(|| did_you_mean(name, known))
}

fn find_target(schema: &Schema, field: &Field) -> Option<(Arc<Collection>, FieldRef)> {
    let reference = field.references.as_ref()?;
    let target = schema.collection(reference.collection.as_str())?;
    Some((Arc::clone(target), FieldRef::named(target, reference.field.as_str())?))
}

/// What rules of a collection call the document, and rules of a channel the channel.
const DOCUMENT: &str = "doc";
const CHANNEL: &str = "channel";

/// What names mean in the rules of a collection or a channel.
pub(crate) struct SchemaNames<'a> {
    pub(crate) schema: &'a Schema,
    /// What `collection` is of.
    pub(crate) root: &'static str,
    pub(crate) collection: &'a Arc<Collection>,
}

impl Names for SchemaNames<'_> {
    fn find(&self, name: &str) -> Option<Meaning> {
        match name {
            name if name == self.root => {
                Some(Meaning::Document(DocumentAt::new(0, self.root, Arc::clone(self.collection))))
            }
            "auth" => Some(Meaning::Auth),
            "request" => Some(Meaning::Request),
            _ => None,
        }
    }

    fn known(&self) -> Vec<String> {
        ["auth", self.root, "request"].map(str::to_owned).to_vec()
    }

    fn collection(&self, name: &str) -> Result<Arc<Collection>, Option<String>> {
        find_collection(self.schema, name)
    }

    fn target(&self, field: &Field) -> Option<(Arc<Collection>, FieldRef)> {
        find_target(self.schema, field)
    }
}
