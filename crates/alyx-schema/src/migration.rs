//! Migration files: `migrations/NNN_name.yaml`, typed, and what they do to a [`Schema`](crate::Schema).
//!
//! Nothing here touches a database; `alyx-store` carries the operations out.

mod additions;
mod definition;
mod file;
mod natural;
mod operation;
mod placeholder;
mod reader;
mod render;
mod suggest;
mod transform;
mod value;

pub use additions::with_additions;
pub use file::{MigrationFile, parse_migration, parse_migrations};
pub use natural::conversion;
pub use operation::{Conversion, Fill, Operation, Step};
pub use render::{file_name, next_version, render, render_empty};
pub use suggest::{Suggestion, suggest};
pub use transform::Outcome;
pub use value::accept;
