//! The authorization code grant: a person has consented in a browser.
//!
//! A private client gets both tokens (wire-failures 2.2); that a public one gets no refresh token
//! follows from that and is *assumed*.

use super::call::{Call, Given};
use super::errors::Refused;
use crate::journal::Condition;
use crate::pipeline::admission::CodeRefusal;
use crate::setup::Grant;

pub(super) fn give(mut call: Call<'_>) -> Result<Given, Refused> {
    call.allowed(Grant::AuthorizationCode)?;
    let Some(code) = call.asked.value("code") else {
        return Err(Refused::invalid_request("no `code`"));
    };
    let redirect = call.asked.value("redirect_uri").unwrap_or_default();
    let verifier = call.asked.value("code_verifier");
    let codes = &call.view.admission.codes;
    let client = call.client;
    call.told.code = codes.number(code);
    let consent = codes
        .redeem(code, &client.sys_id, redirect, verifier, call.now())
        .map_err(refused)?;
    if client.public && consent.challenge.is_none() {
        return Err(Refused::invalid_grant(
            Condition::CodeVerifierRefused,
            "a public client must use PKCE",
        ));
    }
    call.open_account(&consent.grantee.user)?;
    let access = call.new_access(consent.grantee.clone());
    let refresh = (!client.public).then(|| call.new_refresh(consent.grantee.clone()));
    Ok(Given {
        access,
        refresh,
        scope: consent.grantee.scope,
    })
}

fn refused(refusal: CodeRefusal) -> Refused {
    let (condition, reason) = match refusal {
        CodeRefusal::Unknown => (Condition::CodeRefused, "no such code"),
        CodeRefusal::Used => (Condition::CodeRefused, "the code was used"),
        CodeRefusal::Expired => (Condition::CodeRefused, "the code is over"),
        CodeRefusal::OtherClient => (Condition::CodeRefused, "the code is another client's"),
        CodeRefusal::RedirectUrl => (
            Condition::RedirectMismatch,
            "`redirect_uri` is not that of the authorization request",
        ),
        CodeRefusal::Verifier => (
            Condition::CodeVerifierRefused,
            "`code_verifier` does not answer the challenge",
        ),
    };
    Refused::invalid_grant(condition, reason)
}
