//! Providers with OAuth 2.0 alone, in the shapes of GitHub and Discord: who somebody is, their API tells.

use crate::{
    Request,
    loopback::Reply,
    provider::{Desk, Endpoint, Grant, Pages, Provider, Terms, authenticate, authorize, redeem},
};

mod discord;
mod github;

/// A provider without OpenID Connect on a free port of loopback, honest until told to [lie](crate::Lie). The lies
/// that are told only in id tokens, discovery or key sets do not touch it.
pub type OAuthProvider = Provider<Plain>;

/// What makes a provider one with OAuth 2.0 alone: whose manners it has.
#[derive(Debug)]
pub struct Plain {
    dialect: &'static Dialect,
}

/// A page of an API.
type Page = fn(&Desk, &Request) -> Reply;

/// The manners of one provider.
#[derive(Debug)]
struct Dialect {
    authorize: &'static str,
    token: &'static str,
    scope_separators: &'static [char],
    /// The answer to a token request that was granted, with the access token.
    granted: fn(&Request, &Grant, &str) -> Reply,
    /// The answer to one that was not, with the reason.
    refused: fn(&Request, &str) -> Reply,
    /// The API: what stands where.
    api: &'static [(&'static str, Page)],
}

impl OAuthProvider {
    /// Starts one that answers as GitHub does. The subject of its person must be a number.
    #[must_use]
    pub fn github() -> Self {
        Self::serve(Plain { dialect: &github::DIALECT })
    }

    /// Starts one that answers as Discord does.
    #[must_use]
    pub fn discord() -> Self {
        Self::serve(Plain { dialect: &discord::DIALECT })
    }
}

impl Pages for Plain {
    fn endpoint(&self, path: &str) -> Option<Endpoint> {
        if path == self.dialect.token {
            return Some(Endpoint::Token);
        }
        self.dialect.api.iter().any(|(own, _)| *own == path).then_some(Endpoint::UserInfo)
    }

    fn answer(&self, desk: &Desk, request: &Request) -> Reply {
        let path = request.path();
        if path == self.dialect.authorize {
            let scope_separators = self.dialect.scope_separators;
            return authorize(desk, request, &Terms { is_openid: false, issuer: None, scope_separators });
        }
        if path == self.dialect.token {
            let grant = authenticate(desk, request, None).and_then(|()| redeem(desk, request));
            return match grant {
                Ok(grant) => (self.dialect.granted)(request, &grant, &desk.issue_token(&grant)),
                Err(refusal) => (self.dialect.refused)(request, refusal),
            };
        }
        let page = self.dialect.api.iter().find(|(own, _)| *own == path);
        page.map_or_else(Reply::not_found, |(_, page)| page(desk, request))
    }
}
