//! Refusals that state how long they hold, and the window in which nothing may be sent.
//!
//! `Retry-After` is seconds or an HTTP-date (RFC 9110, 10.2.3); `X-RateLimit-Reset` is UNIX
//! seconds (wire-failures 5.1).

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::{Exchange, early, early_for_date, reaction};
use crate::evidence::Evidence;

/// A refusal that says when to come back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal<'a> {
    /// The exchange that was refused.
    pub(crate) exchange: Exchange<'a>,
    /// Journal nanoseconds of its end.
    pub(crate) ended: u64,
    /// `Retry-After`, where it could be read.
    pub(crate) retry_after: Option<Stated>,
    /// Journal nanoseconds of `X-RateLimit-Reset`.
    pub(crate) reset: Option<i128>,
}

/// A time that an answer states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stated {
    /// Nanoseconds from the end of the answer; negative for a date that has passed.
    pub(crate) wait: i128,
    /// Whether it was stated as a date.
    pub(crate) as_date: bool,
}

impl Stated {
    /// The shortest wait that honours it.
    pub(crate) fn at_least(self) -> i128 {
        let tolerance = if self.as_date {
            early_for_date(self.wait)
        } else {
            early(self.wait)
        };
        (self.wait - tolerance).max(0)
    }
}

/// Every 429 and 503 that states when to come back.
pub(crate) fn refusals<'a>(exchanges: &[Exchange<'a>], evidence: &'a Evidence) -> Vec<Refusal<'a>> {
    let started_unix = evidence
        .header
        .started
        .parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_nanosecond);
    exchanges
        .iter()
        .filter(|exchange| matches!(exchange.status(), Some(429 | 503)))
        .filter_map(|exchange| {
            let ended = exchange.ended()?;
            let (retry_after, reset) = stated_headers(exchange, evidence);
            let refusal = Refusal {
                exchange: *exchange,
                ended,
                retry_after: retry_after.and_then(|text| read(&text, ended, started_unix)),
                reset: reset.zip(started_unix).map(|(unix, started)| {
                    i128::from(unix).saturating_mul(1_000_000_000) - started
                }),
            };
            (refusal.retry_after.is_some() || refusal.reset.is_some()).then_some(refusal)
        })
        .collect()
}

/// Whether a 429 or 503 carries a `Retry-After` that is neither seconds nor a date.
pub(crate) fn states_unreadable(exchange: &Exchange<'_>, evidence: &Evidence) -> bool {
    if !matches!(exchange.status(), Some(429 | 503)) {
        return false;
    }
    let (retry_after, _) = stated_headers(exchange, evidence);
    retry_after.is_some_and(|text| {
        let text = text.trim();
        let seconds = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        !seconds && DateTimeParser::new().parse_timestamp(text).is_err()
    })
}

fn stated_headers(exchange: &Exchange<'_>, evidence: &Evidence) -> (Option<String>, Option<u64>) {
    if let Some(refused) = &exchange.request.decision.refused_until {
        return (refused.retry_after.clone(), refused.reset_unix);
    }
    let Some(script) = exchange.script(evidence) else {
        return (None, None);
    };
    let header = |name: &str| {
        script
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    (
        header("retry-after"),
        header("x-ratelimit-reset").and_then(|unix| unix.trim().parse().ok()),
    )
}

fn read(text: &str, ended: u64, started_unix: Option<i128>) -> Option<Stated> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: u64 = text.parse().ok()?;
        return Some(Stated {
            wait: i128::from(seconds) * 1_000_000_000,
            as_date: false,
        });
    }
    let date = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Stated {
        wait: date.as_nanosecond() - started_unix? - i128::from(ended),
        as_date: true,
    })
}

impl Refusal<'_> {
    /// The window in which nothing may be sent, in journal nanoseconds: from the end of the
    /// reaction allowance to the earlier of the stated times, less the tolerance. Windows end at
    /// whole seconds, so that `X-RateLimit-Reset` is exact.
    pub(crate) fn window(&self, evidence: &Evidence) -> (i128, i128) {
        let ended = i128::from(self.ended);
        let by_retry_after = self.retry_after.map(|stated| ended + stated.at_least());
        let by_reset = self.reset.map(|reset| reset - early(reset - ended));
        let until = [by_retry_after, by_reset].into_iter().flatten().min();
        (ended + reaction(evidence), until.unwrap_or(ended))
    }

    /// Whether a request falls under the rule that refused: the same act, user and API.
    pub(crate) fn binds(&self, other: &Exchange<'_>) -> bool {
        let refused = &self.exchange;
        refused.act == other.act
            && refused.instance == other.instance
            && api(&refused.request.target) == api(&other.request.target)
            && match (&refused.request.user, &other.request.user) {
                (Some(user), Some(other)) => user == other,
                _ => refused.request.credentials == other.request.credentials,
            }
    }
}

/// The API that a path names, versions left out: `table`, `stats`, ….
fn api(target: &str) -> &str {
    let path = target.split('?').next().unwrap_or_default();
    let mut parts = path
        .trim_start_matches('/')
        .split('/')
        .skip_while(|part| matches!(*part, "api" | "now"))
        .skip_while(|part| {
            part.strip_prefix('v')
                .is_some_and(|n| n.parse::<u8>().is_ok())
        });
    parts.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_dates_and_nothing_else() {
        let started = "2026-06-27T10:00:00Z"
            .parse::<Timestamp>()
            .unwrap()
            .as_nanosecond();
        let ended = 1_500_000_000;
        assert_eq!(
            read(" 3 ", ended, Some(started)),
            Some(Stated {
                wait: 3_000_000_000,
                as_date: false
            })
        );
        assert_eq!(
            read("Sat, 27 Jun 2026 10:00:05 GMT", ended, Some(started)),
            Some(Stated {
                wait: 3_500_000_000,
                as_date: true
            })
        );
        for text in ["", "-1", "soon", "1.5", "99999999999999999999"] {
            assert_eq!(read(text, ended, Some(started)), None, "{text}");
        }
    }

    #[test]
    fn a_date_has_a_second_of_tolerance() {
        let at = |as_date| {
            Stated {
                wait: 3_000_000_000,
                as_date,
            }
            .at_least()
        };
        assert_eq!(at(true), 2_000_000_000);
        assert_eq!(at(false), 2_940_000_000);
        assert_eq!(
            Stated {
                wait: -5,
                as_date: false
            }
            .at_least(),
            0
        );
    }

    #[test]
    fn versions_do_not_make_another_api() {
        assert_eq!(api("/api/now/v2/table/incident?x=1"), "table");
        assert_eq!(api("/api/now/table/incident"), "table");
        assert_eq!(api("/api/now/stats/incident"), "stats");
        assert_eq!(api("/oauth_token.do"), "oauth_token.do");
    }
}
