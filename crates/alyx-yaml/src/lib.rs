//! YAML with positions.
//!
//! [`parse`] turns a text into a tree of [`Node`]s that know their line and column, and refuses what
//! quiet parsers let pass: a key given twice, several documents, nesting without end, aliases that
//! multiply. [`Diagnostic`] is how every crate reports a fault in a file that a person wrote.
//! Nothing here knows what the file means, and nothing here reads files.
//!
//! ```
//! let root = alyx_yaml::parse("alyx.yaml", "server:\n  port: 8090\n").unwrap();
//! let port = root.get("server").and_then(|server| server.get("port")).unwrap();
//! assert_eq!((port.as_i64(), port.span.line, port.span.column), (Some(8090), 2, 9));
//! ```

mod diagnostic;
mod node;
mod parser;
mod suggestion;

pub use diagnostic::{Diagnostic, Severity, Span};
pub use node::{Entry, Kind, Node, ScalarStyle};
pub use parser::parse;
pub use suggestion::{did_you_mean, nearest};
