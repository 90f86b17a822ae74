//! For whom and for what request a rule is decided.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// Who asks and what is asked for.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Who asks; nothing for an anonymous caller.
    pub auth: Option<&'a Identity>,
    /// What is asked for.
    pub request: &'a dyn Request,
}

/// Somebody who is signed in: what rules see as `auth`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// The account's id.
    pub id: String,
    /// Its e-mail address.
    pub email: String,
    /// Its role.
    pub role: String,
    /// Whether the address is verified.
    pub verified: bool,
    /// What else administrators keep about it.
    pub metadata: Map<String, Json>,
}

/// A request: what rules see as `request`. Only what a rule looks at is asked for.
pub trait Request {
    /// The method, in upper case.
    fn method(&self) -> &str;

    /// The address of the client.
    fn ip(&self) -> String;

    /// When it came.
    fn time(&self) -> Timestamp;

    /// The JSON object of its body; nothing where there is none.
    fn body(&self) -> Option<&Map<String, Json>>;

    /// Its headers, names in lower case; values of one that stands twice are joined by commas.
    fn headers(&self) -> Vec<(String, String)>;

    /// The parameters of its query; of one that stands twice the first counts.
    fn query(&self) -> Vec<(String, String)>;
}

/// A request whose parts are all at hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlainRequest {
    /// The method, in upper case.
    pub method: String,
    /// The address of the client.
    pub ip: String,
    /// When it came.
    pub time: Timestamp,
    /// The JSON object of its body.
    pub body: Option<Map<String, Json>>,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The parameters of its query.
    pub query: Vec<(String, String)>,
}

impl Request for PlainRequest {
    fn method(&self) -> &str {
        &self.method
    }

    fn ip(&self) -> String {
        self.ip.clone()
    }

    fn time(&self) -> Timestamp {
        self.time
    }

    fn body(&self) -> Option<&Map<String, Json>> {
        self.body.as_ref()
    }

    fn headers(&self) -> Vec<(String, String)> {
        self.headers.clone()
    }

    fn query(&self) -> Vec<(String, String)> {
        self.query.clone()
    }
}
