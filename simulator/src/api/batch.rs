//! The Batch API: `POST /api/now/batch` (wire-core 4.4).

use super::{Call, Context, Owned};
use crate::fidelity::Behaviour;
use crate::reply::Reply;

pub(super) const BEHAVIOURS: &[Behaviour] = &[];

#[expect(
    clippy::unused_async,
    reason = "the requests of a batch are awaited here"
)]
pub(super) async fn answer(context: &Context<'_>, call: &Call<'_>) -> Reply {
    Owned::of(context, call).not_modelled()
}
