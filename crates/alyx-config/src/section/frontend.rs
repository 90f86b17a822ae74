//! `frontend`: a web app of the project's own, served beside the API.

use std::path::PathBuf;

use url::Url;

use crate::table::section;

section! {
    /// The project's own web app. Variables: `ALYX_FRONTEND_` and the key in capitals.
    Frontend {
        /// Whether it is served.
        enabled: bool = "false",
        /// Path of the URL under which it is served.
        root: String = "/",
        /// Folder of the finished app.
        dist: PathBuf = "frontend/dist",
        /// Folder of its source, if Alyx is to build it where `dist` does not exist.
        source: Option<PathBuf>,
        /// Command that builds it, run in `source`.
        build_command: Option<String>,
        /// Where the build puts the app, from `source`.
        output: PathBuf = "dist",
        /// While developing: the address of the app's own development server.
        dev_proxy: Option<Url>,
    }
}
