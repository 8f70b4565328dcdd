//! Days and moments, as ERPs write them.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Beside, Refused, shown};
use crate::erp::value::Value;

/// A day, or the day of a moment in a zone.
///
/// # Errors
/// [`Refused`] where it is none.
pub(super) fn day(value: &Value, zone: Option<&TimeZone>) -> Result<Value, Refused> {
    let text = value.as_text().unwrap_or_default();
    if let Ok(day) = Date::strptime("%Y-%m-%d", text) {
        return Ok(Value::Text(day.to_string()));
    }
    // A day of OData 2 is midnight by Greenwich.
    if let (None, Some(ms)) = (zone, odata(text)) {
        let days = jiff::Span::new().try_days(ms.div_euclid(86_400_000)).ok();
        let day = days.and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(days).ok());
        let day = day.ok_or_else(|| Refused::because(format!("{} is no day of the calendar", shown(value))))?;
        return Ok(Value::Text(day.to_string()));
    }
    let zone = zone.ok_or_else(|| Refused::because(format!("{} is no day such as 2026-11-30", shown(value))))?;
    let at = moment(value, Some(&TimeZone::UTC))?;
    Ok(Value::Text(at.to_zoned(zone.clone()).date().to_string()))
}

/// A moment: with its offset, else by the clock of a zone.
///
/// # Errors
/// [`Refused`] where it is none.
pub fn moment(value: &Value, zone: Option<&TimeZone>) -> Result<jiff::Timestamp, Refused> {
    let text = value.as_text().unwrap_or_default();
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at);
    }
    if let Some(at) = odata(text).and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()) {
        return Ok(at);
    }
    let local = text.parse::<jiff::civil::DateTime>().ok();
    let at = local.and_then(|local| local.to_zoned(zone.cloned().unwrap_or(TimeZone::UTC)).ok());
    at.map(|at| at.timestamp())
        .ok_or_else(|| Refused::because(format!("{} is no moment such as 2026-11-30T14:00:00Z", shown(value))))
}

/// A moment by the clock of the settings' `time_zone`.
pub(super) fn local(value: &Value, beside: &Beside) -> Result<Value, Refused> {
    let zone = beside
        .settings
        .get("time_zone")
        .and_then(Value::as_text)
        .unwrap_or("UTC");
    let zone = TimeZone::get(zone).map_err(|_| {
        Refused::because(format!(
            "the source's settings: time_zone {zone} is no time zone of IANA"
        ))
    })?;
    let at = moment(value, None)?.to_zoned(zone);
    Ok(Value::Text(at.strftime("%Y-%m-%dT%H:%M:%S").to_string()))
}

/// A moment as OData 2 writes it: `/Date(1764511200000)/`, milliseconds since 1970, perhaps with minutes of an offset that
/// changes nothing about the moment.
fn odata(text: &str) -> Option<i64> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let end = inner
        .char_indices()
        .skip(1)
        .find(|(_, found)| matches!(found, '+' | '-'))
        .map_or(inner.len(), |(at, _)| at);
    inner[..end].parse().ok()
}
