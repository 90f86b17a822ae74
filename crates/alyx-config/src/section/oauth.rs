//! `auth.oauth`: sign-in with accounts of other providers.

use std::collections::BTreeMap;

use url::Url;

use crate::{Secret, table::section, value::Issuer};

section! {
    /// Other providers. Variables: `ALYX_AUTH_OAUTH_GITHUB_` and the like, and the key in capitals.
    OAuth {
        /// Sign-in with GitHub.
        github: GitHub,
        /// Sign-in with Google.
        google: Google,
        /// Sign-in with Microsoft. An address counts as verified where the app's optional claim `xms_edov` says so.
        microsoft: Microsoft,
        /// Sign-in with Apple.
        apple: Apple,
        /// Sign-in with Discord.
        discord: Discord,
        /// Sign-in with GitLab.
        gitlab: GitLab,
        /// Sign-in with any other provider of OpenID Connect, under a name of your choosing that stands in its addresses: `/api/auth/oauth/NAME`.
        oidc: BTreeMap<String, OpenId>,
    }
}

impl OAuth {
    /// Names that no other provider can have.
    pub const TAKEN_NAMES: [&str; 7] = ["github", "google", "microsoft", "apple", "discord", "gitlab", "exchange"];
}

section! {
    /// Sign-in with GitHub.
    GitHub {
        /// The id that the provider gave to this application.
        client_id: Option<String>,
        /// The secret that the provider gave to this application.
        client_secret: Option<Secret>,
        /// What is asked for; empty asks for what signing in needs.
        scopes: Vec<String> = "",
        /// Where it is; another for GitHub Enterprise.
        url: Url = "https://github.com/",
        /// Where its API is. Unset: `https://api.github.com`, or `api/v3` below `url` where that is another.
        api_url: Option<Url>,
    }
}

section! {
    /// Sign-in with Google.
    Google {
        /// The id that the provider gave to this application.
        client_id: Option<String>,
        /// The secret that the provider gave to this application.
        client_secret: Option<Secret>,
        /// What is asked for; empty asks for what signing in needs.
        scopes: Vec<String> = "",
        /// Who signs its tokens.
        issuer: Issuer = "https://accounts.google.com",
    }
}

section! {
    /// Sign-in with Microsoft.
    Microsoft {
        /// The id that the provider gave to this application.
        client_id: Option<String>,
        /// The secret that the provider gave to this application.
        client_secret: Option<Secret>,
        /// What is asked for; empty asks for what signing in needs.
        scopes: Vec<String> = "",
        /// Whose accounts: `common` for all, `organizations`, `consumers`, or the id of one tenant.
        tenant: String = "common",
        /// Where it is; another for a national cloud.
        url: Url = "https://login.microsoftonline.com/",
    }
}

section! {
    /// Sign-in with Apple.
    Apple {
        /// The identifier of the Services ID.
        client_id: Option<String>,
        /// The id of the team.
        team_id: Option<String>,
        /// The id of the private key.
        key_id: Option<String>,
        /// The private key that Apple gave, with its `BEGIN` and `END` lines; in a variable, `\n` may stand for line ends.
        private_key: Option<Secret>,
        /// What is asked for; empty asks for what signing in needs.
        scopes: Vec<String> = "",
        /// Who signs its tokens.
        issuer: Issuer = "https://appleid.apple.com",
    }
}

section! {
    /// Sign-in with Discord.
    Discord {
        /// The id that the provider gave to this application.
        client_id: Option<String>,
        /// The secret that the provider gave to this application.
        client_secret: Option<Secret>,
        /// What is asked for; empty asks for what signing in needs.
        scopes: Vec<String> = "",
        /// Where it is.
        url: Url = "https://discord.com/",
    }
}

section! {
    /// Sign-in with GitLab.
    GitLab {
        /// The id that the provider gave to this application.
        client_id: Option<String>,
        /// The secret that the provider gave to this application.
        client_secret: Option<Secret>,
        /// What is asked for; empty asks for what signing in needs.
        scopes: Vec<String> = "",
        /// Where it is, as its tokens name it; another for a GitLab of your own.
        url: Issuer = "https://gitlab.com",
    }
}

section! {
    /// Sign-in with any other provider of OpenID Connect.
    OpenId {
        /// Who signs its tokens, letter for letter; what else is to be known stands below it at `/.well-known/openid-configuration`.
        issuer: Option<Issuer>,
        /// The id that the provider gave to this application.
        client_id: Option<String>,
        /// The secret that the provider gave to this application.
        client_secret: Option<Secret>,
        /// What is asked for besides `openid`; empty asks for `email` and `profile`.
        scopes: Vec<String> = "",
        /// What people call it. Unset: its name.
        title: Option<String>,
    }
}
