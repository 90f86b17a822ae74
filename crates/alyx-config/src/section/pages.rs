//! `docs` and `admin_ui`: the pages that the server shows itself.

use crate::table::section;

section! {
    /// The API's documentation. Variables: `ALYX_DOCS_` and the key in capitals.
    Docs {
        /// Whether `/api/docs` and `/api/openapi.json` are served.
        enabled: bool = "true",
    }
}

section! {
    /// The administrators' pages. Variables: `ALYX_ADMIN_UI_` and the key in capitals.
    AdminUi {
        /// Whether `/_admin` is served.
        enabled: bool = "true",
    }
}
