//! `mail`: the server that sends mail for us.

use crate::{
    Secret,
    table::section,
    value::{Host, choice},
};

section! {
    /// Outgoing mail. Variables: `ALYX_MAIL_` and the key in capitals.
    Mail {
        /// The SMTP server. Unset: mail is not sent.
        host: Option<Host>,
        /// Its port.
        port: u16 = "587",
        /// How the connection is encrypted.
        encryption: Encryption = "starttls",
        /// User name at the server.
        user: Option<String>,
        /// Password at the server.
        password: Option<Secret>,
        /// The sender, such as `Blog <noreply@example.com>`.
        from: Option<String>,
    }
}

choice! {
    /// How a connection to the mail server is encrypted.
    Encryption {
        /// Starts in the clear and must switch (port 587).
        Starttls = "starttls",
        /// From the first byte (port 465).
        Tls = "tls",
        /// Never: for a server on the same machine.
        None = "none",
    }
}
