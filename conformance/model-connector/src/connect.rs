//! The verb `connect`: a person consents, and what came of it is verified before it is called good and
//! kept for the runs that follow.
//!
//! The user who clicks Allow becomes the connector's identity, so it is read and compared with the
//! one that is expected; and a refresh token that does not work is found now and not in a month.

use std::time::Duration;

use serde_json::json;
use snowproof_protocol::{LogLevel, Verb};
use tokio::io::AsyncWrite;
use tokio::time::{sleep, timeout};

use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{
    CONSENT_DENIED, Failure, NO_CALLBACK, OAUTH_CLIENT, OAUTH_GRANT, OAUTH_STATE, SCOPE,
    WRONG_IDENTITY, quoted,
};
use crate::ending::{Ended, Halt};
use crate::oauth::{Authorization, Brought, Callback};
use crate::policy::{CodeUse, Patience, StateParameter};
use crate::reading::read_page;
use crate::settings::{Application, Authentication, Grant, Secret};
use crate::stop::Stop;
use crate::voice::Voice;

/// Attempts at a code by a careless policy, the first included.
const CARELESS_ATTEMPTS: u32 = 3;
/// How long a careless policy waits before it shows a refused code again.
const SHOWS_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How long a callback that is exchanged each time is listened for: it ends when one comes.
const RELOADED_WITHIN: Duration = Duration::from_secs(10);

/// Connects.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    if let Authentication::Oauth(application) = &client.settings().authentication
        && application.grant == Grant::AuthorizationCode
    {
        consented(client, application, voice, stop).await?;
    } else {
        identity(client, voice, stop).await?;
    }
    Ok(Ended::success())
}

/// Has a person consent, verifies what came of it and keeps it.
async fn consented<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    application: &Application,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<(), Halt> {
    let listening = Callback::listen(application.redirect_url.as_deref()).await;
    let (callback, redirect) = listening.map_err(Halt::Failed)?;
    let (code, verifier) = consent(client, application, &callback, &redirect, voice, stop).await?;
    let application = Application {
        redirect_url: Some(redirect),
        ..application.clone()
    };
    let policy = client.policy().oauth;
    let verified = async {
        let exchange = || stop.or(client.exchange(&application, &code, verifier.as_ref()));
        let mut exchanged = exchange().await?;
        if policy.code_use == CodeUse::AgainWhenRefused {
            for _ in 1..CARELESS_ATTEMPTS {
                if exchanged.is_err() {
                    stop.or(sleep(SHOWS_AGAIN_AFTER)).await?;
                    exchanged = exchange().await?;
                }
            }
        }
        if policy.code_use == CodeUse::AtEachCallback
            && timeout(RELOADED_WITHIN, callback.brought()).await.is_ok()
        {
            exchanged = exchange().await?;
        }
        exchanged.map_err(|failure| failed(client, failure))?;
        if policy.tries_refresh_token {
            let tried = stop.or(client.try_refresh_token(&application)).await?;
            let why = "the connection test failed at token refresh";
            tried.map_err(|failure| failed(client, failure.adding(why)))?;
        }
        identity(client, voice, stop).await
    };
    if policy.code_use == CodeUse::AtEachCallback {
        verified.await?;
    } else {
        tokio::select! {
            biased;
            verified = verified => verified?,
            never = callback.shows_again() => match never {},
        }
    }
    let state = client.checkpoint(json!({})).await;
    voice
        .page(&client.settings().table, Vec::new(), state)
        .await?;
    Ok(())
}

/// Sends a person to the instance; the code that the browser brings back, and its verifier.
async fn consent<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    application: &Application,
    callback: &Callback,
    redirect: &str,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<(Secret, Option<Secret>), Halt> {
    let policy = client.policy().oauth;
    let mut random = [0_u8; 64];
    rand::fill(&mut random);
    let authorization = Authorization::new(application, redirect, policy, &random);
    voice.authorize(authorization.url.as_str()).await?;
    let patience = client.settings().patience;
    let brought = match policy.patience {
        Patience::Limited => stop.or(timeout(patience, callback.brought())).await?.ok(),
        Patience::Endless => Some(stop.or(callback.brought()).await?),
    };
    let brought = brought.ok_or_else(|| {
        Halt::Failed(Failure::permanent(
            NO_CALLBACK,
            format!(
                "nobody came back from the consent page within {} s: it was left open or blocked, or \
                 the Redirect URL of the Application Registry entry is not exactly {}",
                patience.as_secs(),
                quoted(redirect)
            ),
        ))
    })?;
    let code = accepted(brought, authorization.state.as_ref(), policy.state);
    Ok((code.map_err(Halt::Failed)?, authorization.verifier))
}

/// The code of a callback that answers this request and no other.
fn accepted(
    brought: Brought,
    sent: Option<&Secret>,
    policy: StateParameter,
) -> Result<Secret, Failure> {
    if policy == StateParameter::Verified && brought.state.as_ref() != sent {
        return Err(Failure::permanent(
            OAUTH_STATE,
            "the callback does not belong to this connection: its state is missing or foreign",
        ));
    }
    brought.code.map_err(|error| {
        let cause = match error.as_str() {
            "access_denied" => CONSENT_DENIED,
            "invalid_scope" => SCOPE,
            "unauthorized_client" => OAUTH_CLIENT,
            "unsupported_response_type" => OAUTH_GRANT,
            _ => CONSENT_DENIED,
        };
        let shown = quoted(&error);
        Failure::permanent(cause, format!("the person did not grant access: {shown}"))
    })
}

/// Reads whom the grant stands for, and compares.
async fn identity<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<(), Halt> {
    if !client.policy().oauth.reads_identity {
        return Ok(());
    }
    let request = ListRequest {
        query: Some("user_name=javascript:gs.getUserName()".to_owned()),
        // A second row shows that the condition was not understood.
        limit: 2,
        offset: 0,
        of: Rows::Users,
    };
    let page = read_page(client, &request, Verb::Connect, voice, stop).await?;
    let name = |row: &serde_json::Map<String, serde_json::Value>| {
        row.get("user_name")?.as_str().map(str::to_owned)
    };
    let user = match page.rows.as_slice() {
        [row] => name(row),
        _ => None,
    };
    let expected = &client.settings().user;
    match user {
        None => {
            let text = "the connection works, but the instance does not tell as which user";
            voice.log(LogLevel::Warning, text.to_owned()).await?;
        }
        Some(user) if !expected.is_empty() && user != *expected => {
            return Err(Halt::Failed(Failure::permanent(
                WRONG_IDENTITY,
                format!(
                    "connected as {}, and expected the service account {}",
                    quoted(&user),
                    quoted(expected)
                ),
            )));
        }
        Some(user) => {
            let text = format!("connected as {}", quoted(&user));
            voice.log(LogLevel::Info, text).await?;
        }
    }
    Ok(())
}

fn failed(client: &Client<'_>, mut failure: Failure) -> Halt {
    failure.message = client.settings().without_secrets(&failure.message);
    Halt::Failed(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought(state: Option<&str>, code: Result<&str, &str>) -> Brought {
        Brought {
            state: state.map(Secret::of),
            code: code.map(Secret::of).map_err(str::to_owned),
        }
    }

    #[test]
    fn a_callback_with_another_state_is_nobody_s() {
        let sent = Secret::of("s");
        let verified =
            |state, code| accepted(brought(state, code), Some(&sent), StateParameter::Verified);
        assert_eq!(verified(Some("s"), Ok("c")), Ok(Secret::of("c")));
        for state in [None, Some("t"), Some("")] {
            assert_eq!(verified(state, Ok("c")).unwrap_err().cause, OAUTH_STATE);
            assert_eq!(
                verified(state, Err("access_denied")).unwrap_err().cause,
                OAUTH_STATE
            );
        }
        let denied = verified(Some("s"), Err("access_denied")).unwrap_err();
        assert_eq!(denied.cause, CONSENT_DENIED);
        let unread = accepted(brought(None, Ok("c")), Some(&sent), StateParameter::Unread);
        assert!(unread.is_ok());
    }
}
