//! Units of the calendar in a time zone: where they begin and end, and which part of them a
//! moment is (wire-core 3.2).
//!
//! A week is Sunday through Saturday: documented for the comparison of fields ("Evaluate equality
//! between date values") and *assumed* everywhere else. Weeks count from 0, and week 1 begins with
//! the year's first Sunday (*assumed*; encoded queries name weeks 0 to 53).

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};

use crate::store::records::values::DATE_TIME;

/// Largest number of units that is counted.
const MOST: i64 = 100_000;

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// The unit of this name in a query; `dayofweek` counts days.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" | "dayofweek" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// As SQL functions are told.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// This many of it.
    pub(super) fn span(self, count: i64) -> Option<Span> {
        if count.abs() > MOST {
            return None;
        }
        Some(match self {
            Self::Minute => count.minutes(),
            Self::Hour => count.hours(),
            Self::Day => count.days(),
            Self::Week => count.weeks(),
            Self::Month => count.months(),
            Self::Quarter => (count * 3).months(),
            Self::Year => Span::new().try_years(count).ok()?,
        })
    }

    /// The first moment of the unit that `at` lies in.
    fn start(self, at: DateTime) -> Option<DateTime> {
        let date = at.date();
        let first = match self {
            Self::Minute => return Some(date.at(at.hour(), at.minute(), 0, 0)),
            Self::Hour => return Some(date.at(at.hour(), 0, 0, 0)),
            Self::Day => date,
            Self::Week => date.checked_sub(i64::from(weekday(date)).days()).ok()?,
            Self::Month => date.first_of_month(),
            Self::Quarter => {
                Date::new(date.year(), date.month() - (date.month() - 1) % 3, 1).ok()?
            }
            Self::Year => date.first_of_year(),
        };
        Some(first.to_datetime(Time::midnight()))
    }

    /// The last second of the unit that `at` lies in.
    fn end(self, at: DateTime) -> Option<DateTime> {
        let next = self.start(at)?.checked_add(self.span(1)?).ok()?;
        next.checked_sub(1.second()).ok()
    }
}

/// Which part of a moment is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Hour of the day, 0 to 23.
    Hour,
    /// 0 is Sunday, 6 Saturday.
    DayOfWeek,
    /// Day of the month.
    Day,
    /// Week of the year, 0 to 53.
    Week,
    Month,
    Quarter,
    Year,
}

impl Part {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "hour" => Self::Hour,
            "dayofweek" => Self::DayOfWeek,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// This part of a moment.
    pub(super) fn of(self, at: DateTime) -> i64 {
        match self {
            Self::Hour => at.hour().into(),
            Self::DayOfWeek => weekday(at.date()).into(),
            Self::Day => at.day().into(),
            Self::Week => (i64::from(at.day_of_year()) - 1 + 7 - i64::from(weekday(at.date()))) / 7,
            Self::Month => at.month().into(),
            Self::Quarter => i64::from((at.month() - 1) / 3 + 1),
            Self::Year => at.year().into(),
        }
    }

    /// The number of a part that a query names, such as `monday`, `jan` or `12`.
    pub(super) fn value(self, name: &str) -> Option<i64> {
        const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
        const MONTHS: [&str; 12] = [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ];
        let name = name.to_ascii_lowercase();
        let among = |names: &[&str]| {
            let found = names.iter().position(|short| name.starts_with(short))?;
            i64::try_from(found).ok()
        };
        match self {
            Self::DayOfWeek => among(&DAYS),
            Self::Month => among(&MONTHS).map(|month| month + 1),
            Self::Hour | Self::Day | Self::Week | Self::Quarter | Self::Year => name.parse().ok(),
        }
    }
}

/// 0 is Sunday.
fn weekday(date: Date) -> i8 {
    date.weekday().to_sunday_zero_offset()
}

/// Now, where the caller is.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    pub(super) now: Zoned,
}

impl Clock {
    /// UNIX time in a zone by its IANA name; an unknown zone is UTC.
    pub(super) fn new(unix: std::time::Duration, zone: &str) -> Option<Self> {
        let seconds = i64::try_from(unix.as_secs()).ok()?;
        let now = Timestamp::from_second(seconds).ok()?;
        Some(Self {
            now: now.to_zoned(self::zone(zone)),
        })
    }

    /// Now moved by so many units.
    pub(super) fn moved(&self, unit: Unit, count: i64) -> Option<Zoned> {
        self.now.checked_add(unit.span(count)?).ok()
    }
}

/// The time zone of this IANA name; UTC where there is none.
pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The beginning of the unit that a moment lies in.
pub(super) fn start(unit: Unit, at: &Zoned) -> Option<Zoned> {
    let start = unit.start(at.datetime())?;
    start.to_zoned(at.time_zone().clone()).ok()
}

/// The last second of the unit that a moment lies in.
pub(super) fn end(unit: Unit, at: &Zoned) -> Option<Zoned> {
    let end = unit.end(at.datetime())?;
    end.to_zoned(at.time_zone().clone()).ok()
}

/// A moment as it is stored, in UTC.
pub(super) fn stored(at: &Zoned) -> String {
    let utc = at.with_time_zone(TimeZone::UTC);
    utc.strftime(DATE_TIME).to_string()
}

/// A stored value where the zone is: a date alone is the same everywhere.
pub(super) fn local(stored: &str, zone: &TimeZone) -> Option<DateTime> {
    let read: DateTime = stored.parse().ok()?;
    if stored.len() <= 10 {
        return Some(read);
    }
    let moment = read.to_zoned(TimeZone::UTC).ok()?;
    Some(moment.with_time_zone(zone.clone()).datetime())
}

/// A stored value moved by so many units of the zone's calendar, in the form it had.
pub(super) fn shifted(stored: &str, unit: Unit, count: i64, zone: &TimeZone) -> Option<String> {
    let read: DateTime = stored.parse().ok()?;
    let span = unit.span(count)?;
    if stored.len() <= 10 {
        let moved = read.checked_add(span).ok()?;
        return Some(moved.date().to_string());
    }
    let moment = read.to_zoned(TimeZone::UTC).ok()?;
    let moved = moment.with_time_zone(zone.clone()).checked_add(span).ok()?;
    Some(self::stored(&moved))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn units_begin_and_end_where_the_calendar_says() {
        let noon = at("2026-08-19 12:34:56");
        let range = |unit: Unit| {
            let (start, end) = (unit.start(noon).unwrap(), unit.end(noon).unwrap());
            format!("{start} {end}")
        };
        assert_eq!(
            range(Unit::Minute),
            "2026-08-19T12:34:00 2026-08-19T12:34:59"
        );
        assert_eq!(range(Unit::Hour), "2026-08-19T12:00:00 2026-08-19T12:59:59");
        assert_eq!(range(Unit::Day), "2026-08-19T00:00:00 2026-08-19T23:59:59");
        assert_eq!(range(Unit::Week), "2026-08-16T00:00:00 2026-08-22T23:59:59");
        assert_eq!(
            range(Unit::Month),
            "2026-08-01T00:00:00 2026-08-31T23:59:59"
        );
        assert_eq!(
            range(Unit::Quarter),
            "2026-07-01T00:00:00 2026-09-30T23:59:59"
        );
        assert_eq!(range(Unit::Year), "2026-01-01T00:00:00 2026-12-31T23:59:59");
    }

    #[test]
    fn parts_are_counted_as_the_condition_builder_counts_them() {
        let saturday = at("2026-01-03 23:00:00");
        assert_eq!(Part::DayOfWeek.of(saturday), 6);
        assert_eq!(Part::Week.of(saturday), 0);
        assert_eq!(Part::Week.of(at("2026-01-04")), 1);
        assert_eq!(Part::Week.of(at("2023-01-01")), 1);
        assert_eq!(Part::Week.of(at("2023-12-31")), 53);
        assert_eq!(Part::Quarter.of(at("2026-12-31")), 4);
        assert_eq!(Part::DayOfWeek.value("Monday"), Some(1));
        assert_eq!(Part::Month.value("june"), Some(6));
        assert_eq!(Part::Month.value("sept"), Some(9));
        assert_eq!(Part::Week.value("Week 0"), None);
    }

    #[test]
    fn a_day_is_as_long_as_the_zone_makes_it() {
        let zone = zone("Europe/Berlin");
        let moved = |unit, count| shifted("2026-03-28 12:00:00", unit, count, &zone).unwrap();
        assert_eq!(moved(Unit::Day, 1), "2026-03-29 11:00:00");
        assert_eq!(moved(Unit::Hour, 24), "2026-03-29 12:00:00");
        assert_eq!(moved(Unit::Month, -1), "2026-02-28 12:00:00");
        assert_eq!(
            shifted("2026-01-31", Unit::Month, 1, &zone).unwrap(),
            "2026-02-28"
        );
        assert_eq!(shifted("", Unit::Day, 1, &zone), None);
        assert_eq!(shifted("2026-01-31", Unit::Year, MOST + 1, &zone), None);
        assert_eq!(
            local("2026-06-30 22:30:00", &zone).unwrap(),
            at("2026-07-01 00:30:00")
        );
    }
}
