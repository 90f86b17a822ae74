//! Text from documents, made harmless: no document moves a cursor, colours a terminal or turns letters around.

/// Text for people: control characters are shown as Rust would write them.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if drives_terminal(letter) { safe.extend(letter.escape_default()) } else { safe.push(letter) }
    }
    safe
}

/// The same JSON. Between its tokens such characters cannot stand, and in a text they may be escaped.
pub(crate) fn escaped_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for letter in json.chars() {
        if drives_terminal(letter) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// Control characters, and those that end a line or change the direction of writing.
fn drives_terminal(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(letter, '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_drives_the_terminal() {
        assert_eq!(escaped("Grüße 😀 \"a\\b\""), "Grüße 😀 \"a\\b\"");
        assert_eq!(escaped("a\u{1b}[31mb\r\n\u{9b}2J\u{202e}x"), "a\\u{1b}[31mb\\r\\n\\u{9b}2J\\u{202e}x");
    }

    #[test]
    fn json_stays_the_same_json() {
        let json = "{\"a\":\"\u{9b}2J \u{202e}\u{7f} \u{e0041} ü\"}";
        let safe = escaped_json(json);
        assert_eq!(safe, "{\"a\":\"\\u009b2J \\u202e\\u007f \\udb40\\udc41 ü\"}");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&safe), read(json));
    }
}
