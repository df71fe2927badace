//! The verb `provision`: a system property that holds the callback URL, and a business rule on the
//! table that calls it.
//!
//! Each is looked up by its name, created or put right, and read back, so that doing it again
//! changes nothing, and a column that the instance leaves out in silence is noticed: a script takes a
//! role of its own (wire-failures 4.18). A write whose answer was lost is settled by the next look.

use serde_json::{Map, Value};
use snowproof_protocol::{LogLevel, Verb};
use tokio::io::AsyncWrite;

use crate::answer::key_of;
use crate::check::nothing_visible;
use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{BAD_SETTING, Failure, HOOK_DENIED, HOOK_FIELD_DENIED, Kind, MALFORMED};
use crate::ending::{Ended, Halt};
use crate::reading::read_page;
use crate::retry::{Attempts, Next};
use crate::stop::Stop;
use crate::voice::Voice;

mod wanted;

use wanted::Wanted;

/// What a script takes besides the rights to its table (Scripting Governance Tool).
const SCRIPT_WRITER: &str = "snc_required_script_writer_permission";

/// Sets the instance up to call back.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let settings = client.settings();
    let Some(url) = &settings.webhook_url else {
        let why = "no URL to call back is configured";
        return Err(Halt::Failed(Failure::permanent(BAD_SETTING, why)));
    };
    // A rule without the property would have nowhere to call.
    for wanted in [Wanted::property(url), Wanted::rule(&settings.table)] {
        ensure(client, &wanted, voice, stop).await?;
    }
    Ok(Ended::success())
}

/// Sees to it that a record is there as it is wanted.
async fn ensure<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    wanted: &Wanted,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<(), Halt> {
    let policy = client.policy();
    let how = policy.provisioning;
    let mut attempts = Attempts::new(policy, Verb::Provision);
    let mut written = false;
    loop {
        let found = if how.looks_up || written {
            look_up(client, wanted, voice, stop).await?
        } else {
            None
        };
        let missing = wanted.missing_in(found.as_ref());
        if written && !missing.is_empty() {
            return Err(Halt::Failed(not_kept(wanted, &missing)));
        }
        if missing.is_empty() && (written || !how.rewrites) {
            return Ok(());
        }
        let key = found.as_ref().and_then(key_of);
        let fields = if how.rewrites {
            wanted.whole()
        } else {
            missing
        };
        let failure = match stop.or(client.store(wanted.table, key, &fields)).await? {
            Ok(()) if how.reads_back => {
                written = true;
                continue;
            }
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        let failure = denied(wanted, failure);
        match attempts.failed_with(&failure, rand::random()) {
            Next::Wait(wait) => {
                let text = format!(
                    "attempt {}: {}; a look at what is there follows in {:.1} s",
                    attempts.failed(),
                    failure.message,
                    wait.as_secs_f64()
                );
                voice.log(LogLevel::Warning, text).await?;
                voice.passes(failure);
                stop.or(tokio::time::sleep(wait)).await?;
            }
            Next::Hopeless => return Err(Halt::Failed(failure)),
            Next::Enough(attempts) => {
                let text = format!("gave up after {attempts} attempts");
                return Err(Halt::Failed(failure.adding(&text)));
            }
            Next::TooLong(wait) => {
                let text = format!("come back after {} s", wait.as_secs());
                return Err(Halt::Failed(failure.adding(&text)));
            }
        }
    }
}

/// The record as it is there, if it is.
async fn look_up<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    wanted: &Wanted,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Option<Map<String, Value>>, Halt> {
    let request = ListRequest {
        query: Some(wanted.query()),
        limit: 10,
        offset: 0,
        of: Rows::Sought {
            table: wanted.table,
            fields: wanted.columns,
        },
    };
    let page = match read_page(client, &request, Verb::Provision, voice, stop).await {
        Err(Halt::Failed(failure)) => return Err(Halt::Failed(denied(wanted, failure))),
        page => page?,
    };
    let hidden = page.rows.is_empty() && page.total.is_some_and(|total| total > 0);
    if hidden {
        let failure = nothing_visible(wanted.table, page.total);
        return Err(Halt::Failed(failure));
    }
    // An instance that ignores the condition shows other records.
    let (mut ours, others): (Vec<_>, Vec<_>) = page
        .rows
        .into_iter()
        .partition(|row| wanted.is_named_in(row));
    if ours.is_empty() && !others.is_empty() {
        let why = "the instance ignores the condition on the name and shows other records";
        return Err(Halt::Failed(Failure::permanent(MALFORMED, why)));
    }
    if ours.len() > 1 {
        let text = format!("{} records are named `{}`", ours.len(), wanted.name);
        voice.log(LogLevel::Warning, text).await?;
    }
    Ok(if ours.is_empty() {
        None
    } else {
        Some(ours.swap_remove(0))
    })
}

/// What was written and is not there.
fn not_kept(wanted: &Wanted, missing: &Map<String, Value>) -> Failure {
    let columns: Vec<&str> = missing.keys().map(String::as_str).collect();
    let failure = Failure::permanent(
        HOOK_FIELD_DENIED,
        format!(
            "`{}` in table `{}` was taken without its `{}`: this user may not set that",
            wanted.name,
            wanted.table,
            columns.join("`, `")
        ),
    );
    match missing.contains_key("script") {
        true => failure.adding(&about_scripts()),
        false => failure,
    }
}

/// A refusal, in the words of whoever sets up a callback.
fn denied(wanted: &Wanted, failure: Failure) -> Failure {
    if failure.kind != Kind::Forbidden {
        return failure;
    }
    let failure = Failure {
        cause: HOOK_DENIED,
        ..failure
    };
    match wanted.has_script() {
        true => failure.adding(&about_scripts()),
        false => failure,
    }
}

fn about_scripts() -> String {
    format!("a script takes the role `{SCRIPT_WRITER}` besides the rights to its table")
}

/// The rule as an instance would hold it.
#[cfg(test)]
pub(crate) fn rule_for_test(table: &str) -> Value {
    Value::Object(Wanted::rule(table).whole())
}
