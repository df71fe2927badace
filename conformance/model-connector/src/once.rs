//! A deed that is not safe to repeat: done once, whatever becomes of the answer.
//!
//! Where the instance said that it did not process it (429, 503, any 4xx) or was never reached,
//! nothing happened. Where the answer was lost, it may have been done: it is looked up before
//! another attempt is made, and where it cannot be looked up its user is told. The checkpoint before
//! the first attempt holds a key, so that a run which goes on after a kill looks first.

use serde_json::{Value, json};
use snowproof_protocol::{LogLevel, Verb};
use tokio::io::AsyncWrite;

use crate::client::Client;
use crate::diagnosis::{
    CONNECT_TIMEOUT, CONNECTION_REFUSED, DNS, DROPPED, Failure, HIBERNATING, Kind, LOGIN_PAGE,
    NO_CREDENTIALS, REDIRECT, TOKEN_EXPIRED, UNKNOWN_OUTCOME, WAKING,
};
use crate::ending::{Ended, Halt};
use crate::policy::{Resume, UnknownWrite};
use crate::retry::{Attempts, Next};
use crate::stop::Stop;
use crate::voice::Voice;

/// The field of the checkpoint that holds the key of what is being done.
pub(crate) const UNDER_WAY: &str = "under_way";

/// What a look-up shows.
pub(crate) enum Found {
    There,
    Missing,
    /// Neither, and why.
    Unknown(String),
}

/// Something that is done to the instance.
pub(crate) trait Deed {
    /// What was asked for.
    const VERB: Verb;

    /// What tells it apart from other deeds.
    fn key(&self) -> &str;

    /// What will be there, such as "the record with correlation_id `5f0c`".
    fn what(&self) -> String;

    /// Whether doing it twice comes to the same, so that there is nothing to look up.
    fn is_safe_to_repeat(&self) -> bool {
        false
    }

    /// Tries once.
    async fn attempt(&self, client: &Client<'_>) -> Result<(), Failure>;

    /// Looks whether it was done.
    async fn look_up<W: AsyncWrite + Unpin>(
        &self,
        client: &Client<'_>,
        voice: &Voice<'_, W>,
        stop: &Stop,
    ) -> Result<Found, Halt>;
}

/// The key of what an earlier run had begun.
pub(crate) fn begun<'s>(client: &Client<'_>, state: Option<&'s Value>) -> Option<&'s str> {
    state
        .filter(|_| client.policy().resume == Resume::FromState)
        .and_then(|state| state.get(UNDER_WAY)?.as_str())
}

/// Does it. `was_begun` tells that an earlier run had begun it.
pub(crate) async fn run<D: Deed, W: AsyncWrite + Unpin>(
    deed: &D,
    was_begun: bool,
    client: &Client<'_>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let policy = client.policy();
    if was_begun && !deed.is_safe_to_repeat() {
        let before = Failure::permanent(UNKNOWN_OUTCOME, "an earlier run did not come to its end");
        if looked_up(deed, &before, client, voice, stop).await? {
            return there_after_all(deed, voice).await;
        }
    }
    let table = &client.settings().table;
    if !deed.is_safe_to_repeat() {
        let state = client.checkpoint(json!({ UNDER_WAY: deed.key() })).await;
        voice.page(table, Vec::new(), state).await?;
    }
    let mut attempts = Attempts::new(policy, D::VERB);
    loop {
        voice
            .chat(|| format!("{}: {}", D::VERB, deed.what()))
            .await?;
        let mut failure = match stop.or(deed.attempt(client)).await? {
            Ok(()) => return Ok(Ended::success()),
            Err(failure) => failure,
        };
        failure.message = client.settings().without_secrets(&failure.message);
        let unknown = !was_not_processed(&failure);
        match policy.unknown_write {
            UnknownWrite::ClaimSuccess if unknown => return Ok(Ended::success()),
            UnknownWrite::Leave if unknown && !deed.is_safe_to_repeat() => {
                return Err(Halt::Failed(not_known(deed, &failure, "")));
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
        if unknown && !deed.is_safe_to_repeat() && policy.unknown_write == UnknownWrite::LookUp {
            if looked_up(deed, &failure, client, voice, stop).await? {
                return there_after_all(deed, voice).await;
            }
            failure = failure.adding("a look-up shows that it was not done");
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

/// Whether a look-up shows that it was done.
async fn looked_up<D: Deed, W: AsyncWrite + Unpin>(
    deed: &D,
    failure: &Failure,
    client: &Client<'_>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<bool, Halt> {
    let unknown = |why: &str| Err(Halt::Failed(not_known(deed, failure, why)));
    match deed.look_up(client, voice, stop).await {
        Ok(Found::There) => Ok(true),
        Ok(Found::Missing) => Ok(false),
        Ok(Found::Unknown(why)) => unknown(&why),
        Err(Halt::Failed(other)) => unknown(&format!("looking it up failed: {}", other.message)),
        Err(halt) => Err(halt),
    }
}

async fn there_after_all<D: Deed, W: AsyncWrite + Unpin>(
    deed: &D,
    voice: &Voice<'_, W>,
) -> Result<Ended, Halt> {
    let text = format!("{} is there after all", deed.what());
    voice.log(LogLevel::Info, text).await?;
    Ok(Ended::success())
}

/// Whether the instance cannot have done it.
pub(crate) fn was_not_processed(failure: &Failure) -> bool {
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

fn not_known<D: Deed>(deed: &D, failure: &Failure, more: &str) -> Failure {
    let failure = Failure::permanent(
        UNKNOWN_OUTCOME,
        format!(
            "{} may or may not be there: {}",
            deed.what(),
            failure.message
        ),
    );
    if more.is_empty() {
        failure
    } else {
        failure.adding(more)
    }
}
