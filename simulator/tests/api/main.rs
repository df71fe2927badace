//! The REST APIs over a seeded store, without sockets: what a request that passed the pipeline is
//! answered.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod concurrency;
mod forms;
mod instance;
mod paging;
mod reading;
mod robustness;
mod seeding;
mod writing;
