//! What a client sees of each certificate, and what the journal sees of the client.

use serde_json::json;
use snowproof_simulator::journal::{Cause, ClosedBy, Event};
use snowproof_simulator::setup::{Action, Certificate};

use crate::client::Client;
use crate::stage::{self, LIST, authority, credentials};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_valid_certificate_covers_host_loopback_and_the_names_of_real_instances() {
    let running = stage::start(json!({}), json!({})).await;
    let address = running.addresses["main"].clone();
    assert!(address.host.starts_with("dev") && address.host.ends_with(".instance.test"));
    for name in [
        address.host.as_str(),
        "dev12345.service-now.com",
        "agency.servicenowservices.com",
        "localhost",
        "127.0.0.1",
        "::1",
    ] {
        Client::tls(address.https, name, authority().ca_pem())
            .await
            .unwrap();
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_certificate_is_refused_and_the_alert_is_journalled() {
    for (kind, words, alert) in [
        ("expired", "Expired", "CertificateExpired"),
        ("self_signed", "UnknownIssuer", "UnknownCA"),
        ("wrong_host", "NotValidForName", "BadCertificate"),
        ("not_yet_valid", "NotValidYet", "CertificateExpired"),
        ("missing_intermediate", "UnknownIssuer", "UnknownCA"),
        ("unknown_authority", "UnknownIssuer", "UnknownCA"),
        ("inspected", "UnknownIssuer", "UnknownCA"),
        ("expired_intermediate", "Expired", "CertificateExpired"),
        ("wildcard_mismatch", "NotValidForName", "BadCertificate"),
        // Not every client refuses this one and the last two.
        ("common_name_only", "NotValidForName", "BadCertificate"),
        (
            "name_constraint",
            "NameConstraintViolation",
            "CertificateUnknown",
        ),
        (
            "wrong_key_usage",
            "InvalidPurpose",
            "UnsupportedCertificate",
        ),
        ("bad_signature", "BadSignature", "DecryptError"),
        (
            "sha1_signature",
            "UnsupportedSignatureAlgorithm",
            "DecryptError",
        ),
        ("weak_authority", "BadSignature", "DecryptError"),
    ] {
        let running = stage::start(json!({ "certificate": kind }), json!({})).await;
        let address = running.addresses["main"].clone();
        let Err(error) = Client::tls(address.https, &address.host, authority().ca_pem()).await
        else {
            panic!("{kind} was accepted");
        };
        let shown = format!("{error:?}").to_lowercase();
        assert!(shown.contains(&words.to_lowercase()), "{kind}: {shown}");
        let entry = stage::entry(&running, |event| matches!(event, Event::TlsFailed(_))).await;
        let Event::TlsFailed(failed) = &entry.event else {
            unreachable!()
        };
        assert_eq!(failed.alert.as_deref(), Some(alert), "{kind}: {failed:?}");
        assert_eq!(failed.sni.as_ref(), Some(&address.host));
        assert_eq!(failed.versions, ["TLSv1_3", "TLSv1_2"]);
        assert_eq!(entry.cause, Some(Cause::Setup));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_is_sent_whole_is_accepted() {
    let running = stage::start(json!({ "certificate": "complete_chain" }), json!({})).await;
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_name_is_presented_its_own_certificate() {
    let by_name = json!({ "Vanity.example": "valid", "localhost": "expired" });
    let running = stage::start(json!({ "certificates_by_name": by_name }), json!({})).await;
    let address = running.addresses["main"].https;
    let connect = async |name: &str| Client::tls(address, name, authority().ca_pem()).await;
    for good in [
        "vanity.example",
        &running.addresses["main"].host,
        "127.0.0.1",
    ] {
        let mut client = connect(good).await.unwrap();
        assert_eq!(client.get(LIST, &credentials()).await.status, 200, "{good}");
    }
    connect("localhost").await.err().unwrap();
    let entry = stage::entry(&running, |event| matches!(event, Event::TlsFailed(_))).await;
    assert_eq!(entry.cause, Some(Cause::Setup));
    let Event::TlsFailed(failed) = entry.event else {
        unreachable!()
    };
    assert_eq!(failed.sni.as_deref(), Some("localhost"));
    assert_eq!(failed.certificate, Certificate::Expired);
    // A name has its own whatever the port presents otherwise.
    let action = Action::PresentCertificate(Certificate::SelfSigned);
    let director = &running.director;
    director.apply("main", &action, Cause::Hand).await.unwrap();
    connect("127.0.0.1").await.err().unwrap();
    connect("vanity.example").await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keep_alive_works_over_tls_and_is_journalled() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    for _ in 0..3 {
        let answer = client.get(LIST, &credentials()).await;
        assert_eq!((answer.status, answer.rows()), (200, 10));
    }
    drop(client);
    let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
    let Event::Closed(closed) = closed.event else {
        unreachable!()
    };
    assert_eq!(closed.requests, 3);
    let entry = stage::entry(&running, |event| matches!(event, Event::TlsFinished(_))).await;
    let Event::TlsFinished(finished) = &entry.event else {
        unreachable!()
    };
    assert_eq!(finished.version, "TLSv1_3");
    assert_eq!(finished.sni.as_ref(), Some(&running.addresses["main"].host));
    assert_eq!(entry.cause, None);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_certificate_is_presented_from_here_on_and_idle_connections_close() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    let action = Action::PresentCertificate(Certificate::Expired);
    running
        .director
        .apply("main", &action, Cause::Hand)
        .await
        .unwrap();
    client.answer().await.unwrap_err();
    let address = &running.addresses["main"];
    assert!(
        Client::tls(address.https, &address.host, authority().ca_pem())
            .await
            .is_err()
    );
    let failed = stage::entry(&running, |event| matches!(event, Event::TlsFailed(_))).await;
    assert_eq!(failed.cause, Some(Cause::Hand));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_busy_when_the_certificate_changes_ends_its_answer_and_closes() {
    let steps = json!({
        "renewed": {
            "when": { "request": "GET /api/now/table/cmdb_ci_server" },
            "do": [{ "present_certificate": "valid" }],
        },
    });
    let running = stage::start(json!({}), steps).await;
    let mut client = stage::secure(&running).await;
    let answer = client.get(LIST, &credentials()).await;
    assert_eq!((answer.status, answer.rows()), (200, 10));
    client.answer().await.unwrap_err();
    let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
    assert!(matches!(closed.event, Event::Closed(closed) if closed.by == ClosedBy::Instance));
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.rows(), 10);
    running.shutdown().await.unwrap();
}
