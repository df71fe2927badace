//! How far a read has come, and how a page moves it on. Decides; sends nothing.

use serde::{Deserialize, Serialize};

use crate::answer::{Page, key_of};
use crate::diagnosis::{BAD_REQUEST, Failure};
use crate::ending::Halt;
use crate::hidden::Hidden;
use crate::paging::{PageFacts, Position, Step, Walk};
use crate::policy::Paging;

/// How far the read of a table, or of a part of it, has come. Serialized, it is a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    #[serde(default)]
    pub(super) position: Position,
    /// Records delivered.
    #[serde(default)]
    pub(super) delivered: u64,
    /// Rows of the table when the sync began, visible or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<u64>,
    /// Rows that were passed without being shown.
    #[serde(default)]
    pub(super) hidden: Hidden,
    /// Whether the end was reached.
    #[serde(default)]
    pub(super) complete: bool,
}

/// Moves on by a page. None: the page is to be read again. True: it was the last with rows.
pub(super) fn advance(
    progress: &mut Progress,
    walk: &Walk,
    page: &Page,
    paging: Paging,
) -> Result<Option<bool>, Halt> {
    let last_row = page.rows.last();
    let last_key = match paging {
        Paging::ByTime => last_row.and_then(|row| row.get("sys_updated_on")?.as_str()),
        _ => last_row.and_then(key_of),
    };
    let facts = PageFacts {
        rows: page.rows.len() as u64,
        last_key: last_key.map(str::to_owned),
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
            let back = progress.position.offset.saturating_sub(there.offset);
            progress.hidden.back(back);
            progress.position = there;
            return Ok(None);
        }
    };
    let end = walk.window_end(&progress.position, &facts);
    progress
        .hidden
        .passed(&progress.position, &facts, end, next.as_ref());
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
