//! `realtime`: subscriptions and the change feed behind them.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    table::section,
    value::{ByteSize, Limit},
};

section! {
    /// Subscriptions and the change feed. Variables: `ALYX_REALTIME_` and the key in capitals.
    Realtime {
        /// How often writes of other processes are looked for; the server's own are noticed at once.
        poll_interval: Duration = "50ms",
        /// How long changes are kept, so that a client can resume without loss.
        retention: Limit<Duration> = "7d",
        /// How many changes are kept at most, whatever their age.
        retention_rows: Limit<NonZeroU32> = "1000000",
        /// Connections at the same time.
        max_connections: Limit<u32> = "10000",
        /// Subscriptions of one connection.
        max_subscriptions: Limit<u32> = "100",
        /// Channels that one connection has joined.
        max_channels: Limit<u32> = "100",
        /// Largest message from a client.
        message_limit: Limit<ByteSize> = "512KiB",
        /// Time between two pings. A client from which nothing was heard for two and a half, or that takes no message for so long, is gone.
        ping_interval: Duration = "25s",
        /// Messages that may wait for a slow client before it is told to start afresh.
        queue: NonZeroU32 = "256",
    }
}
