//! A connection over which a client hears of its queries: a WebSocket, or server-sent events. Reading never waits, so
//! one thread serves all clients, and a client that is not asked to read is one that is stalled.

mod events;
mod socket;

use std::{io, net::TcpStream, time::Duration};

use alyx_testing::Value;

pub(crate) use self::{events::Events, socket::Socket};

const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The server says no.
    Status(u16),
    /// Nobody is there, or it broke.
    Gone,
}

/// What a look at a connection finds.
pub(crate) enum Heard {
    Message(Value),
    Nothing,
    Closed,
}

/// Either kind of connection.
pub(crate) enum Link {
    Socket(Box<Socket>),
    Events(Events),
}

impl Link {
    pub(crate) fn hear(&mut self) -> Heard {
        match self {
            Self::Socket(socket) => socket.hear(),
            Self::Events(events) => events.hear(),
        }
    }
}

/// A stream that waits while it is set up.
fn stream(address: std::net::SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}
