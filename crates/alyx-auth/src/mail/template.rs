//! Texts with `{{ names }}` in them, and nothing that runs (row 29 of the attacks).

use alyx_schema::{Diagnostic, Span};

/// A text taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Name(&'static str),
}

/// How values stand in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// As they are.
    None,
    /// So that HTML shows them as they are.
    Html,
}

impl Template {
    /// Takes a text apart; every name must be known.
    pub(super) fn parse(file: &str, text: &str, known: &[&'static str]) -> Result<Self, Vec<Diagnostic>> {
        let (mut pieces, mut faults) = (Vec::new(), Vec::new());
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let span = place(text, text.len() - rest.len() + start);
            pieces.push(Piece::Text(rest[..start].to_owned()));
            let Some(end) = rest[start..].find("}}").map(|end| start + end) else {
                let fault = Diagnostic::error("mail_placeholder", file, span, "{{ has no }} after it");
                faults.push(fault);
                rest = "";
                break;
            };
            let name = rest[start + 2..end].trim();
            match known.iter().find(|known| **known == name) {
                Some(name) => pieces.push(Piece::Name(name)),
                None => {
                    let message = format!("there is no \"{}\" in this mail", name.escape_debug());
                    let hint = format!("known here: {}", known.join(", "));
                    faults.push(Diagnostic::error("mail_placeholder", file, span, message).with_hint(Some(hint)));
                }
            }
            rest = &rest[end + 2..];
        }
        pieces.push(Piece::Text(rest.to_owned()));
        if faults.is_empty() { Ok(Self { pieces }) } else { Err(faults) }
    }

    /// The text with the values of its names; a name without one leaves nothing.
    pub(super) fn render(&self, values: &[(&'static str, &str)], escape: Escape) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Name(name) => {
                    let value = values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
                    push(&mut text, value, escape);
                }
            }
        }
        text
    }
}

fn push(text: &mut String, value: &str, escape: Escape) {
    for letter in value.chars() {
        match letter {
            '&' if escape == Escape::Html => text.push_str("&amp;"),
            '<' if escape == Escape::Html => text.push_str("&lt;"),
            '>' if escape == Escape::Html => text.push_str("&gt;"),
            '"' if escape == Escape::Html => text.push_str("&quot;"),
            '\'' if escape == Escape::Html => text.push_str("&#39;"),
            letter => text.push(letter),
        }
    }
}

/// Line and column of a byte, both from 1.
fn place(text: &str, byte: usize) -> Span {
    let before = &text[..byte];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Span { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["email", "link"];

    #[track_caller]
    fn check(text: &str, escape: Escape, expected: &str) {
        let template = Template::parse("a.txt", text, KNOWN).unwrap();
        assert_eq!(template.render(&[("email", "<ada> & 'co'"), ("link", "{{ email }}")], escape), expected);
    }

    #[test]
    fn names_become_values_and_values_stay_values() {
        check("To {{ email }}: {{link}}!", Escape::None, "To <ada> & 'co': {{ email }}!");
        check("<b>{{ email }}</b>", Escape::Html, "<b>&lt;ada&gt; &amp; &#39;co&#39;</b>");
        check("no names } { }}", Escape::None, "no names } { }}");
    }

    #[test]
    fn ac29_what_is_no_name_is_a_fault_with_its_place() {
        let text = "one {{ emial }}\n  two {{ email.secret }} {{ 7 * 7 }} {{ link }}\nthree {{ link";
        let faults = Template::parse("mail/a.txt", text, KNOWN).unwrap_err();
        let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "mail/a.txt:1:5: there is no \"emial\" in this mail [mail_placeholder] (hint: known here: email, link)",
                "mail/a.txt:2:7: there is no \"email.secret\" in this mail [mail_placeholder] (hint: known here: email, link)",
                "mail/a.txt:2:26: there is no \"7 * 7\" in this mail [mail_placeholder] (hint: known here: email, link)",
                "mail/a.txt:3:7: {{ has no }} after it [mail_placeholder]",
            ]
        );
    }
}
