//! alyx-config
