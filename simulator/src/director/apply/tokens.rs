//! Tokens that end because a step, or a hand, ends them.

use crate::instance::{Instance, Subject};
use crate::journal::{Cause, Event, TokenEnded};
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
        let now = instance.now();
        instance
            .admission
            .tokens
            .alive(TokenKind::Access, Some(whose), now)
    };
    end(instance, &numbers, Ended::Revoked, cause);
}

pub(super) fn expire_access(instance: &Instance, cause: &Cause) {
    let now = instance.now();
    let numbers = instance
        .admission
        .tokens
        .alive(TokenKind::Access, None, now);
    end(instance, &numbers, Ended::Expired, cause);
}

pub(super) fn revoke_refresh(instance: &Instance, cause: &Cause) {
    let now = instance.now();
    let numbers = instance
        .admission
        .tokens
        .alive(TokenKind::Refresh, None, now);
    end(instance, &numbers, Ended::Revoked, cause);
}

fn end(instance: &Instance, numbers: &[u64], how: Ended, cause: &Cause) {
    instance.with_causes(|causes| {
        for number in numbers {
            causes.set(Subject::Token(*number), cause.clone(), false);
        }
    });
    for token in instance.admission.tokens.end(numbers, how, instance.now()) {
        let ended = TokenEnded::of(&token, how, None);
        instance.note(Some(cause.clone()), Event::TokenEnded(ended));
    }
}
