//! The refresh token grant: an earlier grant goes on.
//!
//! It gives a new access token and the same refresh token, whose life is not extended
//! (wire-failures 2.2). That the access tokens before it live on is *assumed*.

use super::call::{Call, Given};
use super::errors::Refused;
use crate::journal::Condition;
use crate::pipeline::admission::{Ended, Found, TokenKind};
use crate::setup::Grant;

pub(super) fn give(mut call: Call<'_>) -> Result<Given, Refused> {
    let Some(value) = call.asked.value("refresh_token") else {
        return Err(Refused::invalid_request("no `refresh_token`"));
    };
    let tokens = &call.view.admission.tokens;
    let now = call.now();
    let unknown = |reason: &str| Refused::access_denied(Condition::RefreshTokenUnknown, reason);
    let found = tokens.find(value, now);
    let token = match &found {
        Found::Alive(token) | Found::Ended(token, _) => token,
        Found::Unknown => return Err(unknown("no token has this value")),
    };
    if token.kind != TokenKind::Refresh {
        return Err(unknown("it is an access token"));
    }
    if token.grantee.client != call.client.sys_id {
        return Err(unknown("it is another client's"));
    }
    call.told.presented = Some(token.number);
    call.told.user = Some(token.grantee.user.clone());
    if let Found::Ended(_, ended) = &found {
        let (condition, reason) = match ended {
            Ended::Expired => (
                Condition::RefreshTokenExpired,
                "the refresh token has expired",
            ),
            Ended::Revoked => (
                Condition::RefreshTokenRevoked,
                "the refresh token was revoked",
            ),
        };
        return Err(Refused::access_denied(condition, reason));
    }
    call.allowed(Grant::RefreshToken)?;
    call.open_account(&token.grantee.user)?;
    let Some(refresh) = tokens.again(value, now) else {
        return Err(unknown("it was forgotten"));
    };
    Ok(Given {
        access: call.new_access(token.grantee.clone()),
        refresh: Some(refresh),
        scope: token.grantee.scope.clone(),
    })
}
