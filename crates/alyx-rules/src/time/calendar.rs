//! Dates of days, and what a clock and a calendar show in a zone.

use std::sync::LazyLock;

use jiff::{
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};

use super::{NANOS_A_SECOND, Timestamp};

/// What a moment is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    FullYear,
    Month,
    DayOfYear,
    DayOfMonth,
    Date,
    DayOfWeek,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// The zones that ship with the program, so that a rule means the same on every machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Part of what clock and calendar show at that moment, in a zone where one is named.
pub(crate) fn part(moment: Timestamp, part: Part, zone: Option<&str>) -> Option<i64> {
    let shift = zone.map_or(Some(0), |zone| shift(moment, zone))?;
    let local = Timestamp::from_nanos(moment.nanos() + i128::from(shift) * NANOS_A_SECOND);
    let (days, nanos) = local.split();
    let (year, month, day) = date(days);
    let clock = |unit: i128, size: i128| i64::try_from(nanos / unit % size).ok();
    match part {
        Part::FullYear => Some(year),
        Part::Month => Some(month - 1),
        Part::DayOfYear => Some(days - days_from_civil(year, 1, 1)),
        Part::DayOfMonth => Some(day - 1),
        Part::Date => Some(day),
        // The first day of 1970 was a Thursday.
        Part::DayOfWeek => Some((days + 4).rem_euclid(7)),
        Part::Hours => clock(3600 * NANOS_A_SECOND, 24),
        Part::Minutes => clock(60 * NANOS_A_SECOND, 60),
        Part::Seconds => clock(NANOS_A_SECOND, 60),
        Part::Milliseconds => clock(1_000_000, 1000),
    }
}

/// Seconds that the clocks of a zone are ahead of UTC at that moment.
fn shift(moment: Timestamp, zone: &str) -> Option<i64> {
    if let Some(seconds) = offset(zone) {
        return Some(seconds);
    }
    let zone = if zone == "UTC" { TimeZone::UTC } else { ZONES.get(zone).ok()? };
    // The last hours of 9999 lie beyond jiff's moments; no zone changes in them.
    let moment = moment.seconds().clamp(jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
    Some(i64::from(zone.to_offset(jiff::Timestamp::from_second(moment).ok()?).seconds()))
}

/// `+01:30`, `-01:30` or `01:30` in seconds.
pub(super) fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] | rest => (1, rest),
    };
    let [h1, h2, b':', m1, m2] = digits else { return None };
    let pair = |high: &u8, low: &u8| {
        let digits = high.is_ascii_digit() && low.is_ascii_digit();
        digits.then(|| i64::from(high - b'0') * 10 + i64::from(low - b'0'))
    };
    let (hours, minutes) = (pair(h1, h2)?, pair(m1, m2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days since 1970 of a date, if there is such a one.
pub(super) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let (narrow_year, narrow_month) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?);
    Date::new(narrow_year, narrow_month, i8::try_from(day).ok()?).ok()?;
    Some(days_from_civil(year, month, day))
}

/// Counted in eras of 400 years that begin in March, so that the day that leaps is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a day since 1970.
pub(super) fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_with_jiff() {
        let mut date_of = Date::new(-1, 12, 28).unwrap();
        let mut count = days_from_civil(-1, 12, 28);
        while date_of.year() < 2030 {
            let parts = (i64::from(date_of.year()), i64::from(date_of.month()), i64::from(date_of.day()));
            assert_eq!((date(count), days_from_civil(parts.0, parts.1, parts.2)), (parts, count));
            date_of = date_of.tomorrow().unwrap();
            count += 1;
        }
    }

    #[test]
    fn zones_shift_the_calendar() {
        let moment = Timestamp::parse("2026-07-01T22:30:00Z").unwrap();
        assert_eq!(part(moment, Part::Date, Some("Europe/Berlin")), Some(2));
        assert_eq!(part(moment, Part::Hours, Some("-02:30")), Some(20));
        assert_eq!(part(moment, Part::DayOfYear, None), Some(181));
        assert_eq!(part(moment, Part::Hours, Some("Europe/Atlantis")), None);
        let end = Timestamp::parse("9999-12-31T23:59:59Z").unwrap();
        assert_eq!(part(end, Part::FullYear, Some("Asia/Tokyo")), Some(10_000));
    }
}
