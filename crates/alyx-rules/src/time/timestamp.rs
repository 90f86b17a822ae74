//! Moments in UTC. CEL knows the years 1 to 9999; stored ones may lie in the year 0 too.

use super::{Duration, NANOS_A_SECOND, calendar, write_fraction};

const NANOS_A_MILLISECOND: i128 = 1_000_000;
const SECONDS_A_DAY: i128 = 86_400;

/// A moment: nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Timestamp(i128);

impl Timestamp {
    pub(crate) const EPOCH: Self = Self(0);
    /// The first moment of CEL: 0001-01-01T00:00:00Z.
    pub(crate) const MIN: Self = Self(-62_135_596_800 * NANOS_A_SECOND);
    /// The last one: 9999-12-31T23:59:59.999999999Z.
    pub(crate) const MAX: Self = Self(253_402_300_800 * NANOS_A_SECOND - 1);
    /// The first moment that can be stored: 0000-01-01T00:00:00Z.
    pub(crate) const FIRST_STORED: Self = Self(-62_167_219_200 * NANOS_A_SECOND);

    /// A moment that may lie outside of what CEL knows.
    pub(crate) fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    pub(crate) fn from_seconds(seconds: i64) -> Self {
        Self(i128::from(seconds) * NANOS_A_SECOND)
    }

    pub(crate) fn nanos(self) -> i128 {
        self.0
    }

    /// Whole seconds since 1970, the last full one.
    pub(crate) fn seconds(self) -> i64 {
        i64::try_from(self.0.div_euclid(NANOS_A_SECOND)).unwrap_or(i64::MAX)
    }

    /// The moment itself, if CEL knows it.
    pub(crate) fn in_range(self) -> Option<Self> {
        (Self::MIN..=Self::MAX).contains(&self).then_some(self)
    }

    pub(crate) fn plus(self, length: Duration) -> Option<Self> {
        Self(self.0 + length.nanos()).in_range()
    }

    pub(crate) fn minus(self, length: Duration) -> Option<Self> {
        Self(self.0 - length.nanos()).in_range()
    }

    /// The time from the other moment to this one.
    pub(crate) fn since(self, other: Self) -> Option<Duration> {
        Duration::from_nanos(self.0 - other.0)
    }

    /// The last full millisecond, and whether that is the moment itself.
    pub(crate) fn millisecond(self) -> (Self, bool) {
        let rest = self.0.rem_euclid(NANOS_A_MILLISECOND);
        (Self(self.0 - rest), rest == 0)
    }

    /// Reads RFC 3339 with an offset, in the years 0 to 9999.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date_time, rest) = text.split_at_checked(19)?;
        let bytes = date_time.as_bytes();
        let shape = b"0000-00-00T00:00:00".iter().zip(bytes);
        let fits = shape.into_iter().all(|(shape, byte)| match shape {
            b'0' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b't'),
            _ => byte == shape,
        });
        if !fits {
            return None;
        }
        let number =
            |from: usize, to: usize| bytes[from..to].iter().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'));
        let days = calendar::days(number(0, 4), number(5, 7), number(8, 10))?;
        let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (fraction, rest) = parse_fraction(rest)?;
        let seconds =
            i128::from(days) * SECONDS_A_DAY + i128::from(hour * 3600 + minute * 60 + second) - parse_offset(rest)?;
        Some(Self(seconds * NANOS_A_SECOND + fraction))
    }

    /// Days since 1970 and nanoseconds of the day.
    pub(super) fn split(self) -> (i64, i128) {
        let day = SECONDS_A_DAY * NANOS_A_SECOND;
        (i64::try_from(self.0.div_euclid(day)).unwrap_or(i64::MAX), self.0.rem_euclid(day))
    }

    /// Up to the seconds, `2026-01-31T08:30:00`, and the nanoseconds that are left.
    fn write(self) -> (String, i128) {
        let (days, nanos) = self.split();
        let (year, month, day) = calendar::date(days);
        let seconds = nanos / NANOS_A_SECOND;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        (text, nanos % NANOS_A_SECOND)
    }

    /// As it is stored: with three digits of milliseconds.
    pub(crate) fn stored(self) -> String {
        let (mut text, nanos) = self.write();
        text.push_str(&format!(".{:03}Z", nanos / NANOS_A_MILLISECOND));
        text
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_nanosecond())
    }
}

fn parse_fraction(text: &str) -> Option<(i128, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let (digits, rest) = rest.split_at(length);
    Some((format!("{digits:0<9}").parse().ok()?, rest))
}

/// Seconds east of Greenwich.
fn parse_offset(text: &str) -> Option<i128> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    calendar::offset(text).filter(|_| text.starts_with(['+', '-'])).map(i128::from)
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (mut text, nanos) = self.write();
        write_fraction(&mut text, nanos);
        write!(f, "{text}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[track_caller]
    fn check(text: &str, printed: impl Into<Option<&'static str>>) {
        assert_eq!(Timestamp::parse(text).map(|time| time.to_string()).as_deref(), printed.into(), "{text}");
    }

    #[test]
    fn offsets_are_taken_away() {
        check("2026-01-31T08:30:00Z", "2026-01-31T08:30:00Z");
        check("2026-01-31T08:30:00.120+02:00", "2026-01-31T06:30:00.12Z");
        check("1969-12-31T23:59:59.999999999-00:01", "1970-01-01T00:00:59.999999999Z");
        check("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z");
        check("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z");
        check("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "2026-01-31",
            "2026-01-31T08:30:00",
            "2026-02-29T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T08:30:00.Z",
            "2026-01-31T08:30:00.0000000001Z",
            "2026-01-31T08:30:00+2:00",
            "2026-01-31T08:30:00Zé",
            "10000-01-01T00:00:00Z",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn it_is_stored_as_the_schema_stores_it() {
        for text in ["2026-01-31T08:30:00.1239Z", "0999-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z"] {
            let moment: jiff::Timestamp = text.parse().unwrap();
            let floor = jiff::Timestamp::from_millisecond(moment.as_millisecond()).unwrap();
            assert_eq!(Timestamp::parse(text).unwrap().stored(), alyx_schema::clock::format_timestamp(floor));
        }
    }
}
