//! Dates of New York by arithmetic alone: days since 1970, and the rule for summer time.

const DAY: i64 = 86_400;

/// Days since 1970 of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of seconds since 1970.
pub(super) fn date(seconds: i64) -> (i64, i64, i64) {
    let shifted = seconds.div_euclid(DAY) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Reads `YYYY-MM-DD[ HH:MM:SS]`.
pub(super) fn read(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let date = days(number(0, 4)?, number(5, 7)?, number(8, 10)?) * DAY;
    if text.len() == 10 {
        return Some(date);
    }
    Some(date + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?)
}

/// Writes what [`read`] reads.
pub(super) fn write(seconds: i64) -> String {
    let (year, month, day) = date(seconds);
    let time = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// 0 is Sunday.
pub(super) fn weekday(seconds: i64) -> i64 {
    (seconds.div_euclid(DAY) + 4).rem_euclid(7)
}

/// Seconds to add to UTC: summer time is from the second Sunday of March to the first of November,
/// from 2:00 to 2:00.
fn offset(utc: i64) -> i64 {
    let (year, ..) = date(utc);
    let sunday = |month: i64, nth: i64| {
        let first = days(year, month, 1) * DAY;
        first + ((7 - weekday(first)) % 7 + 7 * (nth - 1)) * DAY
    };
    let summer = sunday(3, 2) + 7 * 3600..sunday(11, 1) + 6 * 3600;
    if summer.contains(&utc) {
        -4 * 3600
    } else {
        -5 * 3600
    }
}

/// What clocks show.
pub(super) fn local(utc: i64) -> i64 {
    utc + offset(utc)
}

/// When clocks show that: for the first time, or an hour later if they never do.
pub(super) fn utc(local: i64) -> i64 {
    let summer = local + 4 * 3600;
    if offset(summer) == -4 * 3600 {
        summer
    } else {
        local + 5 * 3600
    }
}

/// Moves what clocks show by so many units.
pub(super) fn moved(local: i64, unit: &str, count: i64) -> i64 {
    let months = match unit {
        "day" | "dayofweek" => return local + count * DAY,
        "week" => return local + count * 7 * DAY,
        "month" => count,
        "quarter" => count * 3,
        _ => count * 12,
    };
    let (year, month, day) = date(local);
    let total = year * 12 + month - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    let longest = days(year, month, 1);
    let next = days(year + month / 12, month % 12 + 1, 1);
    (days(year, month, day.min(next - longest))) * DAY + local.rem_euclid(DAY)
}

/// Moves a moment by so many units of the calendar there.
pub(super) fn shifted(moment: i64, unit: &str, count: i64) -> i64 {
    match unit {
        "minute" => moment + count * 60,
        "hour" => moment + count * 3600,
        _ => utc(moved(local(moment), unit, count)),
    }
}

/// The first and the last second that clocks show of a unit.
pub(super) fn whole(local: i64, unit: &str) -> (i64, i64) {
    let (year, month, _) = date(local);
    let midnight = local - local.rem_euclid(DAY);
    let (start, length) = match unit {
        "minute" => (local - local.rem_euclid(60), 60),
        "hour" => (local - local.rem_euclid(3600), 3600),
        "day" | "dayofweek" => (midnight, DAY),
        "week" => (midnight - weekday(local) * DAY, 7 * DAY),
        _ => {
            let start = match unit {
                "month" => days(year, month, 1),
                "quarter" => days(year, (month - 1) / 3 * 3 + 1, 1),
                _ => days(year, 1, 1),
            };
            return (start * DAY, moved(start * DAY, unit, 1) - 1);
        }
    };
    (start, start + length - 1)
}

/// A part of what clocks show.
pub(super) fn part(local: i64, name: &str) -> i64 {
    let (year, month, day) = date(local);
    match name {
        "hour" => local.rem_euclid(DAY) / 3600,
        "dayofweek" => weekday(local),
        "day" => day,
        "week" => {
            // Sundays that there have been in the year, that day included.
            let first = days(year, 1, 1);
            let of_year = local.div_euclid(DAY) - first;
            (0..=of_year)
                .filter(|day| weekday((first + day) * DAY) == 0)
                .count()
                .try_into()
                .unwrap()
        }
        "month" => month,
        "quarter" => (month + 2) / 3,
        _ => year,
    }
}
