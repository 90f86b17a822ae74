//! Durations: a whole number and one unit, `50ms`, `30s`, `15m`, `12h`, `7d`.

use std::time::Duration;

use serde_json::Value as Json;

use super::{Value, Wrong};
use crate::Kind;

/// Units by their milliseconds, the longest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
/// A hundred years: more overflows clocks.
const MAX_MILLISECONDS: u64 = 36_500 * 86_400_000;

impl Value for Duration {
    fn kind() -> Kind {
        Kind::Duration
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let number: u64 = number.parse().map_err(|_| Wrong::default())?;
        let Some((_, size)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(missing_unit(number, unit));
        };
        let milliseconds = number.checked_mul(*size).filter(|milliseconds| *milliseconds <= MAX_MILLISECONDS);
        milliseconds.map(Self::from_millis).ok_or_else(|| Wrong::because("36500d is the longest"))
    }

    fn redacted(&self) -> Json {
        print(*self).into()
    }
}

fn missing_unit(number: u64, unit: &str) -> Wrong {
    if unit.is_empty() {
        Wrong::because(format!("add a unit: {number}s or {number}ms"))
    } else {
        Wrong::because("the units are ms, s, m, h and d")
    }
}

/// The shortest text that reads back as the same duration, to the millisecond.
pub(crate) fn print(duration: Duration) -> String {
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(MAX_MILLISECONDS);
    let (unit, size) = match milliseconds {
        0 => ("s", 1),
        _ => UNITS.into_iter().find(|(_, size)| milliseconds % size == 0).unwrap_or(("ms", 1)),
    };
    format!("{}{unit}", milliseconds / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back(milliseconds in 0..=MAX_MILLISECONDS) {
            let duration = Duration::from_millis(milliseconds);
            proptest::prop_assert_eq!(<Duration as Value>::parse(&print(duration)), Ok(duration));
        }

        #[test]
        fn whole_units_read_as_so_many(number in 0u64..36_500, unit in 0usize..UNITS.len()) {
            let (name, size) = UNITS[unit];
            let read = <Duration as Value>::parse(&format!("{number}{name}")).unwrap();
            proptest::prop_assert_eq!(read.as_millis(), u128::from(number * size));
        }
    }

    #[test]
    fn what_has_no_unit_a_sign_or_a_fraction_is_refused() {
        for text in ["", "30", "-5s", "1.5s", "s", "5 s", "5S", "1h30m", "99999999999d", "9999999999999999999999s"] {
            assert!(<Duration as Value>::parse(text).is_err(), "{text}");
        }
    }
}
