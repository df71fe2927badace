//! Which rows to ask for next, and when the end is reached. Decides; sends nothing.
//!
//! The platform applies `sysparm_limit` before access controls, and `X-Total-Count` counts rows
//! that the user may not see (wire-core 1.3, 2.5): a page may be short, or empty, with more behind
//! it. Paging by key survives rows that come and go, since it asks for what follows the last row
//! seen; an offset is used only to cross stretches in which nothing is visible.

use serde::{Deserialize, Serialize};

use crate::policy::{EndOfData, Paging, Policy};

/// Where a read stands. Serialized, it is the checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    /// Key of the last row delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
    /// Rows to pass over from there.
    #[serde(default)]
    pub(crate) offset: u64,
    /// Rows that the last answer counted from `after` on, while nothing was visible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crossing: Option<u64>,
}

/// What paging needs to know of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageFacts {
    /// Rows it holds.
    pub(crate) rows: u64,
    /// Key of its last row.
    pub(crate) last_key: Option<String>,
    /// Its `X-Total-Count`.
    pub(crate) total: Option<u64>,
    /// The offset of its `Link` with `rel="next"`.
    pub(crate) next_offset: Option<u64>,
}

/// What to do with a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Deliver its rows and go on there; none is the end.
    Deliver(Option<Position>),
    /// Leave it and read from there again.
    Reread(Position),
}

/// How a table is walked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk {
    paging: Paging,
    end: EndOfData,
    limit: u64,
}

impl Walk {
    /// The policy's walk with pages of `limit` rows, at least 1.
    pub(crate) fn new(policy: &Policy, limit: u32) -> Self {
        Self {
            paging: policy.paging,
            end: policy.end_of_data,
            limit: u64::from(limit.max(1)),
        }
    }

    /// The encoded query that asks for the page at `position`.
    pub(crate) fn query(&self, position: &Position) -> Option<String> {
        match (self.paging, &position.after) {
            (Paging::UnorderedOffset, _) => None,
            (Paging::ByTime, Some(time)) => {
                Some(format!("sys_updated_on>{time}^ORDERBYsys_updated_on"))
            }
            (Paging::ByTime, None) => Some("ORDERBYsys_updated_on".to_owned()),
            (Paging::Keyset, Some(key)) => Some(format!("sys_id>{key}^ORDERBYsys_id")),
            (Paging::Keyset | Paging::Offset | Paging::OwnPageSize, _) => {
                Some("ORDERBYsys_id".to_owned())
            }
        }
    }

    /// What to do with a page, and where to go on.
    pub(crate) fn step(&self, position: &Position, page: &PageFacts) -> Step {
        if self.end == EndOfData::ShortPage && page.rows < self.limit {
            return Step::Deliver(None);
        }
        // Rows that vanished while nothing was visible moved those behind them towards the front,
        // perhaps to where this walk has passed already.
        let vanished = match (position.crossing, page.total) {
            (Some(before), Some(total)) => before.saturating_sub(total),
            _ => 0,
        };
        if vanished > 0 && position.offset > 0 {
            return Step::Reread(Position {
                after: position.after.clone(),
                offset: position.offset.saturating_sub(vanished),
                crossing: page.total,
            });
        }
        Step::Deliver(match (self.paging, &page.last_key) {
            (Paging::Keyset | Paging::ByTime, Some(key)) => Self::behind_key(position, page, key),
            (Paging::Keyset | Paging::ByTime, None) => self.across(position, page),
            (Paging::Offset | Paging::UnorderedOffset | Paging::OwnPageSize, _) => {
                self.by_offset(position, page)
            }
        })
    }

    /// Where to go on when the page at `position` is given up.
    pub(crate) fn skip(&self, position: &Position) -> Position {
        Position {
            offset: position.offset + self.limit,
            ..position.clone()
        }
    }

    fn behind_key(position: &Position, page: &PageFacts, key: &str) -> Option<Position> {
        // Everything that was left is in this page: nothing was hidden, and nothing follows.
        let complete = page
            .total
            .is_some_and(|total| position.offset + page.rows >= total);
        (!complete).then(|| Position {
            after: Some(key.to_owned()),
            offset: 0,
            crossing: None,
        })
    }

    /// An empty page: the end, or a stretch in which nothing is visible.
    fn across(&self, position: &Position, page: &PageFacts) -> Option<Position> {
        let Some(total) = page.total else {
            let offset = page.next_offset.filter(|&next| next > position.offset)?;
            return Some(Position {
                offset,
                ..position.clone()
            });
        };
        let reached = self.window_end(position, page);
        (reached < total).then(|| Position {
            after: position.after.clone(),
            offset: reached,
            crossing: Some(total),
        })
    }

    fn by_offset(&self, position: &Position, page: &PageFacts) -> Option<Position> {
        let reached = self.window_end(position, page);
        let more = match page.total {
            Some(total) => reached < total,
            None => page.next_offset.is_some() || page.rows > 0,
        };
        more.then(|| Position {
            offset: reached,
            ..position.clone()
        })
    }

    /// The first offset behind the page. An instance that caps the limit says so in its `Link`.
    pub(crate) fn window_end(&self, position: &Position, page: &PageFacts) -> u64 {
        let asked = position.offset.saturating_add(self.limit);
        page.next_offset
            .filter(|&next| next > position.offset && self.paging != Paging::OwnPageSize)
            .map_or(asked, |next| next.min(asked))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::hidden::Hidden;

    /// A table as an instance keeps it: key and visibility.
    type Table = BTreeMap<String, bool>;

    fn key(number: u16) -> String {
        format!("{number:08x}")
    }

    /// Answers as the platform does: order, then limit, then access controls.
    fn answer(
        table: &Table,
        position: &Position,
        limit: u64,
        link: bool,
    ) -> (Vec<String>, PageFacts) {
        let matching: Vec<(&String, &bool)> = table
            .iter()
            .filter(|(key, _)| position.after.as_ref().is_none_or(|after| *key > after))
            .collect();
        let total = matching.len() as u64;
        let rows: Vec<String> = matching
            .into_iter()
            .skip(usize::try_from(position.offset).unwrap())
            .take(usize::try_from(limit).unwrap())
            .filter(|(_, visible)| **visible)
            .map(|(key, _)| key.clone())
            .collect();
        let next = position.offset + limit;
        let facts = PageFacts {
            rows: rows.len() as u64,
            last_key: rows.last().cloned(),
            total: Some(total),
            next_offset: (link && next < total).then_some(next),
        };
        (rows, facts)
    }

    fn walk(policy: &Policy, limit: u32) -> Walk {
        Walk::new(policy, limit)
    }

    fn visit(walk: &Walk, table: &Table, limit: u64) -> (Vec<String>, usize) {
        let (seen, requests, _) = visit_counting(walk, table, limit);
        (seen, requests)
    }

    fn visit_counting(walk: &Walk, table: &Table, limit: u64) -> (Vec<String>, usize, u64) {
        let (mut seen, mut requests, mut hidden) = (Vec::new(), 0, Hidden::default());
        let mut position = Some(Position::default());
        while let Some(here) = position {
            requests += 1;
            assert!(requests < 10_000, "does not end");
            let (rows, facts) = answer(table, &here, limit, true);
            position = match walk.step(&here, &facts) {
                Step::Deliver(next) => {
                    seen.extend(rows);
                    hidden.passed(&here, &facts, walk.window_end(&here, &facts), next.as_ref());
                    next
                }
                Step::Reread(there) => Some(there),
            };
        }
        (seen, requests, hidden.rows())
    }

    #[test]
    fn a_fully_visible_table_takes_no_extra_request() {
        let table: Table = (0..250).map(|n| (key(n), true)).collect();
        let (seen, requests) = visit(&walk(&Policy::default(), 100), &table, 100);
        assert_eq!((seen.len(), requests), (250, 3));
    }

    #[test]
    fn an_instance_that_caps_the_limit_loses_no_rows() {
        let table: Table = (0..250)
            .map(|n| (key(n), !(100..200).contains(&n)))
            .collect();
        for paging in [Paging::Keyset, Paging::Offset] {
            let policy = Policy {
                paging,
                ..Policy::default()
            };
            let (seen, _) = visit(&walk(&policy, 1000), &table, 60);
            assert_eq!(seen.len(), 150, "{paging:?}");
        }
    }

    #[test]
    fn without_a_count_an_empty_page_is_the_end() {
        let walk = walk(&Policy::default(), 10);
        let full = PageFacts {
            rows: 10,
            last_key: Some(key(9)),
            ..PageFacts::default()
        };
        let Step::Deliver(Some(next)) = walk.step(&Position::default(), &full) else {
            panic!("stops at a full page");
        };
        assert_eq!(next.after, Some(key(9)));
        assert_eq!(walk.step(&next, &PageFacts::default()), Step::Deliver(None));
    }

    #[test]
    fn a_link_that_leads_nowhere_does_not_hold_the_walk() {
        let walk = walk(&Policy::default(), 10);
        let position = Position {
            offset: 20,
            ..Position::default()
        };
        let page = PageFacts {
            total: Some(100),
            next_offset: Some(5),
            ..PageFacts::default()
        };
        let Step::Deliver(Some(next)) = walk.step(&position, &page) else {
            panic!("stops before the end");
        };
        assert_eq!(next.offset, 30);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn every_visible_row_is_visited_exactly_once(
            rows in prop::collection::btree_map(any::<u16>(), any::<bool>(), 0..120),
            limit in 1_u32..40,
            by_offset in any::<bool>(),
        ) {
            let table: Table = rows.into_iter().map(|(n, visible)| (key(n), visible)).collect();
            let policy = Policy {
                paging: if by_offset { Paging::Offset } else { Paging::Keyset },
                ..Policy::default()
            };
            let (seen, _, hidden) =
                visit_counting(&walk(&policy, limit), &table, u64::from(limit));
            prop_assert_eq!(hidden, table.values().filter(|visible| !**visible).count() as u64);
            let visible: Vec<String> =
                table.into_iter().filter(|(_, visible)| *visible).map(|(key, _)| key).collect();
            prop_assert_eq!(seen, visible);
        }

        #[test]
        fn where_everything_is_visible_nothing_counts_as_hidden_whatever_comes_and_goes(
            rows in prop::collection::btree_set(any::<u16>(), 1..120),
            limit in 1_u32..20,
            changes in prop::collection::vec((any::<u16>(), any::<bool>()), 0..60),
        ) {
            let walk = walk(&Policy::default(), limit);
            let mut table: Table = rows.into_iter().map(|n| (key(n), true)).collect();
            let mut changes = changes.into_iter();
            let mut hidden = Hidden::default();
            let mut position = Some(Position::default());
            while let Some(here) = position {
                let (_, facts) = answer(&table, &here, u64::from(limit), true);
                position = match walk.step(&here, &facts) {
                    Step::Deliver(next) => {
                        hidden.passed(&here, &facts, walk.window_end(&here, &facts), next.as_ref());
                        next
                    }
                    Step::Reread(there) => Some(there),
                };
                for (number, appears) in changes.by_ref().take(3) {
                    if appears {
                        table.insert(key(number), true);
                    } else if let Some(doomed) = table.range(key(number)..).next() {
                        let doomed = doomed.0.clone();
                        table.remove(&doomed);
                    }
                }
            }
            prop_assert_eq!(hidden.rows(), 0);
        }

        #[test]
        fn a_row_that_stays_visible_is_never_lost_to_deletions(
            rows in prop::collection::btree_map(any::<u16>(), any::<bool>(), 1..120),
            limit in 1_u32..20,
            doomed in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..9), 0..60),
        ) {
            let walk = walk(&Policy::default(), limit);
            let mut table: Table =
                rows.into_iter().map(|(n, visible)| (key(n), visible)).collect();
            let mut doomed = doomed.into_iter();
            let mut seen = Vec::new();
            let mut position = Some(Position::default());
            while let Some(here) = position {
                let (rows, facts) = answer(&table, &here, u64::from(limit), true);
                position = match walk.step(&here, &facts) {
                    Step::Deliver(next) => {
                        seen.extend(rows);
                        next
                    }
                    Step::Reread(there) => Some(there),
                };
                let Some((index, count)) = doomed.next() else { continue };
                for _ in 0..count.min(table.len()) {
                    let keys: Vec<String> = table.keys().cloned().collect();
                    table.remove(index.get(&keys));
                }
            }
            let mut unique = seen.clone();
            unique.dedup();
            prop_assert_eq!(&unique, &seen, "a row was delivered twice");
            for (key, visible) in table {
                prop_assert!(!visible || seen.contains(&key), "{} was lost", key);
            }
        }
    }
}
