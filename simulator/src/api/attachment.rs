//! The Attachment API: `/api/now/attachment` (wire-core 4.2).

use super::Owned;
use crate::fidelity::Behaviour;
use crate::reply::Reply;

pub(super) const BEHAVIOURS: &[Behaviour] = &[];

pub(super) fn answer(call: &Owned) -> Reply {
    call.not_modelled()
}
