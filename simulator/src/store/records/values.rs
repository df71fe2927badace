//! The form in which values are stored (wire-core 5).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::store::schema::Kind;

/// Format of `glide_date_time`, in UTC.
pub(crate) const DATE_TIME: &str = "%Y-%m-%d %H:%M:%S";
/// Format of `glide_date`.
pub(crate) const DATE: &str = "%Y-%m-%d";

/// A given value in its column's form. A number or boolean that is none becomes empty (*assumed*).
pub(crate) fn normalise(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Boolean => match value.trim().to_ascii_lowercase().as_str() {
            "" => String::new(),
            "true" | "1" | "yes" => "true".to_owned(),
            _ => "false".to_owned(),
        },
        Kind::Integer | Kind::IntegerChoice(_) => value
            .trim()
            .parse::<i64>()
            .map_or_else(|_| String::new(), |number| number.to_string()),
        Kind::Decimal => match value.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => value.trim().to_owned(),
            _ => String::new(),
        },
        Kind::DateTime => date_time(value),
        Kind::Guid | Kind::ClassName => value.trim().to_lowercase(),
        _ => value.replace('\0', ""),
    }
}

/// A value of text that is longer than its column is cut (*assumed*).
pub(crate) fn cut(mut value: String, characters: Option<u32>) -> String {
    let limit = characters.and_then(|characters| usize::try_from(characters).ok());
    if let Some((at, _)) = limit.and_then(|limit| value.char_indices().nth(limit)) {
        value.truncate(at);
    }
    value
}

/// A value as its column keeps it: [`normalise`]d, and empty where it should be a date or a span
/// and is none (*assumed*).
pub(crate) fn stored(kind: Kind, value: &str) -> String {
    let value = normalise(kind, value);
    match kind {
        Kind::DateTime | Kind::Duration => DateTime::strptime(DATE_TIME, value.trim())
            .map(|moment| moment.strftime(DATE_TIME).to_string())
            .unwrap_or_default(),
        Kind::Date => Date::strptime(DATE, value.trim())
            .or_else(|_| DateTime::strptime(DATE_TIME, value.trim()).map(DateTime::date))
            .map(|date| date.strftime(DATE).to_string())
            .unwrap_or_default(),
        _ => value,
    }
}

/// A date alone means its midnight.
pub(crate) fn date_time(value: &str) -> String {
    let value = value.trim();
    let is_date = value.len() == 10
        && value.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 4 | 7) {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if is_date {
        format!("{value} 00:00:00")
    } else {
        value.to_owned()
    }
}

/// UNIX time as a `glide_date_time`; empty beyond the year 9999.
pub(crate) fn written(unix: std::time::Duration) -> String {
    i64::try_from(unix.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map(|moment| {
            moment
                .to_zoned(TimeZone::UTC)
                .strftime(DATE_TIME)
                .to_string()
        })
        .unwrap_or_default()
}

/// Whole seconds of UNIX time that a `glide_date_time` stands for; none where it is no such text, or
/// before 1970.
pub(crate) fn unix(written: &str) -> Option<u64> {
    let moment = DateTime::strptime(DATE_TIME, written).ok()?;
    let since = moment.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    u64::try_from(since.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_columns_form() {
        assert_eq!(normalise(Kind::Boolean, "1"), "true");
        assert_eq!(normalise(Kind::Boolean, "nonsense"), "false");
        assert_eq!(normalise(Kind::Integer, " 007 "), "7");
        assert_eq!(normalise(Kind::Integer, "seven"), "");
        assert_eq!(normalise(Kind::Decimal, "NaN"), "");
        assert_eq!(cut("Köln".to_owned(), Some(2)), "Kö");
        assert_eq!(cut("Köln".to_owned(), Some(4)), "Köln");
        assert_eq!(cut("Köln".to_owned(), None), "Köln");
        assert_eq!(
            normalise(Kind::DateTime, "2026-01-02"),
            "2026-01-02 00:00:00"
        );
        for (given, kept) in [
            ("2026-01-02 03:04:05", "2026-01-02 03:04:05"),
            ("2026-02-30 03:04:05", ""),
            ("soon", ""),
            ("", ""),
        ] {
            assert_eq!(stored(Kind::DateTime, given), kept);
        }
        assert_eq!(stored(Kind::Date, "2026-01-02 03:04:05"), "2026-01-02");
        assert_eq!(
            written(std::time::Duration::from_secs(1_481_683_604)),
            "2016-12-14 02:46:44"
        );
        assert_eq!(unix("2016-12-14 02:46:44"), Some(1_481_683_604));
        assert_eq!(unix("9999-12-31 23:59:59"), Some(253_402_300_799));
        for other in ["", "soon", "1969-12-31 23:59:59", "2016-12-14"] {
            assert_eq!(unix(other), None, "{other}");
        }
    }
}
