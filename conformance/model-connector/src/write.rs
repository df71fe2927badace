//! The verb `write`: creates one record, once.
//!
//! A create is not safe to repeat. Where the instance said that it did not process it (429, 503,
//! any 4xx) or was never reached, nothing happened. Where the answer was lost, the record may be
//! there: it is looked up by its `correlation_id` before another attempt is made. The checkpoint
//! before the first attempt holds that key, so that a run which goes on after a kill looks first.

use serde_json::{Map, Value, json};
use snowproof_protocol::{LogLevel, Verb};
use tokio::io::AsyncWrite;

use crate::answer::Page;
use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{
    BAD_SETTING, CONNECT_TIMEOUT, CONNECTION_REFUSED, DNS, DROPPED, Failure, HIBERNATING, Kind,
    LOGIN_PAGE, NO_CREDENTIALS, REDIRECT, TOKEN_EXPIRED, UNKNOWN_OUTCOME, WAKING,
};
use crate::ending::{Ended, Halt};
use crate::policy::{Resume, UnknownWrite, WriteKey};
use crate::reading::read_page;
use crate::retry::{Attempts, Next};
use crate::stop::Stop;
use crate::voice::Voice;

/// Characters that mean something in an encoded query, or could break out of a value.
const SPECIAL: [char; 5] = ['^', '=', ',', '\n', '\r'];

/// The field of the checkpoint that holds the key of the record.
const UNDER_WAY: &str = "under_way";

/// Creates the record.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    state: Option<&Value>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let policy = client.policy();
    let begun = state
        .filter(|_| policy.resume == Resume::FromState)
        .and_then(|state| state.get(UNDER_WAY)?.as_str());
    let (record, key) = prepared(client, begun)?;
    if begun.is_some() {
        let before = Failure::permanent(UNKNOWN_OUTCOME, "an earlier run did not come to its end");
        if let Found::There = look_up(client, &key, &before, voice, stop).await? {
            return there_after_all(&key, voice).await;
        }
    }
    let table = &client.settings().table;
    let state = client.checkpoint(json!({ UNDER_WAY: key.value })).await;
    voice.page(table, Vec::new(), state).await?;
    let mut attempts = Attempts::new(policy, Verb::Write);
    loop {
        voice
            .chat(|| format!("creating a record with {}", key.text()))
            .await?;
        let mut failure = match stop.or(client.create(&record)).await? {
            Ok(()) => return Ok(Ended::success()),
            Err(failure) => failure,
        };
        failure.message = client.settings().without_secrets(&failure.message);
        let unknown = !was_not_processed(&failure);
        match policy.unknown_write {
            UnknownWrite::ClaimSuccess if unknown => return Ok(Ended::success()),
            UnknownWrite::Leave if unknown => {
                return Err(Halt::Failed(not_known(&failure, &key, "")));
            }
            _ => {}
        }
        let next = attempts.failed_with(&failure, rand::random());
        if let Next::Wait(wait) = next {
            let text = format!(
                "attempt {}: {}; the next step follows in {:.1} s",
                attempts.failed(),
                failure.message,
                wait.as_secs_f64()
            );
            voice.log(LogLevel::Warning, text).await?;
            stop.or(tokio::time::sleep(wait)).await?;
        }
        if unknown && policy.unknown_write == UnknownWrite::LookUp {
            match look_up(client, &key, &failure, voice, stop).await? {
                Found::There => return there_after_all(&key, voice).await,
                Found::Missing => {
                    failure = failure.adding("a look-up shows that the record was not created");
                }
            }
        }
        match next {
            Next::Wait(_) => voice.passes(failure),
            Next::Hopeless => return Err(Halt::Failed(failure)),
            Next::Enough(attempts) => {
                let text = format!("gave up after {attempts} attempts");
                return Err(Halt::Failed(failure.adding(&text)));
            }
            Next::TooLong(wait) => {
                let text = format!(
                    "this connector waits no longer than {} s, come back after {} s",
                    policy.max_wait.as_secs(),
                    wait.as_secs()
                );
                return Err(Halt::Failed(failure.adding(&text)));
            }
        }
    }
}

async fn there_after_all<W: AsyncWrite + Unpin>(
    key: &Key,
    voice: &Voice<'_, W>,
) -> Result<Ended, Halt> {
    let text = format!("the record with {} is there after all", key.text());
    voice.log(LogLevel::Info, text).await?;
    Ok(Ended::success())
}

/// By which column and value a record is found again.
struct Key {
    column: &'static str,
    value: String,
}

impl Key {
    fn text(&self) -> String {
        format!("{} `{}`", self.column, self.value)
    }
}

/// What a look-up shows.
enum Found {
    There,
    Missing,
}

/// The record as it is sent, and its key; `begun` is the key of an earlier run.
fn prepared(client: &Client<'_>, begun: Option<&str>) -> Result<(Map<String, Value>, Key), Halt> {
    let refused = |why: &str| Halt::Failed(Failure::permanent(BAD_SETTING, why));
    let Some(mut record) = client.settings().record.clone() else {
        return Err(refused("no record to create is configured"));
    };
    if client.policy().write_key == WriteKey::OwnSysId {
        let value = begun.map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned);
        record.insert("sys_id".to_owned(), Value::String(value.clone()));
        let column = "sys_id";
        return Ok((record, Key { column, value }));
    }
    let value = record
        .get("correlation_id")
        .and_then(Value::as_str)
        .filter(|value| !value.is_empty() && !value.contains(SPECIAL))
        .ok_or_else(|| {
            refused("the record to create has no plain `correlation_id` to look it up by")
        })?
        .to_owned();
    let column = "correlation_id";
    Ok((record, Key { column, value }))
}

/// Whether the instance cannot have created the record.
fn was_not_processed(failure: &Failure) -> bool {
    // 503 comes before a request is processed; a gateway's 502 and 504 say nothing of it.
    let refused = failure
        .status
        .is_some_and(|status| (300..500).contains(&status) || status == 503);
    let never_reached = [DNS, CONNECTION_REFUSED, CONNECT_TIMEOUT].contains(&failure.cause);
    // A page with a 2xx, a redirect and a 202 come in the place of what was asked for.
    let turned_away = [HIBERNATING, WAKING, LOGIN_PAGE, REDIRECT, DROPPED].contains(&failure.cause);
    // Without a token nothing was sent.
    let unarmed = [NO_CREDENTIALS, TOKEN_EXPIRED].contains(&failure.cause);
    refused || never_reached || turned_away || unarmed || failure.kind == Kind::Certificate
}

async fn look_up<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    key: &Key,
    failure: &Failure,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Found, Halt> {
    let request = ListRequest {
        query: Some(format!("{}={}", key.column, key.value)),
        limit: 1,
        offset: 0,
        of: Rows::Configured,
    };
    let page = match read_page(client, &request, Verb::Write, voice, stop).await {
        Ok(page) => page,
        Err(Halt::Failed(other)) => {
            let why = format!("looking it up failed: {}", other.message);
            return Err(Halt::Failed(not_known(failure, key, &why)));
        }
        Err(halt) => return Err(halt),
    };
    shown(&page, key).ok_or_else(|| {
        let why = "the look-up shows neither that it is there nor that it is not";
        Halt::Failed(not_known(failure, key, why))
    })
}

/// What a page shows of the record. An instance that ignores the condition shows other rows, and
/// one that hides the record counts it.
fn shown(page: &Page, key: &Key) -> Option<Found> {
    let value = |row: &Map<String, Value>| match row.get(key.column) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Object(pair)) => pair.get("value")?.as_str().map(str::to_owned),
        _ => None,
    };
    if page
        .rows
        .iter()
        .filter_map(value)
        .any(|found| found == key.value)
    {
        return Some(Found::There);
    }
    let nothing_matches = page.rows.is_empty() && page.total.is_none_or(|total| total == 0);
    nothing_matches.then_some(Found::Missing)
}

fn not_known(failure: &Failure, key: &Key, more: &str) -> Failure {
    let failure = Failure::permanent(
        UNKNOWN_OUTCOME,
        format!(
            "the record with {} may or may not have been created: {}",
            key.text(),
            failure.message
        ),
    );
    if more.is_empty() {
        failure
    } else {
        failure.adding(more)
    }
}
