//! Moments on the command line and in answers.

use std::time::{Duration, SystemTime};

use codestrata_analyse::Since;

/// The time of a result as RFC 3339 has it, to the millisecond.
pub(crate) fn moment(time: SystemTime) -> Option<String> {
    let time = jiff::Timestamp::try_from(time).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// Reads an age, a date or a time.
pub(crate) fn since(text: &str) -> Result<SystemTime, String> {
    let wrong = || "give an age such as 7d, a date such as 2026-11-22, or 2026-11-22T08:00:00Z".to_owned();
    if let Ok(age) = humantime::parse_duration(text) {
        return SystemTime::now().checked_sub(age).or(Some(SystemTime::UNIX_EPOCH)).ok_or_else(wrong);
    }
    let midnight =
        |date: jiff::civil::Date| date.to_zoned(jiff::tz::TimeZone::UTC).map(|day| day.timestamp());
    let time =
        text.parse::<jiff::Timestamp>().or_else(|_| text.parse().and_then(midnight)).map_err(|_| wrong())?;
    let since_1970 = u64::try_from(time.as_millisecond()).map_err(|_| wrong())?;
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(since_1970)).ok_or_else(wrong)?;
    if time > SystemTime::now() {
        return Err(format!("that is still to come, so nothing is since then; {}", wrong()));
    }
    Ok(time)
}

/// Reads a version of a graph, or an age, a date or a time.
pub(crate) fn version_or_time(text: &str) -> Result<Since, String> {
    if let Ok(version) = text.parse() {
        return Ok(Since::Version(version));
    }
    since(text)
        .map(Since::Time)
        .map_err(|help| format!("give a version such as 12, or {}", help.trim_start_matches("give ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_an_age_a_date_or_a_time() {
        let seconds =
            |text: &str| since(text).unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(seconds("1970-01-02"), 86_400);
        assert_eq!(seconds("1970-01-02T01:00:00+01:00"), 86_400);
        assert!(seconds("1d") < seconds("1m"));
        assert!(since("9999-01-01").unwrap_err().starts_with("that is still to come"));
        for wrong in ["", "x", "7", "1969-01-01", "2026-13-01"] {
            assert!(since(wrong).unwrap_err().contains("7d"), "{wrong}");
        }
    }

    #[test]
    fn a_plain_number_is_a_version() {
        assert_eq!(version_or_time("12"), Ok(Since::Version(12)));
        assert!(matches!(version_or_time("1970-01-02"), Ok(Since::Time(_))));
        assert!(
            version_or_time("-1").unwrap_err().starts_with("give a version such as 12, or an age such as 7d")
        );
    }
}
