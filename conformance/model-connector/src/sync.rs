//! The verb `sync`: reads the table to its true end and delivers every visible record once.
//!
//! Each worker reads a part of the table. A page's records and the checkpoint behind them leave in
//! one write, before that worker's next request.

use std::io;
use std::pin::pin;

use futures_util::future::join_all;
use serde_json::Value;
use snowproof_protocol::{LogLevel, Outcome, Verb};
use tokio::io::AsyncWrite;
use tokio::sync::Mutex;

use crate::check::nothing_visible;
use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{EXECUTION_QUOTA, FIELDS_UNSENT, Failure, Kind, PARTIAL};
use crate::ending::{Ended, Halt};
use crate::filter;
use crate::paging::Walk;
use crate::policy::{Checkpoints, Deletions, Delivery, FailedPage, Resume};
use crate::reading::read_page;
use crate::retry::{Attempts, Next};
use crate::stop::{Stop, Stopped, Stopper};
use crate::voice::Voice;

mod changes;
mod deletions;
mod parts;
mod progress;
mod unsent;

use changes::Changes;
use parts::{Part, Parts};
use progress::{Progress, advance};
use unsent::Unsent;

/// Faults that a careless policy passes over before it ends.
const MOST_SKIPPED: u32 = 3;

/// Reads the table, from the checkpoint where there is one.
///
/// Where a worker fails, the others end where they stand: a message on its way is sent whole, and
/// what they were waiting for is left.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    state: Option<&Value>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    filter::prove(client, Verb::Sync, voice, stop).await?;
    let delivered = Delivered::resume(client, state)?;
    let count = delivered.parts.count();
    let how = client.policy().incremental;
    let condition = delivered.changes.condition("sys_updated_on", how);
    let delivered = Mutex::new(delivered);
    let unsent = Unsent::of(client.settings());
    let halting = Stopper::new();
    let worker = async |number: usize| {
        let stop = halting.watch();
        let part = (number, condition.as_deref());
        let read = read_part(client, &delivered, &unsent, part, voice, &stop).await;
        if read.is_err() {
            halting.raise();
        }
        read
    };
    let mut workers = pin!(join_all((0..count).map(worker)));
    let ended = match stop.or(&mut workers).await {
        Ok(ended) => ended,
        Err(Stopped) => {
            halting.raise();
            workers.await
        }
    };
    // A worker that was only stopped by the failure of another has nothing to tell.
    let mut halts: Vec<Halt> = ended.into_iter().filter_map(Result::err).collect();
    let told = halts.iter().position(|halt| !matches!(halt, Halt::Stopped));
    if !halts.is_empty() {
        return Err(halts.swap_remove(told.unwrap_or(0)));
    }
    let ended = verdict(client, &delivered.lock().await.parts, &unsent);
    with_deletions(client, &delivered, ended, voice, stop).await
}

/// What was delivered so far.
struct Delivered {
    parts: Parts,
    changes: Changes,
}

impl Delivered {
    /// Behind a checkpoint where there is one: to its end, or on to what changed since.
    fn resume(client: &Client<'_>, state: Option<&Value>) -> Result<Self, Halt> {
        let anew = |changes| Self {
            parts: Parts::of(client.settings().parallelism),
            changes,
        };
        let Some(state) = state.filter(|_| client.policy().resume == Resume::FromState) else {
            return Ok(anew(Changes::default()));
        };
        let (changes, state) = Changes::taken_out(state)?;
        let parts = Parts::resume(&state)?;
        Ok(if parts.are_complete() {
            anew(changes.next_run(client.policy().incremental))
        } else {
            Self { parts, changes }
        })
    }

    fn checkpoint(&self) -> io::Result<Value> {
        let state = self.parts.checkpoint().map_err(io::Error::other)?;
        self.changes.put_into(state).map_err(io::Error::other)
    }
}

/// Tells what is gone, where changes were read. Where that cannot be told, the next run begins where
/// this one did.
async fn with_deletions<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    delivered: &Mutex<Delivered>,
    ended: Ended,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let how = client.policy().incremental;
    let mut delivered = delivered.lock().await;
    let condition = delivered.changes.condition("sys_created_on", how);
    let Some(since) = condition.filter(|_| how.deletions == Deletions::Told) else {
        return Ok(ended);
    };
    match deletions::tell(client, &since, voice, stop).await {
        Ok(()) => Ok(ended),
        Err(Halt::Failed(failure)) => {
            delivered.changes.stays();
            let state = client.checkpoint(delivered.checkpoint()?).await;
            voice
                .page(&client.settings().table, Vec::new(), state)
                .await?;
            let failure = failure.adding("which records are gone could not be told");
            Ok(Ended {
                outcome: Outcome::Partial,
                told: Some(match ended.told {
                    Some(told) => told.adding(&failure.message),
                    None => failure,
                }),
            })
        }
        Err(halt) => Err(halt),
    }
}

/// Reads one part to its end.
async fn read_part<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    delivered: &Mutex<Delivered>,
    unsent: &Unsent<'_>,
    (number, condition): (usize, Option<&str>),
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<(), Halt> {
    let policy = client.policy();
    let mut limit = policy.page_size.unwrap_or(client.settings().page_size);
    let Part {
        range,
        mut progress,
    } = delivered.lock().await.parts.part(number);
    let mut skipped = 0;
    let mut cancelled = Attempts::new(policy, Verb::Sync);
    while !progress.complete {
        let walk = Walk::new(policy, limit);
        let request = ListRequest {
            query: client.settings().narrow(within(
                condition,
                range.narrow(walk.query(&progress.position)),
            )),
            limit,
            offset: progress.position.offset,
            of: Rows::Configured,
        };
        let page = match read_page(client, &request, Verb::Sync, voice, stop).await {
            Err(Halt::Failed(failure))
                if policy.failed_page == FailedPage::Skip
                    && failure.retryable()
                    && skipped < MOST_SKIPPED =>
            {
                skipped += 1;
                progress.position = walk.skip(&progress.position);
                progress.hidden.given_up(limit.into());
                continue;
            }
            Err(Halt::Failed(failure))
                if policy.failed_page == FailedPage::StartOver
                    && failure.retryable()
                    && skipped < MOST_SKIPPED =>
            {
                skipped += 1;
                progress = Progress::default();
                continue;
            }
            // The query ran longer than the instance allows: fewer rows take less time.
            Err(Halt::Failed(failure))
                if failure.cause == EXECUTION_QUOTA
                    && limit > 1
                    && policy.page_shrink > 1
                    && policy.max_attempts > 1 =>
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
        let Some(repeats) = advance(&mut progress, &walk, &page, policy.paging)? else {
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
        // Held until the page has left, so that no checkpoint speaks of records behind it.
        let mut delivered = delivered.lock().await;
        let covered = match policy.checkpoints {
            Checkpoints::AfterPage => &progress,
            Checkpoints::OnePageBehind => &before,
        };
        let how = policy.incremental;
        let mut rows = delivered.changes.fresh(page.rows, page.date, how);
        if repeats && policy.delivery == Delivery::LastPageTwice {
            rows.extend(rows.clone());
        }
        delivered.parts.advanced(number, covered);
        let state = delivered.checkpoint()?;
        let rows = unsent.handed(rows, policy.unsent_fields);
        let state = client.checkpoint(state).await;
        voice.page(&client.settings().table, rows, state).await?;
        delivered.parts.advanced(number, &progress);
    }
    Ok(())
}

/// A query, narrowed to what changed.
fn within(condition: Option<&str>, query: Option<String>) -> Option<String> {
    match (condition, query) {
        (Some(condition), Some(query)) => Some(format!("{condition}^{query}")),
        (condition, query) => query.or(condition.map(str::to_owned)),
    }
}

/// What a complete read amounts to.
fn verdict(client: &Client<'_>, read: &Parts, unsent: &Unsent<'_>) -> Ended {
    let (policy, table) = (client.policy(), &client.settings().table);
    if read.delivered() == 0 && !policy.trust_status && read.total() != Some(0) {
        return Ended {
            outcome: Outcome::Failure,
            told: Some(nothing_visible(table, read.total())),
        };
    }
    if !policy.tells_hidden {
        return Ended::success();
    }
    let hidden = read.hidden();
    let records = (hidden > 0).then(|| {
        let text = format!(
            "{hidden} of {} records of table `{table}` are not visible to this user and were left \
             out; {} were delivered",
            read.delivered() + hidden,
            read.delivered()
        );
        Failure::permanent(PARTIAL, text)
    });
    let told = match (records, unsent.told(table)) {
        (Some(records), Some(fields)) => Some(records.adding(&fields)),
        (records, fields) => {
            records.or_else(|| fields.map(|text| Failure::permanent(FIELDS_UNSENT, text)))
        }
    };
    match told {
        None => Ended::success(),
        told => Ended {
            outcome: Outcome::Partial,
            told,
        },
    }
}
