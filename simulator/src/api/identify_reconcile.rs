//! The Identification and Reconciliation API: `/api/now/identifyreconcile` (wire-core 4.6).

use super::Owned;
use crate::fidelity::Behaviour;
use crate::reply::Reply;

pub(super) const BEHAVIOURS: &[Behaviour] = &[];

pub(super) fn answer(call: &Owned) -> Reply {
    call.not_modelled()
}
