//! Calls to providers: one place for every bound and for where a call may go.
//!
//! Certificates are checked against those of the system; in a container that has none, against Mozilla's list, which
//! is built in.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use oauth2::{HttpRequest, HttpResponse, http};
use reqwest::{
    Certificate, Client, ClientBuilder, Request, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, CONTENT_TYPE},
    redirect::Policy,
};
use serde_json::Value as Json;
use url::Url;

use super::{
    Fault,
    reach::{self, Reach},
};

/// Longest time for one call, from the first packet to the last byte.
const LONGEST: Duration = Duration::from_secs(10);

/// Most bytes of an answer that speaks of one person.
pub(super) const ANSWER: usize = 64 << 10;

/// Most bytes of what a provider says of itself.
pub(super) const DOCUMENT: usize = 512 << 10;

/// Makes the calls to one provider.
pub(super) struct Fetch {
    client: Client,
    home: Arc<Home>,
}

/// Where the provider is by the settings: what is there is trusted as far as they are.
struct Home {
    hosts: Vec<String>,
    /// Whether it is this machine, and so may be spoken to in the clear.
    is_loopback: bool,
    /// Whether it is this machine or its own network. For a name, known once it was resolved.
    is_private: AtomicBool,
}

impl Home {
    fn new(homes: &[Url]) -> Self {
        Self {
            hosts: homes.iter().filter_map(Url::host_str).map(str::to_owned).collect(),
            is_loopback: homes.iter().all(reach::is_loopback),
            is_private: AtomicBool::new(homes.iter().any(|url| reach::of_host(url) == Some(Reach::Private))),
        }
    }

    fn lets(&self, reach: Reach) -> bool {
        match reach {
            Reach::Public => true,
            Reach::Private => self.is_private.load(Ordering::Relaxed),
            Reach::Never => false,
        }
    }

    /// The addresses of a name that may be called.
    fn choose(&self, name: &str, mut found: Vec<IpAddr>) -> Vec<IpAddr> {
        if self.hosts.iter().any(|host| host == name)
            && found.iter().any(|address| reach::of(*address) == Reach::Private)
        {
            self.is_private.store(true, Ordering::Relaxed);
        }
        found.retain(|address| self.lets(reach::of(*address)));
        found
    }
}

struct Resolver(Arc<Home>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let home = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?.map(|address| address.ip()).collect();
            let chosen = home.choose(name.as_str(), found);
            if chosen.is_empty() {
                return Err(io::Error::other("its name leads to no address that may be called").into());
            }
            // Port 0 stands for the URL's own.
            Ok(Box::new(chosen.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

impl Fetch {
    /// For a provider that the settings place at these addresses.
    pub(super) fn new(homes: &[Url]) -> Result<Self, Fault> {
        // Others in the process may have brought another provider, and then none is chosen by itself.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let home = Arc::new(Home::new(homes));
        let builder = || builder(&home);
        let client = builder().build().or_else(|_| builder().tls_certs_only(built_in()).build());
        Ok(Self { client: client.map_err(Fault::of_call)?, home })
    }

    /// An address that the provider named, if it is one to be called or to send a browser to.
    pub(super) fn address(&self, text: &str) -> Result<Url, Fault> {
        let url = Url::parse(text).map_err(|_| Fault::because("an address of the provider is none"))?;
        let is_secret =
            url.scheme() == "https" || (url.scheme() == "http" && self.home.is_loopback && reach::is_loopback(&url));
        if !is_secret {
            return Err(Fault::because("an address of the provider is not https"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(Fault::because("an address of the provider has a user or a fragment"));
        }
        if reach::of_host(&url).is_some_and(|reach| !self.home.lets(reach)) {
            return Err(Fault::because("an address of the provider may not be called"));
        }
        Ok(url)
    }

    /// The JSON at an address, with a token where it wants one.
    pub(super) async fn json(&self, url: &Url, bearer: Option<&str>, most: usize) -> Result<Json, Fault> {
        let mut request = self.client.get(url.clone()).header(ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        let answer = self.send(request.build().map_err(Fault::of_call)?).await?;
        if answer.status() != http::StatusCode::OK {
            return Err(Fault::because(format!("{} answered with status {}", url.path(), answer.status().as_u16())));
        }
        if !is_json(&answer) {
            return Err(Fault::because(format!("{} answered with something that is not JSON", url.path())));
        }
        let body = read(answer, most).await?;
        serde_json::from_slice(&body)
            .map_err(|_| Fault::because(format!("{} answered with JSON that is not valid", url.path())))
    }

    /// A call that the `oauth2` crate has prepared.
    pub(super) async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let request = Request::try_from(request).map_err(Fault::of_call)?;
        let answer = self.send(request).await?;
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers().iter().filter(|(name, _)| *name == CONTENT_TYPE) {
            response = response.header(name, value);
        }
        let body = read(answer, ANSWER).await?;
        response.body(body).map_err(|_| Fault::because("an answer of the provider is not HTTP"))
    }

    async fn send(&self, request: Request) -> Result<Response, Fault> {
        // Whatever led here, nothing is called that the provider's own rules would not let through.
        self.address(request.url().as_str())?;
        self.client.execute(request).await.map_err(Fault::of_call)
    }
}

fn builder(home: &Arc<Home>) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("alyx/", env!("CARGO_PKG_VERSION")))
        .timeout(LONGEST)
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .https_only(!home.is_loopback)
        .dns_resolver(Resolver(Arc::clone(home)))
}

/// Mozilla's list of authorities.
fn built_in() -> impl Iterator<Item = Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|certificate| Certificate::from_der(certificate).ok())
}

fn is_json(answer: &Response) -> bool {
    let Some(kind) = answer.headers().get(CONTENT_TYPE) else { return true };
    let essence = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The body, of which not more is read than there may be.
async fn read(mut answer: Response, most: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(Fault::of_call)? {
        if body.len() + chunk.len() > most {
            return Err(Fault::because(format!("{} answered with more than {most} bytes", answer.url().path())));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(home: &str) -> Fetch {
        Fetch::new(&[Url::parse(home).unwrap()]).unwrap()
    }

    #[track_caller]
    fn check(home: &str, url: &str, expected: bool) {
        assert_eq!(fetch(home).address(url).is_ok(), expected, "{url} for {home}");
    }

    #[test]
    fn ac28_a_public_provider_leads_to_public_addresses_by_https() {
        let home = "https://accounts.example.com";
        for good in ["https://accounts.example.com/token", "https://oauth.example.net/keys?v=2", "https://8.8.8.8/"] {
            check(home, good, true);
        }
        for bad in [
            "http://accounts.example.com/token",
            "http://localhost/",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest",
            "https://2852039166/",
            "ftp://example.com/",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://me:secret@example.com/",
            "https://example.com/#x",
            "//example.com",
            "/token",
            "",
        ] {
            check(home, bad, false);
        }
    }

    #[test]
    fn ac28_a_provider_on_this_machine_leads_no_further_than_its_network() {
        let home = "http://127.0.0.1:8080";
        for good in
            ["http://127.0.0.1:8080/token", "http://localhost:9/", "https://10.0.0.1/keys", "https://example.com/"]
        {
            check(home, good, true);
        }
        for bad in [
            "http://10.0.0.1/keys",
            "http://example.com/",
            "http://169.254.169.254/latest",
            "https://169.254.169.254/",
            "https://0.0.0.0/",
        ] {
            check(home, bad, false);
        }
        check("https://10.0.0.5", "https://10.0.0.6/keys", true);
        check("https://10.0.0.5", "http://127.0.0.1/", false);
    }

    #[test]
    fn ac28_a_name_leads_into_the_own_network_only_where_the_provider_is_there() {
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
        let public = Home::new(&[Url::parse("https://accounts.example.com").unwrap()]);
        let found = public.choose("keys.example.com", addresses(&["10.0.0.1", "8.8.8.8", "169.254.169.254", "::1"]));
        assert_eq!(found, addresses(&["8.8.8.8"]));
        assert!(public.choose("rebound.example.com", addresses(&["127.0.0.1"])).is_empty());
        let corporate = Home::new(&[Url::parse("https://login.corp.example").unwrap()]);
        assert_eq!(corporate.choose("login.corp.example", addresses(&["10.0.0.1"])), addresses(&["10.0.0.1"]));
        assert_eq!(corporate.choose("keys.corp.example", addresses(&["10.0.0.2"])), addresses(&["10.0.0.2"]));
        assert!(corporate.choose("login.corp.example", addresses(&["169.254.169.254", "fd00:ec2::254"])).is_empty());
    }

    #[tokio::test]
    async fn ac28_a_name_is_resolved_by_these_rules_and_no_others() {
        let refused =
            fetch("https://accounts.example.com").client.get("https://localhost:1/").send().await.unwrap_err();
        let mut said = String::new();
        let mut cause: Option<&dyn std::error::Error> = Some(&refused);
        while let Some(error) = cause {
            said.push_str(&error.to_string());
            cause = error.source();
        }
        assert!(said.contains("no address that may be called"), "{said}");
    }

    #[test]
    fn without_certificates_of_the_system_mozillas_are_taken() {
        assert!(built_in().count() > 100);
        let home = Arc::new(Home::new(&[]));
        let _ = rustls::crypto::ring::default_provider().install_default();
        assert!(builder(&home).tls_certs_only(built_in()).build().is_ok());
    }
}
