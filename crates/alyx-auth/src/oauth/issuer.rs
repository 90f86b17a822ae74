//! Who signs a provider's tokens, letter for letter (row 03 of the attacks).

use serde_json::Value as Json;

/// Who may have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    /// This one.
    Exact(String),
    /// One for each tenant: this and, in the place of the tenant, what the token says of it.
    OfTenant {
        /// What stands before the tenant.
        before: String,
        /// What stands after it.
        after: &'static str,
    },
}

/// What stands for the tenant where Microsoft speaks of all.
const TENANT: &str = "{tenantid}";

/// Longest name of a tenant.
const LONGEST_TENANT: usize = 64;

impl Issuer {
    /// As discovery must name it.
    pub(super) fn in_discovery(&self) -> String {
        match self {
            Self::Exact(issuer) => issuer.clone(),
            Self::OfTenant { before, after } => format!("{before}{TENANT}{after}"),
        }
    }

    /// Whether the issuer of a token is this, for a token of this tenant.
    pub(super) fn is(&self, issuer: &str, tenant: Option<&str>) -> bool {
        match self {
            Self::Exact(own) => own == issuer,
            Self::OfTenant { before, after } => {
                tenant.is_some_and(|tenant| is_tenant(tenant) && format!("{before}{tenant}{after}") == issuer)
            }
        }
    }

    /// Whether what came back with the browser names this (RFC 9207), as far as that can be told without a token.
    pub(super) fn may_be(&self, issuer: &str) -> bool {
        let tenant = match self {
            Self::Exact(_) => None,
            Self::OfTenant { before, after } => issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)),
        };
        self.is(issuer, tenant)
    }

    /// Whether a key that says whose it is may have signed for this issuer.
    pub(super) fn has_key(key: &Json, issuer: &str, tenant: Option<&str>) -> bool {
        match key.as_str() {
            Some(named) => named.replacen(TENANT, tenant.unwrap_or_default(), 1) == issuer,
            None => key.is_null(),
        }
    }
}

fn is_tenant(text: &str) -> bool {
    (1..=LONGEST_TENANT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ac03_an_issuer_is_exact() {
        let issuer = Issuer::Exact("https://accounts.example.com".to_owned());
        assert!(
            issuer.is("https://accounts.example.com", None) && issuer.is("https://accounts.example.com", Some("x"))
        );
        for other in [
            "https://accounts.example.com/",
            "http://accounts.example.com",
            "https://ACCOUNTS.example.com",
            "",
            "https://accounts.example.com.evil",
        ] {
            assert!(!issuer.is(other, None) && !issuer.may_be(other), "{other}");
        }
    }

    #[test]
    fn ac03_a_tenant_signs_for_itself_alone() {
        let issuer = Issuer::OfTenant { before: "https://login.example.com/".to_owned(), after: "/v2.0" };
        assert_eq!(issuer.in_discovery(), "https://login.example.com/{tenantid}/v2.0");
        assert!(issuer.is("https://login.example.com/one/v2.0", Some("one")));
        assert!(issuer.may_be("https://login.example.com/one/v2.0"));
        for (other, tenant) in [
            ("https://login.example.com/one/v2.0", Some("two")),
            ("https://login.example.com/one/v2.0", None),
            ("https://login.example.com//v2.0", Some("")),
            ("https://login.example.com/{tenantid}/v2.0", Some("{tenantid}")),
            ("https://login.example.com/one/v2.0/", Some("one")),
            ("https://login.example.com/a/b/v2.0", Some("a/b")),
        ] {
            assert!(!issuer.is(other, tenant), "{other} {tenant:?}");
        }
        assert!(
            !issuer.may_be("https://login.example.com/a/b/v2.0") && !issuer.may_be("https://evil.example/one/v2.0")
        );
    }

    #[test]
    fn ac03_a_key_of_one_tenant_signs_for_no_other() {
        let one = "https://login.example.com/one/v2.0";
        let key = |issuer: Json| Issuer::has_key(&issuer, one, Some("one"));
        assert!(key(Json::Null) && key(json!(one)) && key(json!("https://login.example.com/{tenantid}/v2.0")));
        assert!(!key(json!("https://login.example.com/two/v2.0")) && !key(json!("")) && !key(json!(7)));
    }
}
