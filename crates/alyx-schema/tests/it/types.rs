//! What each type takes, from JSON and from text, and what it makes of it.

use alyx_schema::{Collection, Value, Writer, parse_schema};
use serde_json::{Map, Value as Json, json};

use crate::documents::{Noon, Same};

fn collection(field: &str) -> Collection {
    let text = format!(
        "version: 1\ncollections:\n  c:\n    fields:\n      id: {{type: id, primary: true, default: auto}}\n      f: {{{field}}}\n"
    );
    let schema = parse_schema("schema.yaml", &text).unwrap();
    schema.collection("c").unwrap().as_ref().clone()
}

/// What a create stores in a field with these options.
fn store(field: &str, value: Json) -> Result<Value, String> {
    let body: Map<_, _> = [("f".to_owned(), value)].into_iter().collect();
    let document = collection(field).draft(&body, Writer::Client, &Noon, &Same);
    document.map(|document| document.values[1].clone()).map_err(|faults| {
        faults.iter().map(|fault| format!("[{}] {}", fault.code, fault.message)).collect::<Vec<_>>().join("; ")
    })
}

#[track_caller]
fn takes(field: &str, value: Json, stored: Json) {
    assert_eq!(store(field, value).map(|value| value.to_json()), Ok(stored), "{field}");
}

#[track_caller]
fn refuses(field: &str, values: &[Json], code: &str) {
    for value in values {
        let said = store(field, value.clone()).expect_err(&format!("{field} takes {value}"));
        assert!(said.starts_with(&format!("[{code}]")), "{field} with {value}: {said}");
    }
}

#[test]
fn uuid_is_taken_in_any_case_and_kept_in_lower() {
    takes("type: uuid", json!("01890A5D-AC96-774B-BCCE-B302099A8057"), json!("01890a5d-ac96-774b-bcce-b302099a8057"));
    let wrong = ["", "x", "01890a5dac96774bbcceb302099a8057", "{01890a5d-ac96-774b-bcce-b302099a8057}"];
    refuses("type: uuid", &wrong.map(Json::from), "FORMAT");
    refuses("type: uuid", &[json!(7), json!(true), json!([])], "TYPE");
}

#[test]
fn id_is_fifteen_lower_case_letters_and_digits() {
    takes("type: id", json!("abcdefghij01234"), json!("abcdefghij01234"));
    refuses(
        "type: id",
        &["abcdefghij0123", "abcdefghij012345", "ABCDEFGHIJ01234", "../defghij01234"].map(Json::from),
        "FORMAT",
    );
}

#[test]
fn text_keeps_every_character_but_nul() {
    for field in ["type: string", "type: text"] {
        takes(field, json!("a'\"%_\n\u{1F600}"), json!("a'\"%_\n\u{1F600}"));
        takes(field, json!(""), json!(""));
        refuses(field, &[json!("a\u{0}b")], "FORMAT");
        refuses(field, &[json!(1), json!({})], "TYPE");
    }
}

#[test]
fn limits_of_text_hold() {
    refuses("type: string, pattern: '^[a-z]+$'", &[json!("a1")], "PATTERN");
    refuses("type: string, enum: [a, b]", &[json!("c")], "ENUM");
    refuses("type: string, format: url", &[json!("nowhere")], "FORMAT");
    refuses("type: string, validate: {format: email}", &[json!("nobody")], "FORMAT");
    takes(
        "type: string, format: uuid",
        json!("01890A5D-AC96-774B-BCCE-B302099A8057"),
        json!("01890A5D-AC96-774B-BCCE-B302099A8057"),
    );
}

#[test]
fn int_is_whole_and_has_64_bits() {
    takes("type: int", json!(i64::MAX), json!(i64::MAX));
    takes("type: int", json!(i64::MIN), json!(i64::MIN));
    takes("type: int", json!(3.0), json!(3));
    refuses("type: int", &[json!(1.5), json!("1"), json!(true)], "TYPE");
    refuses("type: int", &[json!(u64::MAX), json!(1e300)], "RANGE");
    refuses("type: int, min: 1, max: 5", &[json!(0)], "MIN");
    refuses("type: int, min: 1, max: 5", &[json!(6), json!(i64::MAX)], "MAX");
    refuses("type: int, enum: [1, 2]", &[json!(3)], "ENUM");
}

#[test]
fn float_has_no_negative_zero() {
    takes("type: float", json!(1), json!(1.0));
    takes("type: float", json!(-0.0), json!(0.0));
    assert!(matches!(store("type: float", json!(-0.0)), Ok(Value::Float(zero)) if zero.is_sign_positive()));
    refuses("type: float", &[json!("1.5"), json!([1.5])], "TYPE");
    refuses("type: float, min: 0.5", &[json!(0.25)], "MIN");
}

#[test]
fn bool_is_true_or_false() {
    takes("type: bool", json!(true), json!(true));
    refuses("type: bool", &[json!(1), json!("true")], "TYPE");
}

#[test]
fn timestamp_is_kept_in_utc_with_milliseconds() {
    takes("type: timestamp", json!("2026-01-31T10:30:00+02:00"), json!("2026-01-31T08:30:00.000Z"));
    takes("type: timestamp", json!("2026-01-31t08:30:00.123456z"), json!("2026-01-31T08:30:00.123Z"));
    takes("type: timestamp", json!("1969-12-31 23:59:59.9999Z"), json!("1969-12-31T23:59:59.999Z"));
    takes("type: timestamp", json!("9999-12-31T23:59:59.999Z"), json!("9999-12-31T23:59:59.999Z"));
    takes("type: timestamp", json!("9999-12-31T23:59:59Z"), json!("9999-12-31T23:59:59.000Z"));
    let wrong = [
        "",
        "2026-01-31",
        "2026-01-31T08:30Z",
        "2026-01-31T08:30:00",
        "2026-02-30T08:30:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T08:30:00+01:00[Europe/Berlin]",
        "+002026-01-31T08:30:00Z",
        "2026-01-31T08:30:00.Z",
        "1769848200",
    ];
    refuses("type: timestamp", &wrong.map(Json::from), "FORMAT");
    refuses("type: timestamp", &[json!("0000-01-01T00:00:00+01:00")], "RANGE");
    refuses("type: timestamp", &[json!(1769848200)], "TYPE");
}

#[test]
fn date_is_a_day_of_the_calendar() {
    takes("type: date", json!("2024-02-29"), json!("2024-02-29"));
    refuses(
        "type: date",
        &["2026-02-29", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", ""].map(Json::from),
        "FORMAT",
    );
}

#[test]
fn email_has_a_domain_with_a_dot() {
    takes("type: email", json!("Ada.Lovelace+x@example.com"), json!("Ada.Lovelace+x@example.com"));
    let wrong = [
        "",
        "ada",
        "ada@localhost",
        "Ada <ada@example.com>",
        "ada@[127.0.0.1]",
        "a b@example.com",
        "ada@example.com\n",
    ];
    refuses("type: email", &wrong.map(Json::from), "FORMAT");
}

#[test]
fn url_is_absolute_http() {
    takes("type: url", json!("https://example.com/a?b=c#d"), json!("https://example.com/a?b=c#d"));
    takes("type: url", json!("HTTP://[::1]:8090/"), json!("HTTP://[::1]:8090/"));
    let wrong = [
        "",
        "/a",
        "example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "http:example.com",
        "http://",
        " http://a.b",
        "http://a.b/ c",
        "https:\\\\a.b",
        "java\nscript:x",
    ];
    refuses("type: url", &wrong.map(Json::from), "FORMAT");
}

#[test]
fn select_is_one_of_its_values() {
    takes("type: select, values: [a, b]", json!("b"), json!("b"));
    refuses("type: select, values: [a, b]", &[json!("c"), json!("")], "ENUM");
}

#[test]
fn richtext_loses_what_could_run() {
    takes(
        "type: richtext",
        json!("<p onclick=\"x()\">Hi <b>you</b><script>alert(1)</script><a href=\"javascript:x\">.</a></p>"),
        json!("<p>Hi <b>you</b><a rel=\"noopener noreferrer\">.</a></p>"),
    );
    refuses("type: richtext, minLength: 1", &[json!("<script>alert(1)</script>")], "MIN_LENGTH");
}

#[test]
fn html_that_is_costly_to_parse_is_refused_at_once() {
    refuses("type: richtext", &[json!("<div>".repeat(200_000)), json!("<p><b id=1></p>".repeat(50_000))], "DEPTH");
    refuses("type: richtext", &[json!("x".repeat((1 << 20) + 1))], "MAX_LENGTH");
    assert!(store("type: richtext", json!("<p>a <b>b</b></p>".repeat(10_000))).is_ok());
}

#[test]
fn relation_takes_keys_of_its_target() {
    takes("type: relation, collection: c", json!("abcdefghij01234"), json!("abcdefghij01234"));
    refuses("type: relation, collection: c", &[json!("nobody")], "FORMAT");
}

#[test]
fn blob_is_base64() {
    assert_eq!(store("type: blob", json!("AAH/")), Ok(Value::Blob(vec![0, 1, 255])));
    takes("type: blob", json!("AAH/"), json!("AAH/"));
    refuses("type: blob", &[json!("%%%"), json!("AAH")], "FORMAT");
    refuses("type: blob, maxLength: 2", &[json!("AAH/")], "MAX_LENGTH");
}

#[test]
fn json_is_canonical() {
    let Ok(Value::Json(stored)) = store("type: json", json!({"b": 1.0, "a": [-0.0, 1e300, 0.5, null]})) else {
        panic!("refused")
    };
    assert_eq!(stored.to_string(), r#"{"a":[0,1e+300,0.5,null],"b":1}"#);
    refuses("type: json", &[json!("a\u{0}"), json!({"a\u{0}": 1})], "FORMAT");
    refuses("type: json", &[Json::Null], "REQUIRED");
    takes("type: json, nullable: true", Json::Null, Json::Null);
}

#[test]
fn json_may_be_nested_64_levels_deep() {
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert!(store("type: json", nested(64)).is_ok());
    refuses("type: json", &[nested(65)], "DEPTH");
}

#[test]
fn items_of_json_are_of_their_type() {
    takes("type: json, items: string", json!(["a", "b"]), json!(["a", "b"]));
    takes("type: json, items: timestamp", json!(["2026-01-31T10:30:00+02:00"]), json!(["2026-01-31T08:30:00.000Z"]));
    takes("type: json, items: float", json!([1, 1.5]), json!([1, 1.5]));
    refuses("type: json, items: string", &[json!("a"), json!([1]), json!([null]), json!({})], "ITEMS");
}

#[test]
fn a_json_schema_is_held() {
    let field = "type: json, schema: {type: object, required: [wide], properties: {wide: {type: boolean}}}";
    takes(field, json!({"wide": true}), json!({"wide": true}));
    refuses(field, &[json!({}), json!({"wide": 1}), json!([])], "SCHEMA");
    assert_eq!(
        store(field, json!({"wide": 1})).unwrap_err(),
        "[SCHEMA] does not meet its JSON Schema: /wide: value is not of type \"boolean\""
    );
}

#[track_caller]
fn reads(field: &str, text: &str, expected: Option<Json>) {
    let collection = collection(field);
    let read = Value::from_text(&collection.fields[1], text);
    assert_eq!(read.ok().map(|value| value.to_json()), expected, "{field} from {text}");
}

#[test]
fn text_of_a_filter_is_read_with_the_type_of_the_field() {
    reads("type: int", "-7", Some(json!(-7)));
    reads("type: int", "7.5", None);
    reads("type: int", "99999999999999999999", None);
    reads("type: float", "7", Some(json!(7.0)));
    reads("type: float", "inf", None);
    reads("type: float", "NaN", None);
    reads("type: bool", "true", Some(json!(true)));
    reads("type: bool", "1", None);
    reads("type: string, maxLength: 1", "a:b", Some(json!("a:b")));
    reads("type: timestamp", "2026-01-31T10:30:00+02:00", Some(json!("2026-01-31T08:30:00.000Z")));
    reads("type: json", r#"{"a":1}"#, Some(json!({"a": 1})));
    reads("type: json", "{", None);
    reads("type: blob", "AAH/", Some(json!("AAH/")));
    reads("type: richtext", "<b onclick=x>", Some(json!("<b onclick=x>")));
}
