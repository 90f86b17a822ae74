//! Lengths of time: 64 bits of nanoseconds, which is 292 years either way.

use super::{NANOS_A_SECOND, write_seconds};

/// A length of time, possibly negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Duration(i64);

impl Duration {
    pub(crate) const ZERO: Self = Self(0);
    /// The longest.
    pub(crate) const MAX: Self = Self(i64::MAX);
    /// The most negative.
    pub(crate) const MIN: Self = Self(i64::MIN);

    pub(crate) fn from_nanos(nanos: i128) -> Option<Self> {
        i64::try_from(nanos).ok().map(Self)
    }

    pub(crate) fn nanos(self) -> i128 {
        i128::from(self.0)
    }

    /// Whole units of so many nanoseconds, towards zero.
    pub(crate) fn whole(self, unit: i64) -> i64 {
        self.0 / unit
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    pub(crate) fn negated(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// Reads numbers with units in a row: `1h30m`, `-1.5s`, `15m`, `0`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Some(Self::ZERO);
        }
        let mut nanos: i128 = 0;
        loop {
            let (part, after) = parse_part(rest)?;
            nanos = nanos.checked_add(part)?;
            if after.is_empty() {
                return Self::from_nanos(if negative { -nanos } else { nanos });
            }
            rest = after;
        }
    }
}

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1000),
    ("µs", 1000),
    ("μs", 1000),
    ("ms", 1_000_000),
    ("s", NANOS_A_SECOND),
    ("m", 60 * NANOS_A_SECOND),
    ("h", 3600 * NANOS_A_SECOND),
];

/// One number with its unit, and what follows.
fn parse_part(text: &str) -> Option<(i128, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (unit, size) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    Some((whole.checked_mul(*size)?.checked_add(fraction_of(fraction, *size))?, &rest[unit.len()..]))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// The part of a unit that the digits after the point say; what is less than a nanosecond is dropped.
fn fraction_of(digits: &str, size: i128) -> i128 {
    let mut place = size * 1000;
    let mut sum = 0;
    for digit in digits.bytes().take(20) {
        place /= 10;
        sum += place * i128::from(digit - b'0');
    }
    sum / 1000
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        write_seconds(&mut text, self.nanos());
        write!(f, "{text}s")
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[track_caller]
    fn check(text: &str, nanos: impl Into<Option<i128>>) {
        assert_eq!(Duration::parse(text).map(Duration::nanos), nanos.into(), "{text}");
    }

    #[test]
    fn units_stand_in_a_row() {
        check("1h30m", 5_400_000_000_000);
        check("-1.5s", -1_500_000_000);
        check("1.000000001s", 1_000_000_001);
        check("15m", 900_000_000_000);
        check(".5ms", 500_000);
        check("0", 0);
        check("2562047h47m16.854775807s", i128::from(i64::MAX));
        check("-2562047h47m16.854775808s", i128::from(i64::MIN));
    }

    #[test]
    fn what_is_no_length_is_none() {
        for text in ["", "-", "1", "s", "1x", "1s2", ".s", "1..5s", " 1s", "2562047h47m16.854775808s", "9999999999999h"]
        {
            check(text, None);
        }
    }

    #[test]
    fn it_is_printed_in_seconds() {
        assert_eq!(Duration::parse("-1h0.5s").unwrap().to_string(), "-3600.5s");
        assert_eq!(Duration::parse("100ns").unwrap().to_string(), "0.0000001s");
    }
}
