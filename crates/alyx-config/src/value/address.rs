//! Addresses that are compared as they were written: issuers of tokens, and pages to come back to.

use std::fmt;

use serde_json::Value as Json;
use url::{Host, Url};

use super::{Value, Wrong};
use crate::Kind;

/// Whether a host is this machine by its name alone.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What is said to it stays secret on the way.
pub(crate) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Who signs tokens, letter for letter as they name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for Issuer {
    fn kind() -> Kind {
        Kind::Url
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let url = <Url as Value>::parse(text)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Wrong::because("end it before the ? or #"));
        }
        if !is_private(&url) {
            return Err(Wrong::because("http is only for this machine: use https"));
        }
        Ok(Self(text.to_owned()))
    }

    fn redacted(&self) -> Json {
        self.as_str().into()
    }
}

/// A page of an app that a sign-in may come back to, with what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect(Url);

/// Schemes that browsers give a meaning of their own, so that none of them can be an app's.
const TAKEN: [&str; 17] = [
    "about",
    "blob",
    "chrome",
    "content",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "jar",
    "javascript",
    "mailto",
    "resource",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

impl Redirect {
    /// The page.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl Value for Redirect {
    fn kind() -> Kind {
        Kind::Redirect
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let url = Url::parse(text).map_err(|_| Wrong::default())?;
        if matches!(url.scheme(), "http" | "https") {
            <Url as Value>::parse(text)?;
            if !is_private(&url) {
                return Err(Wrong::because("http is only for this machine: use https"));
            }
        }
        if TAKEN.contains(&url.scheme()) {
            return Err(Wrong::because("https, or a scheme of the app's own"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Wrong::because("leave out the user and the password"));
        }
        if url.query().is_some() || url.fragment().is_some() || text.contains('*') {
            return Err(Wrong::because("the page alone; whatever is below it and any query are allowed too"));
        }
        Ok(Self(url))
    }

    fn redacted(&self) -> Json {
        self.0.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::{Issuer, Redirect, Value};

    #[test]
    fn an_issuer_stays_as_it_was_written() {
        for text in [
            "https://accounts.example.com",
            "https://a.example/realms/one/",
            "http://127.0.0.1:8080",
            "http://localhost",
        ] {
            assert_eq!(Issuer::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "accounts.example.com",
            "http://a.example",
            "https://a.example?x",
            "https://a.example#x",
            "https://me@a.example",
        ] {
            assert!(Issuer::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_app_is_a_page_or_has_a_scheme_of_its_own() {
        for text in [
            "https://app.example.com",
            "https://app.example.com/signed-in",
            "http://localhost:5173",
            "http://[::1]/",
            "com.example.app:/signed-in",
            "example://signed-in/",
        ] {
            assert!(Redirect::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "/signed-in",
            "app.example.com",
            "http://app.example.com",
            "https://*.example.com",
            "https://a.example/*",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "blob:https://a.example/1",
            "ws://a.example",
            "https://a.example?x=1",
            "https://a.example/#/x",
            "https://me:secret@a.example",
            "example://me@host/",
        ] {
            assert!(Redirect::parse(text).is_err(), "{text}");
        }
    }
}
