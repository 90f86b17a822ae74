//! Whatever comes in: no panic, and what was accepted once is accepted again as the same.

use alyx_schema::{FieldType, Value, Writer, parse_schema};
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value as Json, json};

use crate::documents::{Noon, Same};

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,20}".prop_map(Json::from),
        "[0-9]{4}-[01][0-9]-[0-3][0-9]([Tt ][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9]))?"
            .prop_map(Json::from),
        "[a-z]{1,5}@[a-z]{1,5}\\.(org|com)".prop_map(Json::from),
        "https?://[a-z]{1,5}(/[a-z?&=#]{0,5})?".prop_map(Json::from),
        "[A-Za-z0-9+/]{4}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            vec((".{0,4}", inner), 0..4).prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn values_that_were_accepted_stay_what_they_are(json in any_json()) {
        for field_type in FieldType::ALL {
            let extra = match field_type {
                FieldType::Relation => ", collection: c",
                FieldType::Select => ", values: [a]",
                _ => "",
            };
            let text = format!(
                "{{version: 1, collections: {{c: {{fields: {{id: {{type: string, primary: true}}, f: {{type: {}{extra}}}}}}}}}}}",
                field_type.name()
            );
            let schema = parse_schema("schema.yaml", &text).unwrap();
            let field = &schema.collections["c"].fields[1];
            let Ok(value) = Value::from_json(field, &json) else { continue };
            prop_assert_eq!(Value::from_json(field, &value.to_json()), Ok(value), "{}", field_type.name());
        }
    }

    #[test]
    fn bodies_never_panic(entries in vec(("(title|views|id|tags|.{0,6})", any_json()), 0..6)) {
        let body: Map<_, _> = entries.into_iter().collect();
        for collection in crate::valid::blog().collections.values() {
            let _ = collection.draft(&body, Writer::Client, &Noon, &Same);
            let _ = collection.changes(&body, Writer::Server, &Noon);
        }
    }

    #[test]
    fn a_damaged_schema_never_panics(at in 0..2000usize, length in 0..40usize, with in "[ -~\\n]{0,12}") {
        let text: Vec<char> = include_str!("../golden/valid/blog.yaml").chars().collect();
        let at = at.min(text.len());
        let end = (at + length).min(text.len());
        let damaged: String = text[..at].iter().copied().chain(with.chars()).chain(text[end..].iter().copied()).collect();
        if let Err(faults) = parse_schema("schema.yaml", &damaged) {
            prop_assert!(!faults.is_empty() && faults.is_sorted_by_key(|fault| fault.span));
        }
    }
}
