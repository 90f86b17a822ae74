//! Every way in which a provider departs from an honest answer.

/// The endpoints that a client asks by itself, not through a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// The key set.
    Keys,
    /// Where a code becomes tokens.
    Token,
    /// Where the person is described: userinfo, or the user's own page in an API.
    UserInfo,
}

macro_rules! lies {
    ($($(#[doc = $text:literal])+ $name:ident,)+) => {
        /// What a provider does wrong until it is told to be honest again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Lie {
            $($(#[doc = $text])+ $name,)+
            /// An error answer of the right form.
            Refuses(Endpoint),
            /// 302 to `/elsewhere`, where everything is in order.
            Redirects(Endpoint),
            /// A body that does not end.
            Endless(Endpoint),
            /// No answer, with the connection open.
            Hangs(Endpoint),
            /// A byte at a time, for ever.
            Trickles(Endpoint),
            /// Half a JSON object.
            NotJson(Endpoint),
            /// 502 with a page of HTML.
            HtmlPage(Endpoint),
        }

        const PLAIN: &[Lie] = &[$(Lie::$name,)+];
    };
}

lies! {
    /// Another issuer in the id token.
    WrongIssuer,
    /// The issuer with a slash more.
    SimilarIssuer,
    /// The issuer of a tenant that the token is not from, below the same host.
    IssuerOfAnotherTenant,
    /// A token for another client.
    WrongAudience,
    /// Two audiences and no `azp`.
    SeveralAudiencesWithoutParty,
    /// Two audiences, and `azp` is the other.
    SeveralAudiencesWithWrongParty,
    /// The right audience, and `azp` is another client.
    WrongParty,
    /// Another nonce.
    WrongNonce,
    /// No nonce.
    MissingNonce,
    /// A token that was good an hour ago.
    Expired,
    /// A token without `exp`.
    MissingExpiry,
    /// A token whose `iat` is an hour ahead.
    IssuedInTheFuture,
    /// A token without `iat`.
    MissingIssueTime,
    /// A token whose `nbf` is an hour ahead.
    NotYetValid,
    /// No `sub`.
    MissingSubject,
    /// An empty `sub`.
    EmptySubject,
    /// `at_hash` of another access token.
    WrongAccessTokenHash,
    /// `alg: none` and no signature.
    AlgorithmNone,
    /// HS256 with the bytes of the public key as the secret.
    HmacWithPublicKey,
    /// HS256 with the public key in PEM as the secret.
    HmacWithPublicPem,
    /// HS256 with the client's secret.
    HmacWithClientSecret,
    /// HS256 with a key that stands in the key set.
    SymmetricKeyPublished,
    /// Signed well, under a key id that the key set does not have.
    UnknownKeyId,
    /// Signed with a key that is not in the key set, under the id of one that is.
    KeyNotPublished,
    /// Signed with a key that only the token's own header holds.
    EmbeddedKey,
    /// A header with `crit` that nobody knows.
    UnknownCriticalHeader,
    /// Another subject, put in after signing.
    TamperedPayload,
    /// The signature cut off.
    MissingSignature,
    /// Text in place of the id token.
    GarbledIdToken,
    /// No id token.
    MissingIdToken,
    /// A key set without keys.
    NoKeys,
    /// Discovery names another issuer.
    AnotherIssuerInDiscovery,
    /// Discovery puts the key set on an address of the cloud's own.
    KeysOnAnotherHost,
    /// Discovery puts the token endpoint there, and so asks for the client's secret.
    TokenOnAnotherHost,
    /// Discovery puts userinfo there.
    UserInfoOnAnotherHost,
    /// Discovery names a script as the page to send the browser to.
    AuthorizePageIsScript,
    /// Userinfo speaks of somebody else, with a verified address.
    AnotherSubjectInUserInfo,
    /// Userinfo does not say of whom it speaks, and has somebody else's address, verified.
    MissingSubjectInUserInfo,
    /// The token endpoint says 307 to `/elsewhere`, where a client that follows sends its secret.
    RedirectsTheSecret,
    /// A code is good twice.
    CodeAnsweredTwice,
    /// Back with a state that nobody gave out.
    WrongState,
    /// Back without a state.
    MissingState,
    /// Back without a code.
    MissingCode,
    /// Back with the `iss` of another provider.
    AnotherIssuerInCallback,
    /// Back without the `iss` that discovery promises.
    MissingIssuerInCallback,
    /// The person says no; no lie, but no sign-in.
    AccessDenied,
    /// The form that the browser carries names [`Lie::VICTIM`] as the person's address.
    AnotherEmailInForm,
    /// The person's address is not verified.
    EmailNotVerified,
    /// The person has no address, or keeps it private.
    NoEmail,
    /// The person claims [`Lie::VICTIM`], unverified.
    EmailOfSomebodyElse,
}

impl Lie {
    /// The address that belongs to somebody else.
    pub const VICTIM: &'static str = "victim@example.com";

    /// Every lie, for a test that is a table.
    #[must_use]
    pub fn all() -> Vec<Self> {
        const ENDPOINTS: [Endpoint; 4] = [Endpoint::Discovery, Endpoint::Keys, Endpoint::Token, Endpoint::UserInfo];
        let of_endpoint =
            [Self::Refuses, Self::Redirects, Self::Endless, Self::Hangs, Self::Trickles, Self::NotJson, Self::HtmlPage];
        let everywhere = of_endpoint.iter().flat_map(|lie| ENDPOINTS.map(lie));
        PLAIN.iter().copied().chain(everywhere).collect()
    }

    /// Whether nobody may be signed in. Where not, the lie is about the address alone, and must link nothing, or
    /// about what the client has to see to by itself. Lies of userinfo count where the client asks there.
    #[must_use]
    pub fn must_be_refused(self) -> bool {
        use Lie::{AnotherEmailInForm, CodeAnsweredTwice, EmailNotVerified, EmailOfSomebodyElse, NoEmail};
        !matches!(self, CodeAnsweredTwice | AnotherEmailInForm | EmailNotVerified | NoEmail | EmailOfSomebodyElse)
    }

    /// Whether only a provider with OpenID Connect can tell it.
    #[must_use]
    pub fn needs_openid(self) -> bool {
        use Lie::{AccessDenied, CodeAnsweredTwice, EmailNotVerified, EmailOfSomebodyElse, NoEmail};
        use Lie::{MissingCode, MissingState, WrongState};
        let is_plain = matches!(
            self,
            AccessDenied
                | CodeAnsweredTwice
                | EmailNotVerified
                | EmailOfSomebodyElse
                | MissingCode
                | MissingState
                | NoEmail
                | WrongState
        );
        !is_plain && !matches!(self.endpoint(), Some(Endpoint::Token | Endpoint::UserInfo))
    }

    /// The endpoint whose answer is another one altogether.
    pub(crate) fn endpoint(self) -> Option<Endpoint> {
        match self {
            Self::Refuses(endpoint)
            | Self::Redirects(endpoint)
            | Self::Endless(endpoint)
            | Self::Hangs(endpoint)
            | Self::Trickles(endpoint)
            | Self::NotJson(endpoint)
            | Self::HtmlPage(endpoint) => Some(endpoint),
            Self::RedirectsTheSecret => Some(Endpoint::Token),
            _ => None,
        }
    }
}
