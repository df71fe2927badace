//! The verb `sync`: reads the table to its true end and delivers every visible record once.
//!
//! A page's records and the checkpoint behind them leave in one write, before the next request.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use snowproof_protocol::{LogLevel, Outcome, Verb};
use tokio::io::AsyncWrite;

use crate::answer::{Page, key_of};
use crate::check::nothing_visible;
use crate::client::{Client, ListRequest};
use crate::diagnosis::{BAD_REQUEST, Failure, PARTIAL, STOPPED};
use crate::paging::{PageFacts, Position, Step, Walk};
use crate::policy::{Checkpoints, Delivery, FailedPage, Resume};
use crate::retry::{Attempts, Next};
use crate::stop::{Stop, Stopped};
use crate::voice::Voice;

/// Pages that a careless policy skips before it ends.
const MOST_SKIPPED: u32 = 3;

/// How a run ended by itself.
#[derive(Debug, PartialEq)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) told: Option<Failure>,
}

impl Ended {
    pub(crate) const fn success() -> Self {
        Self {
            outcome: Outcome::Success,
            told: None,
        }
    }
}

/// Why a run ended before its time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Halt {
    /// It failed, and the user is told why.
    #[error("failed")]
    Failed(Failure),
    /// It was asked to stop.
    #[error("stopped")]
    Stopped,
    /// Nobody listens any more.
    #[error("output failed: {0}")]
    Output(#[from] io::Error),
}

impl From<Stopped> for Halt {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// How far a sync has come. Serialized, it is the checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    #[serde(default)]
    position: Position,
    /// Records delivered.
    #[serde(default)]
    delivered: u64,
    /// Rows of the table when the sync began, visible or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// Whether the end was reached.
    #[serde(default)]
    complete: bool,
}

/// Reads the table, from the checkpoint where there is one.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    state: Option<&Value>,
    voice: &mut Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let policy = client.policy();
    let limit = policy.page_size.unwrap_or(client.settings().page_size);
    let walk = Walk::new(policy, limit);
    let mut progress = begin(state, policy.resume)?;
    let mut skipped = 0;
    while !progress.complete {
        let request = ListRequest {
            query: walk.query(&progress.position),
            limit,
            offset: progress.position.offset,
        };
        let page = match read_page(client, &request, Verb::Sync, voice, stop).await {
            Err(Halt::Failed(failure))
                if policy.failed_page == FailedPage::Skip
                    && failure.retryable()
                    && skipped < MOST_SKIPPED =>
            {
                skipped += 1;
                progress.position = walk.skip(&progress.position);
                continue;
            }
            page => page?,
        };
        let before = progress.clone();
        let Some(repeats) = advance(&mut progress, &walk, &page)? else {
            continue;
        };
        voice
            .chat(|| {
                format!(
                    "page of {} records, {} delivered so far",
                    page.rows.len(),
                    progress.delivered
                )
            })
            .await?;
        let state = match policy.checkpoints {
            Checkpoints::AfterPage => &progress,
            Checkpoints::OnePageBehind => &before,
        };
        let state = serde_json::to_value(state).map_err(io::Error::other)?;
        let mut rows = page.rows;
        if repeats && policy.delivery == Delivery::LastPageTwice {
            rows.extend(rows.clone());
        }
        voice.page(&client.settings().table, rows, state).await?;
    }
    Ok(verdict(client, &progress))
}

/// Moves on by a page. None: the page is to be read again. True: it was the last with rows.
fn advance(progress: &mut Progress, walk: &Walk, page: &Page) -> Result<Option<bool>, Halt> {
    let facts = PageFacts {
        rows: page.rows.len() as u64,
        last_key: page.rows.last().and_then(key_of).map(str::to_owned),
        total: page.total,
        next_offset: page.next_offset,
    };
    // An instance that ignores the condition would send the same rows for ever.
    if facts.last_key.is_some() && facts.last_key == progress.position.after {
        return Err(Halt::Failed(Failure::permanent(
            BAD_REQUEST,
            "the instance ignores the condition on `sys_id` and repeats its rows",
        )));
    }
    let next = match walk.step(&progress.position, &facts) {
        Step::Deliver(next) => next,
        Step::Reread(there) => {
            progress.position = there;
            return Ok(None);
        }
    };
    if progress.delivered == 0 && progress.total.is_none() {
        progress.total = page.total;
    }
    progress.delivered += facts.rows;
    let last = match next {
        Some(position) => {
            progress.position = position;
            false
        }
        None => {
            progress.complete = true;
            true
        }
    };
    Ok(Some(last && facts.rows > 0))
}

fn begin(state: Option<&Value>, resume: Resume) -> Result<Progress, Halt> {
    match (state, resume) {
        (Some(state), Resume::FromState) => {
            serde_json::from_value(state.clone()).map_err(|error| {
                Halt::Failed(Failure::permanent(
                    BAD_REQUEST,
                    format!("the checkpoint cannot be read: {error}"),
                ))
            })
        }
        _ => Ok(Progress::default()),
    }
}

/// What a complete read amounts to.
fn verdict(client: &Client<'_>, progress: &Progress) -> Ended {
    let (policy, table) = (client.policy(), &client.settings().table);
    if progress.delivered == 0 && !policy.trust_status && progress.total != Some(0) {
        return Ended {
            outcome: Outcome::Failure,
            told: Some(nothing_visible(table, progress.total)),
        };
    }
    let hidden = progress
        .total
        .map_or(0, |total| total.saturating_sub(progress.delivered));
    if hidden == 0 || !policy.tells_hidden {
        return Ended::success();
    }
    Ended {
        outcome: Outcome::Partial,
        told: Some(Failure::permanent(
            PARTIAL,
            format!(
                "{hidden} of {} records of table `{table}` are not visible to this user and were \
                 left out; {} were delivered",
                progress.delivered + hidden,
                progress.delivered
            ),
        )),
    }
}

/// What a stopped run amounts to.
pub(crate) fn stopped(verb: Verb) -> Ended {
    let (outcome, message) = match verb {
        Verb::Check => (
            Outcome::Failure,
            "stopped on request before the check was done",
        ),
        Verb::Sync => (
            Outcome::Partial,
            "stopped on request; the next run goes on at the checkpoint",
        ),
    };
    Ended {
        outcome,
        told: Some(Failure::permanent(STOPPED, message)),
    }
}

/// Reads one page, trying again as the policy allows.
pub(crate) async fn read_page<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    request: &ListRequest,
    verb: Verb,
    voice: &mut Voice<'_, W>,
    stop: &Stop,
) -> Result<Page, Halt> {
    let policy = client.policy();
    let mut attempts = Attempts::new(policy, verb);
    loop {
        voice.chat(|| format!("asking for {request:?}")).await?;
        let mut failure = match stop.or(client.list(request)).await? {
            Ok(page) => return Ok(page),
            Err(failure) => failure,
        };
        failure.message = client.settings().without_secrets(&failure.message);
        if policy.failed_page == FailedPage::Skip && verb == Verb::Sync && failure.retryable() {
            return Err(Halt::Failed(failure));
        }
        match attempts.failed_with(&failure, rand::random()) {
            Next::Wait(wait) => {
                let text = format!(
                    "attempt {}: {}; the next one follows in {:.1} s",
                    attempts.failed(),
                    failure.message,
                    wait.as_secs_f64()
                );
                voice.log(LogLevel::Warning, text).await?;
                stop.or(tokio::time::sleep(wait)).await?;
            }
            Next::Hopeless => return Err(Halt::Failed(failure)),
            Next::Enough(attempts) => {
                return Err(Halt::Failed(
                    failure.adding(&format!("gave up after {attempts} attempts")),
                ));
            }
            Next::TooLong(wait) => {
                return Err(Halt::Failed(failure.adding(&format!(
                    "this connector waits no longer than {} s, come back after {} s",
                    policy.max_wait.as_secs(),
                    wait.as_secs()
                ))));
            }
        }
    }
}
