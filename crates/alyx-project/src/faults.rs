//! Faults in the files of a project, drawn with the line that they are about.

use std::{collections::BTreeMap, fmt::Write};

use alyx_schema::{Diagnostic, Severity};

use crate::Style;

/// Faults, with the text of the files that they are in.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The faults, in the order of the files and then of their lines.
    pub diagnostics: Vec<Diagnostic>,
    sources: BTreeMap<String, String>,
}

impl Faults {
    /// Faults of one file.
    #[must_use]
    pub fn of_file(file: &str, text: &str, diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, sources: BTreeMap::from([(file.to_owned(), text.to_owned())]) }
    }

    /// Faults of several files, given by name and text.
    #[must_use]
    pub fn of_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, diagnostics: Vec<Diagnostic>) -> Self {
        let sources = files.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        Self { diagnostics, sources }
    }

    /// Adds the faults of another file.
    pub fn extend(&mut self, other: Self) {
        self.diagnostics.extend(other.diagnostics);
        self.sources.extend(other.sources);
    }

    /// Whether there is a fault that is no mere warning.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// All faults, one after another, each with its place, line and hint.
    #[must_use]
    pub fn draw(&self, style: Style) -> String {
        let drawn: Vec<String> = self.diagnostics.iter().map(|fault| self.draw_one(fault, style)).collect();
        drawn.join("\n")
    }

    fn draw_one(&self, fault: &Diagnostic, style: Style) -> String {
        let kind = match fault.severity {
            Severity::Error => style.red(&format!("error[{}]", fault.code)),
            Severity::Warning => style.yellow(&format!("warning[{}]", fault.code)),
        };
        let mut drawing = format!("{kind}: {}\n", style.bold(&fault.message));
        let number = fault.span.line.to_string();
        let margin = " ".repeat(number.len());
        let place = if fault.span.line == 0 {
            fault.file.clone()
        } else {
            format!("{}:{}:{}", fault.file, fault.span.line, fault.span.column)
        };
        let _ = writeln!(drawing, "{margin}{} {place}", style.blue("-->"));
        if let Some(line) = self.line(fault) {
            let bar = style.blue("|");
            let caret = style.red(&caret(line, fault.span.column));
            let _ = writeln!(drawing, "{margin} {bar}");
            let _ = writeln!(drawing, "{} {bar} {}", style.blue(&number), line.replace('\t', " "));
            let _ = writeln!(drawing, "{margin} {bar} {caret}");
        }
        if let Some(hint) = &fault.hint {
            let _ = writeln!(drawing, "{margin} {} {}: {hint}", style.blue("="), style.green("hint"));
        }
        drawing
    }

    fn line(&self, fault: &Diagnostic) -> Option<&str> {
        let text = self.sources.get(&fault.file)?;
        text.lines().nth(fault.span.line.checked_sub(1)?)
    }
}

/// Carets under the word that starts at `column`.
fn caret(line: &str, column: usize) -> String {
    let before = column.saturating_sub(1);
    let mut rest = line.chars().skip(before);
    let length = match rest.next() {
        Some(quote @ ('"' | '\'')) => 2 + rest.clone().position(|letter| letter == quote).unwrap_or(0),
        Some(letter) if is_word(letter) => 1 + rest.take_while(|letter| is_word(*letter)).count(),
        _ => 1,
    };
    " ".repeat(before) + &"^".repeat(length)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_-.$*/".contains(letter)
}

#[cfg(test)]
mod tests {
    use alyx_schema::Span;

    use super::*;

    #[test]
    fn a_fault_is_drawn_under_its_word() {
        let text = "collections:\n  posts:\n    type: strng # oops\n";
        let fault = Diagnostic::error(
            "unknown_type",
            "schema.yaml",
            Span { line: 3, column: 11 },
            "there is no type \"strng\"",
        )
        .with_hint(Some("did you mean \"string\"?".to_owned()));
        let drawn = Faults::of_file("schema.yaml", text, vec![fault]).draw(Style::Plain);
        let expected = "\
error[unknown_type]: there is no type \"strng\"
 --> schema.yaml:3:11
  |
3 |     type: strng # oops
  |           ^^^^^
  = hint: did you mean \"string\"?
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_fault_past_the_end_of_the_file_is_drawn_without_a_line() {
        let fault = Diagnostic::error("missing", "a.yaml", Span { line: 9, column: 1 }, "nothing here");
        let drawn = Faults::of_file("a.yaml", "x: 1\n", vec![fault]).draw(Style::Plain);
        assert_eq!(drawn, "error[missing]: nothing here\n --> a.yaml:9:1\n");
    }

    #[test]
    fn quoted_words_are_underlined_whole() {
        assert_eq!(caret("name: \"two words\" # x", 7), "      ^^^^^^^^^^^");
        assert_eq!(caret("a: [", 4), "   ^");
        assert_eq!(caret("", 1), "^");
    }
}
