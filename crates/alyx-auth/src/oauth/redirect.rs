//! Where a sign-in may come back to: pages that the settings allow, compared after parsing and never as text.

use alyx_config::value::Redirect;
use url::Url;

/// Longest address that is looked at.
const LONGEST: usize = 2048;

/// Parameters that we add ourselves.
const OURS: [&str; 2] = ["code", "error"];

/// The page, if it is one of these or below one.
pub(super) fn allowed(redirects: &[Redirect], text: &str) -> Option<Url> {
    let is_plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(text).ok().filter(|_| is_plain)?;
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let is_ours = url.query_pairs().any(|(name, _)| OURS.contains(&&*name));
    let may_be = is_bare && !is_ours && !hides_a_slash(url.path());
    redirects.iter().any(|allowed| is_at_or_below(allowed.url(), &url)).then_some(url).filter(|_| may_be)
}

/// The page with a parameter of ours.
pub(super) fn with(page: &Url, name: &str, value: &str) -> String {
    let mut page = page.clone();
    page.query_pairs_mut().append_pair(name, value);
    page.into()
}

fn is_at_or_below(allowed: &Url, url: &Url) -> bool {
    let is_same_place = allowed.scheme() == url.scheme()
        && allowed.host() == url.host()
        && allowed.port_or_known_default() == url.port_or_known_default();
    let rest = url.path().strip_prefix(allowed.path());
    is_same_place && rest.is_some_and(|rest| rest.is_empty() || allowed.path().ends_with('/') || rest.starts_with('/'))
}

/// Whether the app's own server may read the path as another one.
fn hides_a_slash(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.contains("//") || ["%2f", "%5c", "%2e", "%00", "%25"].iter().any(|hidden| path.contains(hidden))
}

#[cfg(test)]
mod tests {
    use alyx_config::value::Value;

    use super::*;

    fn redirects() -> Vec<Redirect> {
        let pages = [
            "https://app.example.com/signed-in",
            "https://files.example.com/app/",
            "http://localhost:5173",
            "com.example.app:/signed-in",
            "example://signed-in",
        ];
        pages.iter().map(|page| Redirect::parse(page).unwrap()).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(allowed(&redirects(), text).as_ref().map(Url::as_str), expected, "{text}");
    }

    #[test]
    fn what_is_allowed_and_below_it_is_let_through() {
        for text in [
            "https://app.example.com/signed-in",
            "https://app.example.com/signed-in/",
            "https://app.example.com/signed-in/with/more?next=%2Fposts&x",
            "https://app.example.com/signed-in?a=//evil.example",
            "https://files.example.com/app/",
            "https://files.example.com/app/x",
            "http://localhost:5173/",
            "http://localhost:5173/any/where",
            "com.example.app:/signed-in",
            "com.example.app:/signed-in?x=1",
            "example://signed-in",
        ] {
            check(text, Some(text));
        }
        check("HTTPS://APP.example.com:443/signed-in", Some("https://app.example.com/signed-in"));
        check("https://app.example.com/x/../signed-in", Some("https://app.example.com/signed-in"));
        check("https://app.example.com/%2e/signed-in", Some("https://app.example.com/signed-in"));
    }

    /// Ways in which open redirects were found elsewhere; the tests of the server try them too.
    const REFUSED: &str = include_str!("../../tests/refused_redirects.json");

    #[test]
    fn everything_else_is_refused() {
        let refused: Vec<String> = serde_json::from_str(REFUSED).unwrap();
        assert!(refused.len() >= 60, "{}", refused.len());
        for text in &refused {
            check(text, None);
        }
        check(&format!("https://app.example.com/signed-in/{}", "x".repeat(LONGEST)), None);
        assert_eq!(allowed(&[], "https://app.example.com/signed-in"), None, "nothing is allowed by itself");
    }

    #[test]
    fn parameters_are_added_to_those_of_the_app() {
        let page = Url::parse("https://app.example.com/signed-in?next=%2Fposts").unwrap();
        assert_eq!(with(&page, "code", "a b&c"), "https://app.example.com/signed-in?next=%2Fposts&code=a+b%26c");
        let page = Url::parse("com.example.app:/signed-in").unwrap();
        assert_eq!(with(&page, "error", "ACCESS_DENIED"), "com.example.app:/signed-in?error=ACCESS_DENIED");
    }
}
