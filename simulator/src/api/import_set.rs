//! The Import Set API: `/api/now/import` (wire-core 4.3).

use super::Owned;
use crate::fidelity::Behaviour;
use crate::reply::Reply;

pub(super) const BEHAVIOURS: &[Behaviour] = &[];

pub(super) fn answer(call: &Owned) -> Reply {
    call.not_modelled()
}
