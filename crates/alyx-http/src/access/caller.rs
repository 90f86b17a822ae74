//! Who sent a request.

use std::sync::OnceLock;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderMap, USER_AGENT},
    web::Data,
};
use alyx_auth::{AccountPrincipal, Authority, Client, DeployPrincipal, Permission, Principal};
use alyx_rules::Identity;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;

use super::denied;
use crate::{
    AppState,
    client_address::client_address,
    error::{ApiError, Code, Result},
    layer::RequestId,
    options::AdminToken,
};

/// Who sent a request.
#[derive(Debug)]
pub(crate) enum Caller {
    /// No token at all.
    Anonymous,
    /// An account that is signed in.
    Account(Box<SignedInAccount>),
    /// A machine that deploys.
    DeployToken(DeployPrincipal),
    /// The bearer of the administrator's token.
    AdminToken,
}

/// An account that is signed in, and what rules see of it.
#[derive(Debug)]
pub(crate) struct SignedInAccount {
    principal: AccountPrincipal,
    /// Made when a rule first asks.
    identity: OnceLock<Identity>,
}

impl Caller {
    /// Whether no rule binds this caller.
    pub(crate) fn is_admin(&self) -> bool {
        match self {
            Self::AdminToken => true,
            Self::Account(account) => account.principal.is_administrator(),
            Self::Anonymous | Self::DeployToken(_) => false,
        }
    }

    /// Whether rules judge this caller at all: a machine that deploys has no business with documents.
    pub(crate) fn is_client(&self) -> bool {
        matches!(self, Self::Anonymous | Self::Account(_))
    }

    /// What rules see as `auth`.
    pub(crate) fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Account(account) => Some(account.identity()),
            _ => None,
        }
    }

    /// Until when the token is good, where that is known.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Account(account) => Some(account.principal.expires_at),
            _ => None,
        }
    }

    /// The account; only those who are signed in have one.
    pub(crate) fn account(&self) -> Result<&AccountPrincipal> {
        match self {
            Self::Account(account) => Ok(&account.principal),
            other => Err(denied(other)),
        }
    }

    /// Passes for administrators alone.
    pub(crate) fn require_admin(&self) -> Result<()> {
        if self.is_admin() { Ok(()) } else { Err(denied(self)) }
    }

    /// Passes for administrators and for deploy tokens with the permission.
    pub(crate) fn require(&self, permission: Permission) -> Result<()> {
        match self {
            Self::DeployToken(token) if token.permissions.contains(&permission) => Ok(()),
            other => other.require_admin(),
        }
    }

    /// On whose authority an administrative act is done.
    pub(crate) fn authority(&self, client: &Client) -> Result<Authority> {
        match self {
            Self::AdminToken => Ok(Authority::admin_token(client)),
            Self::Account(account) => Ok(Authority::account(&account.principal, client)),
            Self::DeployToken(token) => Ok(Authority::deploy_token(token, client)),
            Self::Anonymous => Err(denied(self)),
        }
    }

    fn of(principal: Principal) -> Self {
        match principal {
            Principal::Account(principal) => {
                Self::Account(Box::new(SignedInAccount { principal, identity: OnceLock::new() }))
            }
            Principal::DeployToken(token) => Self::DeployToken(token),
        }
    }

    async fn identify(headers: &HeaderMap, state: &AppState) -> Result<Self> {
        match bearer(headers)? {
            Some(token) => Self::of_token(token, state).await,
            None => Ok(Self::Anonymous),
        }
    }

    /// The bearer of a token.
    pub(crate) async fn of_token(token: &[u8], state: &AppState) -> Result<Self> {
        if state.options().admin_token.as_ref().is_some_and(|admin: &AdminToken| admin.matches(token)) {
            return Ok(Self::AdminToken);
        }
        let token = std::str::from_utf8(token).map_err(|_| not_valid())?;
        let principal = state.auth().authenticate(state.served().store(), token).await?;
        Ok(Self::of(principal))
    }
}

impl SignedInAccount {
    fn identity(&self) -> &Identity {
        self.identity.get_or_init(|| {
            let account = &self.principal.account;
            Identity {
                id: account.id.as_str().to_owned(),
                email: account.email.clone(),
                role: account.role.clone(),
                verified: account.verified,
                metadata: account.metadata.clone(),
            }
        })
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match request.app_data::<Data<AppState>>() {
                Some(state) => Self::identify(request.headers(), state).await,
                None => Err(ApiError::internal("the routes are mounted without their state")),
            }
        })
    }
}

/// Where a request comes from, as sessions and the audit log keep it.
pub(crate) fn client(request: &HttpRequest, state: &AppState) -> Client {
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    Client {
        ip: client_address(request, &state.options().trusted_proxies),
        user_agent: user_agent.map(str::to_owned),
        request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()),
    }
}

/// The token of `Authorization: Bearer TOKEN`; `None` without that header. The scheme ignores case (RFC 9110, section 11.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&[u8]>> {
    let mut values = headers.get_all(AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    let token = value.as_bytes().split_at_checked(7).and_then(|(scheme, token)| {
        (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then(|| token.trim_ascii())
    });
    match token.filter(|_| values.next().is_none()) {
        Some(token) => Ok(Some(token)),
        None => Err(not_valid()),
    }
}

pub(crate) fn not_valid() -> ApiError {
    ApiError::new(Code::InvalidToken, "the token is not valid")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    /// The token that is found; an empty text is a refusal.
    #[track_caller]
    fn check(values: &[&str], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        let found = bearer(&headers).map_or(Some(&b""[..]), |token| token);
        assert_eq!(found, expected.map(str::as_bytes));
    }

    #[test]
    fn one_bearer_token_is_found_and_all_else_refused() {
        check(&[], None);
        check(&["Bearer abc"], Some("abc"));
        check(&["bearer  abc "], Some("abc"));
        for wrong in [&["Basic abc"][..], &["Bearer"], &["Bearer "], &[""], &["abc"], &["Bearer a", "Bearer a"]] {
            check(wrong, Some(""));
        }
    }
}
