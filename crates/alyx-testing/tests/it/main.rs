//! The test support against itself: what a test sees is what happened.
#![expect(clippy::unwrap_used, reason = "in a test it is an assertion")]

mod browser;
mod careless_client;
mod client;
mod lies;
mod oauth;
mod oidc;
mod relying_party;
mod site;
mod smtp;
