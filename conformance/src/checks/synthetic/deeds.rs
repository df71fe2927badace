//! Runs of a subject that is asked to change a record, to upload a file or to send a message.

use snowproof_protocol::Verb;
use snowproof_simulator::journal::{Cause, Change, Event, RecordChanged};

use super::{Asked, Run};
use crate::evidence;

impl Run {
    /// A run that is asked for a deed, which the instance holds in the end or does not.
    pub(crate) fn doing(verb: Verb, held: bool) -> Self {
        let mut run = Self::of(verb);
        let (table, sys_id) = match verb {
            Verb::Attach => ("sys_attachment", Some("a")),
            Verb::Email => ("sys_email", None),
            _ => ("t", Some("a")),
        };
        run.act().asked = Some(evidence::Asked {
            table: table.into(),
            sys_id: sys_id.map(str::to_owned),
            held,
            several: None,
        });
        run
    }

    /// A run that is asked for several records at once, of which the instance holds so many in the
    /// end.
    pub(crate) fn writing_several(wanted: u32, held: u32) -> Self {
        let mut run = Self::of(Verb::Write);
        run.act().asked = Some(evidence::Asked {
            table: "t".into(),
            sys_id: None,
            held: held == wanted,
            several: Some(evidence::Several { wanted, held }),
        });
        run
    }

    /// A call that creates a record, which is there before the reply ends.
    pub(crate) fn creates(&mut self, sys_id: &str) -> Asked<'_> {
        let request = self.requests + 1;
        self.log(
            Some(Cause::Hand),
            Event::RecordChanged(RecordChanged {
                table: "t".into(),
                sys_id: sys_id.into(),
                change: Change::Inserted,
                mod_count: 0,
                request: Some(request),
            }),
        );
        self.ask("POST", "/api/now/table/t", Some("{}"))
    }

    /// A POST after which there is one record more in this table.
    pub(crate) fn posts(&mut self, path: &str, table: &str, sys_id: &str) -> Asked<'_> {
        let request = self.requests + 1;
        self.log(
            Some(Cause::Hand),
            Event::RecordChanged(RecordChanged {
                table: table.into(),
                sys_id: sys_id.into(),
                change: Change::Inserted,
                mod_count: 0,
                request: Some(request),
            }),
        );
        self.ask("POST", path, Some("{}"))
    }

    /// A record of this table changes by the request that comes next.
    pub(crate) fn changes(&mut self, table: &str, sys_id: &str, change: Change) {
        let request = self.requests + 1;
        self.log(
            Some(Cause::Hand),
            Event::RecordChanged(RecordChanged {
                table: table.into(),
                sys_id: sys_id.into(),
                change,
                mod_count: 0,
                request: Some(request),
            }),
        );
    }
}
