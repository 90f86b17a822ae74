//! Time and identifiers as arguments, so that everything above can be tested with fixed ones.

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Makes identifiers.
pub trait IdGenerator: Send + Sync {
    /// A new UUID version 7 (RFC 9562, section 5.7), lower case, rising with time.
    fn uuid(&self) -> String;
    /// 15 random characters of `[a-z0-9]`.
    fn short_id(&self) -> String;
}

/// A timestamp as it is stored and sent: RFC 3339 UTC with milliseconds, `2026-01-31T08:30:00.000Z`.
#[must_use]
pub fn format_timestamp(timestamp: Timestamp) -> String {
    format!("{timestamp:.3}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn timestamps_have_milliseconds() {
        assert_eq!(super::format_timestamp(jiff::Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }
}
