//! A retry policy for people, and as the block `declares:` of a manifest.

use std::fmt::Write as _;

use super::{Attempts, Backoff, Obeyed, RetryPolicy, Silence, Waited};

/// The longest declared number of attempts (`subject::Declares`).
const MAX_ATTEMPTS: u32 = 10;

/// The policy, a line for each thing that was found.
#[must_use]
pub fn shown(policy: &RetryPolicy) -> String {
    let mut lines = vec![
        ("statuses retried", statuses(policy, true)),
        ("not retried", statuses(policy, false)),
        ("Retry-After", retry_after(&policy.retry_after)),
        (
            "back-off",
            policy
                .backoff
                .as_ref()
                .map_or_else(|| "never waits".to_owned(), backoff),
        ),
        ("no answer", silence(&policy.silence)),
        ("reset", tried(&policy.reset)),
        ("bad certificate", handshakes(&policy.handshakes)),
        ("token refresh", token(policy.refreshes_token).to_owned()),
        ("in flight", format!("{} at most", policy.in_flight)),
    ];
    if let Some(rows) = policy.page_size {
        lines.push(("page size", format!("{rows} rows")));
    }
    lines
        .into_iter()
        .fold(String::new(), |mut text, (name, line)| {
            let _ = writeln!(text, "  {name:<17} {line}");
            text
        })
}

/// The block `declares:` of a manifest. What was not measured is a comment.
#[must_use]
pub fn declares(policy: &RetryPolicy) -> String {
    let mut text = "declares:\n".to_owned();
    let attempts = transient(policy)
        .map(|tried| tried.attempts)
        .max()
        .unwrap_or(1)
        .max(1);
    let unfinished = transient(policy).any(|tried| tried.unfinished);
    let comment = if unfinished {
        "   # it was still trying when its time was up"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "  max_attempts: {}{comment}",
        attempts.min(MAX_ATTEMPTS)
    );
    text.push_str("  # max_wait is not measured: the longest time it waits when it is told to\n");
    match policy.silence.timeout_ms {
        Some(timeout) => {
            let seconds = timeout.div_ceil(1000).max(1);
            let _ = writeln!(text, "  attempt_timeout: {seconds}s");
        }
        None => text.push_str("  # attempt_timeout: none was seen\n"),
    }
    if let Some(rows) = policy.page_size {
        let _ = writeln!(text, "  page_size: {rows}");
    }
    let _ = writeln!(text, "  parallelism: {}", policy.in_flight.max(1));
    text
}

fn transient(policy: &RetryPolicy) -> impl Iterator<Item = &Attempts<u16>> {
    let statuses = policy.statuses.iter();
    statuses.filter(|tried| matches!(tried.of, 429 | 500..))
}

fn statuses(policy: &RetryPolicy, retried: bool) -> String {
    let found: Vec<String> = policy
        .statuses
        .iter()
        .filter(|tried| tried.attempts > 0 && (tried.attempts > 1) == retried)
        .map(|tried| {
            if retried {
                format!(
                    "{} ({})",
                    tried.of,
                    attempts(tried.attempts, tried.unfinished)
                )
            } else {
                tried.of.to_string()
            }
        })
        .collect();
    if found.is_empty() {
        "none".to_owned()
    } else {
        found.join(", ")
    }
}

fn attempts(number: u32, unfinished: bool) -> String {
    let more = if unfinished { ", still trying" } else { "" };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} attempt{plural}{more}")
}

fn tried<T>(tried: &Attempts<T>) -> String {
    match tried.attempts {
        0 => "not measured".to_owned(),
        1 if !tried.unfinished => "not retried".to_owned(),
        number => format!("retried, {}", attempts(number, tried.unfinished)),
    }
}

fn handshakes<T>(tried: &Attempts<T>) -> String {
    match tried.attempts {
        0 => "not measured: no handshake".to_owned(),
        1 => "1 handshake, not retried".to_owned(),
        number => format!("{number} handshakes"),
    }
}

fn retry_after(waited: &[Waited]) -> String {
    if waited.is_empty() {
        return "not measured".to_owned();
    }
    let each = waited.iter().map(|waited| {
        let stated = seconds(waited.stated_ms);
        let did = match (waited.obeyed, waited.waited_ms) {
            (Obeyed::Yes, Some(ms)) => format!("obeyed ({stated} stated, {} waited)", seconds(ms)),
            (Obeyed::Early, Some(ms)) => {
                format!("not obeyed ({stated} stated, {} waited)", seconds(ms))
            }
            (_, Some(ms)) => format!("stretched ({stated} stated, {} waited)", seconds(ms)),
            (_, None) => "not retried".to_owned(),
        };
        format!("{} {did}", waited.status)
    });
    each.collect::<Vec<_>>().join(", ")
}

fn backoff(backoff: &Backoff) -> String {
    let mut parts = Vec::new();
    if backoff.first_at_once {
        parts.push("first retry at once".to_owned());
    }
    match backoff.base_ms {
        Some(base) => parts.push(format!("base {:.2} s", base / 1e3)),
        None => parts.push("no pause at all".to_owned()),
    }
    if let (Some(factor), Some(_)) = (backoff.factor, backoff.base_ms) {
        parts.push(format!("factor {factor:.1}"));
    }
    let level = if backoff.levels_off {
        ", where it levels off"
    } else {
        ""
    };
    parts.push(format!("longest {:.2} s{level}", backoff.longest_ms / 1e3));
    parts.push(match (backoff.jitter, backoff.spread) {
        (Some(true), Some(spread)) => format!("jitter (repeats differ by {:.0} %)", spread * 1e2),
        (Some(false), _) => format!("no jitter in {} repeats", backoff.repeats),
        _ => "jitter not measured".to_owned(),
    });
    parts.join(", ")
}

fn silence(silence: &Silence) -> String {
    match silence.timeout_ms {
        _ if silence.attempts == 0 => "not measured".to_owned(),
        Some(timeout) => {
            let again = match silence.attempts {
                1 => "not retried".to_owned(),
                number => attempts(number, silence.unfinished),
            };
            format!("abandoned after {}, {again}", seconds(timeout))
        }
        None => format!(
            "never abandoned: it was still waiting after {}",
            seconds(silence.watched_ms)
        ),
    }
}

const fn token(refreshes: Option<bool>) -> &'static str {
    match refreshes {
        Some(true) => "asks for another token after a 401",
        Some(false) => "does not ask for another token after a 401",
        None => "not measured: it asked for no token",
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn seconds(ms: u64) -> String {
    format!("{:.1} s", ms as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> RetryPolicy {
        let tried = |of, attempts| Attempts {
            of,
            attempts,
            unfinished: false,
        };
        RetryPolicy {
            reached: true,
            statuses: vec![tried(401, 1), tried(404, 1), tried(429, 5), tried(503, 5)],
            retry_after: vec![
                Waited {
                    status: 429,
                    stated_ms: 3_000,
                    waited_ms: Some(3_012),
                    obeyed: Obeyed::Yes,
                },
                Waited {
                    status: 503,
                    stated_ms: 3_000,
                    waited_ms: Some(401),
                    obeyed: Obeyed::Early,
                },
            ],
            backoff: Backoff::of(
                &[vec![400.0, 800.0], vec![400.0, 801.0], vec![401.0, 800.0]],
                2.0,
            ),
            silence: Silence {
                timeout_ms: Some(29_800),
                watched_ms: 29_800,
                attempts: 2,
                unfinished: true,
            },
            reset: Attempts {
                of: (),
                attempts: 5,
                unfinished: false,
            },
            handshakes: Attempts {
                of: (),
                attempts: 5,
                unfinished: false,
            },
            refreshes_token: None,
            in_flight: 1,
            page_size: Some(100),
        }
    }

    #[test]
    fn looks_as_agreed() {
        let policy = policy();
        insta::assert_snapshot!(format!("{}\n{}", shown(&policy), declares(&policy)));
    }

    #[test]
    fn the_block_fits_a_manifest() {
        let text = format!(
            "schema: snowproof.subject/1\nsubject: x\nadapter: command\nrun: {{ check: [\"x\"] }}\ncapabilities: [check]\n{}",
            declares(&policy())
        );
        let source = crate::yaml::SourceFile {
            name: "x.yaml".into(),
            text,
        };
        let subject = crate::subject::Subject::read(&source, std::path::PathBuf::new());
        let subject = subject.unwrap_or_else(|error| panic!("{}", error.rendered()));
        assert_eq!(subject.file.declares.max_attempts, 5);
        assert_eq!(
            subject.file.declares.attempt_timeout.effective.as_secs(),
            30
        );
    }

    #[test]
    fn a_command_that_never_gives_up_declares_the_ceiling() {
        let mut policy = policy();
        policy.statuses[3] = Attempts {
            of: 503,
            attempts: 480,
            unfinished: true,
        };
        let block = declares(&policy);
        assert!(
            block.contains("max_attempts: 10   # it was still trying"),
            "{block}"
        );
        assert!(shown(&policy).contains("503 (480 attempts, still trying)"));
    }
}
