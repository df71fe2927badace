//! `javascript:` values: the functions of `gs` that filters use (wire-core 3.1).
//!
//! Dates are those of the user's time zone, told in UTC ("Scoped GlideSystem"). A script that is
//! not one call of these is not modelled.

use jiff::Zoned;
use jiff::civil::{Date, Time};

use super::Session;
use super::calendar::{self, Clock, Unit};
use crate::store::records::values::DATE_TIME;

/// What a `DATEPART` compares with: `gs.datePart('dayofweek','monday','GE')`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DatePart<'s> {
    pub(super) part: &'s str,
    pub(super) value: &'s str,
    pub(super) relation: &'s str,
}

/// The value a script stands for; none if the script is not modelled.
pub(super) fn evaluate(script: &str, session: &Session<'_>) -> Option<String> {
    let script = script.trim().trim_end_matches(';');
    match script {
        "gs.getUser().getID()" | "gs.getUserID()" => return Some(session.user_sys_id.to_owned()),
        "gs.getUser().getName()" | "gs.getUserName()" => {
            return Some(session.user_name.to_owned());
        }
        _ => {}
    }
    let (function, arguments) = call(script)?;
    let clock = Clock::new(session.unix, session.time_zone)?;
    let argument = |at: usize| arguments.get(at).copied().unwrap_or("");
    match function {
        "dateGenerate" => generated(argument(0), argument(1), &clock.now),
        "getDurationDate" => duration(argument(0)),
        // Both are in the user's time zone, unlike what a query compares with.
        "now" => Some(clock.now.date().to_string()),
        "nowDateTime" => Some(clock.now.strftime(DATE_TIME).to_string()),
        "nowNoTZ" => Some(calendar::stored(&clock.now)),
        _ => {
            let moment = named(function, &clock).or_else(|| ago(function, argument(0), &clock))?;
            Some(calendar::stored(&moment))
        }
    }
}

/// The arguments of a `gs.datePart` call.
pub(super) fn date_part(script: &str) -> Option<DatePart<'_>> {
    match call(script.trim().trim_end_matches(';'))? {
        ("datePart", arguments) => match arguments.as_slice() {
            [part, value, relation] => Some(DatePart {
                part,
                value,
                relation,
            }),
            _ => None,
        },
        _ => None,
    }
}

/// The function of `gs` that is called, and its arguments without their quotes.
fn call(script: &str) -> Option<(&str, Vec<&str>)> {
    let call = script.strip_prefix("gs.")?;
    let (function, arguments) = call.strip_suffix(')')?.split_once('(')?;
    let arguments = arguments
        .split(',')
        .map(|argument| argument.trim().trim_matches(['\'', '"']));
    Some((function, arguments.collect()))
}

/// `beginningOfThisMonth`, `endOfLast7Days` and their kind.
fn named(function: &str, clock: &Clock) -> Option<Zoned> {
    let (is_end, name) = match function.strip_prefix("beginningOf") {
        Some(name) => (false, name),
        None => (true, function.strip_prefix("endOf")?),
    };
    let (unit, count) = match name {
        "Today" => (Unit::Day, 0),
        "Yesterday" => (Unit::Day, -1),
        "Tomorrow" => (Unit::Day, 1),
        _ => match last_days(name) {
            Some(days) => (Unit::Day, if is_end { 0 } else { -days }),
            None => {
                let (count, unit) = [("This", 0), ("Current", 0), ("Last", -1), ("Next", 1)]
                    .iter()
                    .find_map(|(word, count)| Some((*count, name.strip_prefix(word)?)))?;
                let known = unit.starts_with(|letter: char| letter.is_ascii_uppercase());
                let unit = known.then(|| unit.to_ascii_lowercase())?;
                (Unit::named(&unit).filter(|unit| *unit != Unit::Day)?, count)
            }
        },
    };
    let moment = clock.moved(unit, count)?;
    if is_end {
        calendar::end(unit, &moment)
    } else {
        calendar::start(unit, &moment)
    }
}

/// `Last7Days`: from the beginning of the day 7 days ago to the end of today (*assumed*).
fn last_days(name: &str) -> Option<i64> {
    let days = name.strip_prefix("Last")?.strip_suffix("Days")?;
    days.parse().ok().filter(|days| *days >= 0)
}

/// `daysAgo(3)`, `monthsAgoStart(1)` and their kind.
fn ago(function: &str, argument: &str, clock: &Clock) -> Option<Zoned> {
    let (unit, kind) = function.split_once("sAgo")?;
    let unit = Unit::named(unit)?;
    let count: i64 = match argument {
        "" => 0,
        argument => argument.parse().ok()?,
    };
    let moment = clock.moved(unit, count.checked_neg()?)?;
    match kind {
        "" => Some(moment),
        "Start" => calendar::start(unit, &moment),
        "End" => calendar::end(unit, &moment),
        _ => None,
    }
}

/// A date and a time of day where the user is; both in one argument mean the same (*assumed*: clients
/// write it, pysnow 0.7.17's `between` among them).
fn generated(date: &str, time: &str, now: &Zoned) -> Option<String> {
    let (date, time) = match time {
        "" => date.split_once(' ')?,
        time => (date, time),
    };
    let date: Date = date.parse().ok()?;
    let time: Time = match time {
        "start" => Time::midnight(),
        "end" => Time::constant(23, 59, 59, 0),
        time => time.parse().ok()?,
    };
    let moment = date
        .to_datetime(time)
        .to_zoned(now.time_zone().clone())
        .ok()?;
    Some(calendar::stored(&moment))
}

/// `D H:M:S` as a duration is stored, from the beginning of 1970.
fn duration(text: &str) -> Option<String> {
    let (days, time) = text.split_once(' ')?;
    let mut seconds = days.parse::<i64>().ok()?.checked_mul(24)?;
    let mut parts = 0;
    for (at, part) in time.split(':').enumerate() {
        let part: i64 = part.parse().ok()?;
        seconds = match at {
            0 => seconds.checked_add(part)?,
            _ => seconds.checked_mul(60)?.checked_add(part)?,
        };
        parts += 1;
    }
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    (parts == 3).then(|| calendar::stored(&moment.to_zoned(jiff::tz::TimeZone::UTC)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HERE: Session<'static> = Session {
        user_name: "sync.user",
        user_sys_id: "62826bf03710200044e0bfc8bcbe5df1",
        // Wednesday, 2016-12-14 02:46:44 UTC.
        unix: Duration::from_secs(1_481_683_604),
        time_zone: "UTC",
        reach: None,
    };

    #[test]
    fn scripts_know_the_user_and_the_day() {
        let run = |script| evaluate(script, &HERE);
        for script in ["gs.getUserName()", "gs.getUser().getName();"] {
            assert_eq!(run(script).unwrap(), "sync.user");
        }
        assert_eq!(run("gs.getUserID()").unwrap(), HERE.user_sys_id);
        assert_eq!(run("gs.getUser().getID()").unwrap(), HERE.user_sys_id);
        assert_eq!(run("gs.daysAgoStart(1)").unwrap(), "2016-12-13 00:00:00");
        assert_eq!(run("gs.hoursAgo(3)").unwrap(), "2016-12-13 23:46:44");
        assert_eq!(
            run("gs.dateGenerate('2026-01-01','23:59:59')").unwrap(),
            "2026-01-01 23:59:59"
        );
        assert_eq!(run("gs.daysAgo(99999999999)"), None);
        assert_eq!(run("gs.daysAgo(-9223372036854775808)"), None);
        assert_eq!(run("gs.daysAgo(2147483647)"), None);
        assert_eq!(run("gs.yearsAgo(99999)"), None);
        assert_eq!(run("gs.dateGenerate('2026-13-01','start')"), None);
        assert_eq!(
            run("gs.dateGenerate(\"2026-01-01 23:59:59\")"),
            run("gs.dateGenerate('2026-01-01','23:59:59')")
        );
        assert_eq!(run("gs.dateGenerate('2026-01-01')"), None);
        assert_eq!(run("new GlideRecord('x')"), None);
        assert_eq!(run("gs.)("), None);
        assert_eq!(run("gs.beginningOf()"), None);
        assert_eq!(run("gs.beginningOfThisday()"), None);
    }

    #[test]
    fn ranges_begin_and_end_with_their_unit() {
        for (name, from, to) in [
            ("Today", "2016-12-14 00:00:00", "2016-12-14 23:59:59"),
            ("Yesterday", "2016-12-13 00:00:00", "2016-12-13 23:59:59"),
            ("Tomorrow", "2016-12-15 00:00:00", "2016-12-15 23:59:59"),
            ("ThisWeek", "2016-12-11 00:00:00", "2016-12-17 23:59:59"),
            ("LastWeek", "2016-12-04 00:00:00", "2016-12-10 23:59:59"),
            ("NextWeek", "2016-12-18 00:00:00", "2016-12-24 23:59:59"),
            ("ThisMonth", "2016-12-01 00:00:00", "2016-12-31 23:59:59"),
            ("LastMonth", "2016-11-01 00:00:00", "2016-11-30 23:59:59"),
            ("NextMonth", "2017-01-01 00:00:00", "2017-01-31 23:59:59"),
            ("ThisQuarter", "2016-10-01 00:00:00", "2016-12-31 23:59:59"),
            ("LastQuarter", "2016-07-01 00:00:00", "2016-09-30 23:59:59"),
            ("ThisYear", "2016-01-01 00:00:00", "2016-12-31 23:59:59"),
            ("LastYear", "2015-01-01 00:00:00", "2015-12-31 23:59:59"),
            ("NextYear", "2017-01-01 00:00:00", "2017-12-31 23:59:59"),
            ("Last7Days", "2016-12-07 00:00:00", "2016-12-14 23:59:59"),
            ("Last30Days", "2016-11-14 00:00:00", "2016-12-14 23:59:59"),
            ("CurrentHour", "2016-12-14 02:00:00", "2016-12-14 02:59:59"),
            ("LastHour", "2016-12-14 01:00:00", "2016-12-14 01:59:59"),
            (
                "CurrentMinute",
                "2016-12-14 02:46:00",
                "2016-12-14 02:46:59",
            ),
        ] {
            let run = |side: &str| evaluate(&format!("gs.{side}Of{name}()"), &HERE);
            assert_eq!(run("beginning").as_deref(), Some(from), "{name}");
            assert_eq!(run("end").as_deref(), Some(to), "{name}");
        }
        for (name, expected) in [
            ("minutesAgo", "2016-12-14 02:44:44"),
            ("minutesAgoStart", "2016-12-14 02:44:00"),
            ("hoursAgoEnd", "2016-12-14 00:59:59"),
            ("daysAgo", "2016-12-12 02:46:44"),
            ("daysAgoEnd", "2016-12-12 23:59:59"),
            ("monthsAgo", "2016-10-14 02:46:44"),
            ("monthsAgoStart", "2016-10-01 00:00:00"),
            ("quartersAgoStart", "2016-04-01 00:00:00"),
            ("quartersAgoEnd", "2016-06-30 23:59:59"),
            ("yearsAgo", "2014-12-14 02:46:44"),
        ] {
            let found = evaluate(&format!("gs.{name}(2)"), &HERE);
            assert_eq!(found.as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_day_begins_at_the_users_midnight() {
        let there = Session {
            time_zone: "America/Los_Angeles",
            ..HERE
        };
        let run = |script| evaluate(script, &there).unwrap();
        // It is still the 13th there, 18:46:44.
        assert_eq!(run("gs.beginningOfToday()"), "2016-12-13 08:00:00");
        assert_eq!(run("gs.endOfToday()"), "2016-12-14 07:59:59");
        assert_eq!(run("gs.daysAgo(1)"), "2016-12-13 02:46:44");
        assert_eq!(run("gs.beginningOfThisYear()"), "2016-01-01 08:00:00");
        assert_eq!(run("gs.now()"), "2016-12-13");
        assert_eq!(run("gs.nowDateTime()"), "2016-12-13 18:46:44");
        assert_eq!(run("gs.nowNoTZ()"), "2016-12-14 02:46:44");
        assert_eq!(
            run("gs.dateGenerate('2016-07-01','start')"),
            "2016-07-01 07:00:00"
        );
        let nowhere = Session {
            time_zone: "Nowhere/Land",
            ..HERE
        };
        assert_eq!(
            evaluate("gs.beginningOfToday()", &nowhere).unwrap(),
            "2016-12-14 00:00:00"
        );
    }

    #[test]
    fn durations_count_from_1970() {
        let run = |script| evaluate(script, &HERE);
        assert_eq!(
            run("gs.getDurationDate('1 4:23:17')").unwrap(),
            "1970-01-02 04:23:17"
        );
        assert_eq!(run("gs.getDurationDate('1 4:23')"), None);
        assert_eq!(run("gs.getDurationDate('99999999999999999 0:0:0')"), None);
    }

    #[test]
    fn date_parts_are_read() {
        let read = date_part("gs.datePart('dayofweek','monday','GE')").unwrap();
        assert_eq!(
            (read.part, read.value, read.relation),
            ("dayofweek", "monday", "GE")
        );
        assert_eq!(date_part("gs.datePart('year')"), None);
        assert_eq!(date_part("gs.daysAgo(1)"), None);
    }
}
