//! A fake ServiceNow instance that behaves like a real one on the wire and fails on cue.
//!
//! It does not know what it is used for: no expectation, diagnosis or connector name reaches it.
//! The modules, in the order in which a request meets them:
//!
//! - [`simulator`]: the composition root; from a [`setup`] to listening instances
//! - [`connection`]: accept, certificates, TLS, faulty IO, HTTP
//! - [`director`]: counts what happens, fires steps, changes conditions
//! - [`pipeline`]: the stages in the order of a real instance; the first that does not pass answers
//! - [`policy`]: the compiled settings that stages read
//! - [`api`]: the REST APIs
//! - [`query`]: the encoded queries of `sysparm_query`
//! - [`store`]: the records
//! - [`reply`]: what is answered
//! - [`journal`]: what happened, in order, without secrets
//! - [`fidelity`]: how true each condition's answer is to a real instance
//! - [`redaction`]: keeps secrets out of whatever is written down
//! - [`control`]: the control plane, on its own listener
//! - [`clock`], [`duration`]: the one source of time, and durations a test can afford

pub mod api;
pub mod clock;
pub mod connection;
pub mod control;
pub mod director;
pub mod duration;
pub mod fidelity;
mod fingerprint;
mod instance;
pub mod journal;
mod pages;
pub mod pipeline;
pub mod policy;
pub mod query;
pub mod redaction;
pub mod reply;
mod secret;
pub mod setup;
pub mod simulator;
pub mod store;
