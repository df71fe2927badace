//! The REST APIs over a seeded store, without sockets: what a request that passed the pipeline is
//! answered.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aggregate;
mod attachment;
mod batch;
mod cmdb_instance;
mod concurrency;
mod current_user;
mod dictionary;
mod email;
mod forms;
mod identify_reconcile;
mod import_set;
mod instance;
mod paging;
mod querying;
mod reading;
mod robustness;
mod seeding;
mod writing;
