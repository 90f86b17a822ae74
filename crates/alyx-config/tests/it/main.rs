//! Tests of the configuration, by feature.

mod documents;
mod errors;
mod loading;
mod precedence;
mod secrets;
mod support;
