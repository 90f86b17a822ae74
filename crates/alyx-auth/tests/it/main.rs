//! Accounts on a real store, with a clock that is set by hand and mail that is kept.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod administration;
mod authenticate;
mod change_email;
mod deploy_tokens;
mod desk;
mod keys;
mod limits;
mod login;
mod logs;
mod oauth;
mod passwords;
mod profiles;
mod refresh;
mod register;
mod sessions;
mod set_up;
mod smtp;
mod verification;
