//! Authentication: who calls. HTTP Basic (RFC 7617), a Bearer token, an API key, a client
//! certificate, or a session's cookie.
//!
//! No credentials, a wrong password, a locked and an inactive account look the same on the wire: the
//! 401 of `unauthenticated` (wire-failures 1.1 and 1.2). That locked and inactive accounts, and passwords that expired or
//! must be reset, get that very body is *assumed* there. Accepted
//! credentials become an [`Identity`] here and nowhere else.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::admission::LoginVerdict;
use super::credentials::Credentials;
use super::stage::{Decision, Exchange, Facts, Stage, View};
use super::unauthenticated::{self, Caller};
use crate::api::Api;
use crate::journal::Condition;
use crate::policy::{AUTHENTICATOR_STEP, Identity, ShownPassword, User};
use crate::reply::Reply;
use crate::setup::{AttachmentChallenge, MfaCodes};

mod by_api_key;
mod by_certificate;
mod by_id_token;
mod by_session;
mod by_token;
mod login;

pub(crate) use by_token::shown as bearer;

/// Tells a missing code from a wrong password (wire-failures 1.2).
const MFA_TOKEN: HeaderName = HeaderName::from_static("x-mfa_token");

#[derive(Debug)]
pub(super) struct Authentication;

impl Stage for Authentication {
    fn name(&self) -> &'static str {
        "authentication"
    }

    fn decide(&self, exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision {
        if login::is_sent(exchange) {
            return login::answer(exchange, facts, view);
        }
        // Who asks for a token is told there whether it may.
        if exchange.target.api == Api::OauthToken {
            return Decision::pass();
        }
        let shown = Credentials::of(exchange, view.policy);
        let identified = match &shown {
            Credentials::None => {
                facts.by_session = true;
                by_session::identify(exchange, facts, view)
            }
            Credentials::Header(_) => match by_token::shown(exchange.headers) {
                Some(token) => by_token::identify(token, exchange, facts, view),
                None => by_header(exchange, view),
            },
            Credentials::IdToken { provider, token } => {
                by_id_token::identify(provider, token, exchange, view)
            }
            Credentials::Key { token, .. } => by_api_key::identify(token, exchange, view),
            Credentials::Certificate(fingerprint) => by_certificate::identify(fingerprint, view),
        };
        match identified {
            Ok(identity) => {
                facts.identity = Some(identity);
                facts.proof = facts.proof.take().or_else(|| shown.proof());
                Decision::pass()
            }
            Err(refusal) => Decision::answer(refusal.reply(exchange, view)),
        }
    }
}

/// By credentials; they win over a session that is sent along (*assumed*).
fn by_header(exchange: &Exchange<'_>, view: &View<'_>) -> Result<Identity, Refusal> {
    let Some((user_name, password)) = exchange.headers.get(AUTHORIZATION).and_then(basic_pair)
    else {
        return Err(Refusal::new(
            Condition::NoCredentials,
            "the Authorization header holds no readable Basic credentials",
        ));
    };
    let identity = check(&user_name, &password, exchange.now.unix, view)?;
    by_session::lost_beside_credentials(exchange, view).map_or(Ok(identity), Err)
}

/// As a login at the token endpoint: the same accounts, the same count of failures. No second factor
/// is asked for (wire-failures 1.2).
///
/// # Errors
/// When the password is another one or the account is not open: the condition, and why.
pub(crate) fn sign_in(
    user_name: &str,
    password: &str,
    view: &View<'_>,
) -> Result<(), (Condition, String)> {
    let Some(user) = view.policy.user(user_name) else {
        let reason = "no user has this name".to_owned();
        return Err((Condition::PasswordRefused, reason));
    };
    let shown = match view.policy.password_matches(&user.user_name, password) {
        true => ShownPassword::Right,
        false => ShownPassword::Wrong,
    };
    admit(user, shown, Duration::ZERO, view)
        .map(drop)
        .map_err(|refusal| (refusal.condition, refusal.reason))
}

/// The user of this name, if this is the password and the account is open.
fn check(
    user_name: &str,
    password: &str,
    unix: Duration,
    view: &View<'_>,
) -> Result<Identity, Refusal> {
    let Some(user) = view.policy.user(user_name) else {
        return Err(Refusal::new(
            Condition::PasswordRefused,
            "no user has this name",
        ));
    };
    let shown = view.policy.shown_password(user, password, unix);
    admit(user, shown, unix, view)
}

/// Why the account is closed to whoever shows anything but its password.
const fn barred(user: &User) -> Option<(Condition, &'static str)> {
    if !user.active {
        return Some((Condition::AccountInactive, "the account is inactive"));
    }
    if user.locked_out {
        return Some((Condition::AccountLocked, "the account is locked out"));
    }
    None
}

fn admit(
    user: &User,
    shown: ShownPassword,
    unix: Duration,
    view: &View<'_>,
) -> Result<Identity, Refusal> {
    if !user.active {
        return Err(Refusal::new(
            Condition::AccountInactive,
            "the account is inactive",
        ));
    }
    let most = view.policy.max_unlock_attempts();
    // A password without its code is right: it counts as no failure, and ends their row (assumed).
    let matches = shown != ShownPassword::Wrong;
    let (version, locked) = (view.policy.version, user.locked_out);
    match view
        .admission
        .login(&user.user_name, matches, locked, most, version)
    {
        LoginVerdict::Accepted if user.password_expired => Err(Refusal::new(
            Condition::PasswordExpired,
            "the password is right and has expired",
        )),
        LoginVerdict::Accepted if user.password_needs_reset && view.policy.reset_is_mandatory() => {
            Err(Refusal::new(
                Condition::PasswordNeedsReset,
                "the password is right and must be reset first",
            ))
        }
        LoginVerdict::Accepted if shown == ShownPassword::WithoutCode => Err(Refusal::new(
            Condition::MfaRequired,
            "the password is right and the code of the authenticator is missing or wrong",
        )),
        LoginVerdict::Accepted if !takes_code(user, shown, unix, view) => Err(Refusal::new(
            Condition::MfaRequired,
            "the password is right and the code of the authenticator was used before",
        )),
        LoginVerdict::Accepted => Ok(Identity::from(user)),
        LoginVerdict::Locked => Err(Refusal::new(
            Condition::AccountLocked,
            "the account is locked out",
        )),
        LoginVerdict::Refused { failures, locks } => {
            let reason = if locks {
                format!("the password is wrong, failure {failures} in a row locks the account")
            } else {
                format!("the password is wrong, failure {failures} of {most}")
            };
            Err(Refusal::new(Condition::PasswordRefused, &reason))
        }
    }
}

/// Whether the code that was shown, if one was, may be used. One that is good for one use is used up.
fn takes_code(user: &User, shown: ShownPassword, unix: Duration, view: &View<'_>) -> bool {
    let ShownPassword::WithCode(step) = shown else {
        return true;
    };
    if view.switches.mfa_codes != Some(MfaCodes::Once) {
        return true;
    }
    // The step itself and one on either side.
    let over = AUTHENTICATOR_STEP * 3;
    let name = format!("authenticator of {}", user.user_name);
    view.admission
        .single_use
        .use_up(&name, &step.to_string(), unix + over, unix)
}

/// User name and password of a Basic header; the scheme's case does not matter (RFC 9110, 11.1).
fn basic_pair(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, payload) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(payload.trim()).ok()?).ok()?;
    let (user_name, password) = pair.split_once(':')?;
    Some((user_name.to_owned(), password.to_owned()))
}

/// Why nobody was identified.
struct Refusal {
    condition: Condition,
    reason: String,
    session: RefusedSession,
    /// Whether a token was shown, so that the challenge names that scheme.
    by_token: bool,
}

/// What a refusal has to do with a session.
enum RefusedSession {
    /// Nothing: credentials were sent, or no cookie.
    None,
    /// It is over, or nobody's.
    Over,
    /// It lasts, and its call must show this token.
    NeedsToken(String),
}

impl Refusal {
    fn new(condition: Condition, reason: &str) -> Self {
        Self {
            condition,
            reason: reason.to_owned(),
            session: RefusedSession::None,
            by_token: false,
        }
    }

    fn reply(self, exchange: &Exchange<'_>, view: &View<'_>) -> Reply {
        if self.condition == Condition::NoCredentials && challenges_nobody(exchange, view) {
            return Reply::failure(
                StatusCode::FORBIDDEN,
                "User Not Authorized",
                Some("Failed API level ACL Validation"),
                view.switches.error_keys.unwrap_or_default(),
                self.condition,
                self.reason,
            );
        }
        let caller = match self.session {
            RefusedSession::NeedsToken(_) => Caller::InSession,
            _ if self.by_token => Caller::WithToken,
            _ => Caller::Stranger,
        };
        let (condition, reason) = (self.condition, self.reason);
        let mut reply = unauthenticated::reply(exchange, view, condition, reason, caller);
        by_session::tell(&self.session, &mut reply.headers);
        if condition == Condition::MfaRequired {
            let invalid = HeaderValue::from_static("invalid");
            reply.headers.insert(MFA_TOKEN, invalid);
        }
        reply
    }
}

/// A release answers an upload without credentials with 403 and no challenge (KB3054410).
fn challenges_nobody(exchange: &Exchange<'_>, view: &View<'_>) -> bool {
    exchange.target.api == Api::Attachment
        && *exchange.method == Method::POST
        && view.switches.attachment_challenge == Some(AttachmentChallenge::LeftOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(header: &str) -> Option<(String, String)> {
        basic_pair(&HeaderValue::from_str(header).unwrap())
    }

    #[test]
    fn reads_basic_pairs() {
        let payload = STANDARD.encode("sync.user:a:b c");
        let expected = Some(("sync.user".to_owned(), "a:b c".to_owned()));
        assert_eq!(pair(&format!("Basic {payload}")), expected);
        assert_eq!(pair(&format!("bASIC  {payload}")), expected);
    }

    #[test]
    fn refuses_other_schemes_and_garbage() {
        for header in [
            "",
            "Basic",
            "Basic ???",
            "Bearer abc",
            "Basic /w==",
            "Basic bm9jb2xvbg==",
        ] {
            assert_eq!(pair(header), None, "{header}");
        }
    }
}
