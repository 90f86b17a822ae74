//! Sign-in with other providers (rows 01 to 05 of the attacks, and 14, 44 and 45 where they touch it): a browser, a
//! provider that may lie, and an app, through the running server.

mod accounts;
mod apple;
mod flow;
mod journey;
mod lies;
mod limits;
mod redirects;
mod rules;
mod secrets;
