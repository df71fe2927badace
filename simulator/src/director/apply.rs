//! Applies one action to one instance.
//!
//! The cause is set before the change takes effect, so that no answer that follows from the change
//! is put down to somebody else.

use std::time::Duration;

use crate::connection::certificates::CertificateError;
use crate::duration::ScaledDuration;
use crate::instance::{Instance, RecordsError, Subject};
use crate::journal::{Cause, ConditionChanged, Event};
use crate::setup::{Action, Handshake, InstanceState, Port, Proxy};

use super::plan::listed;
use tokens::PRESENTED;

mod tokens;

/// Why an action could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// There is no such instance.
    #[error("there is no instance `{name}`; the instances are {known}")]
    NoInstance {
        /// The name given.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The action concerns the triggering request, and there is none.
    #[error("`{action}` concerns a request; only a step that a request triggers can do it")]
    NeedsRequest {
        /// The action.
        action: &'static str,
    },
    /// Whether anything listens on a port does not change later.
    #[error("`refuses` can only be set up: whether the proxy's port is open does not change later")]
    ProxyPort,
    /// The certificate could not be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The records refused, such as for a user that does not exist.
    #[error("{0}")]
    Records(String),
}

impl From<RecordsError> for ApplyError {
    fn from(error: RecordsError) -> Self {
        Self::Records(error.to_string())
    }
}

impl ApplyError {
    pub(super) fn no_instance(name: &str, known: &[String]) -> Self {
        Self::NoInstance {
            name: name.to_owned(),
            known: listed(known.iter().map(String::as_str)),
        }
    }
}

/// `presented` is the number of the access token that the triggering request shows, if it does.
pub(super) async fn apply(
    instance: &Instance,
    action: &Action,
    cause: Cause,
    presented: Option<u64>,
) -> Result<(), ApplyError> {
    let what = words(action);
    if let Some(action) = concerns_request(action) {
        return Err(ApplyError::NeedsRequest { action });
    }
    if *action == Action::SetProxy(Proxy::Refuses) {
        return Err(ApplyError::ProxyPort);
    }
    // Looked at first: what had come about by itself has the cause that was in force until now.
    let changes = instance.is_changed_by(action);
    if let Some((subject, for_the_better)) = concerned(action).filter(|_| changes) {
        instance.with_causes(|causes| causes.set(subject, cause.clone(), for_the_better));
    }
    // Written down first: entries that follow from the change come after it.
    instance.note(
        Some(cause.clone()),
        Event::ConditionChanged(ConditionChanged {
            action: serde_json::to_string(action).unwrap_or_default(),
            what,
            since_ns: None,
        }),
    );
    let records = instance.records();
    let _writing = records.writing(&cause).await;
    match action {
        Action::LockUser(user) => {
            records.set_locked_out(user, true).await?;
            instance.admission.lockout_stays(user);
        }
        Action::UnlockUser(user) => {
            records.set_locked_out(user, false).await?;
            instance.admission.forget_login(user);
            instance.admission.lockout_stays(user);
        }
        Action::DeactivateUser(user) => records.set_active(user, false).await?,
        Action::ActivateUser(user) => records.set_active(user, true).await?,
        Action::RotatePassword(user) => records.rotate_password(user).await?,
        Action::GrantRole(grant) => records.grant_role(&grant.user, &grant.role).await?,
        Action::RevokeRole(grant) => records.revoke_role(&grant.user, &grant.role).await?,
        Action::SetRateRule(named) => records.set_rate_rule(&named.name, &named.rule).await?,
        Action::RemoveRateRule(name) => records.remove_rate_rule(name).await?,
        Action::PresentCertificate(certificate) => instance.present(*certificate)?,
        Action::InsertRecords(insert) => {
            records
                .insert(&insert.table, insert.rows, lasted(insert.begun))
                .await?;
        }
        Action::UpdateRecords(update) => {
            records
                .update(
                    &update.table,
                    &update.query,
                    &update.set,
                    lasted(update.begun),
                )
                .await?;
        }
        Action::DeleteRecords(delete) => records.delete(&delete.table, &delete.query).await?,
        Action::BreakTable(table) => instance.set_broken(table, true),
        Action::MendTable(table) => instance.set_broken(table, false),
        Action::RevokeAccessToken(whose) => {
            tokens::revoke_access(instance, whose, presented, &cause).await;
        }
        Action::ExpireAccessTokens => tokens::expire_access(instance, &cause).await,
        Action::RevokeRefreshToken => tokens::revoke_refresh(instance, &cause).await,
        Action::RegenerateClientSecret(name) => records.regenerate_client_secret(name).await?,
        Action::DeactivateOauthClient(name) => records.set_client_active(name, false).await?,
        Action::ActivateOauthClient(name) => records.set_client_active(name, true).await?,
        Action::SetProxy(proxy) => instance.set_proxy(*proxy),
        Action::SetPort(port) => instance.doors().set(*port).await,
        Action::SetRedirects(redirects) => instance.set_redirects(redirects.clone()),
        Action::Respond(_)
        | Action::Stall(_)
        | Action::HangUp(_)
        | Action::Drip(_)
        | Action::Truncate(_)
        | Action::Malform(_)
        | Action::EndStream(_) => {}
        Action::OccupySemaphores(others) => instance.admission.semaphores.occupy(*others),
        Action::OccupySessions(others) => instance.admission.session_queues.occupy(*others),
        Action::RequireMfa(user) => records.require_mfa(user).await?,
        Action::DeactivateApiKey(name) => records.deactivate_api_key(name).await?,
        Action::SetAccessPolicy(named) => {
            records
                .set_access_policy(&named.name, &named.policy)
                .await?;
        }
        Action::EndSessions => instance.admission.sessions.end_all(),
        Action::SetHandshake(handshake) => instance.set_handshake(*handshake),
        Action::ExpireAuthorizationCodes => instance.expire_codes(&cause),
        Action::Hibernate
        | Action::Wake
        | Action::Enter(_)
        | Action::SignIn
        | Action::FailOver(_)
        | Action::Upgrade(_) => instance.live(action),
    }
    Ok(())
}

/// How long a transaction took.
fn lasted(begun: Option<ScaledDuration>) -> Duration {
    begun.map_or(Duration::ZERO, |begun| begun.effective)
}

fn concerns_request(action: &Action) -> Option<&'static str> {
    match action {
        Action::Respond(_) => Some("respond"),
        Action::Stall(_) => Some("stall"),
        Action::HangUp(_) => Some("hang_up"),
        Action::Drip(_) => Some("drip"),
        Action::Truncate(_) => Some("truncate"),
        Action::Malform(_) => Some("malform"),
        Action::EndStream(_) => Some("end_stream"),
        _ => None,
    }
}

/// What an action changes, and whether good answers follow from the change.
fn concerned(action: &Action) -> Option<(Subject, bool)> {
    let user = |user: &String| user.to_lowercase();
    Some(match action {
        Action::Hibernate => (Subject::State, false),
        Action::Wake => (Subject::State, true),
        Action::SignIn | Action::FailOver(_) | Action::Upgrade(_) => (Subject::State, false),
        Action::LockUser(name) => (Subject::Lock(user(name)), false),
        Action::UnlockUser(name) => (Subject::Lock(user(name)), true),
        Action::DeactivateUser(name) => (Subject::Active(user(name)), false),
        Action::ActivateUser(name) => (Subject::Active(user(name)), true),
        Action::RotatePassword(name) => (Subject::Password(user(name)), false),
        Action::GrantRole(grant) => (Subject::Roles(user(&grant.user)), true),
        Action::RevokeRole(grant) => (Subject::Roles(user(&grant.user)), false),
        Action::SetRateRule(named) => (Subject::RateRule(named.name.clone()), false),
        Action::RemoveRateRule(name) => (Subject::RateRule(name.clone()), true),
        Action::PresentCertificate(_) => (Subject::Certificate, true),
        Action::InsertRecords(insert) => (Subject::Records(insert.table.clone()), true),
        Action::UpdateRecords(update) => (Subject::Records(update.table.clone()), true),
        Action::DeleteRecords(delete) => (Subject::Records(delete.table.clone()), true),
        Action::Enter(state) => (Subject::State, *state == InstanceState::Awake),
        Action::BreakTable(table) => (Subject::Script(table.clone()), false),
        Action::MendTable(table) => (Subject::Script(table.clone()), true),
        Action::RegenerateClientSecret(name) | Action::DeactivateOauthClient(name) => {
            (Subject::OauthClient(name.clone()), false)
        }
        Action::ActivateOauthClient(name) => (Subject::OauthClient(name.clone()), true),
        Action::EndSessions => (Subject::Sessions, false),
        // Their causes are told token by token.
        Action::RevokeAccessToken(_)
        | Action::ExpireAccessTokens
        | Action::RevokeRefreshToken
        | Action::ExpireAuthorizationCodes => return None,
        Action::SetProxy(proxy) => (Subject::Proxy, *proxy == Proxy::Open),
        Action::SetPort(port) => (Subject::Port, *port == Port::Open),
        Action::SetRedirects(redirects) => (Subject::Redirects, redirects.to.is_none()),
        Action::Respond(_)
        | Action::Stall(_)
        | Action::HangUp(_)
        | Action::Drip(_)
        | Action::Truncate(_)
        | Action::Malform(_)
        | Action::EndStream(_) => return None,
        Action::OccupySemaphores(others) => (Subject::Semaphores, *others == 0),
        Action::OccupySessions(others) => (Subject::SessionQueues, *others == 0),
        Action::RequireMfa(name) => (Subject::Password(user(name)), false),
        Action::DeactivateApiKey(_) | Action::SetAccessPolicy(_) => (Subject::ApiAccess, false),
        Action::SetHandshake(handshake) => (Subject::Handshake, *handshake == Handshake::Complete),
    })
}

/// A value as files spell it.
fn spelled(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

/// An action in plain words, as the journal tells it.
#[must_use]
pub fn words(action: &Action) -> String {
    match action {
        Action::Hibernate => "the instance hibernates".to_owned(),
        Action::Wake => "the instance wakes up".to_owned(),
        Action::LockUser(user) => format!("`{user}` is locked out"),
        Action::UnlockUser(user) => format!("`{user}` is unlocked"),
        Action::DeactivateUser(user) => format!("`{user}` becomes inactive"),
        Action::ActivateUser(user) => format!("`{user}` becomes active"),
        Action::RotatePassword(user) => format!("the password of `{user}` changes"),
        Action::GrantRole(grant) => format!("`{}` is given the role `{}`", grant.user, grant.role),
        Action::RevokeRole(grant) => format!("`{}` loses the role `{}`", grant.user, grant.role),
        Action::SetRateRule(named) => format!("rate limit rule `{}` is set", named.name),
        Action::RemoveRateRule(name) => format!("rate limit rule `{name}` is deleted"),
        Action::PresentCertificate(kind) => {
            format!("the port presents the certificate `{}`", spelled(kind))
        }
        Action::InsertRecords(insert) => format!("records appear in `{}`", insert.table),
        Action::UpdateRecords(update) => format!("records of `{}` change", update.table),
        Action::DeleteRecords(delete) => format!("records of `{}` are deleted", delete.table),
        Action::OccupySemaphores(others) => {
            format!("{others} slow transactions of other callers run or wait")
        }
        Action::OccupySessions(others) => {
            format!("{others} slow transactions run or wait in each session")
        }
        Action::Respond(_) => "an answer is scripted".to_owned(),
        Action::Stall(_) => "an answer falls silent".to_owned(),
        Action::HangUp(_) => "the connection ends within an answer".to_owned(),
        Action::SetProxy(proxy) => format!("the proxy is `{}`", spelled(proxy)),
        Action::SetPort(Port::Open) => "the port is open".to_owned(),
        Action::SetPort(Port::Closed) => "the port refuses connections".to_owned(),
        Action::SetPort(Port::Filtered) => "SYNs to the port are dropped".to_owned(),
        Action::SetPort(Port::Mute) => "the port answers no handshake".to_owned(),
        Action::SetPort(Port::HangsUp) => "the port closes connections at once".to_owned(),
        Action::SetPort(Port::Resets) => "the port resets connections at once".to_owned(),
        Action::SetRedirects(it) => match it.to {
            Some(to) => format!("every request is sent on {}", to.in_words()),
            None => "no request is sent on".to_owned(),
        },
        Action::Drip(_) => "an answer comes in drips".to_owned(),
        Action::Truncate(_) => "an answer ends too early".to_owned(),
        Action::Enter(state) => format!("the instance is {}", state.in_words()),
        Action::BreakTable(table) => format!("a script on `{table}` throws from here on"),
        Action::MendTable(table) => format!("the script on `{table}` is mended"),
        Action::RevokeAccessToken(whose) if whose == PRESENTED => {
            "the access token that the request shows is revoked".to_owned()
        }
        Action::RevokeAccessToken(user) => format!("the access tokens of `{user}` are revoked"),
        Action::ExpireAccessTokens => "every access token expires".to_owned(),
        Action::RevokeRefreshToken => "every refresh token is revoked".to_owned(),
        Action::RegenerateClientSecret(name) => {
            format!("the OAuth application `{name}` gets another secret")
        }
        Action::DeactivateOauthClient(name) => {
            format!("the OAuth application `{name}` becomes inactive")
        }
        Action::ActivateOauthClient(name) => {
            format!("the OAuth application `{name}` becomes active")
        }
        Action::RequireMfa(user) => format!("`{user}` needs a code from here on"),
        Action::DeactivateApiKey(name) => format!("API key `{name}` becomes inactive"),
        Action::SetAccessPolicy(named) => format!("API access policy `{}` is set", named.name),
        Action::EndSessions => "every session ends".to_owned(),
        Action::SetHandshake(Handshake::Complete) => "the port shakes hands".to_owned(),
        Action::SetHandshake(handshake) => {
            format!("the port answers handshakes with `{}`", spelled(handshake))
        }
        Action::ExpireAuthorizationCodes => "every authorization code is over".to_owned(),
        Action::Malform(what) => format!("an answer has {}", what.in_words()),
        Action::EndStream(end) => format!(
            "a stream ends with {}",
            end.reason.unwrap_or_default().name()
        ),
        Action::SignIn => "the owner signs in to the developer site".to_owned(),
        Action::FailOver(it) => format!("the instance fails over, which takes {}", it.lasts.told()),
        Action::Upgrade(it) => format!(
            "nodes are upgraded one by one, which takes {}",
            it.lasts.told()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::{Certificate, Proxy};

    #[test]
    fn what_is_presented_is_named_as_files_spell_it() {
        assert_eq!(
            words(&Action::PresentCertificate(Certificate::SelfSigned)),
            "the port presents the certificate `self_signed`"
        );
        assert_eq!(
            words(&Action::SetProxy(Proxy::BadGateway)),
            "the proxy is `bad_gateway`"
        );
    }
}
