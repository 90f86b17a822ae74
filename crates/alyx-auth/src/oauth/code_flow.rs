//! The authorization code grant with PKCE, by the `oauth2` crate: where the browser is sent, and what the code that
//! it brings back is traded for.

use std::{borrow::Cow, fmt};

use alyx_config::Secret;
use jiff::Timestamp;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret as OAuthSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Fault,
    identity::Identity,
    provider::{Protocol, Provider},
    state::Flow,
};

/// What is read of the answer besides the access token; shows nothing.
#[derive(Serialize, Deserialize)]
struct IdTokenField {
    id_token: Option<String>,
}

impl fmt::Debug for IdTokenField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdTokenField(…)")
    }
}

impl ExtraTokenFields for IdTokenField {}

type Answer = StandardTokenResponse<IdTokenField, BasicTokenType>;

type CodeFlow = Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What the code was traded for.
pub(super) struct Granted {
    pub(super) access_token: Secret,
    pub(super) id_token: Option<String>,
}

/// Where a provider's two pages are.
struct Pages {
    authorize: Url,
    token: Url,
    auth_type: AuthType,
}

impl Provider {
    async fn pages(&self, now: Timestamp) -> Result<Pages, Fault> {
        match &self.protocol {
            Protocol::OAuth(api) => Ok(Pages {
                authorize: api.authorize.clone(),
                token: api.token.clone(),
                auth_type: AuthType::RequestBody,
            }),
            Protocol::OpenId(openid) => {
                let discovered = openid.discovered(self, now).await?;
                let auth_type =
                    if discovered.takes_secret_in_form { AuthType::RequestBody } else { AuthType::BasicAuth };
                Ok(Pages { authorize: discovered.authorize.clone(), token: discovered.token.clone(), auth_type })
            }
        }
    }

    fn client(&self, pages: Pages, redirect: &str) -> Result<CodeFlow, Fault> {
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|_| Fault::because("our own address is none"))?;
        Ok(Client::new(ClientId::new(self.client.clone()))
            .set_auth_uri(AuthUrl::from_url(pages.authorize))
            .set_token_uri(TokenUrl::from_url(pages.token))
            .set_redirect_uri(redirect)
            .set_auth_type(pages.auth_type))
    }

    /// Where the browser is sent.
    pub(super) async fn authorize_url(&self, flow: &Flow, redirect: &str, now: Timestamp) -> Result<Url, Fault> {
        let client = self.client(self.pages(now).await?, redirect)?;
        let verifier = PkceCodeVerifier::new(flow.verifier());
        let mut request = client
            .authorize_url(|| CsrfToken::new(flow.state().to_owned()))
            .add_scopes(self.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Protocol::OpenId(openid) = &self.protocol {
            request = request.add_extra_param("nonce", flow.nonce());
            if openid.rules.posts_back {
                request = request.add_extra_param("response_mode", "form_post");
            }
        }
        Ok(request.url().0)
    }

    /// Whether what came back with the browser names another provider, or fails to name one (RFC 9207).
    pub(super) async fn check_origin(&self, issuer: Option<&str>, now: Timestamp) -> Result<(), Fault> {
        let Protocol::OpenId(openid) = &self.protocol else { return Ok(()) };
        match issuer {
            Some(issuer) if openid.issuer.may_be(issuer) => Ok(()),
            Some(_) => Err(Fault::because("the browser came back from another issuer")),
            None if openid.discovered(self, now).await?.names_itself => {
                Err(Fault::because("the browser came back without the issuer that was promised"))
            }
            None => Ok(()),
        }
    }

    /// Trades the code, and asks who somebody is.
    pub(super) async fn identify(
        &self,
        code: &str,
        (flow, redirect): (&Flow, &str),
        now: Timestamp,
    ) -> Result<Identity, Fault> {
        let granted = self.trade(code, (flow, redirect), now).await?;
        match &self.protocol {
            Protocol::OpenId(openid) => openid.identify(self, &granted, (&flow.nonce(), now)).await,
            Protocol::OAuth(api) => (api.identify)(self, api, granted.access_token.expose()).await,
        }
    }

    async fn trade(&self, code: &str, (flow, redirect): (&Flow, &str), now: Timestamp) -> Result<Granted, Fault> {
        let secret = OAuthSecret::new(self.secret.at(now)?.expose().to_owned());
        let client = self.client(self.pages(now).await?, redirect)?.set_client_secret(secret);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier()));
        let answer = request.request_async(&|request| self.fetch.exchange(request)).await.map_err(refused)?;
        Ok(Granted {
            access_token: Secret::new(answer.access_token().secret().clone()),
            id_token: answer.extra_fields().id_token.clone(),
        })
    }
}

/// What the provider said of its refusal is for nobody's eyes but for the word that the standard has for it.
fn refused(error: RequestTokenError<Fault, BasicErrorResponse>) -> Fault {
    let words: Cow<'static, str> = match error {
        RequestTokenError::Request(fault) => return fault,
        RequestTokenError::ServerResponse(answer) => {
            let word: String = answer.error().to_string().chars().filter(char::is_ascii_graphic).take(40).collect();
            format!("it did not take the code: {word}").into()
        }
        // GitHub says no with a status that says yes.
        RequestTokenError::Parse(..) => "it did not answer the code with a token".into(),
        RequestTokenError::Other(_) => "it answered the code with something that is not JSON".into(),
    };
    Fault::because(words)
}
