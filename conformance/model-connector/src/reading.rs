//! One read, tried as often as the policy allows, with a word to the user before each wait.

use snowproof_protocol::{LogLevel, Verb};
use tokio::io::AsyncWrite;

use crate::answer::Page;
use crate::client::{Client, ListRequest};
use crate::diagnosis::Failure;
use crate::ending::Halt;
use crate::policy::{FailedPage, Policy, Reports};
use crate::retry::{Attempts, Next};
use crate::stop::Stop;
use crate::voice::Voice;

/// Reads one page, trying again as the policy allows.
pub(crate) async fn read_page<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    request: &ListRequest,
    verb: Verb,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Page, Halt> {
    let policy = client.policy();
    let mut attempts = Attempts::new(policy, verb);
    let mut named: Option<Failure> = None;
    loop {
        voice.chat(|| format!("asking for {request:?}")).await?;
        let pass = client.gate().enter(stop).await?;
        let mut failure = match stop.or(client.list(request)).await? {
            Ok(page) => return Ok(page),
            Err(failure) => failure,
        };
        failure.message = client.settings().without_secrets(&failure.message);
        if policy.failed_page != FailedPage::Retry && verb == Verb::Sync && failure.retryable() {
            return Err(Halt::Failed(failure));
        }
        match attempts.failed_with(&failure, rand::random()) {
            Next::Wait(wait) => {
                if failure.binds_all() {
                    client.gate().refused(&pass, wait);
                }
                drop(pass);
                let text = format!(
                    "attempt {}: {}; the next one follows in {:.1} s",
                    attempts.failed(),
                    failure.message,
                    wait.as_secs_f64()
                );
                voice.log(LogLevel::Warning, text).await?;
                voice.passes(failure.clone());
                if !failure.connection_broke() {
                    named = Some(failure);
                }
                stop.or(tokio::time::sleep(wait)).await?;
            }
            Next::Hopeless => return Err(Halt::Failed(failure)),
            Next::Enough(attempts) => {
                let failure = to_report(policy, named, failure);
                return Err(Halt::Failed(
                    failure.adding(&format!("gave up after {attempts} attempts")),
                ));
            }
            Next::TooLong(wait) => {
                return Err(Halt::Failed(failure.adding(&format!(
                    "this connector waits no longer than {} s, come back after {} s",
                    policy.max_wait.as_secs(),
                    wait.as_secs()
                ))));
            }
        }
    }
}

/// What the instance said, where the connection broke afterwards: that names a cause, and a broken
/// connection is what an outage ends with.
fn to_report(policy: &Policy, named: Option<Failure>, last: Failure) -> Failure {
    match named {
        Some(named) if policy.reports == Reports::FirstCause && last.connection_broke() => {
            named.adding(&format!("later, {}", last.message))
        }
        _ => last,
    }
}
