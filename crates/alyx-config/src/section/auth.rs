//! `auth`: tokens, passwords, providers, roles and the limits against guessing.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    Secret,
    table::section,
    value::{Limit, Rate},
};

section! {
    /// Accounts. Variables: `ALYX_AUTH_` and the key in capitals.
    Auth {
        /// Roles that an account can have; `user` is given to new accounts, `admin` may do everything.
        roles: Vec<String> = "user, moderator, admin",
        /// Whether an account must confirm its e-mail address before it can sign in.
        require_verification: bool = "false",
        /// Tokens.
        jwt: Jwt,
        /// What a password must have.
        password: Password,
        /// Sign-in with accounts of other providers; a provider is offered when it has an id and a secret.
        oauth: OAuth,
        /// How often one caller may try, against guessing.
        rate_limit: RateLimit,
    }
}

section! {
    /// Tokens. Variables: `ALYX_AUTH_JWT_` and the key in capitals.
    Jwt {
        /// Key that signs tokens, 32 characters or more. Unset: made once and kept in the data folder.
        secret: Option<Secret>,
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
    }
}

section! {
    /// Other providers. Variables: `ALYX_AUTH_OAUTH_GITHUB_` and the like, and the key in capitals.
    OAuth {
        /// Sign-in with GitHub.
        github: Provider,
        /// Sign-in with Google.
        google: Provider,
    }
}

section! {
    /// One provider.
    Provider {
        /// The id that the provider gave to this application.
        client_id: Option<String>,
        /// The secret that the provider gave to this application.
        client_secret: Option<Secret>,
        /// What is asked for; empty asks for what signing in needs.
        scopes: Vec<String> = "",
    }
}

impl Provider {
    /// Whether it can be offered.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.client_id.is_some() && self.client_secret.is_some()
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
    }
}
