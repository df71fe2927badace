//! The user's own query: whether the instance applies it.
//!
//! A column that the table does not have is ignored, and the list widens to all records without a
//! word (wire-core 3.3). So each column is asked for something that no record can have: where records
//! come, the instance has not understood.

use std::collections::BTreeSet;

use snowproof_protocol::Verb;
use tokio::io::AsyncWrite;

use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{BAD_SETTING, Failure, quoted};
use crate::ending::Halt;
use crate::policy::FilterCheck;
use crate::reading::read_page;
use crate::stop::Stop;
use crate::voice::Voice;

/// Reads a query that is to be narrowed further.
///
/// # Errors
///
/// When what is put behind it would not narrow all of it, or it orders what it finds.
pub(crate) fn read(text: &str) -> Result<String, Failure> {
    let unfit = ["^NQ", "^ORDERBY", "^GROUPBY", "\n", "\r"]
        .into_iter()
        .any(|token| text.contains(token));
    if !unfit && !text.starts_with("ORDERBY") {
        return Ok(text.trim_end_matches('^').to_owned());
    }
    let text = quoted(text);
    Err(Failure::permanent(
        BAD_SETTING,
        format!("the query {text} holds more than conditions that hold together"),
    ))
}

/// Asks whether the instance knows every column of the user's query.
///
/// # Errors
///
/// When it does not, or a request fails.
pub(crate) async fn prove<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    verb: Verb,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<(), Halt> {
    let settings = client.settings();
    let Some(query) = settings.query.as_deref() else {
        return Ok(());
    };
    if client.policy().filter_check == FilterCheck::Trusted {
        return Ok(());
    }
    for column in columns(query) {
        let request = ListRequest {
            query: Some(format!("{column}ISEMPTY^{column}ISNOTEMPTY")),
            limit: 1,
            offset: 0,
            of: Rows::Configured,
        };
        let page = read_page(client, &request, verb, voice, stop).await?;
        if !page.rows.is_empty() || page.total.is_some_and(|total| total > 0) {
            return Err(Halt::Failed(Failure::permanent(
                BAD_SETTING,
                format!(
                    "the query {} cannot be applied: table `{}` has no column `{column}`, and the \
                     instance ignores the condition and returns all records",
                    quoted(query),
                    settings.table
                ),
            )));
        }
    }
    Ok(())
}

/// The columns that a query names. Operators are in capitals or signs, columns are not.
fn columns(query: &str) -> BTreeSet<&str> {
    query
        .split('^')
        .map(|term| term.strip_prefix("OR").unwrap_or(term))
        .map(|term| {
            let end = term.find(|c: char| {
                !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c))
            });
            &term[..end.unwrap_or(term.len())]
        })
        .filter(|column| column.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_once() {
        let found = columns("install_status=1^ORinstall_statusIN2,3^u_siteISEMPTY^company.name!=x");
        let found: Vec<&str> = found.into_iter().collect();
        assert_eq!(found, ["company.name", "install_status", "u_site"]);
        assert!(columns("123TEXTQUERY321=x").is_empty());
    }

    #[test]
    fn what_could_not_be_narrowed_is_refused() {
        assert_eq!(read("active=1^ORactive=0^").unwrap(), "active=1^ORactive=0");
        for text in ["a=1^NQb=1", "ORDERBYa", "a=1^ORDERBYDESCb", "a=1\nb=2"] {
            assert_eq!(read(text).unwrap_err().cause, BAD_SETTING, "{text}");
        }
    }
}
