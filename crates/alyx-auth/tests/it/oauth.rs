//! Sign-in with other providers, with providers on loopback that can lie. Browsers, cookies and routes are tested with
//! the server.

mod flow;
mod journey;
mod keys;
mod lies;
mod linking;
mod profiles;
mod providers;
