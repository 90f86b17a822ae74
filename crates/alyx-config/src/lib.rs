//! The settings of an Alyx project: `alyx.yaml`, `ALYX_*` variables and flags, checked and resolved.
//!
//! One table (`section!` in `table.rs`) says of each setting its path, kind, default and meaning; reading, variables,
//! suggestions, the JSON Schema, the reference and the commented default file all come from it.
//! Sources are text: only [`load`] reads a file or the environment. Whatever is wrong is reported at
//! once and nothing wrong is passed over; what a setting does is the business of the crates above.
//!
//! ```
//! use alyx_config::{Config, SourceFile, Sources};
//!
//! let file = SourceFile { name: "alyx.yaml", text: "server:\n  prot: 80\n" };
//! let faults = Config::resolve(&Sources { file: Some(file), ..Sources::default() }).unwrap_err();
//! assert_eq!(
//!     faults[0].to_string(),
//!     "alyx.yaml:2:3: there is no setting server.prot [config_unknown_setting] (hint: did you mean \"port\"?)"
//! );
//! assert_eq!(Config::default().server.port, 8090);
//! ```

mod check;
mod config;
mod kind;
mod load;
mod raw;
mod reference;
mod schema;
mod secret;
pub mod section;
mod table;
mod template;
pub mod value;

pub use config::{Config, Flag, SourceFile, Sources};
pub use kind::Kind;
pub use load::{FILE_NAME, LoadError, load};
pub use raw::substitute;
pub use reference::reference_markdown;
pub use schema::json_schema;
pub use secret::{Secret, WeakSecret, check_secret};
pub use table::{Item, Section, Setting, table};
pub use template::default_yaml;
