//! The client credentials grant: the client calls as the application's own user.
//!
//! It gives no refresh token, and needs a property that is off by default and an OAuth application
//! user (wire-failures 2.2). That each call gives a new token is *assumed*.

use super::call::{Call, Given};
use super::errors::Refused;
use crate::journal::Condition;
use crate::setup::Grant;

pub(super) fn give(mut call: Call<'_>) -> Result<Given, Refused> {
    call.allowed(Grant::ClientCredentials)?;
    if !call.view.policy.client_credentials_are_enabled() {
        return Err(Refused::access_denied(
            Condition::GrantNotEnabled,
            "`glide.oauth.inbound.client.credential.grant_type.enabled` is not true",
        ));
    }
    let Some(user_name) = call.client.user.clone() else {
        return Err(Refused::access_denied(
            Condition::NoApplicationUser,
            format!("`{}` has no OAuth application user", call.client.name),
        ));
    };
    let user = call.open_account(&user_name)?;
    if user.password_needs_reset {
        return Err(Refused::access_denied(
            Condition::PasswordNeedsReset,
            "the password of the application user must be reset first",
        ));
    }
    let scope = call.scope();
    let to = call.grantee(&user.user_name, &scope);
    Ok(Given {
        access: call.new_access(to),
        refresh: None,
        scope,
    })
}
