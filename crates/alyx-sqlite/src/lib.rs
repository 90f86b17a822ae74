//! A function of our own inside SQLite: rows are asked in Rust while SQLite looks for them.
//!
//! SQLite calls `alyx_scan(TEST, value, …)` for each row; `TEST` is the number of a [`RowTest`] that
//! was [kept](keep) for the statement. This is the one crate that calls C, and it does nothing else:
//! what a test means is the business of others.
//!
//! ```
//! use std::sync::Arc;
//!
//! use alyx_sqlite::{FUNCTION, RowTest, SqlValue, install, keep};
//! use sqlx::{Connection, SqliteConnection};
//!
//! struct IsLong;
//!
//! impl RowTest for IsLong {
//!     fn test(&self, values: &[SqlValue<'_>]) -> Option<bool> {
//!         match values {
//!             [SqlValue::Text(text)] => Some(text.len() > 3),
//!             _ => None,
//!         }
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
//! install(&mut connection).await?;
//! let test = keep(Arc::new(IsLong));
//! assert_eq!(FUNCTION, "alyx_scan");
//! let long: i64 = sqlx::query_scalar("SELECT alyx_scan(?, 'four')").bind(test.number()).fetch_one(&mut connection).await?;
//! assert_eq!(long, 1);
//! # Ok(())
//! # }
//! ```

mod function;
mod kept;
mod value;

pub use function::{FUNCTION, InstallError, install};
pub use kept::{Kept, RowTest, keep};
pub use value::SqlValue;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
