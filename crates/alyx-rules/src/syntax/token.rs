//! The words of a text, as far as the faults of a rule are told by them.

/// A word, a literal or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    pub(super) text: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    Text,
    Sign,
}

/// Why a text is no row of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// A text literal without its end.
    OpenText,
    /// A backslash before what it cannot stand before.
    Escape(char),
    /// A character that has no meaning.
    Character(char),
}

const SIGNS: [&str; 23] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "-", "+", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]",
    "{",
];
const ESCAPES: &str = "abfnrtv\\'\"`?xXuU0123";

/// Cuts a text into words, up to the first stray character.
pub(super) fn tokens(text: &str) -> (Vec<Token<'_>>, Option<(usize, Stray)>) {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if matches!(first, ' ' | '\t' | '\r' | '\n' | '\u{c}') {
            at += 1;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            match token(rest) {
                Ok((kind, length)) => {
                    tokens.push(Token { kind, at, text: &rest[..length] });
                    at += length;
                }
                Err((offset, stray)) => return (tokens, Some((at + offset, stray))),
            }
        }
    }
    (tokens, None)
}

/// The kind and length of the word at the start of a text.
fn token(text: &str) -> Result<(Kind, usize), (usize, Stray)> {
    let first = text.chars().next().unwrap_or(' ');
    if let Some(prefix) = text_prefix(text) {
        return text_literal(text, prefix).map(|length| (Kind::Text, length));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        return Ok((Kind::Name, run(text, |byte| byte.is_ascii_alphanumeric() || byte == b'_')));
    }
    if first == '`' {
        let end = text[1..].find('`').ok_or((0, Stray::OpenText))?;
        return Ok((Kind::Name, end + 2));
    }
    if first.is_ascii_digit() {
        return Ok((Kind::Number, number(text)));
    }
    if first == '}' {
        return Ok((Kind::Sign, 1));
    }
    match SIGNS.iter().find(|sign| text.starts_with(**sign)) {
        Some(sign) => Ok((Kind::Sign, sign.len())),
        None => Err((0, Stray::Character(first))),
    }
}

fn run(text: &str, belongs: fn(u8) -> bool) -> usize {
    text.bytes().position(|byte| !belongs(byte)).unwrap_or(text.len())
}

/// Digits, a fraction, an exponent: as far as it matters here, where the number ends.
fn number(text: &str) -> usize {
    let whole = run(text, |byte| byte.is_ascii_alphanumeric());
    let has_fraction = text[whole..].starts_with('.') && text[whole + 1..].starts_with(|c: char| c.is_ascii_digit());
    let end =
        if has_fraction { whole + 1 + run(&text[whole + 1..], |byte| byte.is_ascii_alphanumeric()) } else { whole };
    let has_sign = text[..end].ends_with(['e', 'E']) && text[end..].starts_with(['+', '-']) && !text.starts_with("0x");
    if has_sign { end + 1 + run(&text[end + 1..], |byte| byte.is_ascii_digit()) } else { end }
}

/// The length of what stands before the quote of a text literal, if the text begins with one.
fn text_prefix(text: &str) -> Option<usize> {
    let length = text.find(['\'', '"'])?;
    let prefix = text[..length].to_ascii_lowercase();
    matches!(prefix.as_str(), "" | "r" | "b" | "br" | "rb").then_some(length)
}

fn text_literal(text: &str, prefix: usize) -> Result<usize, (usize, Stray)> {
    let is_raw = text[..prefix].contains(['r', 'R']);
    let body = &text[prefix..];
    let quote = &body[..1];
    let (open, is_long) = if body.starts_with(&quote.repeat(3)) { (3, true) } else { (1, false) };
    let close = quote.repeat(open);
    let mut letters = body.char_indices().skip(open);
    while let Some((at, letter)) = letters.next() {
        if body[at..].starts_with(&close) {
            return Ok(prefix + at + open);
        }
        if letter == '\n' && !is_long {
            return Err((0, Stray::OpenText));
        }
        if letter == '\\' && !is_raw {
            match letters.next() {
                Some((_, escaped)) if !ESCAPES.contains(escaped) => return Err((prefix + at, Stray::Escape(escaped))),
                _ => {}
            }
        }
    }
    Err((0, Stray::OpenText))
}

impl Token<'_> {
    /// Whether a value can end with it.
    pub(super) fn ends_value(&self) -> bool {
        match self.kind {
            Kind::Name => self.text != "in",
            Kind::Number | Kind::Text => true,
            Kind::Sign => matches!(self.text, ")" | "]" | "}"),
        }
    }
}
