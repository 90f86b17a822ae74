//! alyx-http
