//! PySNC 1.2.1, ServiceNow's own Python client: what its documentation shows, page by page, and its
//! own test-suite.
//!
//! | page | what it shows | script |
//! |---|---|---|
//! | README, Getting Started | clients, `GlideRecord`, conditions, encoded queries, `get`, iteration and rewinding, limits, batch sizes | `pysnc_queries.py` |
//! | Getting Started | fields as text and lists, elements and their display values, setting fields, length, `add_or_condition` | `pysnc_pages.py` |
//! | Getting Started | insert, update, delete; `update_multiple`, `delete_multiple` (`test_snc_batching`) | `pysnc_writes.py` |
//! | Authentication | a name and a password, any authentication or session of requests | `pysnc_clients.py` |
//! | Advanced: Attachments | `read`, `readlines`, `write_to`, `as_temp_file`, `add_attachment` (`test_snc_attachment`) | `pysnc_attachments.py` |
//! | Advanced: Dot Walking | values and display values over three tables, by name and by attribute | `pysnc_pages.py` |
//! | Advanced: Serialization, Pandas | `serialize` in all its forms, `serialize_all`, `to_pandas` (`test_snc_serialization`) | `pysnc_fields.py`, `pysnc_pages.py` |
//! | Advanced: Join Queries | joins and related lists (`test_snc_api_query_advanced`) | `pysnc_queries.py` |
//! | Advanced: Proxies | a proxy by its address, and by scheme | `pysnc_clients.py` |
//! | Advanced: Performance Concerns | `fields`, `batch_size`, `display_value`, `limit` | `pysnc_fields.py`, `pysnc_queries.py` |
//! | The API | the APIs of tables, attachments and batches, links, locations, queries of one's own, dates by number | `pysnc_clients.py`, `pysnc_pages.py` |
//! | The API: exceptions | what each refusal is raised as (`test_pebcak`) | `pysnc_refusals.py` |
//! | `pysnc.asyncio` (test/asyncio) | the same, asynchronously | `pysnc_async.py` |
//!
//! Not here: tokens (the password, client credentials and JWT grants) and client certificates;
//! encryption contexts and `Password2` fields, which are not modelled.

use snowproof_simulator::journal::Change;

use super::{Script, Told};

fn told(test: &'static str, file: &'static str) -> Option<Told> {
    let needs = "pysnc";
    Script { test, needs, file }.run()
}

#[test]
fn pysnc_queries() {
    let Some(told) = told("pysnc_queries", "pysnc_queries.py") else {
        return;
    };
    insta::assert_json_snapshot!(told.said);
}

#[test]
fn pysnc_reads_fields_and_serializes() {
    let Some(told) = told("pysnc_reads_fields_and_serializes", "pysnc_fields.py") else {
        return;
    };
    insta::assert_json_snapshot!(told.said);
}

#[test]
fn pysnc_writes() {
    let Some(told) = told("pysnc_writes", "pysnc_writes.py") else {
        return;
    };
    insta::assert_json_snapshot!(told.said);
    let changes = [Change::Inserted, Change::Updated, Change::Deleted];
    insta::assert_json_snapshot!("pysnc_changes", changes.map(|it| told.changed(it)));
}

#[test]
fn pysnc_keeps_attachments() {
    let Some(told) = told("pysnc_keeps_attachments", "pysnc_attachments.py") else {
        return;
    };
    insta::assert_json_snapshot!(told.said);
}

#[test]
fn pysnc_names_what_it_is_refused() {
    let Some(told) = told("pysnc_names_what_it_is_refused", "pysnc_refusals.py") else {
        return;
    };
    insta::assert_json_snapshot!(told.said);
}

#[test]
fn pysnc_makes_its_clients() {
    let Some(told) = told("pysnc_makes_its_clients", "pysnc_clients.py") else {
        return;
    };
    insta::assert_json_snapshot!(told.said);
}

#[test]
fn pysnc_follows_its_pages() {
    let Some(told) = told("pysnc_follows_its_pages", "pysnc_pages.py") else {
        return;
    };
    insta::assert_json_snapshot!(told.said);
}

#[test]
fn pysnc_works_asynchronously() {
    let Some(told) = told("pysnc_works_asynchronously", "pysnc_async.py") else {
        return;
    };
    insta::assert_json_snapshot!(told.said);
}
