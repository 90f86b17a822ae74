//! `server`: where it listens, what it accepts and how long it waits.

use std::{path::PathBuf, time::Duration};

use url::Url;

use crate::{
    table::section,
    value::{ByteSize, Cidr, Host, Limit, Origin},
};

section! {
    /// Where the server listens and what it accepts. Variables: `ALYX_SERVER_` and the key in capitals.
    Server {
        /// Host name or IP address to listen on; `0.0.0.0` is every IPv4 address of the machine.
        host: Host = "127.0.0.1",
        /// Port to listen on; 0 lets the system choose a free one.
        port: u16 = "8090",
        /// The address that clients use, for links in mail and for sign-in by other providers. Unset: made from host and port.
        public_url: Option<Url>,
        /// Proxies whose `X-Forwarded-For` header is believed; without one, a client's address is that of its connection.
        trusted_proxies: Vec<Cidr> = "",
        /// Largest body of a request.
        body_limit: Limit<ByteSize> = "8MiB",
        /// Whether answers are compressed for clients that ask for it.
        compression: bool = "true",
        /// Which web pages of other origins may call the API.
        cors: Cors,
        /// How long the server waits.
        timeouts: Timeouts,
        /// Certificate and key for https. Unset: http.
        tls: Tls,
    }
}

section! {
    /// Cross-origin calls. Variables: `ALYX_SERVER_CORS_` and the key in capitals.
    Cors {
        /// Origins that may call; `*` is any, which is safe as tokens travel in a header, never in a cookie.
        origins: Vec<Origin> = "*",
        /// Whether browsers may send cookies along. Refused together with `*`.
        credentials: bool = "false",
        /// How long browsers may remember the answer to a preflight request.
        max_age: Duration = "1h",
    }
}

section! {
    /// How long the server waits. Variables: `ALYX_SERVER_TIMEOUTS_` and the key in capitals.
    Timeouts {
        /// Longest time for one request, from its headers to the answer.
        request: Limit<Duration> = "30s",
        /// Longest time for a client to send the headers of a request.
        header: Limit<Duration> = "10s",
        /// How long an idle connection is kept.
        keep_alive: Limit<Duration> = "75s",
        /// How long a stopping server waits for the requests that it accepted.
        shutdown: Duration = "30s",
    }
}

section! {
    /// Files for https. Variables: `ALYX_SERVER_TLS_` and the key in capitals.
    Tls {
        /// Certificate chain in PEM, the server's own certificate first.
        cert: Option<PathBuf>,
        /// Private key in PEM.
        key: Option<PathBuf>,
    }
}
