//! By an ID token of an OpenID Connect provider, as Bearer (wire-failures 3, Configure an OAuth OIDC
//! provider).
//!
//! That a user who is inactive or locked out gets the same 401 is *assumed*.

use super::{Refusal, barred};
use crate::journal::Condition;
use crate::pipeline::stage::{Exchange, View};
use crate::policy::{Identity, OidcProvider};

pub(super) fn identify(
    provider: &OidcProvider,
    token: &str,
    exchange: &Exchange<'_>,
    view: &View<'_>,
) -> Result<Identity, Refusal> {
    let found = view
        .policy
        .user_of_id_token(provider, token, exchange.now.unix);
    let user = found.map_err(|why| {
        let reason = format!("the ID token of `{}` is refused: {why}", provider.name);
        Refusal {
            by_token: true,
            ..Refusal::new(Condition::IdTokenRefused, &reason)
        }
    })?;
    match barred(user) {
        Some((condition, reason)) => Err(Refusal {
            by_token: true,
            ..Refusal::new(condition, reason)
        }),
        None => Ok(Identity::from(user)),
    }
}
