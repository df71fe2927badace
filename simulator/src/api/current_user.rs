//! Who calls: `/api/now/ui/user/current_user` (wire-core 4.9).

use super::Owned;
use crate::fidelity::Behaviour;
use crate::reply::Reply;

pub(super) const BEHAVIOURS: &[Behaviour] = &[];

pub(super) fn answer(call: &Owned) -> Reply {
    call.not_modelled()
}
