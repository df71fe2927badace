//! PySNC 1.2.1, ServiceNow's own Python client: all that its documentation shows.

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
