//! Text to tree, with every budget that hostile text needs.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle as RawStyle, ScanError, Span as RawSpan};

use crate::{Diagnostic, Entry, Kind, Node, ScalarStyle, Span};

/// Deepest nesting accepted.
const MAX_DEPTH: usize = 64;
/// Most nodes, those repeated by aliases included.
const MAX_NODES: usize = 500_000;

/// Parses one YAML document; an empty text is an empty mapping.
///
/// # Errors
/// A syntax error (the first), or every key that is given twice, or what is past a budget.
pub fn parse(file: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let mut builder =
        Builder { file, events: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0, faults: Vec::new() };
    match builder.document() {
        Ok(node) if builder.faults.is_empty() => Ok(node),
        Ok(_) => Err(builder.faults),
        Err(fault) => {
            builder.faults.push(*fault);
            Err(builder.faults)
        }
    }
}

type Fault = Box<Diagnostic>;

struct Builder<'a, I: saphyr_parser::Input> {
    file: &'a str,
    events: Parser<'a, I>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    faults: Vec<Diagnostic>,
}

impl<'a, I: saphyr_parser::Input> Builder<'a, I> {
    fn fault(&self, code: &'static str, span: Span, message: impl Into<String>) -> Fault {
        Box::new(Diagnostic::error(code, self.file, span, message))
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Fault> {
        match self.events.next_event() {
            Some(Ok((event, span))) => Ok((event, place(&span))),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, Span { line: 1, column: 1 })),
        }
    }

    fn syntax(&self, error: &ScanError) -> Fault {
        let span = Span { line: error.marker().line(), column: error.marker().col() + 1 };
        let hint =
            if error.info().contains("tab") { "indent with spaces" } else { "check indentation, quotes and colons" };
        let message = format!("not valid YAML: {}", error.info());
        Box::new(Diagnostic::error("yaml_syntax", self.file, span, message).with_hint(Some(hint.to_owned())))
    }

    fn document(&mut self) -> Result<Node, Fault> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_), _) => {}
                (Event::StreamEnd, span) => return Ok(Node { span, kind: Kind::Mapping(Vec::new()) }),
                (event, span) => {
                    let node = self.node(event, span, 0)?;
                    self.end()?;
                    return Ok(node);
                }
            }
        }
    }

    fn end(&mut self) -> Result<(), Fault> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(_), span) => {
                    return Err(self.fault(
                        "yaml_documents",
                        span,
                        "a second document starts here; one file holds one",
                    ));
                }
                _ => {}
            }
        }
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Fault> {
        self.nodes += more;
        if self.nodes > MAX_NODES {
            return Err(self.fault("yaml_size", span, format!("more than {MAX_NODES} values, aliases counted")));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Fault> {
        if depth > MAX_DEPTH {
            return Err(self.fault("yaml_depth", span, format!("nested more than {MAX_DEPTH} levels deep")));
        }
        let before = self.nodes;
        self.count(1, span)?;
        let (kind, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Scalar(text, style, anchor, _) => {
                (Kind::Scalar { text: text.into_owned(), style: scalar_style(style) }, anchor)
            }
            Event::SequenceStart(anchor, _) => (self.sequence(depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.mapping(depth)?, anchor),
            _ => return Err(self.fault("yaml_syntax", span, "a value is missing here")),
        };
        let node = Node { span, kind };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Node, Fault> {
        let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
            return Err(self.fault("yaml_alias", span, "an alias of an anchor that is not finished"));
        };
        self.count(size, span)?;
        Ok(node)
    }

    fn sequence(&mut self, depth: usize) -> Result<Kind, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::Sequence(items)),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Kind, Fault> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        loop {
            let (event, key_span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(Kind::Mapping(entries));
            }
            let key = self.node(event, key_span, depth + 1)?;
            let Some(key) = key.as_str().map(str::to_owned) else {
                return Err(self.fault("yaml_key", key_span, "a key must be text"));
            };
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            if let Some(first) = seen.get(&key) {
                let message = format!("\"{key}\" is given twice; the first is on line {}", first.line);
                let fault = self.fault("yaml_duplicate_key", key_span, message);
                self.faults.push(*fault);
                continue;
            }
            seen.insert(key.clone(), key_span);
            entries.push(Entry { key, key_span, value });
        }
    }
}

fn place(span: &RawSpan) -> Span {
    Span { line: span.start.line(), column: span.start.col() + 1 }
}

fn scalar_style(style: RawStyle) -> ScalarStyle {
    match style {
        RawStyle::Plain => ScalarStyle::Plain,
        RawStyle::SingleQuoted | RawStyle::DoubleQuoted => ScalarStyle::Quoted,
        RawStyle::Literal | RawStyle::Folded => ScalarStyle::Block,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[track_caller]
    fn refused(text: &str) -> String {
        parse("t.yaml", text).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_key_given_twice_is_refused_at_its_place() {
        let said = refused("a: 1\nb: 2\na: 3\n");
        assert_eq!(said, "t.yaml:3:1: \"a\" is given twice; the first is on line 1 [yaml_duplicate_key]");
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let below = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![below; 10].join(", ")));
        }
        assert!(refused(&text).contains("[yaml_size]"));
    }

    #[test]
    fn endless_nesting_is_refused() {
        assert!(refused(&format!("{}{}", "[".repeat(80), "]".repeat(80))).contains("[yaml_depth]"));
        assert!(refused(&"[".repeat(100_000)).starts_with("t.yaml:1:"));
    }

    #[test]
    fn columns_count_characters() {
        let root = parse("t.yaml", "é: {ü: x}\n").unwrap();
        assert_eq!(root.get("é").unwrap().get("ü").unwrap().span.column, 8);
    }

    #[test]
    fn broken_text_names_its_line() {
        assert!(refused("a: [1, 2\nb: 3\n").starts_with("t.yaml:2:"));
    }
}
