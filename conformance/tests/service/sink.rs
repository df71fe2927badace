//! Records that a service posts to a sink of ours.

use super::{MANIFEST, ran};

/// A service of an act that posts its records: page by page, as an array or as JSON lines.
fn posting(lines: bool, mode: &str) -> String {
    let sink = format!("sink: \"{{sink_url}}\", lines: {lines}");
    MANIFEST
        .replace("out: \"{out_dir}/records.jsonl\"", &sink)
        .replace("jsonl: \"{out_dir}/records.jsonl\"", "sink: true")
        .replace(
            "\"{listen_port}\"]",
            &format!("\"{{listen_port}}\", \"{mode}\"]"),
        )
}

#[test]
fn records_that_are_posted_are_judged_as_those_of_a_file_are() {
    for (lines, mode, failed) in [
        (false, "honest", vec![]),
        (true, "honest", vec![]),
        (
            false,
            "loses",
            vec!["no-lost-records", "no-silent-truncation"],
        ),
    ] {
        let Some(ran) = ran(&posting(lines, mode), &["exact:SP-C02"]) else {
            return;
        };
        assert_eq!(
            ran.failed("SP-C02"),
            failed,
            "{:#}\n{}",
            ran.report,
            ran.told()
        );
        let delivered = ran.file("SP-C02/act-1/records.jsonl").lines().count();
        assert!(delivered > 100, "{delivered}");
    }
}

#[test]
fn a_service_of_an_act_may_be_told_the_sink_as_it_starts() {
    let manifest = posting(true, "honest\", \"{sink_url}")
        .replace("sink: \"{sink_url}\", ", "")
        .replace("sync: { path: /jobs", "sync: { path: /jobs/sync");
    let Some(ran) = ran(&manifest, &["exact:SP-C02"]) else {
        return;
    };
    assert_eq!(
        ran.verdict("SP-C02"),
        "pass",
        "{:#}\n{}",
        ran.report,
        ran.told()
    );
}

#[test]
fn what_is_no_record_is_refused_and_told() {
    let Some(ran) = ran(&posting(false, "posts-garbage"), &["exact:SP-C02"]) else {
        return;
    };
    let failed = ran.failed("SP-C02");
    assert_eq!(
        failed,
        ["no-lost-records", "no-silent-truncation"],
        "{:#}",
        ran.report
    );
    let words = ran.file("SP-C02/act-1/stderr");
    let refusal =
        "sink: a request was refused with 400: what was posted is neither JSON nor JSON lines: ";
    assert!(words.contains(refusal), "{words}");
    assert!(words.contains("the sink says 400"), "{words}");
}
