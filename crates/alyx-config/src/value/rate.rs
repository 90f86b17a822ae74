//! Rates: `5/minute`, `3/hour`.

use std::{fmt, num::NonZeroU32, time::Duration};

use serde_json::Value as Json;

use super::{Value, Wrong, choice};
use crate::Kind;

/// So many in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: NonZeroU32,
    /// In which time.
    pub per: Period,
}

choice! {
    /// The time of a [`Rate`].
    Period {
        /// One second.
        Second = "second",
        /// Sixty seconds.
        Minute = "minute",
        /// Sixty minutes.
        Hour = "hour",
        /// Twenty-four hours.
        Day = "day",
    }
}

impl Period {
    /// How long it is.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
            Self::Day => 86_400,
        })
    }
}

impl Value for Rate {
    fn kind() -> Kind {
        Kind::Rate
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let (count, per) = text.split_once('/').ok_or_else(Wrong::default)?;
        let per = Period::parse(per).map_err(|_| Wrong::because("the periods are second, minute, hour and day"))?;
        let count =
            NonZeroU32::parse(count).map_err(|_| Wrong::because("write a whole number of 1 or more before the /"))?;
        Ok(Self { count, per })
    }

    fn redacted(&self) -> Json {
        self.to_string().into()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.per.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back(count in 1u32.., per in 0usize..4) {
            let per = [Period::Second, Period::Minute, Period::Hour, Period::Day][per];
            let rate = Rate { count: NonZeroU32::new(count).unwrap(), per };
            proptest::prop_assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in
            ["", "5", "5/", "/minute", "0/minute", "-1/minute", "5/min", "5 / minute", "1.5/hour", "99999999999/day"]
        {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
    }
}
