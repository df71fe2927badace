//! Tokens that end because a step, or a hand, ends them.

use crate::instance::Instance;
use crate::journal::Cause;
use crate::pipeline::admission::{Ended, TokenKind};

/// What stands for the token that the triggering request shows.
pub(super) const PRESENTED: &str = "presented";

pub(super) async fn revoke_access(
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
    end(instance, &numbers, Ended::Revoked, cause).await;
}

pub(super) async fn expire_access(instance: &Instance, cause: &Cause) {
    let numbers = alive(instance, TokenKind::Access, None);
    end(instance, &numbers, Ended::Expired, cause).await;
}

pub(super) async fn revoke_refresh(instance: &Instance, cause: &Cause) {
    let numbers = alive(instance, TokenKind::Refresh, None);
    end(instance, &numbers, Ended::Revoked, cause).await;
}

/// Ends them, and is done when their records say so.
async fn end(instance: &Instance, numbers: &[u64], how: Ended, cause: &Cause) {
    instance.end_tokens(numbers, how, cause, None);
    instance.records().write_tokens().await;
}

fn alive(instance: &Instance, kind: TokenKind, user: Option<&str>) -> Vec<u64> {
    instance.admission.tokens.alive(kind, user, instance.now())
}
