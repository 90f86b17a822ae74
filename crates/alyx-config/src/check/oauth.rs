//! Other providers: all that one needs or nothing, and nothing said in the clear.

use url::Url;

use super::Checks;
use crate::{
    section::{Microsoft, OAuth},
    value::is_private,
};

/// Reports providers that could not work.
pub(super) fn check(oauth: &OAuth, checks: &mut Checks<'_>) {
    let OAuth { github, google, microsoft, apple, discord, gitlab, .. } = oauth;
    for (path, id, secret) in [
        ("auth.oauth.github", &github.client_id, &github.client_secret),
        ("auth.oauth.google", &google.client_id, &google.client_secret),
        ("auth.oauth.microsoft", &microsoft.client_id, &microsoft.client_secret),
        ("auth.oauth.discord", &discord.client_id, &discord.client_secret),
        ("auth.oauth.gitlab", &gitlab.client_id, &gitlab.client_secret),
    ] {
        let parts = [("client_id", id.is_some()), ("client_secret", secret.is_some())];
        complete(path, &parts, "the provider gives both", checks);
    }
    let parts = [
        ("client_id", apple.client_id.is_some()),
        ("team_id", apple.team_id.is_some()),
        ("key_id", apple.key_id.is_some()),
        ("private_key", apple.private_key.is_some()),
    ];
    complete("auth.oauth.apple", &parts, "Apple's developer pages tell all of them", checks);
    let urls = [
        ("auth.oauth.github.url", Some(&github.url)),
        ("auth.oauth.github.api_url", github.api_url.as_ref()),
        ("auth.oauth.microsoft.url", Some(&microsoft.url)),
        ("auth.oauth.discord.url", Some(&discord.url)),
    ];
    urls.into_iter().for_each(|(path, url)| private(path, url, checks));
    tenant(microsoft, checks);
    named(oauth, checks);
}

/// Refuses a provider of which some parts are there and others are not.
fn complete(path: &str, parts: &[(&str, bool)], hint: &str, checks: &mut Checks<'_>) {
    let missing = parts.iter().filter(|(_, is_given)| !is_given).count();
    if missing == 0 || missing == parts.len() {
        return;
    }
    let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    let message = match names.as_slice() {
        [first, second] => format!("{path} needs both {first} and {second}"),
        many => format!("{path} needs all of {}", many.join(", ")),
    };
    let paths: Vec<String> = names.iter().map(|name| format!("{path}.{name}")).collect();
    checks.refuse(&paths.iter().map(String::as_str).collect::<Vec<_>>(), &message, hint);
}

fn private(path: &str, url: Option<&Url>, checks: &mut Checks<'_>) {
    let Some(url) = url else { return };
    if !is_private(url) || url.query().is_some() || url.fragment().is_some() {
        let message = format!("{path} must be an https address without query and fragment");
        checks.refuse(&[path], &message, "http is only for this machine");
    }
}

fn tenant(microsoft: &Microsoft, checks: &mut Checks<'_>) {
    let tenant = microsoft.tenant.as_str();
    let of_id = |(place, byte): (usize, u8)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    let is_id = tenant.len() == 36 && tenant.bytes().enumerate().all(of_id);
    if !is_id && !matches!(tenant, "common" | "organizations" | "consumers") {
        let message = "auth.oauth.microsoft.tenant must be common, organizations, consumers or the id of a tenant";
        let hint = "the id, not the domain: tokens name it, as 8-4-4-4-12 small hexadecimal digits";
        checks.refuse(&["auth.oauth.microsoft.tenant"], message, hint);
    }
}

fn named(oauth: &OAuth, checks: &mut Checks<'_>) {
    for (name, provider) in &oauth.oidc {
        let path = format!("auth.oauth.oidc.{name}");
        if OAuth::TAKEN_NAMES.contains(&name.as_str()) {
            let message = format!("auth.oauth.oidc.{name} has a name that is taken");
            checks.refuse(&[&format!("{path}.issuer")], &message, "choose another name");
        }
        let parts = [
            ("issuer", provider.issuer.is_some()),
            ("client_id", provider.client_id.is_some()),
            ("client_secret", provider.client_secret.is_some()),
        ];
        if let Some((missing, _)) = parts.iter().find(|(_, is_given)| !is_given) {
            let setting = format!("{path}.{missing}");
            checks.refuse(&[&setting], &format!("{path} needs {missing}"), "the provider tells it");
        }
    }
}
