//! One request of a navigation, and where its answer leads.

use url::{Url, form_urlencoded};

use super::{cookie::site, form::Form};
use crate::Response;

/// One request of a navigation, and what is behind it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) method: &'static str,
    pub(super) url: Url,
    pub(super) body: Option<String>,
    /// The page with the link or the form; none for an address that the person typed.
    pub(super) page: Option<Url>,
    pub(super) is_cross_site: bool,
}

impl Step {
    pub(super) fn headers(&self, cookies: Option<String>) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Accept", "text/html,application/xhtml+xml,*/*;q=0.8".to_owned())];
        headers.extend(cookies.map(|cookies| ("Cookie", cookies)));
        if self.body.is_some() {
            let origin =
                self.page.as_ref().map_or_else(|| "null".to_owned(), |page| page.origin().ascii_serialization());
            headers.push(("Origin", origin));
            headers.push(("Content-Type", "application/x-www-form-urlencoded".to_owned()));
        }
        headers
    }

    /// Where the answer leads: a redirect, or a form that submits itself.
    pub(super) fn next(&self, response: &Response) -> Option<Self> {
        if (300..400).contains(&response.status) {
            let url = self.url.join(response.header("location")?).ok()?;
            let keeps_method = matches!(response.status, 307 | 308);
            let is_cross_site = self.is_cross_site || site(&self.url) != site(&url);
            let (method, body) = if keeps_method { (self.method, self.body.clone()) } else { ("GET", None) };
            // A post that was sent on by another origin no longer says whose it is.
            let page = self.page.clone().filter(|_| self.url.origin() == url.origin());
            return Some(Self { method, url, body, page, is_cross_site });
        }
        let is_html = response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let form = if is_html { Form::submitted_by(&response.text())? } else { return None };
        let url = self.url.join(&form.action).ok()?;
        let is_cross_site = site(&self.url) != site(&url);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
        Some(Self { method: "POST", url, body: Some(body), page: Some(self.url.clone()), is_cross_site })
    }
}
