//! The table of field options, from which the parser and the editor's JSON Schema come.

use crate::FieldType;

/// One option of a field.
pub(crate) struct FieldOption {
    /// Its key.
    pub(crate) name: &'static str,
    /// What its value must be.
    pub(crate) takes: Takes,
    /// May also stand under `validate:`.
    pub(crate) validates: bool,
    /// One sentence for editors.
    pub(crate) summary: &'static str,
}

/// What the value of an option must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// The name of a field type.
    Type,
    /// `true` or `false`.
    Flag,
    /// A whole number from 0.
    Length,
    /// A finite number.
    Number,
    /// A text that is not empty.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of values of the field's type.
    List,
    /// Any value.
    Any,
    /// A mapping of the options that validate.
    Validations,
}

/// Words of `onDelete:`; the last is another spelling of the one before.
pub(crate) const ON_DELETE: &[&str] = &["restrict", "cascade", "set null", "set_null"];
/// Words of `format:`.
pub(crate) const FORMATS: &[&str] = &["email", "url", "uuid"];
/// Words of `order:` of an index.
pub(crate) const ORDERS: &[&str] = &["asc", "desc"];
/// Types that `items:` of a json field takes.
pub(crate) const ITEM_TYPES: &[&str] =
    &["uuid", "id", "string", "text", "int", "float", "bool", "timestamp", "date", "email", "url"];

/// Every option, in the order in which a schema is printed.
pub(crate) const FIELD_OPTIONS: &[FieldOption] = &[
    option("type", Takes::Type, "The type of the field's values."),
    option("primary", Takes::Flag, "This field identifies a document; each collection has exactly one."),
    option("collection", Takes::Text, "The collection that a relation points at."),
    option("references", Takes::Text, "`collection.field` that a value must exist in: a foreign key."),
    option("onDelete", Takes::Word(ON_DELETE), "What happens here when the referenced document is deleted."),
    option("unique", Takes::Flag, "No two documents share a value."),
    option("nullable", Takes::Flag, "The value may be null."),
    option("index", Takes::Flag, "Filters and sorts by this field are fast."),
    option("default", Takes::Any, "What a create without this field stores: a value, `auto` or `now`."),
    option("onUpdate", Takes::Word(&["now"]), "`now` sets the field to the time of each update."),
    option("internal", Takes::Flag, "Never leaves the server; clients cannot write, filter or sort by it."),
    option(
        "read",
        Takes::Text,
        "Who may see the field, filter and sort by it: a rule; else whoever may read the document.",
    ),
    option("write", Takes::Text, "Who may set the field: a rule; else whoever may write the document."),
    option("values", Takes::List, "The texts that a select may be."),
    option("items", Takes::Word(ITEM_TYPES), "The json value is a list of values of this type."),
    option("schema", Takes::Any, "A JSON Schema (draft 2020-12) that the json value must meet."),
    validation("minLength", Takes::Length, "Fewest characters (bytes of a blob)."),
    validation("maxLength", Takes::Length, "Most characters (bytes of a blob)."),
    validation("min", Takes::Number, "Smallest number."),
    validation("max", Takes::Number, "Largest number."),
    validation("format", Takes::Word(FORMATS), "A named format of a text."),
    validation("pattern", Takes::Text, "A regular expression that is found in the text."),
    validation("enum", Takes::List, "The only values allowed."),
    option("validate", Takes::Validations, "Limits on the value; they may also stand beside `type`."),
];

const fn option(name: &'static str, takes: Takes, summary: &'static str) -> FieldOption {
    FieldOption { name, takes, validates: false, summary }
}

const fn validation(name: &'static str, takes: Takes, summary: &'static str) -> FieldOption {
    FieldOption { name, takes, validates: true, summary }
}

/// The option of this name.
pub(crate) fn find(name: &str) -> Option<&'static FieldOption> {
    FIELD_OPTIONS.iter().find(|option| option.name == name)
}

/// The types that take an option, for a message.
pub(crate) fn takers(name: &str) -> String {
    let takers: Vec<_> = FieldType::ALL.into_iter().filter(|field_type| field_type.takes(name)).collect();
    takers.iter().map(|field_type| field_type.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_options_name_each_other() {
        for field_type in FieldType::ALL {
            for name in field_type.definition().options {
                assert!(find(name).is_some(), "{} takes the unknown option {name}", field_type.name());
            }
        }
        for option in FIELD_OPTIONS {
            assert!(!takers(option.name).is_empty(), "no type takes {}", option.name);
        }
    }

    #[test]
    fn items_are_types() {
        assert!(ITEM_TYPES.iter().all(|name| FieldType::from_name(name).is_some()));
    }
}
