//! Points in time as AWS writes them and as people type them.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// Reads a time as a person types it: RFC 3339, a date (UTC midnight), or an age
/// such as `90m`, `24h`, `7d` counted back from `now`.
pub fn parse_when(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Some(span) = parse_span(text) {
        return now
            .checked_sub(span)
            .map_err(|_| format!("{text} ago is before the calendar begins"));
    }
    if let Ok(date) = text.parse::<Date>() {
        return TimeZone::UTC
            .to_timestamp(date.at(0, 0, 0, 0))
            .map_err(|_| format!("{text} is not a date in UTC"));
    }
    Err(format!(
        "`{text}` is not a time: use RFC 3339 (2026-03-02T03:10:00Z), a date (2026-03-02) or an age (90m, 24h, 7d)"
    ))
}

/// Reads `45s`, `90m`, `24h`, `7d`.
pub fn parse_span(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|n| *n >= 0)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(SignedDuration::from_secs)
}

/// The text that [`parse_span`] reads as this stretch of whole seconds: `30s`, `2m`, `90d`.
pub fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs();
    // A day is only named where more than two are meant: `24h` and `36h` are how people say it.
    let units = [(86_400, "d", 3), (3600, "h", 1), (60, "m", 1)];
    let fits =
        |(size, _, least): &(i64, &str, i64)| seconds % size == 0 && seconds / size >= *least;
    match units.iter().find(|unit| fits(unit)) {
        Some((size, name, _)) => format!("{}{name}", seconds / size),
        None => format!("{seconds}s"),
    }
}

/// Reads a time as AWS services and the tools around them write it: ISO 8601 with
/// an offset or without one (then UTC), or epoch seconds or milliseconds.
pub fn parse_foreign(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(civil) = text.parse::<jiff::civil::DateTime>() {
        return TimeZone::UTC.to_timestamp(civil).ok();
    }
    if let Ok(number) = text.parse::<f64>() {
        return from_epoch(number);
    }
    // Security Hub accepts an hour-only offset (+02), which RFC 3339 does not know.
    let (head, tail) = text.split_at_checked(text.len().checked_sub(3)?)?;
    (tail.starts_with(['+', '-']) && head.contains('T'))
        .then(|| format!("{text}:00").parse().ok())
        .flatten()
}

/// Epoch seconds, or milliseconds where the number is too large for seconds.
pub fn from_epoch(number: f64) -> Option<Timestamp> {
    /// 9999-12-31 in seconds; anything beyond it was meant in milliseconds.
    const LAST_SECOND: f64 = 253_402_300_799.0;
    if !number.is_finite() {
        return None;
    }
    let millis = if number.abs() > LAST_SECOND { number } else { number * 1000.0 };
    (millis.abs() <= LAST_SECOND * 1000.0)
        .then(|| Timestamp::from_millisecond(millis.round() as i64).ok())
        .flatten()
}

/// `2026-03-02T03:10:00Z`, to the second unless there is more to say.
pub fn rfc3339(at: Timestamp) -> String {
    at.to_string()
}

/// An age for people, coarse on purpose: `now`, `4m`, `3h`, `2d`.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        ..0 => "future".to_owned(),
        0..60 => "now".to_owned(),
        60..3600 => format!("{}m", seconds / 60),
        3600..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: &str) -> Timestamp {
        s.parse().expect("a timestamp")
    }

    #[test]
    fn people_type_three_forms() {
        let now = at("2026-03-02T03:10:00Z");
        assert_eq!(parse_when("90m", now), Ok(at("2026-03-02T01:40:00Z")));
        assert_eq!(parse_when("7d", now), Ok(at("2026-02-23T03:10:00Z")));
        assert_eq!(parse_when("2026-03-01", now), Ok(at("2026-03-01T00:00:00Z")));
        assert_eq!(parse_when("2026-03-01T10:00:00+02:00", now), Ok(at("2026-03-01T08:00:00Z")));
        for bad in ["", "m", "-5m", "yesterday", "5w", "é"] {
            assert!(parse_when(bad, now).is_err(), "{bad}");
        }
    }

    #[test]
    fn services_write_more() {
        for (text, want) in [
            ("2017-10-18T11:52:21.123Z", "2017-10-18T11:52:21.123Z"),
            ("2020-05-12T00:00:00+00:00", "2020-05-12T00:00:00Z"),
            ("2020-05-12T10:00:00+02", "2020-05-12T08:00:00Z"),
            ("2020-05-12 00:00:00", "2020-05-12T00:00:00Z"),
            ("1589241600", "2020-05-12T00:00:00Z"),
            ("1589241600.5", "2020-05-12T00:00:00.5Z"),
            ("1589241600000", "2020-05-12T00:00:00Z"),
        ] {
            assert_eq!(parse_foreign(text), Some(at(want)), "{text}");
        }
        for bad in ["", "soon", "NaN", "1e300", "2020-13-01T00:00:00Z"] {
            assert_eq!(parse_foreign(bad), None, "{bad}");
        }
    }

    #[test]
    fn ages_are_coarse() {
        let now = at("2026-03-02T03:10:00Z");
        assert_eq!(age(now, at("2026-03-02T03:09:30Z")), "now");
        assert_eq!(age(now, at("2026-03-02T01:00:00Z")), "2h");
        assert_eq!(age(now, at("2026-02-20T01:00:00Z")), "10d");
    }
}
