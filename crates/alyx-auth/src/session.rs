//! What is done with sessions: one operation a file.

mod begin;
mod login;
mod logout;
mod own;
mod refresh;

pub use begin::SignedIn;
