//! How numbers and durations are displayed (wire-core 5).

/// A number with thousands separators; what is no number stays as it is.
pub(super) fn grouped(value: &str) -> String {
    let (sign, unsigned) = match value.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", value),
    };
    let (whole, fraction) = unsigned
        .find('.')
        .map_or((unsigned, ""), |at| unsigned.split_at(at));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.to_owned();
    }
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    text
}

/// A span since 1970-01-01 in words, parts that are nothing left out: `1 Day 4 Hours 23 Minutes`,
/// `8 Hours` (both observed). Seconds are shown where there is nothing else (*assumed*).
pub(super) fn spelled(duration: &str) -> Option<String> {
    let span = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", duration).ok()?;
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let seconds = span.duration_since(epoch).as_secs();
    let parts = [
        (seconds / 86_400, "Day"),
        (seconds / 3_600 % 24, "Hour"),
        (seconds / 60 % 60, "Minute"),
    ];
    let counted = |(count, unit): (i64, &str)| match count {
        1 => format!("1 {unit}"),
        count => format!("{count} {unit}s"),
    };
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count != 0)
        .map(counted)
        .collect();
    Some(if words.is_empty() {
        counted((seconds % 60, "Second"))
    } else {
        words.join(" ")
    })
}

/// The span that words such as [`spelled`]'s stand for, as it is stored; none if they are no such
/// words.
pub(in crate::api) fn read_span(words: &str) -> Option<String> {
    let parts: Vec<&str> = words.split_whitespace().collect();
    let (pairs, rest) = parts.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    let mut seconds = 0_i64;
    for [count, unit] in pairs {
        let length = match unit.trim_end_matches('s').to_ascii_lowercase().as_str() {
            "day" => 86_400,
            "hour" => 3_600,
            "minute" => 60,
            "second" => 1,
            _ => return None,
        };
        let part = count.parse::<i64>().ok()?.checked_mul(length)?;
        seconds = seconds.checked_add(part)?;
    }
    let end = jiff::Timestamp::from_second(seconds).ok()?;
    let end = end.to_zoned(jiff::tz::TimeZone::UTC);
    Some(end.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_displayed_in_groups() {
        for (stored, shown) in [
            ("5", "5"),
            ("1500", "1,500"),
            ("-1234567", "-1,234,567"),
            ("45557.5", "45,557.5"),
            (".5", ".5"),
            ("x", "x"),
        ] {
            assert_eq!(grouped(stored), shown);
        }
    }

    #[test]
    fn durations_are_spelled_out() {
        for (stored, shown) in [
            ("1970-01-02 04:23:17", "1 Day 4 Hours 23 Minutes"),
            ("1970-01-01 08:00:00", "8 Hours"),
            ("1970-01-01 00:01:01", "1 Minute"),
            ("1970-01-01 00:00:17", "17 Seconds"),
            ("1970-01-01 00:00:00", "0 Seconds"),
            ("1970-03-01 00:00:00", "59 Days"),
        ] {
            assert_eq!(spelled(stored).as_deref(), Some(shown));
        }
        assert_eq!(spelled("soon"), None);
        for (written, stored) in [
            ("1 Day 4 Hours 23 Minutes", Some("1970-01-02 04:23:00")),
            ("8 hours", Some("1970-01-01 08:00:00")),
            ("0 Seconds", Some("1970-01-01 00:00:00")),
            ("99999999999999 Days", None),
            ("1 Day 4", None),
            ("1 fortnight", None),
            ("", None),
        ] {
            assert_eq!(read_span(written).as_deref(), stored, "{written}");
        }
    }
}
