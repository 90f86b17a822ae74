//! The kinds of settings in words, for messages and documents, and as JSON Schema for editors.

use serde_json::{Value as Json, json};

/// The kind of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number in a range.
    Integer {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// A number of 0 or more.
    Number,
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// A length of time.
    Duration,
    /// So many in a time.
    Rate,
    /// A number of bytes.
    Size,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An absolute http or https URL.
    Url,
    /// A page of an app: https, or a scheme of the app's own.
    Redirect,
    /// A path, relative to the project folder.
    Path,
    /// A host name or an IP address.
    Host,
    /// A range of addresses.
    Cidr,
    /// An origin as browsers send it, or `*`.
    Origin,
    /// Several of a kind.
    List(Box<Kind>),
    /// The kind, or `off`.
    Limit(Box<Kind>),
    /// The kind, or nothing.
    Optional(Box<Kind>),
}

const DURATION: &str = "^[0-9]+(ms|s|m|h|d)$";
const RATE: &str = "^[1-9][0-9]*/(second|minute|hour|day)$";
const SIZE: &str = "^[0-9]+ ?([kKmMgGtT][iI]?)?[bB]?$";
const SUBSTITUTION: &str = "\\$\\{";

impl Kind {
    /// What a value must be, to follow "must be": `a duration such as 30s`.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Integer { min, max } if *max >= u64::from(u32::MAX) => format!("a whole number of {min} or more"),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Number => "a number such as 0.5".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Secret => "text that nobody can guess".to_owned(),
            Self::Duration => "a duration such as 50ms, 30s, 15m, 12h or 7d".to_owned(),
            Self::Rate => "a rate such as 5/minute".to_owned(),
            Self::Size => "a size such as 256MB or 10MiB".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Url => "a URL such as https://api.example.com".to_owned(),
            Self::Redirect => {
                "the address of an app's page such as https://app.example.com/signed-in or com.example.app:/signed-in"
                    .to_owned()
            }
            Self::Path => "a path such as certificates/site.pem".to_owned(),
            Self::Host => "a host name or IP address such as 0.0.0.0".to_owned(),
            Self::Cidr => "a range of addresses such as 10.0.0.0/8".to_owned(),
            Self::Origin => "an origin such as https://app.example.com, or *".to_owned(),
            Self::List(item) => format!("a list, each item {}", item.expected()),
            Self::Limit(kind) => format!("{}, or off", kind.expected()),
            Self::Optional(kind) => kind.expected(),
        }
    }

    /// A word or two for tables: `duration`, `list of origins`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Integer { .. } => "int".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Text => "string".to_owned(),
            Self::Secret => "secret".to_owned(),
            Self::Duration => "duration".to_owned(),
            Self::Rate => "rate".to_owned(),
            Self::Size => "size".to_owned(),
            Self::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            Self::Url => "url".to_owned(),
            Self::Redirect => "redirect".to_owned(),
            Self::Path => "path".to_owned(),
            Self::Host => "host".to_owned(),
            Self::Cidr => "cidr".to_owned(),
            Self::Origin => "origin".to_owned(),
            Self::List(item) => format!("list of {}", item.name()),
            Self::Limit(kind) => format!("{} or `off`", kind.name()),
            Self::Optional(kind) => kind.name(),
        }
    }

    /// The words to choose from, `off` included.
    pub(crate) fn words(&self) -> Vec<&'static str> {
        match self {
            Self::Choice(words) => words.to_vec(),
            Self::Bool => vec!["true", "false"],
            Self::Limit(kind) => [kind.words(), vec!["off"]].concat(),
            Self::Optional(kind) | Self::List(kind) => kind.words(),
            _ => Vec::new(),
        }
    }

    /// Whether this holds a secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        match self {
            Self::Secret => true,
            Self::List(kind) | Self::Limit(kind) | Self::Optional(kind) => kind.is_secret(),
            _ => false,
        }
    }

    /// What JSON Schema says of a value; text with a `${VARIABLE}` in it is always allowed.
    #[must_use]
    pub fn schema(&self) -> Json {
        let substitution = json!({ "type": "string", "pattern": SUBSTITUTION });
        match self.bare_schema() {
            schema if schema == json!({ "type": "string" }) => schema,
            schema => json!({ "anyOf": [schema, substitution] }),
        }
    }

    fn bare_schema(&self) -> Json {
        match self {
            Self::Bool => json!({ "type": "boolean" }),
            Self::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Self::Number => json!({ "type": "number", "minimum": 0 }),
            Self::Duration => json!({ "type": "string", "pattern": DURATION }),
            Self::Rate => json!({ "type": "string", "pattern": RATE }),
            Self::Size => json!({ "anyOf": [
                { "type": "integer", "minimum": 0 }, { "type": "string", "pattern": SIZE }
            ] }),
            Self::Choice(words) => json!({ "enum": words }),
            Self::Url | Self::Redirect => json!({ "type": "string", "format": "uri" }),
            Self::Text | Self::Secret | Self::Path | Self::Host | Self::Cidr | Self::Origin => {
                json!({ "type": "string" })
            }
            Self::List(item) => {
                json!({ "anyOf": [{ "type": "array", "items": item.schema() }, { "type": "string" }] })
            }
            Self::Limit(kind) => json!({ "anyOf": [kind.bare_schema(), { "const": "off" }] }),
            Self::Optional(kind) => json!({ "anyOf": [kind.bare_schema(), { "type": "null" }] }),
        }
    }
}
