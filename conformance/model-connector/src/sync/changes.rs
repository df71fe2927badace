//! What changed since the last run, and what of it is new. Decides; sends nothing.
//!
//! A run asks for whatever changed since the one before began, by the instance's clock, and for a
//! stretch of time before that: a transaction that took long bears the time at which it began, and
//! appears behind the cursor. What it meets again it knows by its version. Where an instance does not
//! date its answers, everything is read every time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::answer::key_of;
use crate::diagnosis::{BAD_REQUEST, Failure};
use crate::ending::Halt;
use crate::policy::{Cursor, EmptyRun, Incremental, Reread};

/// The field of the checkpoint that holds it.
const CHANGES: &str = "changes";

/// Times as an instance writes them (wire-core 5): their order is that of their texts.
const FORM: &str = "%Y-%m-%d %H:%M:%S";

/// What a checkpoint says of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    /// What changed at this time or later is read; all there is where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// From which time on the next run reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Delivered records that the next run will meet again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    known: BTreeMap<String, Version>,
}

/// A record as it was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    count: String,
    changed: String,
}

impl Changes {
    /// Takes what a checkpoint says of changes out of it.
    ///
    /// # Errors
    ///
    /// When that cannot be read.
    pub(super) fn taken_out(state: &Value) -> Result<(Self, Value), Halt> {
        let mut rest = state.clone();
        let kept = rest.as_object_mut().and_then(|rest| rest.remove(CHANGES));
        let changes = kept.map(serde_json::from_value).transpose();
        let changes = changes.map_err(|error| {
            let why = format!("the checkpoint cannot be read: {error}");
            Halt::Failed(Failure::permanent(BAD_REQUEST, why))
        })?;
        Ok((changes.unwrap_or_default(), rest))
    }

    /// Puts it into a checkpoint.
    ///
    /// # Errors
    ///
    /// Never, as far as is known: every value in it has a form in JSON.
    pub(super) fn put_into(&self, mut state: Value) -> Result<Value, serde_json::Error> {
        if let Some(object) = state.as_object_mut()
            && *self != Self::default()
        {
            object.insert(CHANGES.to_owned(), serde_json::to_value(self)?);
        }
        Ok(state)
    }

    /// Where the run after one begins that came to its end.
    pub(super) fn next_run(self, how: Incremental) -> Self {
        let before = self
            .since
            .filter(|_| how.empty_run == EmptyRun::KeepsCursor);
        let since = self.next.or(before);
        let mut known = self.known;
        known.retain(|_, version| {
            since
                .as_ref()
                .is_some_and(|since| version.changed >= *since)
        });
        Self {
            since,
            next: None,
            known,
        }
    }

    /// The next run is to begin where this one did.
    pub(super) fn stays(&mut self) {
        self.next.clone_from(&self.since);
    }

    /// The condition that finds changes by the time in `column`.
    pub(super) fn condition(&self, column: &str, how: Incremental) -> Option<String> {
        let since = self.since.as_deref()?;
        let operator = match how.cursor {
            Cursor::LatestRecord => ">",
            Cursor::InstanceTime | Cursor::OwnTime => ">=",
        };
        let since = moved(since, how).unwrap_or_else(|| since.to_owned());
        Some(format!("{column}{operator}{since}"))
    }

    /// The rows of a page that are new, of an answer of this date.
    pub(super) fn fresh(
        &mut self,
        rows: Vec<Map<String, Value>>,
        date: Option<Timestamp>,
        how: Incremental,
    ) -> Vec<Map<String, Value>> {
        let before = |moment: Timestamp| written(moment.checked_sub(how.overlap).ok()?);
        match how.cursor {
            Cursor::InstanceTime if self.next.is_none() => self.next = date.and_then(before),
            Cursor::InstanceTime | Cursor::LatestRecord => {}
            Cursor::OwnTime => self.next = before(Timestamp::now()),
        }
        rows.into_iter()
            .filter(|row| self.is_fresh(row, how))
            .collect()
    }

    fn is_fresh(&mut self, row: &Map<String, Value>, how: Incremental) -> bool {
        let text = |column| row.get(column).and_then(Value::as_str);
        let (Some(key), Some(count), Some(changed)) =
            (key_of(row), text("sys_mod_count"), text("sys_updated_on"))
        else {
            return true;
        };
        let latest = self
            .next
            .as_ref()
            .is_none_or(|latest| changed > latest.as_str());
        if how.cursor == Cursor::LatestRecord && latest {
            self.next = Some(changed.to_owned());
        }
        if self
            .known
            .get(key)
            .is_some_and(|known| known.count == count)
        {
            return how.reread == Reread::Delivered;
        }
        if self
            .next
            .as_ref()
            .is_none_or(|next| changed >= next.as_str())
        {
            let version = Version {
                count: count.to_owned(),
                changed: changed.to_owned(),
            };
            self.known.insert(key.to_owned(), version);
        } else {
            self.known.remove(key);
        }
        true
    }
}

fn written(moment: Timestamp) -> Option<String> {
    jiff::fmt::strtime::format(FORM, moment).ok()
}

/// A time as the queries of a connector have it whose clock is ahead of UTC.
fn moved(time: &str, how: Incremental) -> Option<String> {
    let time = jiff::civil::DateTime::strptime(FORM, time).ok()?;
    let moment = time.to_zoned(TimeZone::UTC).ok()?.timestamp();
    written(moment.checked_add(how.ahead_of_utc).ok()?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn row(key: &str, count: u32, changed: &str) -> Map<String, Value> {
        let row = json!({
            "sys_id": key,
            "sys_mod_count": count.to_string(),
            "sys_updated_on": changed,
        });
        row.as_object().unwrap().clone()
    }

    fn keys(rows: &[Map<String, Value>]) -> Vec<&str> {
        rows.iter().filter_map(key_of).collect()
    }

    fn noon() -> Option<Timestamp> {
        Some("2026-06-27T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_next_run_reads_the_overlap_again_and_knows_what_it_meets() {
        let how = Incremental::default();
        let mut first = Changes::default();
        assert_eq!(first.condition("sys_updated_on", how), None);
        let old = row("a", 3, "2026-06-27 11:00:00");
        let recent = row("b", 0, "2026-06-27 11:58:00");
        let fresh = first.fresh(vec![old, recent.clone()], noon(), how);
        assert_eq!(keys(&fresh), ["a", "b"]);

        let state = first.put_into(json!({"complete": true})).unwrap();
        let (kept, rest) = Changes::taken_out(&state).unwrap();
        assert_eq!(rest, json!({"complete": true}));
        let mut second = kept.next_run(how);
        assert_eq!(
            second.condition("sys_updated_on", how).as_deref(),
            Some("sys_updated_on>=2026-06-27 11:55:00")
        );
        let late = row("c", 0, "2026-06-27 11:56:00");
        let changed = row("b", 1, "2026-06-27 12:00:10");
        let again = second.fresh(vec![recent, late, changed], noon(), how);
        assert_eq!(keys(&again), ["c", "b"]);
        second.stays();
        let since = second.since.clone();
        assert_eq!(second.next_run(how).since, since);
    }

    #[test]
    fn a_careless_cursor_is_the_latest_record_or_in_another_zone() {
        let latest = Incremental {
            cursor: Cursor::LatestRecord,
            overlap: Duration::ZERO,
            ..Incremental::default()
        };
        let mut changes = Changes::default();
        changes.fresh(vec![row("a", 0, "2026-06-27 11:00:00")], noon(), latest);
        let changes = changes.next_run(latest);
        assert_eq!(
            changes.condition("sys_updated_on", latest).as_deref(),
            Some("sys_updated_on>2026-06-27 11:00:00")
        );
        let ahead = Incremental {
            ahead_of_utc: Duration::from_secs(9 * 3600),
            ..Incremental::default()
        };
        assert_eq!(
            changes.condition("c", ahead).as_deref(),
            Some("c>=2026-06-27 20:00:00")
        );
    }

    #[test]
    fn rows_without_a_version_always_come() {
        let mut changes = Changes::default();
        let bare = json!({"sys_id": "a"}).as_object().unwrap().clone();
        for _ in 0..2 {
            let fresh = changes.fresh(vec![bare.clone()], noon(), Incremental::default());
            assert_eq!(keys(&fresh), ["a"]);
        }
        assert!(Changes::taken_out(&json!({"changes": 7})).is_err());
    }
}
