//! By a client certificate that the edge could verify: the user to whom a record maps it
//! (wire-failures 3, Certificate based authentication).
//!
//! That one which is mapped to nobody, and one of a user who is inactive or locked out, get the 401
//! of a wrong password is *assumed*.

use super::{Refusal, barred};
use crate::journal::Condition;
use crate::pipeline::stage::View;
use crate::policy::Identity;

pub(super) fn identify(fingerprint: &str, view: &View<'_>) -> Result<Identity, Refusal> {
    let Some(user) = view.policy.user_of_certificate(fingerprint) else {
        let reason = "the client certificate stands for no user";
        return Err(Refusal::new(Condition::ClientCertificateRefused, reason));
    };
    match barred(user) {
        Some((condition, reason)) => Err(Refusal::new(condition, reason)),
        None => Ok(Identity::from(user)),
    }
}
