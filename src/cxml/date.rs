//! Dates and times as documents write them.
//!
//! The rule (Reference Guide 3.1.6.2) is date and time with a numeric offset. Real senders deviate in a dozen ways;
//! each is read, and what had to be assumed is told.

use jiff::civil::{self, DateTime};
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// Longest text that is looked at.
const CHARACTERS_MAX: usize = 64;

/// A date or time as it came; [`Date::read`] reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Date(String);

/// What a date's text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The instant; midnight of a date without time.
    pub instant: Timestamp,
    /// Date and time on the writer's wall.
    pub local: DateTime,
    /// What had to be assumed, or was off the rule.
    pub assumed: Vec<Assumption>,
}

/// What had to be assumed of a date, or was off the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assumption {
    /// There was no zone; the default zone was taken.
    DefaultZone,
    /// The zone was none that exists; the default zone was taken.
    ImpossibleZone,
    /// There was no time; midnight was taken.
    Midnight,
    /// `Z`, `UTC` or `GMT` in place of a numeric offset.
    UtcByName,
    /// An offset not written as `±hh:mm`.
    ZoneForm,
    /// Not written as `YYYY-MM-DDThh:mm:ss`.
    DateForm,
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// There is no text.
    #[error("expected a date and time, found nothing")]
    Empty,
    /// No known form, or no such day or time.
    #[error("expected a date and time like 2026-11-23T03:00:00+00:00")]
    Malformed,
}

impl Date {
    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An instant in the strict form: seconds and numeric offset.
    #[must_use]
    pub fn from_instant(instant: Timestamp, offset: Offset) -> Date {
        /// Whole seconds, and an offset where others write `Z`.
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
        Date(PRINTER.timestamp_with_offset_to_string(&instant, offset))
    }

    /// A day in the strict form.
    #[must_use]
    pub fn from_day(day: civil::Date) -> Date {
        Date(day.strftime("%Y-%m-%d").to_string())
    }

    /// Reads the date; where it has no zone, in the default zone.
    ///
    /// # Errors
    ///
    /// When the text is empty or no date.
    pub fn read(&self, default_zone: &TimeZone) -> Result<Parsed, DateError> {
        parse(&self.0, default_zone)
    }
}

impl From<&str> for Date {
    fn from(text: &str) -> Date {
        Date(text.to_owned())
    }
}

impl From<String> for Date {
    fn from(text: String) -> Date {
        Date(text)
    }
}

impl From<Timestamp> for Date {
    fn from(instant: Timestamp) -> Date {
        Date::from_instant(instant, Offset::UTC)
    }
}

/// A zone as written.
enum Zone {
    Offset(Offset),
    Impossible,
    Absent,
}

/// Reads a date; where it has no zone, in the default zone.
///
/// # Errors
///
/// When the text is empty or no date.
pub fn parse(text: &str, default_zone: &TimeZone) -> Result<Parsed, DateError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DateError::Empty);
    }
    if text.len() > CHARACTERS_MAX || !text.is_ascii() {
        return Err(DateError::Malformed);
    }
    let mut assumed = Vec::new();
    let (local, zone) = if text.starts_with(|first: char| first.is_ascii_digit()) {
        iso(text, &mut assumed)?
    } else {
        asctime(text, &mut assumed)?
    };
    let instant = match zone {
        Zone::Offset(offset) => offset.to_timestamp(local).map_err(|_| DateError::Malformed)?,
        Zone::Impossible | Zone::Absent => {
            let assumption = if matches!(zone, Zone::Absent) {
                Assumption::DefaultZone
            } else {
                Assumption::ImpossibleZone
            };
            assumed.push(assumption);
            let zoned: Zoned = local.to_zoned(default_zone.clone()).map_err(|_| DateError::Malformed)?;
            zoned.timestamp()
        }
    };
    Ok(Parsed {
        instant,
        local,
        assumed,
    })
}

/// `YYYY-MM-DD` or `YYYY/MM/DD`, then perhaps `T`, blanks or both and a time, then perhaps a zone.
fn iso(text: &str, assumed: &mut Vec<Assumption>) -> Result<(DateTime, Zone), DateError> {
    let (day_text, rest) = text.split_at_checked(10).ok_or(DateError::Malformed)?;
    let slashes = day_text.contains('/');
    let day = day(day_text, if slashes { '/' } else { '-' })?;
    if rest.is_empty() {
        assumed.push(Assumption::Midnight);
        if slashes {
            assumed.push(Assumption::DateForm);
        }
        return Ok((day.to_datetime(civil::Time::midnight()), Zone::Absent));
    }
    let bare = rest.trim_start();
    let after = bare.strip_prefix(['T', 't']);
    if slashes || after.is_none() || bare.len() != rest.len() {
        assumed.push(Assumption::DateForm);
    }
    let time_and_zone = after.unwrap_or(bare);
    let end = time_and_zone
        .find(|character: char| !(character.is_ascii_digit() || matches!(character, ':' | '.' | ',')))
        .unwrap_or(time_and_zone.len());
    let (time_text, zone_text) = time_and_zone.split_at(end);
    let time = time(time_text, assumed)?;
    let zone = zone(zone_text, assumed)?;
    Ok((day.to_datetime(time), zone))
}

/// `Mon May 19 18:29:48 +0000 2008`, with or without a zone.
fn asctime(text: &str, assumed: &mut Vec<Assumption>) -> Result<(DateTime, Zone), DateError> {
    assumed.push(Assumption::DateForm);
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (month, day, clock, zone_text, year) = match words[..] {
        [_, month, day, clock, year] => (month, day, clock, "", year),
        [_, month, day, clock, zone, year] => (month, day, clock, zone, year),
        _ => return Err(DateError::Malformed),
    };
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let month = month.to_ascii_lowercase();
    let month = MONTHS
        .iter()
        .position(|name| *name == month)
        .ok_or(DateError::Malformed)?;
    let month = i8::try_from(month + 1).map_err(|_| DateError::Malformed)?;
    if year.len() != 4 {
        return Err(DateError::Malformed);
    }
    let day = civil::Date::new(digits(year)?, month, digits(day)?).map_err(|_| DateError::Malformed)?;
    let time = time(clock, assumed)?;
    let zone = zone(zone_text, assumed)?;
    Ok((day.to_datetime(time), zone))
}

fn day(text: &str, separator: char) -> Result<civil::Date, DateError> {
    let mut parts = text.split(separator);
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(DateError::Malformed);
    };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return Err(DateError::Malformed);
    }
    civil::Date::new(digits(year)?, digits(month)?, digits(day)?).map_err(|_| DateError::Malformed)
}

/// `hh:mm:ss`, with or without a fraction; seconds may be missing.
fn time(text: &str, assumed: &mut Vec<Assumption>) -> Result<civil::Time, DateError> {
    let (clock, fraction) = match text.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, nanoseconds(fraction)?),
        None => (text, 0),
    };
    let mut parts = clock.split(':');
    let (Some(hour), Some(minute)) = (parts.next(), parts.next()) else {
        return Err(DateError::Malformed);
    };
    let second = parts.next();
    if parts.next().is_some()
        || [Some(hour), Some(minute), second]
            .iter()
            .flatten()
            .any(|part| part.len() != 2)
    {
        return Err(DateError::Malformed);
    }
    if second.is_none() {
        assumed.push(Assumption::DateForm);
    }
    // A leap second is read as the second before it.
    let second: i8 = digits(second.unwrap_or("00"))?;
    let second = if second == 60 { 59 } else { second };
    civil::Time::new(digits(hour)?, digits(minute)?, second, fraction).map_err(|_| DateError::Malformed)
}

fn nanoseconds(fraction: &str) -> Result<i32, DateError> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateError::Malformed);
    }
    let nine: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    digits(&nine)
}

fn zone(text: &str, assumed: &mut Vec<Assumption>) -> Result<Zone, DateError> {
    let bare = text.trim();
    if bare.is_empty() {
        return Ok(Zone::Absent);
    }
    if ["Z", "UTC", "GMT"].iter().any(|name| bare.eq_ignore_ascii_case(name)) {
        assumed.push(Assumption::UtcByName);
        return Ok(Zone::Offset(Offset::UTC));
    }
    let sign = match bare.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return Err(DateError::Malformed),
    };
    let number = &bare[1..];
    let (hours, minutes) = match (number.split_once(':'), number.len()) {
        (Some((hours, minutes)), 4 | 5) => (hours, minutes),
        (None, 4) => number.split_at(2),
        (None, 2) => (number, "00"),
        _ => return Err(DateError::Malformed),
    };
    if bare.len() != text.len() || number.len() != 5 {
        assumed.push(Assumption::ZoneForm);
    }
    let (hours, minutes): (i32, i32) = (digits(hours)?, digits(minutes)?);
    let total = sign * (hours * 60 + minutes);
    // Zones run from -12:00 to +14:00 in quarters of an hour; a formatter that writes the time of day in place of
    // the zone is found by its odd minutes.
    if minutes > 59 || minutes % 15 != 0 || !(-12 * 60..=14 * 60).contains(&total) {
        return Ok(Zone::Impossible);
    }
    Offset::from_seconds(total * 60)
        .map(Zone::Offset)
        .map_err(|_| DateError::Malformed)
}

/// ASCII digits alone as a number.
fn digits<T: std::str::FromStr>(text: &str) -> Result<T, DateError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateError::Malformed);
    }
    text.parse().map_err(|_| DateError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::Assumption::*;
    use super::*;

    fn check(text: &str, instant: &str, assumed: &[Assumption]) {
        let zone = TimeZone::fixed(Offset::from_seconds(3600).unwrap());
        let parsed = parse(text, &zone).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(parsed.instant, instant.parse::<Timestamp>().unwrap(), "{text:?}");
        assert_eq!(parsed.assumed, assumed, "{text:?}");
    }

    #[test]
    fn dates_as_the_rule_wants_them() {
        check("2000-10-14T08:39:29-08:00", "2000-10-14T16:39:29Z", &[]);
        check(" 2026-11-23T03:00:00+00:00\n", "2026-11-23T03:00:00Z", &[]);
        check("2014-03-11T13:04:24.250+05:30", "2014-03-11T07:34:24.25Z", &[]);
    }

    #[test]
    fn dates_as_real_senders_write_them() {
        check("2016-04-12T10:35:27", "2016-04-12T09:35:27Z", &[DefaultZone]);
        check("2026-03-24T12:34:56Z", "2026-03-24T12:34:56Z", &[UtcByName]);
        check("2018-02-07T10:32:42-0500", "2018-02-07T15:32:42Z", &[ZoneForm]);
        check("2023-09-04", "2023-09-03T23:00:00Z", &[Midnight, DefaultZone]);
        check("2023/10/24", "2023-10-23T23:00:00Z", &[Midnight, DateForm, DefaultZone]);
        check("2020-09-25 15:30:43", "2020-09-25T14:30:43Z", &[DateForm, DefaultZone]);
        check(
            "2017-01-24 15:18:07 +0530",
            "2017-01-24T09:48:07Z",
            &[DateForm, ZoneForm],
        );
        check(
            "2001-03-22 11:55:38 -0700",
            "2001-03-22T18:55:38Z",
            &[DateForm, ZoneForm],
        );
        check("2008-08-11 T12:00:00", "2008-08-11T11:00:00Z", &[DateForm, DefaultZone]);
        check("2008-07-24T14:55:10-6:00", "2008-07-24T20:55:10Z", &[ZoneForm]);
        check("2018-12-13T13:58:33-5:00", "2018-12-13T18:58:33Z", &[ZoneForm]);
        check("2014-03-11T17:37:24+17:37", "2014-03-11T16:37:24Z", &[ImpossibleZone]);
        check("2014-03-11T13:04:24+13:04", "2014-03-11T12:04:24Z", &[ImpossibleZone]);
        check(
            "Wed Oct 08 03:59:32 UTC 2025",
            "2025-10-08T03:59:32Z",
            &[DateForm, UtcByName],
        );
        check(
            "Mon May 19 18:29:48 +0000 2008",
            "2008-05-19T18:29:48Z",
            &[DateForm, ZoneForm],
        );
        check(
            "Mon May 19 18:29:48 2008",
            "2008-05-19T17:29:48Z",
            &[DateForm, DefaultZone],
        );
        check("2026-03-24T12:34+01:00", "2026-03-24T11:34:00Z", &[DateForm]);
        check("2016-12-31T23:59:60+00:00", "2016-12-31T23:59:59Z", &[]);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "--T+00:00",
            "timestamp_mock",
            "0000-00-00",
            "2023-02-30",
            "2023-13-01T00:00:00+00:00",
            "2023-1-1",
            "2023-01-01T25:00:00+00:00",
            "2023-01-01T",
            "2023-01-01T1:00:00",
            "2023-01-01T10:00:00 PST",
            "20230101",
            "2023-01-01T10:00:00+0a:00",
            "2023-01-01T10:00:00+",
            "٢٠٢٣-01-01",
            "Foo Bar 1 1",
            "2023-01-01T10:00:00.+00:00",
        ] {
            assert_eq!(parse(text, &TimeZone::UTC), Err(DateError::Malformed), "{text}");
        }
        assert_eq!(parse(" ", &TimeZone::UTC), Err(DateError::Empty));
        assert_eq!(parse(&"2".repeat(1 << 20), &TimeZone::UTC), Err(DateError::Malformed));
    }

    #[test]
    fn strict_form_has_seconds_and_a_numeric_offset() {
        let instant: Timestamp = "2026-11-23T03:00:00.75Z".parse().unwrap();
        assert_eq!(Date::from(instant).as_str(), "2026-11-23T03:00:00+00:00");
        let offset = Offset::from_seconds(-(5 * 60 + 30) * 60).unwrap();
        assert_eq!(
            Date::from_instant(instant, offset).as_str(),
            "2026-11-22T21:30:00-05:30"
        );
        assert_eq!(Date::from_day(civil::date(2026, 1, 2)).as_str(), "2026-01-02");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[-+0-9TZ:/., A-Za-zé]{0,40}") {
            let parsed = parse(&text, &TimeZone::UTC);
            proptest::prop_assert!(parsed.is_ok() || parsed.is_err());
        }

        #[test]
        fn every_second_survives(second in -10_000_000_000_i64..10_000_000_000, quarters in -48_i32..=56) {
            let instant = Timestamp::from_second(second).unwrap();
            let date = Date::from_instant(instant, Offset::from_seconds(quarters * 900).unwrap());
            let parsed = date.read(&TimeZone::UTC).unwrap();
            proptest::prop_assert_eq!(parsed.instant, instant);
            proptest::prop_assert!(parsed.assumed.is_empty());
        }
    }
}
