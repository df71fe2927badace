//! The verb `update`: changes the given fields of one record. To set them twice comes to the same, so
//! that a lost answer is no reason to look; an entry of a journal would be there twice.

use serde_json::{Map, Value};
use snowproof_protocol::Verb;
use tokio::io::AsyncWrite;

use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{BAD_SETTING, Failure, RECORD_CLOSED};
use crate::ending::{Ended, Halt};
use crate::once::{self, Deed, Found};
use crate::policy::{JournalEntries, MissingRecord};
use crate::reading::read_page;
use crate::stop::Stop;
use crate::voice::Voice;

/// Columns of tasks that take an entry each time they are written, and read as empty (wire-core 5).
const JOURNALS: [&str; 2] = ["work_notes", "comments"];

/// Changes the record.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    state: Option<&Value>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let refused = |why: &str| Halt::Failed(Failure::permanent(BAD_SETTING, why));
    let settings = client.settings();
    let fields = settings
        .record
        .as_ref()
        .ok_or_else(|| refused("nothing to change is configured"))?;
    let counts = client.policy().journal_entries == JournalEntries::LookedUp;
    let change = Change {
        sys_id: settings
            .sys_id
            .as_deref()
            .ok_or_else(|| refused("no record to change is configured"))?,
        fields,
        adds_entries: counts && JOURNALS.iter().any(|journal| fields.contains_key(*journal)),
    };
    let was_begun = once::begun(client, state).is_some();
    once::run(&change, was_begun, client, voice, stop).await
}

struct Change<'a> {
    sys_id: &'a str,
    fields: &'a Map<String, Value>,
    /// Whether it adds to a journal, so that it must be made once.
    adds_entries: bool,
}

impl Deed for Change<'_> {
    const VERB: Verb = Verb::Update;

    fn key(&self) -> &str {
        self.sys_id
    }

    fn what(&self) -> String {
        format!("the change of record `{}`", self.sys_id)
    }

    fn is_safe_to_repeat(&self) -> bool {
        !self.adds_entries
    }

    async fn attempt(&self, client: &Client<'_>) -> Result<(), Failure> {
        let changed = client.update(self.sys_id, self.fields).await;
        let creates = client.policy().missing_record == MissingRecord::CreateAnew;
        match changed {
            Err(failure) if creates && failure.cause == RECORD_CLOSED => {
                client.create(self.fields).await
            }
            changed => changed,
        }
    }

    async fn look_up<W: AsyncWrite + Unpin>(
        &self,
        client: &Client<'_>,
        voice: &Voice<'_, W>,
        stop: &Stop,
    ) -> Result<Found, Halt> {
        let request = ListRequest {
            query: Some(format!("sys_id={}", self.sys_id)),
            limit: 1,
            offset: 0,
            of: Rows::Configured,
        };
        let page = read_page(client, &request, Verb::Update, voice, stop).await?;
        Ok(shown(page.rows.first(), self.fields))
    }
}

/// What a record shows of a change. It is made whole or not at all, so that the fields that can be
/// read tell of those that cannot.
fn shown(record: Option<&Map<String, Value>>, change: &Map<String, Value>) -> Found {
    let unknown = |why: &str| Found::Unknown(why.to_owned());
    let Some(record) = record else {
        return unknown("the look-up does not show the record");
    };
    let mut held = change
        .iter()
        .filter(|(column, _)| !JOURNALS.contains(&column.as_str()))
        .map(|(column, wanted)| record.get(column) == Some(wanted));
    match (held.next(), held.all(|held| held)) {
        (None, _) => unknown("nothing but a journal is changed, which cannot be looked up"),
        (Some(true), true) => Found::There,
        (Some(_), _) => Found::Missing,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_fields_tell_of_the_journal() {
        let object = |value: &Value| value.as_object().unwrap().clone();
        let change = object(&json!({"correlation_id": "5f0c", "work_notes": "seen"}));
        let of = |record: &Value| shown(record.as_object(), &change);
        let there = json!({"correlation_id": "5f0c", "work_notes": ""});
        assert!(matches!(of(&there), Found::There));
        assert!(matches!(of(&json!({"correlation_id": ""})), Found::Missing));
        assert!(matches!(of(&Value::Null), Found::Unknown(_)));
        let notes = object(&json!({"work_notes": "seen"}));
        assert!(matches!(
            shown(there.as_object(), &notes),
            Found::Unknown(_)
        ));
    }
}
