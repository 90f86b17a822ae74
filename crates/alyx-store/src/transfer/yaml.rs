//! A seed in YAML, read a document at a time: the file is cut where a list item or a collection begins.

use std::io::{BufRead, BufReader, Read};

use alyx_yaml::Node;

use super::{Error, Result, json::Sink};

/// A field's name as a key; words that YAML reads as something else are quoted.
pub(super) fn key(name: &str) -> String {
    let special = ["null", "true", "false", "y", "n", "yes", "no", "on", "off"];
    if special.contains(&name.to_lowercase().as_str()) { format!("\"{name}\"") } else { name.to_owned() }
}

/// Reads a mapping of collections to lists of documents and gives each document to the sink.
pub(super) fn read(reader: impl Read, sink: &mut Sink<'_>) -> Result<()> {
    let mut cutter = Cutter { sink, collection: None, indent: None, piece: String::new(), start: 1 };
    for (number, line) in BufReader::new(reader).lines().enumerate() {
        let line = line?;
        let line = line.strip_prefix('\u{feff}').filter(|_| number == 0).unwrap_or(&line);
        if !cutter.line(line, number + 1)? {
            return Ok(());
        }
    }
    cutter.flush().map(drop)
}

/// Collects the lines of one piece: the first line of a collection, or a list item.
struct Cutter<'a, 's> {
    sink: &'a mut Sink<'s>,
    collection: Option<String>,
    /// How far items are indented in this collection.
    indent: Option<usize>,
    piece: String,
    /// The line that the piece begins on.
    start: usize,
}

impl Cutter<'_, '_> {
    fn line(&mut self, line: &str, number: usize) -> Result<bool> {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        let is_item = text == "-" || text.starts_with("- ");
        let starts_item = is_item && self.indent.is_none_or(|known| known == indent) && self.collection.is_some();
        let starts_collection = indent == 0 && !text.is_empty() && !is_item && !text.starts_with('#');
        if text.starts_with("---") && indent == 0 && self.collection.is_none() {
            return Ok(true);
        }
        if starts_item || starts_collection {
            if !self.flush()? {
                return Ok(false);
            }
            self.start = number;
        }
        if starts_item {
            self.indent = Some(indent);
        }
        if starts_collection {
            (self.collection, self.indent) = (None, None);
        }
        self.piece.push_str(line);
        self.piece.push('\n');
        if starts_collection {
            return self.head();
        }
        Ok(true)
    }

    /// Remembers the collection that a line like `posts:` begins.
    fn head(&mut self) -> Result<bool> {
        // More lines may belong to a list in flow style, so the line is only taken where it is complete.
        let Ok(root) = alyx_yaml::parse("seed.yaml", &self.piece) else { return Ok(true) };
        if let Some([entry]) = root.as_mapping()
            && entry.value.is_null()
        {
            self.collection = Some(entry.key.clone());
            self.piece.clear();
        }
        Ok(true)
    }

    /// Gives the documents of the piece to the sink.
    fn flush(&mut self) -> Result<bool> {
        let piece = std::mem::take(&mut self.piece);
        if piece.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(true);
        }
        let root = alyx_yaml::parse("seed.yaml", &piece).map_err(|faults| self.syntax(&faults))?;
        match &self.collection {
            Some(name) => give(self.sink, name, &root).ok_or_else(|| self.wrong("a list of documents belongs here")),
            None => {
                for entry in root.as_mapping().unwrap_or_default() {
                    let given =
                        if entry.value.is_null() { Some(true) } else { give(self.sink, &entry.key, &entry.value) };
                    if !given.ok_or_else(|| self.wrong(&format!("{} must be a list of documents", entry.key)))? {
                        return Ok(false);
                    }
                }
                match root.as_mapping() {
                    Some(_) => Ok(true),
                    None => Err(self.wrong("a seed is a mapping of collections to lists of documents")),
                }
            }
        }
    }

    fn wrong(&self, message: &str) -> Error {
        Error::Syntax(format!("line {}: {message}", self.start))
    }

    fn syntax(&self, faults: &[alyx_yaml::Diagnostic]) -> Error {
        let said = faults.iter().map(|fault| {
            let line = self.start + fault.span.line - 1;
            format!("line {line}, column {}: {}", fault.span.column, fault.message)
        });
        Error::Syntax(said.collect::<Vec<_>>().join("\n"))
    }
}

/// Gives each item of a list to the sink; none where it is no list.
fn give(sink: &mut Sink<'_>, collection: &str, list: &Node) -> Option<bool> {
    Some(list.as_sequence()?.iter().all(|item| sink(collection, item.to_json())))
}
