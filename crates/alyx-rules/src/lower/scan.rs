//! What SQL cannot say: tested in Rust on the values that it looks at.

use std::{fmt::Write, sync::Arc};

use alyx_query::{Operand, Predicate, Scan, ScanTest, Truth};
use alyx_schema::Value as Stored;

use super::{Lowering, group::negated_if};
use crate::{
    evaluate::{Documents, Evaluation},
    tree::{FieldPath, Kind, Node, print},
};

/// An expression and the fields that it looks at, in the order of the operands.
struct Test {
    node: Node,
    paths: Vec<FieldPath>,
    key: String,
}

impl ScanTest for Test {
    fn evaluate(&self, values: &[Option<Stored>]) -> Truth {
        Evaluation::new(None, Documents::Values(&self.paths, values)).truth(&self.node)
    }

    fn key(&self) -> &str {
        &self.key
    }
}

impl Lowering<'_> {
    pub(super) fn scan(&mut self, node: &Node, negate: bool) -> Predicate {
        let mut paths: Vec<FieldPath> = Vec::new();
        node.walk(&mut |part| {
            if let Kind::Field(path) = &part.kind
                && !paths.contains(path)
            {
                paths.push((**path).clone());
            }
        });
        if paths.is_empty() {
            // Nothing is left to be asked for: it has a value, or none.
            let truth = Evaluation::new(None, Documents::Nothing).truth(node);
            return Predicate::Constant(if negate { !truth } else { truth });
        }
        self.scanned(node, &paths, 0, negate)
    }

    /// Enters the relations without which a path has no start in reach, one after the other.
    fn scanned(&mut self, node: &Node, paths: &[FieldPath], checked: usize, negate: bool) -> Predicate {
        match paths.get(checked) {
            None => negated_if(negate, self.test(node, paths)),
            Some(path) if self.start(path).is_some() => self.scanned(node, paths, checked + 1, negate),
            Some(path) => {
                let first = &path.hops[..path.hops.len().min(1)];
                if first.is_empty() {
                    return Predicate::Constant(Truth::Unknown);
                }
                self.within(path.depth, first, |this| this.scanned(node, paths, checked + 1, negate))
            }
        }
    }

    fn test(&self, node: &Node, paths: &[FieldPath]) -> Predicate {
        let operands = paths.iter().filter_map(|path| self.operand(path)).collect();
        let test = Test { node: node.clone(), paths: paths.to_vec(), key: key(node, paths) };
        Predicate::Scan(Scan { test: Arc::new(test), operands })
    }

    fn operand(&self, path: &FieldPath) -> Option<Operand> {
        let (level, entered) = self.start(path)?;
        Some(Operand { level, hops: path.hops[entered..].to_vec(), field: path.field.clone() })
    }

    /// The document in reach that is nearest to a path's end, and how many of its hops lead there.
    fn start(&self, path: &FieldPath) -> Option<(usize, usize)> {
        let prefixes = (0..=path.hops.len()).rev();
        prefixes.into_iter().find_map(|count| Some((self.level(path.depth, &path.hops[..count])?, count)))
    }
}

/// The text, and what the values are taken for: the same text about other fields is another test.
fn key(node: &Node, paths: &[FieldPath]) -> String {
    let mut key = print(node);
    for path in paths {
        // Writing to a String cannot fail.
        let _ = write!(key, " {:?}", path.shape);
    }
    key
}
