//! How many rows were passed without being shown. Decides; sends nothing.
//!
//! A page that holds fewer rows than its stretch of the table is short because access controls
//! hide some. Rows that are deleted meanwhile must not be taken for hidden ones, and rows that
//! appear not for shown ones: so each page is measured against its own count, and what lies
//! behind a page's last row against the count of the next.

use serde::{Deserialize, Serialize};

use crate::paging::{PageFacts, Position};

/// The count so far. Serialized, it is part of the checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hidden {
    #[serde(default)]
    rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<Open>,
}

/// A page of which some hidden rows may lie behind the last row shown, where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    /// Rows that the page's answer counted.
    total: u64,
    /// Those of them that were shown, or counted before.
    done: u64,
    /// Hidden rows of the page, at most.
    missing: u64,
}

impl Hidden {
    /// Rows that were passed without being shown.
    pub(crate) const fn rows(&self) -> u64 {
        self.rows
    }

    /// A page was read that ends before `end`, counted from its key on; the walk goes on at `next`.
    pub(crate) fn passed(
        &mut self,
        position: &Position,
        page: &PageFacts,
        end: u64,
        next: Option<&Position>,
    ) {
        let open = self.open.take();
        let Some(total) = page.total else {
            return;
        };
        if let Some(open) = open.filter(|_| position.offset == 0) {
            let between = open.total.saturating_sub(total);
            self.rows += between.saturating_sub(open.done).min(open.missing);
        }
        let stretch = end.min(total).saturating_sub(position.offset);
        let missing = stretch.saturating_sub(page.rows);
        if next.is_some_and(|next| next.after != position.after) {
            self.open = Some(Open {
                total,
                done: position.offset + page.rows,
                missing,
            });
        } else {
            self.rows += missing;
        }
    }

    /// The walk goes back by so many rows, and will meet them again.
    pub(crate) fn back(&mut self, rows: u64) {
        self.rows = self.rows.saturating_sub(rows);
    }

    /// So many rows were given up unread.
    pub(crate) fn given_up(&mut self, rows: u64) {
        self.rows += rows;
    }
}
