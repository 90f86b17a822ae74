//! `logging`: what is written about and how.

use crate::{table::section, value::choice};

section! {
    /// Logs. Variables: `ALYX_LOGGING_` and the key in capitals.
    Logging {
        /// How much is written.
        level: LogLevel = "info",
        /// How a line looks: for people or for machines.
        format: LogFormat = "console",
        /// Whether each request gets a line.
        access: bool = "true",
    }
}

choice! {
    /// How much is written.
    LogLevel {
        /// What failed.
        Error = "error",
        /// And what looks wrong.
        Warn = "warn",
        /// And what happens.
        Info = "info",
        /// And what helps to find a fault.
        Debug = "debug",
        /// And everything else.
        Trace = "trace",
    }
}

choice! {
    /// How a line looks.
    LogFormat {
        /// For people.
        Console = "console",
        /// One JSON object a line.
        Json = "json",
    }
}
