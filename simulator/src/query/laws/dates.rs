//! What conditions on dates mean, by the almanac.

use super::SESSION;
use super::almanac;
use crate::query::Operator;

/// Seconds since 1970 at which is asked.
pub(super) fn now() -> i64 {
    i64::try_from(SESSION.unix.as_secs()).unwrap()
}

/// What clocks show at a stored date; a day is the same everywhere.
pub(super) fn local(stored: &str) -> Option<i64> {
    let read = almanac::read(stored)?;
    Some(if stored.len() == 10 {
        read
    } else {
        almanac::local(read)
    })
}

pub(super) fn relative(stored: &str, operator: Operator, text: &str) -> bool {
    let Some(at) = almanac::read(stored) else {
        return false;
    };
    let parts: Vec<&str> = text.split('@').collect();
    let count: i64 = parts[3].parse().unwrap();
    let count = if parts[2] == "ago" { -count } else { count };
    let moment = almanac::shifted(now(), parts[1], count);
    let (start, end) = almanac::whole(almanac::local(moment), parts[1]);
    let form = |moment: i64, shown: i64| match stored.len() {
        10 => shown - shown.rem_euclid(86_400),
        _ => moment,
    };
    let (start, end) = (
        form(almanac::utc(start), start),
        form(almanac::utc(end), end),
    );
    let moment = form(moment, almanac::local(moment));
    match operator {
        Operator::RelativeAfter => at > moment,
        Operator::RelativeBefore => at < moment,
        Operator::RelativeFrom => at >= start,
        Operator::RelativeUntil => at <= end,
        _ => start <= at && at <= end,
    }
}

pub(super) fn apart(own: &str, other: &str, is_further: bool, text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    if own.is_empty() || other.is_empty() {
        return false;
    }
    let count: i64 = parts[3].parse().unwrap();
    let moved = |count| {
        almanac::write(almanac::shifted(
            almanac::read(other).unwrap(),
            parts[1],
            count,
        ))
    };
    let (earliest, latest) = (moved(-count), moved(count));
    let (earliest, latest) = (earliest.as_str(), latest.as_str());
    let before = parts[2].starts_with("before");
    let after = parts[2].ends_with("after");
    if is_further {
        (before && own < earliest) || (after && own > latest)
    } else {
        (before && earliest < own && own <= other) || (after && other <= own && own < latest)
    }
}

/// `A label@javascript:gs.datePart('part','value','relation')`.
pub(super) fn in_part(at: i64, text: &str) -> bool {
    let words: Vec<&str> = text.split('\'').collect();
    let found = almanac::part(at, words[1]);
    let wanted = match words[3] {
        "sunday" => 0,
        "monday" | "jan" => 1,
        "saturday" | "june" => 6,
        "mar" => 3,
        "December" => 12,
        number => number.parse().unwrap(),
    };
    match words[5] {
        "EE" => found == wanted,
        "GT" => found > wanted,
        "GE" => found >= wanted,
        "LT" => found < wanted,
        _ => found <= wanted,
    }
}
