//! One realtime connection, whatever its protocol: what it asks for, and its messages one by one. Nothing is parsed:
//! the harness shares the cores with the server.

mod events;
mod socket;

use anyhow::Result;
use bytes::Bytes;

pub(crate) use self::{events::Events, socket::Socket};

/// Posts that somebody follows, the newest first where the product knows an order.
pub(crate) enum Live {
    /// Whatever the caller may read.
    All,
    Published,
    Author(String),
    /// Those of an author that were viewed so often.
    Viewed(String, usize),
}

/// A connection with one subscription.
pub(crate) enum Subscriber {
    Socket(Socket),
    Events(Events),
}

impl Subscriber {
    /// The next message of the server. A connection that ends is an error.
    pub(crate) async fn next(&mut self) -> Result<Bytes> {
        match self {
            Self::Socket(socket) => socket.next().await,
            Self::Events(events) => events.next().await,
        }
    }
}
