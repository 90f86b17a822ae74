//! A tiny browser for one person: it follows redirects across origins, keeps cookies as browsers do, and submits
//! forms that submit themselves. It runs no scripts, and everything it opens is a whole page.

use std::net::{Ipv4Addr, SocketAddr};

use url::{Url, form_urlencoded};

use crate::{Client, Response};

mod cookie;
mod form;
mod step;

pub use cookie::Cookie;
use cookie::{Jar, Visit, is_loopback, site};
use step::Step;

/// Longer chains of redirects are taken for endless.
const MOST_STEPS: usize = 20;

/// One browser window with its cookies.
///
/// ```no_run
/// use alyx_testing::Browser;
///
/// let mut browser = Browser::new().stopping_at("https://app.example.com/");
/// browser.open("http://127.0.0.1:8090/api/auth/oauth/github?redirect_to=https://app.example.com/done");
/// assert!(browser.url().starts_with("https://app.example.com/done?code="));
/// assert!(browser.cookies().is_empty());
/// ```
#[derive(Debug, Default)]
pub struct Browser {
    jar: Jar,
    routes: Vec<(String, SocketAddr)>,
    stops: Vec<String>,
    stays_put: bool,
    history: Vec<Url>,
}

impl Browser {
    /// A browser without cookies. It reaches `http` addresses of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reaches an origin, such as `https://app.example.com`, at this address and in the clear, as if a proxy with
    /// the certificate stood between.
    #[must_use]
    pub fn with_route(mut self, origin: &str, address: SocketAddr) -> Self {
        self.routes.push((origin.to_owned(), address));
        self
    }

    /// Opens nothing that begins like this: the address counts as reached, and the redirect to it is the answer.
    #[must_use]
    pub fn stopping_at(mut self, prefix: &str) -> Self {
        self.stops.push(prefix.to_owned());
        self
    }

    /// Takes one step at a time: redirects and forms are not followed.
    #[must_use]
    pub fn without_following(mut self) -> Self {
        self.stays_put = true;
        self
    }

    /// Opens an address that the person typed.
    #[track_caller]
    pub fn open(&mut self, url: &str) -> Response {
        let url = parsed(url);
        self.navigate(Step { method: "GET", url, body: None, page: None, is_cross_site: false })
    }

    /// Follows a link on the page that is open; it may be relative.
    #[track_caller]
    pub fn click(&mut self, url: &str) -> Response {
        let step = self.step_from_page("GET", url, None);
        self.navigate(step)
    }

    /// Submits a form that is on the page that is open, with POST.
    #[track_caller]
    pub fn submit(&mut self, url: &str, fields: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let step = self.step_from_page("POST", url, Some(body));
        self.navigate(step)
    }

    /// The address bar; empty before the first page.
    #[must_use]
    pub fn url(&self) -> &str {
        self.history.last().map_or("", Url::as_str)
    }

    /// A parameter in the query of the address bar.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.history.last()?.query_pairs();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Every address that was opened, redirects included.
    #[must_use]
    pub fn history(&self) -> Vec<&str> {
        self.history.iter().map(Url::as_str).collect()
    }

    /// The cookies, oldest first.
    #[must_use]
    pub fn cookies(&self) -> &[Cookie] {
        &self.jar.cookies
    }

    /// The cookie of this name.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&Cookie> {
        self.jar.cookies.iter().find(|cookie| cookie.name == name)
    }

    /// Forgets all cookies.
    pub fn clear_cookies(&mut self) {
        self.jar.cookies.clear();
    }

    #[track_caller]
    fn step_from_page(&self, method: &'static str, url: &str, body: Option<String>) -> Step {
        let page = self.history.last().expect("a page is open").clone();
        let url = page.join(url).unwrap_or_else(|fault| panic!("{url:?} is no address: {fault}"));
        let is_cross_site = site(&page) != site(&url);
        Step { method, url, body, page: Some(page), is_cross_site }
    }

    #[track_caller]
    fn navigate(&mut self, mut step: Step) -> Response {
        let mut last = None;
        for _ in 0..MOST_STEPS {
            self.history.push(step.url.clone());
            if self.stops.iter().any(|prefix| step.url.as_str().starts_with(prefix)) {
                return last.unwrap_or_else(|| panic!("{} is where this browser stops", step.url));
            }
            let response = self.fetch(&step);
            let next = if self.stays_put { None } else { step.next(&response) };
            let Some(next) = next else { return response };
            (step, last) = (next, Some(response));
        }
        panic!("redirects without an end: {:#?}", self.history());
    }

    #[track_caller]
    fn fetch(&mut self, step: &Step) -> Response {
        let url = &step.url;
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let client = Client::new(self.address(url)).with_host(host);
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let visit = Visit { url, method: step.method, is_cross_site: step.is_cross_site };
        let headers = step.headers(self.jar.header(&visit));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = step.body.as_deref().unwrap_or_default();
        let response = match client.try_send_bytes(step.method, path, &headers, body.as_bytes()) {
            Ok(response) => response,
            Err(fault) => panic!("{} {url} got no answer: {fault}", step.method),
        };
        for (_, value) in response.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.jar.take(url, value);
        }
        response
    }

    /// Where an address is reached.
    #[track_caller]
    fn address(&self, url: &Url) -> SocketAddr {
        let origin = url.origin().ascii_serialization();
        if let Some((_, address)) = self.routes.iter().find(|(known, _)| *known == origin) {
            return *address;
        }
        let port = url.port_or_known_default().unwrap_or_default();
        assert!(url.scheme() == "http" && is_loopback(url), "nobody serves {url}: add a route, or stop there");
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }
}

#[track_caller]
fn parsed(url: &str) -> Url {
    Url::parse(url).unwrap_or_else(|fault| panic!("{url:?} is no address: {fault}"))
}
