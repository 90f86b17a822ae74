//! Migration files: `migrations/NNN_name.yaml`, typed, and what they do to a [`Schema`](crate::Schema).
//!
//! Nothing here touches a database; `alyx-store` carries the operations out.

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

pub use file::{MigrationFile, parse_migration, parse_migrations};
pub use operation::{Conversion, Fill, Operation, Step};
pub use natural::conversion as natural_conversion;
pub use render::{file_name, next_version, render, render_empty};
pub use suggest::{Suggestion, suggest};
pub use transform::Outcome;
pub use value::accept;
