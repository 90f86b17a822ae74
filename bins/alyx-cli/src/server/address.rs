//! Which server is meant.

use std::{net::IpAddr, path::Path};

use alyx_project::{Flags, Settings};
use anyhow::{Context, bail};
use reqwest::Url;

/// The address of a server.
#[derive(Debug)]
pub(crate) struct Server {
    /// With the path that it is served under, and a slash at the end.
    base: Url,
}

impl Server {
    /// The one that was named, else where the project's own listens.
    pub(crate) fn choose(named: Option<&str>, project: &Path) -> anyhow::Result<Self> {
        match named {
            Some(url) => Self::parse(url),
            None => {
                let server = Settings::load(project, &Flags::default())?.config.server;
                let scheme = if server.tls.cert.is_some() { "https" } else { "http" };
                Self::parse(&format!("{scheme}://{}:{}", dialled(server.host.as_str()), server.port))
            }
        }
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut base = Url::parse(text).with_context(|| format!("--url takes an address, not {text:?}"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            bail!("--url takes an address that begins with http:// or https://, not {text:?}");
        }
        if !base.username().is_empty() || base.password().is_some() {
            bail!("--url takes no name or password; sign in with --token");
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { base })
    }

    /// The address of a path below `/`.
    pub(crate) fn at(&self, path: &str) -> anyhow::Result<Url> {
        Ok(self.base.join(path)?)
    }

    /// Whether it is on this machine, where no proxy leads to.
    pub(crate) fn is_local(&self) -> bool {
        let host = self.base.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        address.map_or(host == "localhost", |address| address.is_loopback())
    }

    /// For people.
    pub(crate) fn shown(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }
}

/// What to dial for an address to listen on: one that stands for all stands for this machine.
fn dialled(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) if address.is_unspecified() => "127.0.0.1".to_owned(),
        Ok(IpAddr::V6(address)) if address.is_unspecified() => "[::1]".to_owned(),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_path_and_nothing_else() {
        let at = |text: &str| Server::parse(text).map(|server| server.at("api/x").unwrap().to_string()).ok();
        assert_eq!(at("http://127.0.0.1:8090").as_deref(), Some("http://127.0.0.1:8090/api/x"));
        assert_eq!(at("https://example.com/app").as_deref(), Some("https://example.com/app/api/x"));
        assert_eq!(at("https://example.com/?a=b#c").as_deref(), Some("https://example.com/api/x"));
        for wrong in ["", "127.0.0.1:8090", "ftp://example.com", "https://me:secret@example.com", "file:///etc/passwd"]
        {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_for_all_is_dialled_on_this_machine() {
        let dialled: Vec<_> = ["0.0.0.0", "::", "::1", "10.0.0.1", "box.local"].map(dialled).into();
        assert_eq!(dialled, ["127.0.0.1", "[::1]", "[::1]", "10.0.0.1", "box.local"]);
        let is_local = |text: &str| Server::parse(text).unwrap().is_local();
        assert!(is_local("http://localhost") && is_local("http://[::1]:1") && !is_local("https://example.com"));
    }
}
