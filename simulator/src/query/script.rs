//! `javascript:` values: the few functions connectors use (wire-core 3.1), in UTC.
//!
//! A real instance evaluates dates in the user's time zone; that only UTC is modelled is *assumed*
//! to matter to nobody who runs as an integration user.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Session;
use crate::store::records::values::DATE_TIME;

/// Largest number of days, hours or minutes that a function takes.
const MOST: i64 = 1_000_000;

/// The value a script stands for; none if the script is not modelled.
pub(super) fn evaluate(script: &str, session: &Session<'_>) -> Option<String> {
    let script = script.trim().trim_end_matches(';');
    let call = script.strip_prefix("gs.")?;
    let (function, arguments) = call.strip_suffix(')')?.split_once('(')?;
    let arguments: Vec<&str> = arguments
        .split(',')
        .map(|argument| argument.trim().trim_matches(['\'', '"']))
        .collect();
    let number = || match arguments.first() {
        Some(&"") | None => Some(0),
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|number| number.abs() <= MOST),
    };
    let now = moment(session)?;
    let midnight = now.date().at(0, 0, 0, 0);
    let last_second = now.date().at(23, 59, 59, 0);
    let found = match function {
        "getUserName" => return Some(session.user_name.to_owned()),
        "getUserID" => return Some(session.user_sys_id.to_owned()),
        "dateGenerate" => {
            let [date, time] = arguments.as_slice() else {
                return None;
            };
            let time = match *time {
                "start" => "00:00:00",
                "end" => "23:59:59",
                time => time,
            };
            return Some(format!("{date} {time}"));
        }
        "now" => return Some(now.date().to_string()),
        "nowDateTime" => now,
        "beginningOfToday" => midnight,
        "endOfToday" => last_second,
        "beginningOfYesterday" => midnight.checked_sub(1.day()).ok()?,
        "endOfYesterday" => last_second.checked_sub(1.day()).ok()?,
        "daysAgo" => now.checked_sub(number()?.days()).ok()?,
        "daysAgoStart" => midnight.checked_sub(number()?.days()).ok()?,
        "daysAgoEnd" => last_second.checked_sub(number()?.days()).ok()?,
        "hoursAgo" => now.checked_sub(number()?.hours()).ok()?,
        "minutesAgo" => now.checked_sub(number()?.minutes()).ok()?,
        _ => return None,
    };
    Some(found.strftime(DATE_TIME).to_string())
}

fn moment(session: &Session<'_>) -> Option<DateTime> {
    let seconds = i64::try_from(session.unix.as_secs()).ok()?;
    let moment = Timestamp::from_second(seconds).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).datetime())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn scripts_know_the_user_and_the_day() {
        let session = Session {
            user_name: "sync.user",
            user_sys_id: "62826bf03710200044e0bfc8bcbe5df1",
            unix: Duration::from_secs(1_481_683_604),
        };
        let run = |script| evaluate(script, &session);
        assert_eq!(run("gs.getUserName()").unwrap(), "sync.user");
        assert_eq!(run("gs.getUserID()").unwrap(), session.user_sys_id);
        assert_eq!(run("gs.daysAgoStart(1)").unwrap(), "2016-12-13 00:00:00");
        assert_eq!(run("gs.hoursAgo(3)").unwrap(), "2016-12-13 23:46:44");
        assert_eq!(
            run("gs.dateGenerate('2026-01-01','23:59:59')").unwrap(),
            "2026-01-01 23:59:59"
        );
        assert_eq!(run("gs.daysAgo(99999999999)"), None);
        assert_eq!(run("gs.daysAgo(2147483647)"), None);
        assert_eq!(run("new GlideRecord('x')"), None);
        assert_eq!(run("gs.)("), None);
    }
}
