//! How long a list takes: its rows cost time, up to the quota that cancels it and to what the edge
//! waits.
//!
//! That time grows with the rows alone is *assumed*; a list that is cancelled takes the whole quota,
//! 60 s for the Table API (wire-failures 5.3). What takes longer than the edge waits, five minutes,
//! is answered 500 by it (wire-failures 5.3).

use std::time::Duration;

use crate::journal::Condition;
use crate::pipeline;
use crate::reply::Reply;
use crate::setup::QueryTimeSetup;

/// The time that rows cost, in one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueryTime {
    /// Rows that a list returns before it is cancelled.
    pub(super) rows: u32,
    /// How long it takes until then.
    pub(super) quota: Duration,
    /// How long the edge waits for an answer.
    pub(super) edge_waits: Option<Duration>,
}

impl QueryTime {
    pub(super) fn of(setup: &QueryTimeSetup, rows: u32) -> Self {
        const QUOTA: Duration = Duration::from_secs(60);
        Self {
            rows: rows.max(1),
            quota: setup.quota.map_or(QUOTA, |quota| quota.effective),
            edge_waits: setup.edge_waits.map(|waits| waits.effective),
        }
    }

    /// How long the answer takes; where that is longer than the edge waits, the edge's own takes
    /// its place.
    pub(crate) fn spend(self, reply: &mut Reply) -> Duration {
        let takes = self.takes(reply);
        match self.edge_waits {
            Some(waits) if takes > waits => {
                *reply = pipeline::outlasted(&format!(
                    "the query takes {} ms, and the edge waits {} ms",
                    takes.as_millis(),
                    waits.as_millis()
                ));
                waits
            }
            _ => takes,
        }
    }

    fn takes(self, reply: &Reply) -> Duration {
        let batch = reply.served_in_batch.iter();
        let read: usize = batch
            .chain(&reply.served)
            .map(|served| served.sys_ids.len())
            .sum();
        // 30 s for a batch, and 60 for one list (wire-core 2.1).
        let is_batch = !reply.served_in_batch.is_empty();
        let longest = if is_batch { self.quota / 2 } else { self.quota };
        if reply.condition == Some(Condition::QueryCancelled) {
            return longest;
        }
        let read = u32::try_from(read).unwrap_or(u32::MAX);
        (self.quota.saturating_mul(read) / self.rows).min(longest)
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::journal::Served;

    const TIME: QueryTime = QueryTime {
        rows: 60,
        quota: Duration::from_secs(60),
        edge_waits: None,
    };

    fn list(rows: usize) -> Served {
        Served {
            table: "incident".to_owned(),
            query: String::new(),
            order: Vec::new(),
            ordered_by_caller: Vec::new(),
            offset: 0,
            limit: 100,
            total: 100,
            hidden: 0,
            sys_ids: vec![String::new(); rows],
            left_out: Vec::new(),
        }
    }

    fn of(served: Option<Served>, batch: Vec<Served>) -> Reply {
        let mut reply = Reply::empty(StatusCode::OK);
        reply.served = served;
        reply.served_in_batch = batch;
        reply
    }

    #[test]
    fn each_row_takes_its_part_of_the_quota() {
        for (rows, secs) in [(0, 0), (1, 1), (59, 59), (60, 60)] {
            let takes = TIME.spend(&mut of(Some(list(rows)), Vec::new()));
            assert_eq!(takes.as_secs(), secs, "{rows}");
        }
        assert_eq!(TIME.spend(&mut of(None, Vec::new())), Duration::ZERO);
    }

    #[test]
    fn a_cancelled_list_takes_all_of_it_and_a_batch_half() {
        let mut cancelled = of(None, Vec::new());
        cancelled.condition = Some(Condition::QueryCancelled);
        assert_eq!(TIME.spend(&mut cancelled).as_secs(), 60);
        let takes = TIME.spend(&mut of(None, vec![list(20), list(5)]));
        assert_eq!(takes.as_secs(), 25);
        let mut late = of(None, vec![list(20)]);
        late.condition = Some(Condition::QueryCancelled);
        assert_eq!(TIME.spend(&mut late).as_secs(), 30);
    }

    #[test]
    fn what_outlasts_the_edge_is_answered_by_it() {
        let short = QueryTime {
            edge_waits: Some(Duration::from_secs(30)),
            ..TIME
        };
        let mut long = of(Some(list(31)), Vec::new());
        assert_eq!(short.spend(&mut long).as_secs(), 30);
        assert_eq!(long.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(long.condition, Some(Condition::Overloaded));
        assert!(long.served.is_none());
        let mut fits = of(Some(list(30)), Vec::new());
        assert_eq!(short.spend(&mut fits).as_secs(), 30);
        assert_eq!(fits.status, StatusCode::OK);
    }
}
