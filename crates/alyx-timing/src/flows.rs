//! Every flow that is measured, in the order in which they are.

mod admin_token;
mod change_email;
mod control;
mod document;
mod login;
mod mail;
mod refresh;
mod register;

use anyhow::{Result, bail};

use crate::flow::Flow;

const GROUPS: &[&[Flow]] = &[
    control::FLOWS,
    login::FLOWS,
    register::FLOWS,
    mail::FLOWS,
    change_email::FLOWS,
    refresh::FLOWS,
    document::FLOWS,
    admin_token::FLOWS,
];

/// The flows of these names; all of them where none is named.
pub(crate) fn named(names: &[String]) -> Result<Vec<&'static Flow>> {
    let all = || GROUPS.iter().copied().flatten();
    if let Some(unknown) = names.iter().find(|name| all().all(|flow| flow.name != name.as_str())) {
        let known: Vec<_> = all().map(|flow| flow.name).collect();
        bail!("there is no flow {unknown:?}; there are {}", known.join(", "));
    }
    Ok(all().filter(|flow| names.is_empty() || names.iter().any(|name| name == flow.name)).collect())
}
