//! A request of a told run, and the ways in which its reply may end.

use snowproof_simulator::journal::{
    Cause, Condition, Event, Outcome, RefusedUntil, ReplyEnd, Request, Served,
};

use super::{MS, Run};

/// A request that waits for its reply.
#[derive(Debug)]
pub(crate) struct Asked<'r> {
    pub(super) run: &'r mut Run,
    pub(super) request: Request,
    pub(super) cause: Option<Cause>,
    pub(super) takes: u64,
    pub(super) served_in_batch: Vec<Served>,
    pub(super) left_out: Vec<String>,
}

impl Asked<'_> {
    pub(crate) fn because(mut self, step: &str) -> Self {
        self.cause = Some(Cause::Step(step.into()));
        self
    }

    /// How long the reply takes, milliseconds.
    pub(crate) fn taking(mut self, millis: u64) -> Self {
        self.takes = millis;
        self
    }

    pub(crate) fn edit(mut self, edit: impl FnOnce(&mut Request)) -> Self {
        edit(&mut self.request);
        self
    }

    /// Fields that the rows of the page lack.
    pub(crate) fn left_out(mut self, fields: &[&str]) -> Self {
        self.left_out = fields.iter().map(|field| (*field).into()).collect();
        self
    }

    pub(crate) fn ok(self) {
        self.finish(Some(200), None, ReplyEnd::Delivered, None);
    }

    pub(crate) fn fails(self, status: u16, condition: Condition) {
        self.finish(Some(status), Some(condition), ReplyEnd::Delivered, None);
    }

    pub(crate) fn silent(self) {
        self.finish(None, Some(Condition::Stalled), ReplyEnd::Silent, None);
    }

    pub(crate) fn dripping(self) {
        self.finish(
            Some(200),
            Some(Condition::Dripping),
            ReplyEnd::Abandoned,
            None,
        );
    }

    pub(crate) fn cut(self) {
        self.finish(Some(200), Some(Condition::HungUp), ReplyEnd::Cut, None);
    }

    /// The connection is gone before anything is answered.
    pub(crate) fn dropped(self) {
        self.finish(None, Some(Condition::HungUp), ReplyEnd::Cut, None);
    }

    pub(crate) fn rate_limited(mut self, retry_after: &str) {
        self.request.decision.refused_until = Some(RefusedUntil {
            rule: "rule".into(),
            window_ends_ns: self.run.now + 3_000 * MS,
            retry_after: Some(retry_after.into()),
            reset_unix: None,
        });
        self.fails(429, Condition::RateLimited);
    }

    /// A page of rows: offset, limit, total, the rows delivered, how many were hidden.
    pub(crate) fn page(self, offset: u64, limit: u64, total: u64, ids: &[&str], hidden: u64) {
        let ordered = self.request.target.contains("ORDERBYsys_id");
        let served = Served {
            table: self.request.table.clone().unwrap_or_default(),
            query: String::new(),
            order: vec!["sys_id".into()],
            ordered_by_caller: if ordered {
                vec!["sys_id".into()]
            } else {
                Vec::new()
            },
            offset,
            limit,
            total,
            hidden,
            sys_ids: ids.iter().map(|id| (*id).into()).collect(),
            left_out: self.left_out.clone(),
        };
        self.finish(Some(200), None, ReplyEnd::Delivered, Some(served));
    }

    /// The pages that the requests of a batch read: table, offset, limit, total, the rows.
    pub(crate) fn pages_in_batch(mut self, pages: &[(&str, u64, u64, u64, &[&str])]) {
        let served = pages
            .iter()
            .map(|(table, offset, limit, total, ids)| Served {
                table: (*table).into(),
                query: String::new(),
                order: Vec::new(),
                ordered_by_caller: Vec::new(),
                offset: *offset,
                limit: *limit,
                total: *total,
                hidden: 0,
                sys_ids: ids.iter().map(|id| (*id).into()).collect(),
                left_out: Vec::new(),
            });
        self.served_in_batch = served.collect();
        self.request.table = None;
        self.finish(Some(200), None, ReplyEnd::Delivered, None);
    }

    fn finish(
        mut self,
        status: Option<u16>,
        condition: Option<Condition>,
        end: ReplyEnd,
        served: Option<Served>,
    ) {
        self.request.decision.status = status;
        self.request.decision.condition = condition;
        let (request, connection) = (self.request.request, self.request.connection);
        let cause = self.cause.clone();
        self.run.log(cause.clone(), Event::Request(self.request));
        self.run.wait(self.takes);
        let ended_ns = self.run.now;
        self.run.log(
            cause,
            Event::Outcome(Outcome {
                request,
                connection,
                end,
                status,
                body_bytes: 0,
                ended_ns,
                condition,
                served,
                served_in_batch: self.served_in_batch,
            }),
        );
    }
}
