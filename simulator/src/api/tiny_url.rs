//! Short names for long addresses: `/api/now/tinyurl` (wire-core 1.4).

use super::Owned;
use crate::fidelity::Behaviour;
use crate::reply::Reply;

pub(super) const BEHAVIOURS: &[Behaviour] = &[];

pub(super) fn answer(call: &Owned) -> Reply {
    call.not_modelled()
}
