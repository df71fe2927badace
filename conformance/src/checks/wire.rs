//! What checks read from a journal: exchanges, ops, chains, refusals, writings, tolerances.
//!
//! The terms are those of the published rules for judging: an *exchange* is a request with its
//! outcome; an *op* is what a request is for; a *chain* is the successive attempts of one op while
//! each earlier one failed; a *refusal* names a time before which it holds. Only the subject's
//! own traffic is seen here, and nothing here decides whether it is right.

mod backoff;
mod chain;
mod exchange;
mod exposure;
mod handshake;
mod knock;
mod op;
mod refusal;
mod repeated;
mod sighting;
mod tokens;
mod tolerance;
mod writing;

pub(crate) use backoff::{distinct, own_waits};
pub(crate) use chain::{Chain, Gap, chains};
pub(crate) use exchange::{Exchange, is_a_page, is_complete, of_person, of_subject};
pub(crate) use exposure::{carries_credential, in_clear};
pub(crate) use handshake::{broken_handshakes, families, handshakes_with_bad_certificate};
pub(crate) use knock::{Knock, knocks};
pub(crate) use op::{Op, parameter};
pub(crate) use refusal::{Stated, refusals, states_unreadable};
pub(crate) use repeated::repeated;
pub(crate) use sighting::sighting;
pub(crate) use tokens::{
    consent_pages, follows, granted, is_granted, parameter_names, path, query, refused_tokens,
    shows_token, token_calls,
};
pub(crate) use tolerance::{
    begun_after_reaction, early, early_for_date, in_seconds, late, nanos, parallelism, reaction,
    tolerances,
};
pub(crate) use writing::{Writing, writings};
