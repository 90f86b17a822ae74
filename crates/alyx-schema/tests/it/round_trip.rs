//! What is printed parses to what it was printed from.

use std::sync::Arc;

use alyx_schema::{
    Collection, CollectionName, Constraints, DefaultValue, Field, FieldName, FieldRules, FieldType, Format, Index,
    JsonShape, OnDelete, Order, Reference, Rule, Rules, Schema, Span, Value,
    model::{JsonSchema, Pattern},
    parse_schema, to_yaml,
};
use proptest::{collection::vec, option, prelude::*};
use serde_json::json;

const NAMES: [&str; 10] = ["null", "true", "order", "group", "Select", "y", "title", "_x", "a1", "on"];

/// Any text without NUL.
fn text() -> impl Strategy<Value = String> {
    "[^\\x00]{0,12}"
}

/// A field without a name, of any type but relation.
fn field() -> impl Strategy<Value = Field> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let limits =
        (option::of(0u64..9), option::of(9u64..20), option::of(-1e6..0.0), option::of(0.0..1e12), any::<bool>());
    let texts = (vec(text(), 1..4), text(), option::of(text()), any::<f64>(), any::<i64>());
    (0..FieldType::ALL.len(), flags, limits, texts).prop_map(
        |(index, flags, limits, (list, one, pattern, float, int))| {
            let field_type = match FieldType::ALL[index] {
                FieldType::Relation => FieldType::Text,
                other => other,
            };
            let mut field = blank(field_type);
            let is_indexed = !matches!(field_type, FieldType::Json | FieldType::Blob | FieldType::Richtext);
            (field.unique, field.index) = (flags.0 && is_indexed, flags.1 && is_indexed);
            (field.nullable, field.internal) = (flags.2, flags.3);
            field.on_update_now = field_type == FieldType::Timestamp && flags.4;
            field.constraints = constraints(field_type, limits, &list, pattern.as_deref());
            field.default = default(field_type, &list, one, float, int, &field.constraints).filter(|_| flags.4);
            field.json_shape = (field_type == FieldType::Json && flags.0).then(|| shape(flags.1));
            field
        },
    )
}

fn blank(field_type: FieldType) -> Field {
    Field {
        name: FieldName::new(""),
        field_type,
        value_type: field_type,
        primary: false,
        unique: false,
        nullable: false,
        index: false,
        default: None,
        references: None,
        on_update_now: false,
        internal: false,
        constraints: Constraints::default(),
        json_shape: None,
        rules: FieldRules::default(),
        span: Span::default(),
    }
}

type Limits = (Option<u64>, Option<u64>, Option<f64>, Option<f64>, bool);

fn constraints(field_type: FieldType, limits: Limits, list: &[String], pattern: Option<&str>) -> Constraints {
    let (min_length, max_length, min, max, listed) = limits;
    let mut allowed: Vec<_> = list.iter().cloned().map(Value::Text).collect();
    allowed.dedup();
    let whole = |limit: Option<f64>| limit.map(f64::trunc);
    match field_type {
        FieldType::Int => Constraints { min: whole(min), max: whole(max), ..Constraints::default() },
        FieldType::Float => Constraints { min, max, ..Constraints::default() },
        FieldType::Select => Constraints { allowed: Some(unique(allowed)), ..Constraints::default() },
        FieldType::String if listed => Constraints { allowed: Some(unique(allowed)), ..Constraints::default() },
        FieldType::String | FieldType::Text => Constraints {
            min_length,
            max_length,
            format: (!listed).then_some(Format::Url),
            pattern: pattern.filter(|text| !text.is_empty()).and_then(|text| Pattern::parse(text).ok()),
            ..Constraints::default()
        },
        FieldType::Blob | FieldType::Richtext | FieldType::Url => {
            Constraints { min_length, max_length, ..Constraints::default() }
        }
        _ => Constraints::default(),
    }
}

fn unique(values: Vec<Value>) -> Vec<Value> {
    values.into_iter().fold(Vec::new(), |mut kept, value| {
        if !kept.contains(&value) {
            kept.push(value);
        }
        kept
    })
}

fn default(
    field_type: FieldType,
    list: &[String],
    one: String,
    float: f64,
    int: i64,
    limits: &Constraints,
) -> Option<DefaultValue> {
    let literal = match field_type {
        FieldType::Uuid | FieldType::Id => return Some(DefaultValue::Auto),
        FieldType::Timestamp | FieldType::Date => return Some(DefaultValue::Now),
        FieldType::Select => Value::Text(list[0].clone()),
        FieldType::Text | FieldType::String if *limits == Constraints::default() => Value::Text(one),
        FieldType::Int if *limits == Constraints::default() => Value::Int(int),
        FieldType::Float if *limits == Constraints::default() => {
            Value::Float(if float.is_finite() { float } else { 0.5 })
        }
        FieldType::Bool => Value::Bool(int > 0),
        FieldType::Blob if *limits == Constraints::default() => Value::Blob(one.into_bytes()),
        _ => return None,
    };
    Some(DefaultValue::Literal(literal))
}

fn shape(is_list: bool) -> JsonShape {
    if is_list {
        return JsonShape::Items(FieldType::Email);
    }
    let schema = json!({"type": "object", "properties": {"a: b": {"pattern": "^\"\\\\d", "minimum": 0.5}}});
    JsonShape::Schema(JsonSchema::parse(schema).unwrap())
}

/// A collection: a primary field, the given ones, a relation and a reference to it where asked for.
fn collection() -> impl Strategy<Value = Collection> {
    let rules = (option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    (0..4usize, vec(field(), 0..6), rules, any::<(bool, bool, bool)>()).prop_map(|(key, fields, rules, more)| {
        let key = [FieldType::Uuid, FieldType::Id, FieldType::String, FieldType::Int][key];
        let mut fields = fields;
        fields.insert(0, Field { primary: true, ..blank(key) });
        for (index, field) in fields.iter_mut().enumerate() {
            field.name = FieldName::new(NAMES[index]);
        }
        let rule = |text: Option<String>| {
            let text = text.map(|text| text.trim_end().to_owned()).filter(|text| !text.is_empty());
            text.map(Rule::new)
        };
        if let Some(last) = fields.last_mut().filter(|field| !field.primary && !field.internal) {
            last.rules = FieldRules { read: rule(rules.0.clone()), write: rule(rules.1.clone()) };
        }
        let rules = Rules { create: rule(rules.0), read: rule(rules.1), update: rule(rules.2), delete: rule(rules.3) };
        let indexes = if more.0 { vec![index(&fields, more)] } else { Vec::new() };
        Collection { name: "".into(), fields, primary: 0, indexes, rules, is_auth: false, span: Span::default() }
    })
}

fn index(fields: &[Field], (_, unique, descending): (bool, bool, bool)) -> Index {
    let is_indexed =
        |field: &&Field| !matches!(field.field_type, FieldType::Json | FieldType::Blob | FieldType::Richtext);
    Index {
        name: String::new(),
        fields: fields.iter().filter(is_indexed).map(|field| field.name.clone()).collect(),
        unique,
        order: if descending { Order::Descending } else { Order::Ascending },
        span: Span::default(),
    }
}

/// Whole schemas: names given, relations among the collections, one with the profiles of accounts where its key fits.
fn schema() -> impl Strategy<Value = Schema> {
    (vec(collection(), 0..4), option::of(0..4usize)).prop_map(|(mut collections, auth)| {
        let keys: Vec<_> = collections.iter().map(|collection| collection.fields[0].value_type).collect();
        for (number, collection) in collections.iter_mut().enumerate() {
            collection.name = CollectionName::new(["false", "users", "T", "no"][number]);
            collection.indexes.iter_mut().for_each(|index| index.name = format!("idx_{number}"));
            let target = (number + 1) % keys.len();
            collection.fields.push(pointing(["false", "users", "T", "no"][target], keys[target], number));
        }
        let auth = auth.filter(|auth| *auth < keys.len()).unwrap_or(1);
        let names_accounts =
            |key: FieldType| matches!(key, FieldType::Uuid | FieldType::Id | FieldType::String | FieldType::Text);
        if let Some(collection) = collections.get_mut(auth).filter(|_| names_accounts(keys[auth])) {
            collection.is_auth = true;
        }
        let collections = collections.into_iter().map(|inner| (inner.name.clone(), Arc::new(inner))).collect();
        Schema { collections, ..Schema::default() }
    })
}

fn pointing(target: &str, key: FieldType, number: usize) -> Field {
    let on_delete = [OnDelete::Restrict, OnDelete::Cascade, OnDelete::SetNull][number % 3];
    Field {
        name: FieldName::new("peer"),
        field_type: if number.is_multiple_of(2) { FieldType::Relation } else { key },
        nullable: true,
        references: Some(Reference { collection: target.into(), field: NAMES[0].into(), on_delete }),
        ..blank(key)
    }
}

proptest! {
    #[test]
    fn a_printed_schema_parses_to_itself(schema in schema()) {
        let text = to_yaml(&schema);
        match parse_schema("schema.yaml", &text) {
            Ok(parsed) => prop_assert_eq!(parsed.without_spans(), schema, "{}", text),
            Err(faults) => prop_assert!(false, "{}\n{text}", faults[0]),
        }
    }
}

#[test]
fn the_blog_keeps_its_meaning_and_its_order() {
    let blog = crate::valid::blog();
    let printed = to_yaml(&blog);
    assert_eq!(parse_schema("schema.yaml", &printed).unwrap().without_spans(), blog.without_spans());
    assert_eq!(to_yaml(&parse_schema("schema.yaml", &printed).unwrap()), printed);
}
