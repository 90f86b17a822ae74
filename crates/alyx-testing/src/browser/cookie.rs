//! Cookies as a browser of today keeps and sends them (RFC 6265bis): host and path, `Secure`, `SameSite`, prefixes.
//! Time does not pass here: `Max-Age=0` deletes, `Expires` is not looked at.

use url::{Host, Url};

/// A cookie that the browser has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The host that set it, or the domain that it named.
    pub domain: String,
    /// Whether it named no domain, and so is for the one host.
    pub is_host_only: bool,
    /// The path at and below which it is sent.
    pub path: String,
    /// Whether it is sent over https (or to this machine) only.
    pub is_secure: bool,
    /// Whether scripts cannot read it.
    pub is_http_only: bool,
    /// `Strict`, `Lax` or `None`, as sent; nothing counts as `Lax`.
    pub same_site: Option<String>,
    /// How long it is kept, in seconds; without, until the browser is closed.
    pub max_age: Option<i64>,
}

/// A request to which cookies may go along.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) url: &'a Url,
    pub(super) method: &'a str,
    /// Whether another site is behind it.
    pub(super) is_cross_site: bool,
}

/// All cookies of a browser.
#[derive(Debug, Default)]
pub(super) struct Jar {
    pub(super) cookies: Vec<Cookie>,
}

impl Jar {
    /// Takes a `Set-Cookie` header, or passes it over as a browser does with a cookie that is not allowed.
    pub(super) fn take(&mut self, url: &Url, header: &str) {
        let Some(cookie) = Cookie::parse(url, header).filter(|cookie| cookie.is_allowed_from(url)) else { return };
        self.cookies.retain(|kept| !kept.is_replaced_by(&cookie));
        if cookie.max_age.is_none_or(|seconds| seconds > 0) {
            self.cookies.push(cookie);
        }
    }

    /// The `Cookie` header for a request; nothing where no cookie goes along.
    pub(super) fn header(&self, visit: &Visit<'_>) -> Option<String> {
        let sent = self.cookies.iter().filter(|cookie| cookie.goes_along(visit));
        let pairs: Vec<String> = sent.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    fn parse(url: &Url, header: &str) -> Option<Self> {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let mut cookie = Self {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
            domain: url.host_str()?.to_owned(),
            is_host_only: true,
            path: folder(url.path()).to_owned(),
            is_secure: false,
            is_http_only: false,
            same_site: None,
            max_age: None,
        };
        for attribute in parts {
            cookie.set(attribute);
        }
        Some(cookie)
    }

    fn set(&mut self, attribute: &str) {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "domain" => {
                self.domain = value.trim().trim_start_matches('.').to_ascii_lowercase();
                self.is_host_only = false;
            }
            "path" if value.starts_with('/') => self.path = value.trim().to_owned(),
            "secure" => self.is_secure = true,
            "httponly" => self.is_http_only = true,
            "samesite" => self.same_site = Some(value.trim().to_owned()),
            "max-age" => self.max_age = value.trim().parse().ok(),
            _ => {}
        }
    }

    /// Whether a browser takes it from this page.
    fn is_allowed_from(&self, url: &Url) -> bool {
        let has_prefix = |prefix: &str| self.name.to_ascii_lowercase().starts_with(prefix);
        let is_well_scoped = self.is_host_only || (self.domain.contains('.') && self.covers_host(url));
        let is_secure_enough = !self.is_secure || is_trustworthy(url);
        let may_cross_sites = self.is_secure || !self.has_same_site("none");
        let is_of_host = self.is_secure && self.is_host_only && self.path == "/";
        is_well_scoped
            && is_secure_enough
            && may_cross_sites
            && (!has_prefix("__host-") || is_of_host)
            && (!has_prefix("__secure-") || self.is_secure)
    }

    fn is_replaced_by(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    fn goes_along(&self, visit: &Visit<'_>) -> bool {
        let passes_site = !visit.is_cross_site
            || self.has_same_site("none")
            || (!self.has_same_site("strict") && matches!(visit.method, "GET" | "HEAD"));
        let is_secure_enough = !self.is_secure || is_trustworthy(visit.url);
        passes_site && is_secure_enough && self.covers_host(visit.url) && self.covers_path(visit.url.path())
    }

    fn has_same_site(&self, value: &str) -> bool {
        self.same_site.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(value))
    }

    fn covers_host(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_below = host.strip_suffix(&self.domain).is_some_and(|rest| rest.ends_with('.'));
        host == self.domain || (!self.is_host_only && is_below && matches!(url.host(), Some(Host::Domain(_))))
    }

    fn covers_path(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&self.path);
        rest.is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'))
    }
}

/// The site of an address: scheme and registrable domain, taken to be the last two labels. Ports do not count.
pub(super) fn site(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let labels: Vec<&str> = host.rsplitn(3, '.').take(2).collect();
    let domain = match url.host() {
        Some(Host::Domain(_)) => labels.into_iter().rev().collect::<Vec<_>>().join("."),
        _ => host.to_owned(),
    };
    format!("{}://{domain}", url.scheme())
}

/// Whether an address belongs to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether what is said to an address stays secret on the way.
fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

/// The path up to its last slash: where a cookie without a path belongs.
fn folder(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(end) => &path[..end],
    }
}
