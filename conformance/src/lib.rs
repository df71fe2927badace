//! Drives a real connector through an instance's failures and judges it.
//!
//! The modules, in the order in which a run meets them:
//!
//! - [`scenario`]: what happens and what is expected
//! - [`subject`]: the connector, and how it is driven
//! - [`evidence`]: what is saved of a run
//! - [`diagnosis`]: what connectors say, and what it means
//! - [`checks`]: pure functions from evidence to rulings
//! - [`verdict`]: from rulings to a verdict
//! - [`edition`]: what counts for a claim
//! - [`report`]: what people and machines read
//! - [`yaml`], [`catalogue`], [`schema`]: strict files, the list of known failures, published formats
//! - [`plan`], [`run`]: what is selected, and driving the subject through it
//! - [`inference`]: what a command's retry policy is, read from the wire
//! - [`preflight`]: what is wrong with a manifest, read from the evidence of trials
//! - [`command`]: the command line

pub mod baseline;
pub mod catalogue;
pub mod checks;
pub mod command;
pub mod diagnosis;
pub mod dictionary;
pub mod edition;
pub mod evidence;
pub mod inference;
pub mod instance;
pub mod plan;
pub mod preflight;
pub mod report;
pub mod run;
pub mod scenario;
pub mod schema;
pub mod subject;
pub mod verdict;
pub mod yaml;
