//! The password grant (ROPC): the client shows a user's password.
//!
//! The access token that is alive comes again and lives as long as a new one from then on; the user
//! must be active, not locked out and interactive (wire-failures 2.2). That failures count for the
//! lockout as those of Basic credentials do, and that the refresh token comes again and is not
//! renewed, is *assumed*.

use super::call::{Call, Given};
use super::errors::Refused;
use crate::journal::Condition;
use crate::pipeline::admission::TokenKind;
use crate::pipeline::authentication;
use crate::setup::Grant;

pub(super) fn give(mut call: Call<'_>) -> Result<Given, Refused> {
    call.allowed(Grant::Password)?;
    if call.view.policy.password_grant_is_disabled() {
        return Err(Refused::access_denied(
            Condition::GrantNotEnabled,
            "`glide.oauth.inbound.ropc.grant_type.disabled` is true",
        ));
    }
    let (Some(user_name), Some(password)) =
        (call.asked.value("username"), call.asked.value("password"))
    else {
        return Err(Refused::invalid_request("no `username` or no `password`"));
    };
    call.told.user = Some(user_name.to_owned());
    authentication::sign_in(user_name, password, call.view)
        .map_err(|(condition, reason)| Refused::access_denied(condition, reason))?;
    let user = call.open_account(user_name)?;
    if user.password_needs_reset {
        return Err(Refused::access_denied(
            Condition::PasswordNeedsReset,
            "the password is right and must be reset first",
        ));
    }
    if user.web_service_access_only {
        return Err(Refused::access_denied(
            Condition::NonInteractiveUser,
            "the user may only call web services",
        ));
    }
    let scope = call.scope();
    let to = call.grantee(&user.user_name, &scope);
    let tokens = &call.view.admission.tokens;
    let client = call.client;
    let issue = |kind, lifetime, renewed| {
        tokens.issue_unless_alive(kind, to.clone(), lifetime, renewed, call.now())
    };
    let access = issue(
        TokenKind::Access,
        client.access_token_lifetime.effective,
        true,
    );
    let refresh = issue(
        TokenKind::Refresh,
        client.refresh_token_lifetime.effective,
        false,
    );
    Ok(Given {
        access,
        refresh: Some(refresh),
        scope,
    })
}
