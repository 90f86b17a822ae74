//! Access rules in CEL.
