//! Changing a record, uploading a file, sending a message.

use std::io::Write;

use super::*;
use crate::responder::rows;

const RECORD: &str = "5f0c";

async fn ask(policy: &Policy, responder: &Responder, verb: Verb) -> Said {
    let mut file = tempfile();
    file.1.write_all(b"97% used").unwrap();
    let message = json!({"to": ["a@example.com"], "subject": "full", "text": "x"});
    let settings = Settings {
        record: json!({"short_description": "x"}).as_object().cloned(),
        sys_id: Some(RECORD.to_owned()),
        attachment: Some(file.0.clone()),
        message: message.as_object().cloned(),
        ..Settings::for_test(&responder.url)
    };
    let said = run_with(policy, settings, verb, None).await;
    std::fs::remove_dir_all(file.0.parent().unwrap()).unwrap();
    said
}

/// A file `report.txt` in a folder of its own.
fn tempfile() -> (std::path::PathBuf, std::fs::File) {
    let folder = std::env::temp_dir().join(format!("deeds-{:032x}", rand::random::<u128>()));
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("report.txt");
    let file = std::fs::File::create(&path).unwrap();
    (path, file)
}

fn done(status: &str) -> Act {
    let result = json!({"result": {"sys_id": "a", "id": "b", "file_name": "report.txt"}});
    answer(
        status,
        &["content-type: application/json"],
        &result.to_string(),
    )
}

fn sent(responder: &Responder, method: &str) -> usize {
    let heads = responder.heads();
    heads.iter().filter(|head| head.starts_with(method)).count()
}

#[tokio::test]
async fn each_deed_is_one_call_with_credentials() {
    for (verb, line) in [
        (
            Verb::Update,
            "PATCH /api/now/table/cmdb_ci_server/5f0c HTTP/1.1",
        ),
        (
            Verb::Attach,
            "POST /api/now/attachment/file?table_name=cmdb_ci_server&table_sys_id=5f0c&file_name=report.txt ",
        ),
        (Verb::Email, "POST /api/now/v1/email HTTP/1.1"),
    ] {
        let responder = Responder::start(|_, _| done("200 OK")).await;
        let said = ask(&brisk(), &responder, verb).await;
        assert_eq!((said.outcome, said.class()), (Outcome::Success, None));
        let heads = responder.heads();
        assert_eq!(heads.len(), 1);
        assert!(heads[0].starts_with(line), "{}", heads[0]);
        assert!(heads[0].contains("authorization: Basic "));
    }
}

#[tokio::test]
async fn a_record_that_is_not_shown_is_told_as_missing_or_hidden() {
    let no_record = || {
        let detail = "Record doesn't exist or ACL restricts the record retrieval";
        refusal("404 Not Found", &[], "No Record found", detail)
    };
    for verb in [Verb::Update, Verb::Attach] {
        let responder = Responder::start(move |_, _| no_record()).await;
        let said = ask(&brisk(), &responder, verb).await;
        assert_eq!(said.class(), Some("authz.record"));
        let both = "does not exist, or an access control hides it";
        assert!(said.text.contains(both), "{}", said.text);
        assert_eq!(responder.heads().len(), 1);
    }
    let responder = Responder::start(move |number, _| match number {
        0 => no_record(),
        _ => done("201 Created"),
    })
    .await;
    let said = ask(&sin("creates-what-is-hidden"), &responder, Verb::Update).await;
    assert_eq!(said.outcome, Outcome::Success);
    assert_eq!(sent(&responder, "POST"), 1);
}

#[tokio::test]
async fn the_role_for_mail_is_named() {
    for (message, detail) in [
        ("User Not Authorized", "Failed API level ACL Validation"),
        ("Operation Failed", "ACL Exception Insert Failed"),
    ] {
        let responder =
            Responder::start(move |_, _| refusal("403 Forbidden", &[], message, detail)).await;
        let said = ask(&brisk(), &responder, Verb::Email).await;
        assert_eq!(said.class(), Some("authz.role"));
        assert!(said.text.contains("`email_api_send`"), "{}", said.text);
        assert_eq!(responder.heads().len(), 1);
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_told_or_asked_for_again() {
    let lost = || Act::CutAfter(String::new());
    for (verb, method, times, class) in [
        (Verb::Update, "PATCH", 2, None),
        (Verb::Attach, "POST", 1, None),
        (Verb::Email, "POST", 1, Some("data.unknown_outcome")),
    ] {
        let responder = Responder::start(move |number, head| match number {
            0 => lost(),
            _ if head.starts_with("GET") => answer(
                "200 OK",
                &["content-type: application/json", "x-total-count: 1"],
                &json!({"result": [{"sys_id": "a", "file_name": "report.txt"}]}).to_string(),
            ),
            _ => done("200 OK"),
        })
        .await;
        let said = ask(&brisk(), &responder, verb).await;
        assert_eq!(said.class(), class, "{verb}");
        assert_eq!(sent(&responder, method), times, "{verb}");
    }
    let responder = Responder::start(move |number, head| match number {
        0 => lost(),
        _ if head.starts_with("GET") => rows(&[], 0),
        _ => done("201 Created"),
    })
    .await;
    let said = ask(&brisk(), &responder, Verb::Attach).await;
    assert_eq!(said.outcome, Outcome::Success);
    let query = parameter(&responder.heads()[1], "sysparm_query");
    assert_eq!(
        query.as_deref(),
        Some("table_sys_id=5f0c^file_name=report.txt")
    );
    assert_eq!(sent(&responder, "POST"), 2);
}

#[tokio::test]
async fn who_waits_for_a_challenge_is_refused_where_none_comes() {
    let near = NEAR_MISSES.iter();
    let near = near.filter(|near| near.name == "credentials-after-refusal");
    let near = near.map(Variation::policy).next().unwrap();
    let challenge: &[&str] = &["www-authenticate: Basic realm=\"Service-now\""];
    for (policy, status, headers, outcome, calls) in [
        (
            sin("waits-for-challenge"),
            "403 Forbidden",
            &[][..],
            Outcome::Failure,
            1,
        ),
        (
            sin("waits-for-challenge"),
            "401 Unauthorized",
            challenge,
            Outcome::Success,
            2,
        ),
        (near, "403 Forbidden", &[], Outcome::Success, 2),
    ] {
        let responder = Responder::start(move |_, head| {
            if head.contains("authorization: Basic ") {
                done("201 Created")
            } else {
                refusal(status, headers, "User Not Authorized", "")
            }
        })
        .await;
        let said = ask(&policy, &responder, Verb::Attach).await;
        assert_eq!((said.outcome, responder.heads().len()), (outcome, calls));
    }
}
