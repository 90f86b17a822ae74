//! An answer without what differs from one request to the next, so that two can be compared.

use alyx_testing::{Response, Value};

/// Headers that are new with each answer.
const OF_THE_MOMENT: [&str; 2] = ["date", "x-request-id"];

/// What a client can read off an answer, as one text.
pub(crate) fn shape(response: &Response) -> String {
    let headers = response.headers.iter().filter(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str()));
    let headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{}\n{}\n{}", response.status, headers.join("\n"), body(response))
}

fn body(response: &Response) -> String {
    let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else { return response.text() };
    for name in ["request_id", "timestamp"] {
        if let Some(value) = body.get_mut(name) {
            *value = Value::Null;
        }
    }
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(id: &str, code: &str) -> Response {
        Response {
            status: 401,
            headers: vec![("x-request-id".to_owned(), id.to_owned()), ("content-type".to_owned(), "a/b".to_owned())],
            body: format!(r#"{{"code":"{code}","request_id":"{id}","timestamp":"{id}"}}"#).into_bytes(),
        }
    }

    #[test]
    fn only_what_every_answer_changes_is_left_out() {
        assert_eq!(shape(&answer("1", "A")), shape(&answer("2", "A")));
        assert_ne!(shape(&answer("1", "A")), shape(&answer("1", "B")));
        assert!(shape(&answer("1", "A")).contains("content-type: a/b"));
    }
}
