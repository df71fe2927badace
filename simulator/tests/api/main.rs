//! The REST APIs over a seeded store, without sockets: what a request that passed the pipeline is
//! answered.

mod instance;
mod paging;
mod reading;
mod seeding;
mod writing;
