//! Workers against a real container engine.

mod containers;
