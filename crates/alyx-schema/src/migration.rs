//! Migration files: `migrations/NNN_name.yaml`, typed, and what they do to a [`Schema`](crate::Schema).
//!
//! Nothing here touches a database; `alyx-store` carries the operations out.

mod file;
mod operation;
mod reader;
mod suggest;
mod transform;

pub use file::{MigrationFile, parse_migration, parse_migrations};
pub use operation::{Conversion, Fill, Operation, Step};
pub use suggest::{next_version, render, render_empty, suggest};
pub use transform::Outcome;
