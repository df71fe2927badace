//! Authentication: who calls. HTTP Basic (RFC 7617), a Bearer token, or a session's cookie.
//!
//! No credentials, a wrong password, a locked and an inactive account look the same on the wire:
//! 401 with one envelope and `WWW-Authenticate: Basic realm="Service-now"` (wire-failures 1.1 and
//! 1.2). Nodes that call themselves `ServiceNow` were seen to write the scheme `BASIC`. The
//! connection is closed (wire-core 2.2). That locked and inactive accounts, and passwords that expired or
//! must be reset, get that very body is *assumed* there. Accepted
//! credentials become an [`Identity`] here and nowhere else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONNECTION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::admission::LoginVerdict;
use super::stage::{Decision, Exchange, Facts, Stage, View};
use crate::api::Api;
use crate::journal::Condition;
use crate::policy::{Identity, User};
use crate::reply::Reply;
use crate::setup::{ServerHeader, Switches, UnauthenticatedMessage};

mod by_session;
mod by_token;
mod login;

pub(crate) use by_token::shown as bearer;

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
        let identified = if !exchange.headers.contains_key(AUTHORIZATION) {
            facts.by_session = true;
            by_session::identify(exchange, view)
        } else if let Some(token) = by_token::shown(exchange.headers) {
            by_token::identify(token, exchange, facts, view)
        } else {
            by_header(exchange.headers, view)
        };
        match identified {
            Ok(identity) => {
                facts.identity = Some(identity);
                Decision::pass()
            }
            Err(refusal) => Decision::answer(refusal.reply(view.switches)),
        }
    }
}

/// By credentials; they win over a session that is sent along (*assumed*).
fn by_header(headers: &HeaderMap, view: &View<'_>) -> Result<Identity, Refusal> {
    let Some((user_name, password)) = headers.get(AUTHORIZATION).and_then(basic_pair) else {
        return Err(Refusal::new(
            Condition::NoCredentials,
            "the Authorization header holds no readable Basic credentials",
        ));
    };
    check(&user_name, &password, view)
}

/// As a login at the token endpoint: the same accounts, the same count of failures.
///
/// # Errors
/// When the password is another one or the account is not open: the condition, and why.
pub(crate) fn sign_in(
    user_name: &str,
    password: &str,
    view: &View<'_>,
) -> Result<(), (Condition, String)> {
    check(user_name, password, view)
        .map(drop)
        .map_err(|refusal| (refusal.condition, refusal.reason))
}

/// The user of this name, if this is the password and the account is open.
fn check(user_name: &str, password: &str, view: &View<'_>) -> Result<Identity, Refusal> {
    let Some(user) = view.policy.user(user_name) else {
        return Err(Refusal::new(
            Condition::PasswordRefused,
            "no user has this name",
        ));
    };
    let matches = view.policy.password_matches(&user.user_name, password);
    admit(user, matches, view)
}

fn admit(user: &User, matches: bool, view: &View<'_>) -> Result<Identity, Refusal> {
    if !user.active {
        return Err(Refusal::new(
            Condition::AccountInactive,
            "the account is inactive",
        ));
    }
    let most = view.policy.max_unlock_attempts();
    match view
        .admission
        .login(&user.user_name, matches, user.locked_out, most)
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

    fn reply(self, switches: &Switches) -> Reply {
        // A session's call has one spelling only (wire-core 2.1).
        let within = matches!(self.session, RefusedSession::NeedsToken(_));
        let message = match switches.unauthenticated_message.unwrap_or_default() {
            UnauthenticatedMessage::UserNotAuthenticated if !within => "User Not Authenticated",
            _ => "User is not authenticated",
        };
        let mut reply = Reply::failure(
            StatusCode::UNAUTHORIZED,
            message,
            Some("Required to provide Auth information"),
            switches.error_keys.unwrap_or_default(),
            self.condition,
            self.reason,
        );
        by_session::tell(&self.session, &mut reply.headers);
        let close = HeaderValue::from_static("close");
        reply.headers.insert(CONNECTION, close);
        let challenge = match switches.server_header.unwrap_or_default() {
            _ if self.by_token => "BEARER realm=\"Service-now\"",
            ServerHeader::SnowAdc => "Basic realm=\"Service-now\"",
            ServerHeader::ServiceNow => "BASIC realm=\"Service-now\"",
        };
        let challenge = HeaderValue::from_static(challenge);
        reply.headers.insert(WWW_AUTHENTICATE, challenge);
        reply
    }
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
