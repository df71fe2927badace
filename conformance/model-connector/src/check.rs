//! The verb `check`: can this user read the table?
//!
//! One row is asked for. Where none comes back although the instance counts rows, a whole page is
//! asked for before anything is claimed: access controls apply after the limit, so the first row
//! may be hidden and the second visible (wire-core 2.5).

use snowproof_protocol::{LogLevel, Verb};
use tokio::io::AsyncWrite;

use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{Failure, NOTHING_VISIBLE};
use crate::ending::{Ended, Halt};
use crate::filter;
use crate::reading::read_page;
use crate::stop::Stop;
use crate::voice::Voice;

/// Tests the connection.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    filter::prove(client, Verb::Check, voice, stop).await?;
    let mut request = ListRequest {
        query: client.settings().narrow(None),
        limit: 1,
        offset: 0,
        of: Rows::Configured,
    };
    let mut page = read_page(client, &request, Verb::Check, voice, stop).await?;
    let whole_page = client
        .policy()
        .page_size
        .unwrap_or(client.settings().page_size);
    if page.rows.is_empty() && page.total.is_some_and(|total| total > 1) && whole_page > 1 {
        request.limit = whole_page;
        page = read_page(client, &request, Verb::Check, voice, stop).await?;
    }
    if !page.rows.is_empty() || client.policy().trust_status {
        return Ok(Ended::success());
    }
    let table = &client.settings().table;
    match page.total {
        Some(0) => {
            voice
                .log(LogLevel::Info, format!("table `{table}` is empty"))
                .await?;
            Ok(Ended::success())
        }
        total => Err(Halt::Failed(nothing_visible(table, total))),
    }
}

/// Nothing came back although nothing was refused.
pub(crate) fn nothing_visible(table: &str, total: Option<u64>) -> Failure {
    let message = match total {
        Some(total) => format!(
            "table `{table}` holds {total} records and none that was asked for is visible to \
             this user: a role or an access control is missing"
        ),
        None => format!("no record of table `{table}` is visible to this user, or it is empty"),
    };
    Failure::permanent(NOTHING_VISIBLE, message)
}
