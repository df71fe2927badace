//! The verb `write`: creates one record, once, or each of several. It is found again by its
//! `correlation_id`.

use serde_json::{Map, Value};
use snowproof_protocol::Verb;
use tokio::io::AsyncWrite;

use crate::answer::Page;
use crate::batch;
use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{BAD_SETTING, Failure};
use crate::ending::{Ended, Halt};
use crate::once::{self, Deed, Found};
use crate::policy::WriteKey;
use crate::reading::read_page;
use crate::stop::Stop;
use crate::voice::Voice;

/// Characters that mean something in an encoded query, or could break out of a value.
pub(crate) const SPECIAL: [char; 5] = ['^', '=', ',', '\n', '\r'];

/// Creates the record.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    state: Option<&Value>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    if let Some(records) = &client.settings().records {
        return batch::run(records, client, state, voice, stop).await;
    }
    let begun = once::begun(client, state);
    let record = prepared(client, begun)?;
    once::run(&record, begun.is_some(), client, voice, stop).await
}

/// A record to create, and by which column and value it is found again.
struct NewRecord {
    fields: Map<String, Value>,
    column: &'static str,
    value: String,
}

impl Deed for NewRecord {
    const VERB: Verb = Verb::Write;

    fn key(&self) -> &str {
        &self.value
    }

    fn what(&self) -> String {
        format!("the record with {} `{}`", self.column, self.value)
    }

    async fn attempt(&self, client: &Client<'_>) -> Result<(), Failure> {
        client.create(&self.fields).await
    }

    async fn look_up<W: AsyncWrite + Unpin>(
        &self,
        client: &Client<'_>,
        voice: &Voice<'_, W>,
        stop: &Stop,
    ) -> Result<Found, Halt> {
        let request = ListRequest {
            query: Some(format!("{}={}", self.column, self.value)),
            limit: 1,
            offset: 0,
            of: Rows::Configured,
        };
        let page = read_page(client, &request, Verb::Write, voice, stop).await?;
        Ok(shown(&page, self.column, &self.value))
    }
}

/// The record as it is sent; `begun` is the key of an earlier run.
fn prepared(client: &Client<'_>, begun: Option<&str>) -> Result<NewRecord, Halt> {
    let refused = |why: &str| Halt::Failed(Failure::permanent(BAD_SETTING, why));
    let Some(mut fields) = client.settings().record.clone() else {
        return Err(refused("no record to create is configured"));
    };
    if client.policy().write_key == WriteKey::OwnSysId {
        let value = begun.map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned);
        fields.insert("sys_id".to_owned(), Value::String(value.clone()));
        let column = "sys_id";
        return Ok(NewRecord {
            fields,
            column,
            value,
        });
    }
    let value = fields
        .get("correlation_id")
        .and_then(Value::as_str)
        .filter(|value| !value.is_empty() && !value.contains(SPECIAL))
        .ok_or_else(|| {
            refused("the record to create has no plain `correlation_id` to look it up by")
        })?
        .to_owned();
    let column = "correlation_id";
    Ok(NewRecord {
        fields,
        column,
        value,
    })
}

/// What a page shows of a record. An instance that ignores the condition shows other rows, and
/// one that hides the record counts it.
pub(crate) fn shown(page: &Page, column: &str, wanted: &str) -> Found {
    let value = |row: &Map<String, Value>| match row.get(column) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Object(pair)) => pair.get("value")?.as_str().map(str::to_owned),
        _ => None,
    };
    if page
        .rows
        .iter()
        .filter_map(value)
        .any(|found| found == wanted)
    {
        return Found::There;
    }
    if page.rows.is_empty() && page.total.is_none_or(|total| total == 0) {
        return Found::Missing;
    }
    Found::Unknown("the look-up shows neither that it is there nor that it is not".to_owned())
}
