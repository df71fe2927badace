//! By a REST API key, in the header or the query parameter `x-sn-apikey` (wire-failures 3).
//!
//! That an access policy lets keys in was decided before. That an inactive key, one that has
//! expired and one of a user who is inactive or locked out get the 401 of a wrong one is *assumed*;
//! of a deactivated user it is known that the key stops working.

use super::{Refusal, barred};
use crate::journal::Condition;
use crate::pipeline::stage::{Exchange, View};
use crate::policy::Identity;

pub(super) fn identify(
    token: &str,
    exchange: &Exchange<'_>,
    view: &View<'_>,
) -> Result<Identity, Refusal> {
    let refused = |reason: String| Err(Refusal::new(Condition::ApiKeyRefused, &reason));
    let Some(key) = view.policy.api_key(token) else {
        return refused("no API key is this one".to_owned());
    };
    let name = &key.name;
    if !key.active {
        return refused(format!("the API key `{name}` is inactive"));
    }
    if key
        .expires
        .is_some_and(|expires| exchange.now.unix >= expires)
    {
        return refused(format!("the API key `{name}` has expired"));
    }
    let Some(user) = view.policy.user(&key.user_name) else {
        return refused(format!("the API key `{name}` is nobody's"));
    };
    match barred(user) {
        Some((condition, reason)) => Err(Refusal::new(condition, reason)),
        None => Ok(Identity::from(user)),
    }
}
