//! How long an answer asks to wait: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), else
//! `X-RateLimit-Reset`, in seconds of the Unix epoch (wire-failures 5.1).
//!
//! Dates are measured against the answer's own `Date`, so that a wrong clock here does no harm.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The time asked for; none where none is stated or it cannot be read.
pub(super) fn stated_wait(headers: &HeaderMap, rate_limited: bool) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(text) = text(RETRY_AFTER.as_str()) {
        if let Some(wait) = seconds(text) {
            return Some(wait);
        }
        if let Ok(at) = http_date(text) {
            return Some(until(headers, at));
        }
    }
    if !rate_limited {
        return None;
    }
    let reset: i64 = text("x-ratelimit-reset")?.parse().ok()?;
    Timestamp::from_second(reset)
        .ok()
        .map(|at| until(headers, at))
}

/// Whether a time is stated that cannot be read.
pub(super) fn is_unreadable(headers: &HeaderMap) -> bool {
    headers.get(RETRY_AFTER).is_some_and(|value| {
        let text = value.to_str().unwrap_or_default().trim();
        seconds(text).is_none() && http_date(text).is_err()
    })
}

/// `delta-seconds`: digits and nothing else. More than fits is the longest there is.
fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().map_or(Duration::MAX, Duration::from_secs))
}

/// A date as HTTP writes it.
pub(super) fn http_date(text: &str) -> Result<Timestamp, jiff::Error> {
    rfc2822::parse(text).map(|zoned| zoned.timestamp())
}

/// From the answer's own date until `at`; zero when it is past.
fn until(headers: &HeaderMap, at: Timestamp) -> Duration {
    let now = headers
        .get(DATE)
        .and_then(|value| http_date(value.to_str().ok()?).ok())
        .unwrap_or_else(Timestamp::now);
    Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    (*name).parse().unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    const DATED: (&str, &str) = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");

    #[test]
    fn every_form_is_read() {
        for (pairs, wait) in [
            (vec![("retry-after", "3")], Some(3)),
            (vec![("retry-after", "0")], Some(0)),
            (vec![("retry-after", "soon")], None),
            (vec![("retry-after", "-1")], None),
            (vec![("retry-after", "1.5")], None),
            (vec![("retry-after", "")], None),
            (
                vec![DATED, ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")],
                Some(60),
            ),
            (
                vec![DATED, ("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT")],
                Some(0),
            ),
            (vec![DATED, ("x-ratelimit-reset", "784111787")], Some(10)),
            (
                vec![
                    DATED,
                    ("x-ratelimit-reset", "784111787"),
                    ("retry-after", "x"),
                ],
                Some(10),
            ),
            (vec![("x-ratelimit-reset", "99999999999999999999")], None),
        ] {
            assert_eq!(
                stated_wait(&headers(&pairs), true),
                wait.map(Duration::from_secs),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_from_what_is_not_there() {
        for (pairs, unreadable) in [
            (vec![("retry-after", "soon")], true),
            (vec![("retry-after", "")], true),
            (vec![("retry-after", "0")], false),
            (vec![], false),
        ] {
            assert_eq!(is_unreadable(&headers(&pairs)), unreadable, "{pairs:?}");
        }
    }

    #[test]
    fn a_reset_is_read_only_where_a_limit_refused() {
        let headers = headers(&[DATED, ("x-ratelimit-reset", "784111787")]);
        assert_eq!(stated_wait(&headers, false), None);
    }

    #[test]
    fn more_seconds_than_fit_are_the_longest_wait() {
        let headers = headers(&[("retry-after", "99999999999999999999999")]);
        assert_eq!(stated_wait(&headers, true), Some(Duration::MAX));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_value_panics(retry_after in "\\PC{0,40}", reset in "-?[0-9]{0,25}") {
            let Ok(value) = HeaderValue::from_str(&retry_after) else { return Ok(()) };
            let mut map = headers(&[("x-ratelimit-reset", &reset)]);
            map.insert("retry-after", value);
            let _ = stated_wait(&map, true);
        }
    }
}
