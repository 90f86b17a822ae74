//! Where to look and what to type, printed once the server answers.

use alyx_config::Secret;
use alyx_schema::Schema;
use serde_json::json;

use super::labelled;
use crate::output::Session;

/// What is printed once the server answers.
pub(super) struct Welcome<'a> {
    /// Where it listens.
    pub(super) url: &'a str,
    /// The administrator's token.
    pub(super) token: &'a Secret,
    /// What it serves.
    pub(super) schema: &'a Schema,
    /// Whether there are API docs.
    pub(super) docs: bool,
    /// Whether there are pages for administrators.
    pub(super) admin_pages: bool,
}

impl Welcome<'_> {
    /// Prints it for a person, or as JSON for a script.
    pub(super) fn print(&self, session: &Session) {
        let docs = self.docs.then(|| format!("{}/api/docs", self.url));
        let (admin, first, live) = (self.admin_curl(), self.first_curl(), self.live_curl());
        if session.json {
            let token = self.token.expose();
            let answer = json!({
                "url": self.url, "docs": docs, "admin": self.sign_in(), "admin_token": token, "curl": first, "live": live,
            });
            session.answer(&answer, "");
            return;
        }
        let line = |label: &str, text: &str| labelled(session, label, text);
        session.say("");
        line("URL", self.url);
        if let Some(docs) = &docs {
            line("API docs", docs);
        }
        if let Some(sign_in) = self.sign_in() {
            line("Admin", &sign_in);
        }
        line("As admin", &admin);
        line("Try", &first);
        if let Some(live) = &live {
            line("Live", live);
        }
        session.say("");
        session.say(&session.style.dim("Ctrl+C stops the server."));
    }

    /// Opens the administrators' page, signed in: what is behind `#` never leaves the browser.
    fn sign_in(&self) -> Option<String> {
        self.admin_pages.then(|| format!("{}/_admin#token={}", self.url, self.token.expose()))
    }

    /// Asks as the administrator.
    fn admin_curl(&self) -> String {
        let closed = self.schema.collections.values().find(|collection| !is_open(collection.rules.read.as_ref()));
        let collection = closed.or_else(|| self.schema.collections.values().next());
        let header = format!("-H \"Authorization: Bearer {}\"", self.token.expose());
        match collection {
            Some(collection) => format!("curl {header} {}", self.list_of(collection.name.as_str())),
            None => format!("curl {header} {}/health/stats", self.url),
        }
    }

    /// Works as it stands: a collection that everyone may read, else the administrator's.
    fn first_curl(&self) -> String {
        let open = self.schema.collections.values().find(|collection| is_open(collection.rules.read.as_ref()));
        open.map_or_else(|| self.admin_curl(), |collection| format!("curl {}", self.list_of(collection.name.as_str())))
    }

    /// Shows changes of the same as they happen.
    fn live_curl(&self) -> Option<String> {
        let all = self.schema.collections.values();
        let open = all.clone().find(|collection| is_open(collection.rules.read.as_ref()));
        let (collection, header) = match (open, all.clone().next()) {
            (Some(open), _) => (open, String::new()),
            (None, first) => (first?, format!("-H \"Authorization: Bearer {}\" ", self.token.expose())),
        };
        Some(format!("curl -N {header}'{}/api/realtime/sse?collection={}&limit=2'", self.url, collection.name))
    }

    fn list_of(&self, collection: &str) -> String {
        format!("'{}/api/collections/{collection}?limit=2'", self.url)
    }
}

/// Whether everyone passes, as the server judges it.
fn is_open(rule: Option<&alyx_schema::Rule>) -> bool {
    rule.is_some_and(|rule| rule.text == "true")
}
