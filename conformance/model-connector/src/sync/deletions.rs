//! What is gone since the last run, as the instance keeps it in `sys_audit_delete`: a row for each
//! deleted record, under the class that the record had.

use serde_json::{Map, Value};
use snowproof_protocol::Verb;
use tokio::io::AsyncWrite;

use crate::answer::key_of;
use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{Failure, PARTIAL};
use crate::ending::Halt;
use crate::paging::{PageFacts, Position, Step, Walk};
use crate::reading::read_page;
use crate::stop::Stop;
use crate::voice::Voice;

/// Tells which records of the table are gone. `since` is the condition on the time.
///
/// # Errors
///
/// When the deletions cannot be read, or not all of them.
pub(super) async fn tell<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    since: &str,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<(), Halt> {
    let (policy, table) = (client.policy(), &client.settings().table);
    let limit = policy.page_size.unwrap_or(client.settings().page_size);
    let walk = Walk::new(policy, limit);
    let (mut position, mut told, mut counted) = (Some(Position::default()), 0, None);
    while let Some(here) = position {
        let narrow = format!("tablename={table}^{since}");
        let query = match walk.query(&here) {
            Some(query) => format!("{narrow}^{query}"),
            None => narrow,
        };
        let request = ListRequest {
            query: Some(query),
            limit,
            offset: here.offset,
            of: Rows::Sought {
                table: "sys_audit_delete",
                fields: "sys_id,documentkey",
            },
        };
        let page = read_page(client, &request, Verb::Sync, voice, stop).await?;
        let facts = PageFacts {
            rows: page.rows.len() as u64,
            last_key: page.rows.last().and_then(key_of).map(str::to_owned),
            total: page.total,
            next_offset: page.next_offset,
        };
        counted = counted.or(page.total);
        position = match walk.step(&here, &facts) {
            Step::Deliver(next) => {
                told += facts.rows;
                let gone = page.rows.iter().filter_map(key_of_record);
                voice.gone(table, gone.collect()).await?;
                next
            }
            Step::Reread(there) => Some(there),
        };
    }
    match counted {
        Some(all) if all > told => Err(Halt::Failed(Failure::permanent(
            PARTIAL,
            format!(
                "{} of {all} rows of `sys_audit_delete` are not visible to this user",
                all - told
            ),
        ))),
        _ => Ok(()),
    }
}

fn key_of_record(row: &Map<String, Value>) -> Option<String> {
    let key = row.get("documentkey")?.as_str()?;
    (!key.is_empty()).then(|| key.to_owned())
}
