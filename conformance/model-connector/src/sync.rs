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
use crate::diagnosis::{BAD_REQUEST, EXECUTION_QUOTA, Failure, Kind, PARTIAL};
use crate::ending::{Ended, Halt};
use crate::paging::{PageFacts, Position, Step, Walk};
use crate::policy::{Checkpoints, Delivery, FailedPage, Resume};
use crate::reading::read_page;
use crate::retry::{Attempts, Next};
use crate::stop::Stop;
use crate::voice::Voice;

/// Pages that a careless policy skips before it ends.
const MOST_SKIPPED: u32 = 3;

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
    let mut limit = policy.page_size.unwrap_or(client.settings().page_size);
    let mut progress = begin(state, policy.resume)?;
    let mut skipped = 0;
    let mut cancelled = Attempts::new(policy, Verb::Sync);
    while !progress.complete {
        let walk = Walk::new(policy, limit);
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
            // The query ran longer than the instance allows: fewer rows take less time.
            Err(Halt::Failed(failure))
                if failure.cause == EXECUTION_QUOTA && limit > 1 && policy.page_shrink > 1 =>
            {
                limit = (limit / policy.page_shrink).max(1);
                let text = format!("{}; asking for {limit} rows at a time", failure.message);
                voice.log(LogLevel::Warning, text).await?;
                continue;
            }
            Err(Halt::Failed(failure))
                if failure.cause == EXECUTION_QUOTA && policy.page_shrink <= 1 =>
            {
                let passing = Failure {
                    kind: Kind::Transient,
                    ..failure
                };
                let Next::Wait(wait) = cancelled.failed_with(&passing, rand::random()) else {
                    return Err(Halt::Failed(passing));
                };
                stop.or(tokio::time::sleep(wait)).await?;
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
    let step = if page.taken_for_the_end {
        Step::Deliver(None)
    } else {
        walk.step(&progress.position, &facts)
    };
    let next = match step {
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
    if page.taken_for_the_end {
        progress.total = Some(progress.delivered);
    }
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
