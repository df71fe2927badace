//! The REST APIs over a seeded store, without sockets: what a request that passed the pipeline is
//! answered.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aggregate;
mod attachment;
mod attachment_location;
mod batch;
mod business_rules;
mod cmdb_instance;
mod concurrency;
mod current_user;
mod demo;
mod dictionary;
mod email;
mod field_access;
mod field_laws;
mod field_writes;
mod forms;
mod identify_reconcile;
mod import_set;
mod instance;
mod paging;
mod parts_of_records;
mod querying;
mod reading;
mod robustness;
mod seeding;
mod side_doors;
mod table_abuse;
mod table_bodies;
mod table_laws;
mod table_links;
mod table_parameters;
mod table_records;
mod table_shapes;
mod tiny_url;
mod writing;
