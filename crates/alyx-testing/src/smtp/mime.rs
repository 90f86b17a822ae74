//! As much of MIME as our own mail uses: a subject, and a text and an HTML part beside each other.

use base64::{Engine, engine::general_purpose::STANDARD};

/// What a reader of the mail sees.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// A mail, or a part of one, taken apart.
pub(super) fn read(raw: &str) -> Parts {
    let mut parts = Parts { subject: decode_words(&header(raw, "Subject").unwrap_or_default()), ..Parts::default() };
    collect(raw, &mut parts);
    parts
}

fn collect(raw: &str, parts: &mut Parts) {
    let kind = header(raw, "Content-Type").unwrap_or_default();
    let body = raw.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let boundary = kind.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
    if let Some(boundary) = boundary {
        let mark = format!("--{boundary}");
        let inner = body.split(&mark).skip(1).filter(|part| !part.starts_with("--"));
        inner.for_each(|part| collect(part.strip_prefix("\r\n").unwrap_or(part), parts));
        return;
    }
    let encoding = header(raw, "Content-Transfer-Encoding").unwrap_or_default();
    let decoded = match encoding.as_str() {
        "base64" => text(&STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap_or_default()),
        "quoted-printable" => text(&quoted_printable(&body.replace("=\r\n", ""))),
        _ => body.to_owned(),
    };
    let decoded = decoded.replace("\r\n", "\n");
    let place = if kind.starts_with("text/html") { &mut parts.html } else { &mut parts.text };
    place.push_str(decoded.trim_end());
}

/// A header, its folded lines joined.
fn header(raw: &str, name: &str) -> Option<String> {
    let head = raw.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

/// `=?utf-8?b?…?=` becomes text (RFC 2047).
fn decode_words(value: &str) -> String {
    let mut decoded = String::new();
    let mut rest = value;
    while let Some(start) = rest.find("=?") {
        let fields: Vec<&str> = rest[start + 2..].splitn(4, '?').collect();
        let [_, encoding, word, after] = fields.as_slice() else { break };
        let before = &rest[..start];
        // Spaces between two words are not there.
        if decoded.is_empty() || !before.trim().is_empty() {
            decoded.push_str(before);
        }
        match encoding.to_ascii_lowercase().as_str() {
            "b" => decoded.push_str(&text(&STANDARD.decode(word).unwrap_or_default())),
            _ => decoded.push_str(&text(&quoted_printable(&word.replace('_', " ")))),
        }
        rest = after.strip_prefix('=').unwrap_or(after);
    }
    decoded + rest
}

fn quoted_printable(encoded: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = encoded.as_bytes();
    while let [first, others @ ..] = rest {
        let hex = others.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'=') {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    bytes
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_are_read_in_any_encoding() {
        let mail = "From: a\r\nSubject: =?utf-8?b?RsO8cg==?=\r\n =?utf-8?q?_d=C3=ADch?= now\r\n\
            Content-Type: multipart/alternative;\r\n boundary=\"xyz\"\r\n\r\n--xyz\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\nlink=3Da=\r\nb =C3=A4\r\n\r\n--xyz\r\nContent-Type: text/html\r\n\
            Content-Transfer-Encoding: base64\r\n\r\nPHA+\r\nw6Q8L3A+\r\n--xyz--\r\n";
        let parts = read(mail);
        assert_eq!(
            (parts.subject.as_str(), parts.text.as_str(), parts.html.as_str()),
            ("Für dích now", "link=ab ä", "<p>ä</p>")
        );
    }

    #[test]
    fn a_plain_mail_is_its_text() {
        let parts = read("Subject: Hello\r\n\r\none\r\ntwo\r\n");
        assert_eq!((parts.subject.as_str(), parts.text.as_str(), parts.html.as_str()), ("Hello", "one\ntwo", ""));
    }
}
