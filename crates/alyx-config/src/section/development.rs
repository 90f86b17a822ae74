//! `dev`: what `alyx-cli dev` does besides serving.

use std::time::Duration;

use crate::table::section;

section! {
    /// The development server. Variables: `ALYX_DEV_` and the key in capitals.
    Dev {
        /// Whether changes of the project's files are applied while it runs.
        watch: bool = "true",
        /// Whether files are compared now and then instead of waiting for the system to tell; needed on network and container mounts.
        poll: bool = "false",
        /// How long the files must be quiet before a change is applied.
        debounce: Duration = "100ms",
        /// Whether a new database is filled from the project's seed file.
        seed: bool = "true",
    }
}
