//! What a provider with OpenID Connect says of itself (OpenID Connect Discovery).

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value as Json};
use url::Url;

use super::{Fault, fetch::Fetch, issuer::Issuer};

/// What is taken of it.
pub(super) struct Discovered {
    pub(super) authorize: Url,
    pub(super) token: Url,
    pub(super) keys: Url,
    pub(super) user_info: Option<Url>,
    /// Algorithms that it signs with, as far as it says and we check any.
    pub(super) algorithms: Option<Vec<Algorithm>>,
    /// Whether the client's secret goes into the form; otherwise it goes into a header.
    pub(super) takes_secret_in_form: bool,
    /// Whether it promises to name itself when the browser comes back (RFC 9207).
    pub(super) names_itself: bool,
}

impl Discovered {
    /// Reads it; the issuer must be the one of the settings, and no address may lead where none should.
    pub(super) fn read(document: &Json, issuer: &Issuer, fetch: &Fetch) -> Result<Self, Fault> {
        let Json::Object(document) = document else { return Err(Fault::because("its discovery is no object")) };
        if document.get("issuer").and_then(Json::as_str) != Some(issuer.in_discovery().as_str()) {
            return Err(Fault::because("its discovery names another issuer"));
        }
        let address =
            |name: &str| document.get(name).and_then(Json::as_str).map(|text| fetch.address(text)).transpose();
        let needed =
            |name: &'static str| address(name)?.ok_or_else(|| Fault::because(format!("its discovery has no {name}")));
        Ok(Self {
            authorize: needed("authorization_endpoint")?,
            token: needed("token_endpoint")?,
            keys: needed("jwks_uri")?,
            user_info: address("userinfo_endpoint")?,
            algorithms: algorithms(document),
            takes_secret_in_form: has(document, "token_endpoint_auth_methods_supported", "client_secret_post"),
            names_itself: document.get("authorization_response_iss_parameter_supported") == Some(&Json::Bool(true)),
        })
    }
}

fn algorithms(document: &Map<String, Json>) -> Option<Vec<Algorithm>> {
    let names = document.get("id_token_signing_alg_values_supported")?.as_array()?;
    Some(names.iter().filter_map(|name| name.as_str()?.parse().ok()).collect())
}

fn has(document: &Map<String, Json>, list: &str, item: &str) -> bool {
    document.get(list).and_then(Json::as_array).is_some_and(|items| items.iter().any(|own| own == item))
}
