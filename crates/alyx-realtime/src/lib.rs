//! Live queries: what a query shows, and every change of it, one delta a commit.
//!
//! All who ask the same question with the same rights share one live query: a change is matched, read and encoded
//! once. It leaves out sockets, and who may see what: that comes in as an [`alyx_query::Visible`].

mod changed;
pub mod channels;
mod cursor;
mod delta;
mod error;
mod follow;
mod hub;
mod index;
mod key;
mod listener;
mod live;
mod lookout;
mod mailbox;
mod moment;
mod office;
mod pass;
mod queries;
mod rank;
mod resume;
mod state;

pub use error::{Error, Result};
pub use hub::{Hub, Start, Started};
pub use live::Question;
pub use lookout::Lookout;
pub use mailbox::{Deltas, Losses, Lost, Mailbox, Outgoing};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
