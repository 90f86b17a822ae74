//! Channels: which names they have, and who may join, send and be seen in them.

mod pattern;

use std::sync::Arc;

use alyx_yaml::nearest;

use crate::{Collection, CollectionName, Document, Field, FieldName, Rule, Rules, Schema, Span, Value};

pub use pattern::{ChannelPattern, MAX_NAME};
pub(crate) use pattern::{PatternFault, WHOLE_NAME};

/// The channels that one pattern names.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Their names.
    pub pattern: ChannelPattern,
    /// Who may do what in them.
    pub rules: ChannelRules,
    /// What rules see as `channel`, as if it were a document: its `name`, and a text for each parameter.
    pub shape: Arc<Collection>,
    /// Where the pattern stands in the file.
    pub span: Span,
}

/// The rules of a channel as written; a missing one means administrators only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelRules {
    /// Who may join, and hear what is sent.
    pub join: Option<Rule>,
    /// Who may send.
    pub broadcast: Option<Rule>,
    /// Who may be seen, and see who is there.
    pub presence: Option<Rule>,
}

impl ChannelRules {
    /// The rules with their keys, in the order in which they are documented.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &Option<Rule>); 3] {
        [("join", &self.join), ("broadcast", &self.broadcast), ("presence", &self.presence)]
    }
}

impl Channel {
    /// Channels of a pattern.
    #[must_use]
    pub fn new(pattern: ChannelPattern, rules: ChannelRules, span: Span) -> Self {
        let shape = Arc::new(shape(&pattern));
        Self { pattern, rules, shape, span }
    }

    pub(crate) fn without_spans(&self) -> Self {
        let mut bare = self.clone();
        bare.span = Span::default();
        let ChannelRules { join, broadcast, presence } = &mut bare.rules;
        [join, broadcast, presence].into_iter().flatten().for_each(Rule::without_spans);
        bare
    }
}

impl Schema {
    /// The channel of this name, with what rules see of it: a document of its [`Channel::shape`].
    ///
    /// Where several patterns fit, a fixed part counts before a parameter, from the left.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<(&Channel, Document)> {
        let fitting = self.channels.iter().filter_map(|channel| Some((channel, channel.pattern.parameters_in(name)?)));
        let (channel, parameters) = fitting.min_by_key(|(channel, _)| channel.pattern.order())?;
        let values = std::iter::once(name).chain(parameters).map(|text| Value::Text(text.to_owned()));
        Some((channel, Document { values: values.collect() }))
    }

    /// A name that was perhaps meant by one that names no channel.
    #[must_use]
    pub fn nearest_channel(&self, name: &str) -> Option<String> {
        let patterns = self.channels.iter().map(|channel| &channel.pattern);
        let meant: Vec<_> = patterns.filter_map(|pattern| pattern.filled_from(name)).collect();
        nearest(name, meant.iter().map(String::as_str)).map(str::to_owned)
    }
}

fn shape(pattern: &ChannelPattern) -> Collection {
    let names = std::iter::once(WHOLE_NAME).chain(pattern.parameters());
    Collection {
        name: CollectionName::new(pattern.as_str()),
        fields: names.map(text_field).collect(),
        primary: 0,
        indexes: Vec::new(),
        rules: Rules::default(),
        is_auth: false,
        span: Span::default(),
    }
}

fn text_field(name: &str) -> Field {
    Field { primary: name == WHOLE_NAME, ..Field::text(FieldName::new(name), Span::default()) }
}
