//! Links in mail: built from the settings, never from what a request says of its host (row 14 of the attacks).

use std::time::Duration;

use alyx_config::{Config, section::Links as Settings};
use url::Url;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkTo {
    VerifyEmail,
    ResetPassword,
    ChangeEmail,
}

/// Where links lead.
pub(crate) struct Links {
    base: String,
    site: String,
    settings: Settings,
}

impl Links {
    /// `address` is where the server answers, for projects that do not say where clients find it.
    pub(crate) fn new(config: &Config, address: Option<&str>) -> Self {
        let server = &config.server;
        let listening = || {
            let host = match server.host.as_str() {
                "0.0.0.0" | "::" => "localhost",
                host => host,
            };
            let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
            format!("http://{host}:{}", server.port)
        };
        let base = server.public_url.as_ref().map(Url::to_string).or_else(|| address.map(str::to_owned));
        let base = base.unwrap_or_else(listening).trim_end_matches('/').to_owned();
        let site = base.split_once("://").map_or(base.as_str(), |(_, rest)| rest).to_owned();
        Self { base, site, settings: config.auth.links.clone() }
    }

    /// The address that clients use.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Whether clients use https.
    pub(crate) fn is_https(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// The same for people to read.
    pub(crate) fn site(&self) -> &str {
        &self.site
    }

    /// The link with a token. In a page of our own the token is in the fragment, which no server's log sees.
    pub(crate) fn with_token(&self, to: LinkTo, token: &str) -> String {
        let (own, page) = match to {
            LinkTo::VerifyEmail => (&self.settings.verify_email, "verify-email"),
            LinkTo::ResetPassword => (&self.settings.reset_password, "reset-password"),
            LinkTo::ChangeEmail => (&self.settings.change_email, "change-email"),
        };
        match own {
            Some(own) => own.replace("{token}", token),
            None => self.page(page, token),
        }
    }

    /// A page of the server's own.
    pub(crate) fn page(&self, page: &str, token: &str) -> String {
        format!("{}/_auth/{page}#token={token}", self.base)
    }
}

/// A duration as people say it: `1 hour`, `45 minutes`.
pub(crate) fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        86_400.. if seconds.is_multiple_of(86_400) => (seconds / 86_400, "day"),
        3600.. if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        120.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use alyx_config::{SourceFile, Sources};

    use super::*;

    fn links(text: &str, address: Option<&str>) -> Links {
        let file = Some(SourceFile { name: "alyx.yaml", text });
        Links::new(&Config::resolve(&Sources { file, ..Sources::default() }).unwrap(), address)
    }

    #[track_caller]
    fn check(text: &str, address: Option<&str>, expected: &str) {
        assert_eq!(links(text, address).with_token(LinkTo::ResetPassword, "abc"), expected);
    }

    #[test]
    fn ac14_links_come_from_the_settings_alone() {
        check("{}", None, "http://127.0.0.1:8090/_auth/reset-password#token=abc");
        check("server: {host: \"::1\"}", None, "http://[::1]:8090/_auth/reset-password#token=abc");
        check("server: {host: 0.0.0.0, port: 80}", None, "http://localhost:80/_auth/reset-password#token=abc");
        check("{}", Some("http://127.0.0.1:4711"), "http://127.0.0.1:4711/_auth/reset-password#token=abc");
        let public = "server: {public_url: \"https://api.example.com/alyx/\"}";
        check(public, Some("http://127.0.0.1:1"), "https://api.example.com/alyx/_auth/reset-password#token=abc");
        let own = "auth: {links: {reset_password: \"https://app.example.com/r?t={token}&x\"}}";
        check(own, None, "https://app.example.com/r?t=abc&x");
        assert_eq!(links(public, None).site(), "api.example.com/alyx");
    }

    #[test]
    fn durations_are_said_as_people_say_them() {
        let said: Vec<String> = [30, 60, 120, 2700, 3600, 7200, 86_400, 172_800]
            .map(|seconds| in_words(Duration::from_secs(seconds)))
            .into();
        assert_eq!(said.join(", "), "30 seconds, 60 seconds, 2 minutes, 45 minutes, 1 hour, 2 hours, 1 day, 2 days");
    }
}
