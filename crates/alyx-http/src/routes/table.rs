//! Every path that the server knows, with the methods that it takes.
// tidy: table (one line a route)

pub(crate) const COLLECTIONS: &str = "/api/collections";
pub(crate) const AUTH: &str = "/api/auth";
pub(crate) const ADMIN: &str = "/api/admin";
pub(crate) const INTERNAL: &str = "/internal/v1";

macro_rules! routes {
    ($($name:ident $pattern:literal $methods:literal,)+) => {
        /// A route's pattern as figures and descriptions know it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Route {
            $(
                #[doc = $pattern]
                $name,
            )+
        }

        impl Route {
            /// Every route, in the order of their numbers.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),+];

            /// Its path, with names for the parts that vary.
            pub(crate) fn pattern(self) -> &'static str {
                match self {
                    $(Self::$name => $pattern),+
                }
            }

            /// The methods it takes, as `Allow` lists them.
            pub(crate) fn methods(self) -> &'static str {
                match self {
                    $(Self::$name => $methods),+
                }
            }
        }
    };
}

routes! {
    Collection "/api/collections/{collection}" "GET, HEAD, POST, OPTIONS",
    Document "/api/collections/{collection}/{id}" "GET, HEAD, PATCH, DELETE, OPTIONS",

    Batch "/api/batch" "POST, OPTIONS",
    Transactions "/api/transactions" "POST, OPTIONS",
    TransactionCommit "/api/transactions/{id}/commit" "POST, OPTIONS",
    TransactionRollback "/api/transactions/{id}/rollback" "POST, OPTIONS",

    Register "/api/auth/register" "POST, OPTIONS",
    Login "/api/auth/login" "POST, OPTIONS",
    Refresh "/api/auth/refresh" "POST, OPTIONS",
    Logout "/api/auth/logout" "POST, OPTIONS",
    Me "/api/auth/me" "GET, HEAD, DELETE, OPTIONS",
    Sessions "/api/auth/sessions" "GET, HEAD, DELETE, OPTIONS",
    Session "/api/auth/sessions/{id}" "DELETE, OPTIONS",
    ChangePassword "/api/auth/change-password" "POST, OPTIONS",
    ChangeEmail "/api/auth/change-email" "POST, OPTIONS",
    ConfirmEmailChange "/api/auth/confirm-email-change" "POST, OPTIONS",
    RequestPasswordReset "/api/auth/request-password-reset" "POST, OPTIONS",
    ConfirmPasswordReset "/api/auth/confirm-password-reset" "POST, OPTIONS",
    RequestVerification "/api/auth/request-verification" "POST, OPTIONS",
    ConfirmVerification "/api/auth/confirm-verification" "POST, OPTIONS",
    Providers "/api/auth/providers" "GET, HEAD, OPTIONS",
    OAuthExchange "/api/auth/oauth/exchange" "POST, OPTIONS",
    OAuthStart "/api/auth/oauth/{provider}" "GET, HEAD, OPTIONS",
    OAuthCallback "/api/auth/oauth/{provider}/callback" "GET, HEAD, POST, OPTIONS",
    Jwks "/.well-known/jwks.json" "GET, HEAD, OPTIONS",

    Realtime "/api/realtime" "GET, HEAD, OPTIONS",
    RealtimeEvents "/api/realtime/sse" "GET, HEAD, OPTIONS",
    RealtimeTicket "/api/realtime/ticket" "POST, OPTIONS",

    Function "/api/functions/{name}" "POST, OPTIONS",
    InternalQuery "/internal/v1/db/query" "POST, OPTIONS",
    InternalWrite "/internal/v1/db/exec" "POST, OPTIONS",
    InternalTransaction "/internal/v1/db/tx" "POST, OPTIONS",
    InternalFunction "/internal/v1/functions/{name}" "POST, OPTIONS",

    AdminUsers "/api/admin/users" "GET, HEAD, POST, OPTIONS",
    AdminUser "/api/admin/users/{id}" "GET, HEAD, PATCH, DELETE, OPTIONS",
    AdminTokens "/api/admin/tokens" "GET, HEAD, POST, OPTIONS",
    AdminToken "/api/admin/tokens/{name}" "DELETE, OPTIONS",
    AdminSchema "/api/admin/schema" "GET, HEAD, OPTIONS",
    AdminMigrations "/api/admin/migrations" "GET, HEAD, OPTIONS",
    AdminStats "/api/admin/stats" "GET, HEAD, OPTIONS",
    AdminConfig "/api/admin/config" "GET, HEAD, OPTIONS",
    AdminAudit "/api/admin/audit" "GET, HEAD, OPTIONS",
    AdminFunctions "/api/admin/functions" "GET, HEAD, OPTIONS",
    AdminExecutions "/api/admin/executions" "GET, HEAD, OPTIONS",
    AdminSetup "/api/admin/setup" "POST, OPTIONS",

    AdminPage "/_admin" "GET, HEAD, OPTIONS",
    SetupPage "/_auth/set-up" "GET, HEAD, OPTIONS",
    ResetPasswordPage "/_auth/reset-password" "GET, HEAD, OPTIONS",
    VerifyEmailPage "/_auth/verify-email" "GET, HEAD, OPTIONS",
    ChangeEmailPage "/_auth/change-email" "GET, HEAD, OPTIONS",

    Info "/" "GET, HEAD, OPTIONS",
    OpenApi "/api/openapi.json" "GET, HEAD, OPTIONS",
    Docs "/api/docs" "GET, HEAD, OPTIONS",
    Health "/health" "GET, HEAD, OPTIONS",
    Live "/health/live" "GET, HEAD, OPTIONS",
    Ready "/health/ready" "GET, HEAD, OPTIONS",
    Stats "/health/stats" "GET, HEAD, OPTIONS",
    Metrics "/metrics" "GET, HEAD, OPTIONS",

    Unknown "unknown" "GET, HEAD, OPTIONS",
}

impl Route {
    /// The route of what follows `/api/collections` in a path.
    pub(crate) fn below_collections(rest: &str) -> Self {
        let mut parts = rest.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(""), Some(name), None, _) if !name.is_empty() => Self::Collection,
            (Some(""), Some(name), Some(id), None) if !name.is_empty() && !id.is_empty() => Self::Document,
            _ => Self::Unknown,
        }
    }

    /// The route that a path belongs to.
    pub(crate) fn of(path: &str) -> Self {
        match path.strip_prefix(COLLECTIONS) {
            Some(rest) => Self::below_collections(rest),
            None => Self::ALL.iter().copied().find(|route| fits(route.pattern(), path)).unwrap_or(Self::Unknown),
        }
    }
}

/// Whether the path is one of the pattern's: `{name}` stands for one part that is not empty.
fn fits(pattern: &str, path: &str) -> bool {
    if !pattern.contains('{') {
        return pattern == path;
    }
    let (mut wanted, mut found) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == found => {}
            (Some(wanted), Some(found)) if wanted.starts_with('{') && !found.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_its_own_route_and_number() {
        for (number, route) in Route::ALL.iter().copied().enumerate() {
            assert_eq!(route as usize, number);
            assert_eq!(Route::of(route.pattern()), route);
        }
    }

    #[test]
    fn other_paths_are_unknown() {
        for path in [
            "",
            "/api",
            "/api/collections/",
            "/api/collections/a/",
            "/api/collections//b",
            "/api/collections/a/b/c",
            "/health/",
            "/api/auth",
            "/api/auth/sessions/",
            "/api/auth/oauth/github/callback/more",
            "/_admin/",
            "*",
        ] {
            assert_eq!(Route::of(path), Route::Unknown, "{path}");
        }
    }

    #[test]
    fn parts_that_vary_fit_anything() {
        assert_eq!(Route::of("/api/admin/users/7"), Route::AdminUser);
        assert_eq!(Route::of("/api/auth/oauth/github"), Route::OAuthStart);
        assert_eq!(Route::of("/api/auth/oauth/exchange"), Route::OAuthExchange);
        assert_eq!(Route::of("/api/auth/oauth/github/callback"), Route::OAuthCallback);
    }
}
