//! `auth`: tokens, passwords, providers, roles and the limits against guessing.

use std::{num::NonZeroU32, time::Duration};

use super::OAuth;
use crate::{
    Secret,
    table::section,
    value::{Limit, Rate, Redirect, choice},
};

section! {
    /// Accounts. Variables: `ALYX_AUTH_` and the key in capitals.
    Auth {
        /// Roles that an account can have; `user` is given to new accounts, `admin` may do everything.
        roles: Vec<String> = "user, moderator, admin",
        /// Whether an account must confirm its e-mail address before it can sign in.
        require_verification: bool = "false",
        /// How long the link is good that confirms an e-mail address.
        verification_ttl: Duration = "1d",
        /// How long the link is good that resets a password.
        reset_ttl: Duration = "1h",
        /// Pages of apps that a sign-in with another provider may return to: these addresses and what is below them.
        allowed_redirects: Vec<Redirect> = "",
        /// Where the links in mail lead.
        links: Links,
        /// Tokens.
        jwt: Jwt,
        /// What a password must have.
        password: Password,
        /// Sign-in with accounts of other providers; a provider is offered when it has what it needs.
        oauth: OAuth,
        /// How often one caller may try, against guessing.
        rate_limit: RateLimit,
    }
}

section! {
    /// Tokens. Variables: `ALYX_AUTH_JWT_` and the key in capitals.
    Jwt {
        /// How tokens are signed: `HS256` by a secret, `EdDSA` by a key of which others may know the public half.
        algorithm: Algorithm = "HS256",
        /// Secret that signs tokens, 32 characters or more; only for `HS256`. Unset: made once and kept in the data folder.
        secret: Option<Secret>,
        /// Secrets of before, whose tokens are still good; so a change of `secret` signs nobody out.
        previous_secrets: Vec<Secret> = "",
        /// How long an access token is good for.
        access_ttl: Duration = "15m",
        /// How long a refresh token is good for.
        refresh_ttl: Duration = "7d",
        /// The `iss` claim.
        issuer: String = "alyx",
        /// The `aud` claim.
        audience: String = "alyx",
    }
}

choice! {
    /// How tokens are signed.
    Algorithm {
        /// By a secret: who can check a token can make one.
        Hs256 = "HS256",
        /// By an Ed25519 key: others can check tokens with what `/.well-known/jwks.json` tells.
        EdDsa = "EdDSA",
    }
}

section! {
    /// Where the links in mail lead: pages of your app, with `{token}` where the token goes. Unset: pages of the server's own. Variables: `ALYX_AUTH_LINKS_` and the key in capitals.
    Links {
        /// Confirms an e-mail address, such as `https://app.example.com/verify?token={token}`.
        verify_email: Option<String>,
        /// Resets a password.
        reset_password: Option<String>,
        /// Confirms a new e-mail address.
        change_email: Option<String>,
    }
}

section! {
    /// What a password must have. Variables: `ALYX_AUTH_PASSWORD_` and the key in capitals.
    Password {
        /// Fewest characters.
        min_length: NonZeroU32 = "8",
        /// At least one capital letter.
        require_uppercase: bool = "false",
        /// At least one digit.
        require_number: bool = "false",
        /// At least one character that is neither letter nor digit.
        require_special: bool = "false",
        /// How much work a guess is, from 4 to 15; each step doubles it. Older passwords follow at their next sign-in.
        bcrypt_cost: u32 = "10",
    }
}

section! {
    /// Limits against guessing. Variables: `ALYX_AUTH_RATE_LIMIT_` and the key in capitals.
    RateLimit {
        /// Attempts to sign in.
        login: Limit<Rate> = "5/minute",
        /// New accounts.
        register: Limit<Rate> = "3/minute",
        /// Requests for a password reset.
        password_reset: Limit<Rate> = "3/hour",
        /// Sign-ins with another provider that are begun.
        oauth: Limit<Rate> = "20/minute",
    }
}
