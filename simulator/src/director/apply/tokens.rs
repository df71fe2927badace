//! Tokens that end because a step, or a hand, ends them.

use crate::instance::Instance;
use crate::journal::Cause;
use crate::pipeline::admission::{Ended, TokenKind};

/// What stands for the token that the triggering request shows.
pub(super) const PRESENTED: &str = "presented";

pub(super) fn revoke_access(
    instance: &Instance,
    whose: &str,
    presented: Option<u64>,
    cause: &Cause,
) {
    let numbers = if whose == PRESENTED {
        presented.into_iter().collect()
    } else {
        alive(instance, TokenKind::Access, Some(whose))
    };
    instance.end_tokens(&numbers, Ended::Revoked, cause, None);
}

pub(super) fn expire_access(instance: &Instance, cause: &Cause) {
    let numbers = alive(instance, TokenKind::Access, None);
    instance.end_tokens(&numbers, Ended::Expired, cause, None);
}

pub(super) fn revoke_refresh(instance: &Instance, cause: &Cause) {
    let numbers = alive(instance, TokenKind::Refresh, None);
    instance.end_tokens(&numbers, Ended::Revoked, cause, None);
}

fn alive(instance: &Instance, kind: TokenKind, user: Option<&str>) -> Vec<u64> {
    instance.admission.tokens.alive(kind, user, instance.now())
}
