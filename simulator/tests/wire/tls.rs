//! What a client sees of each certificate, and what the journal sees of the client.

use serde_json::json;
use snowproof_simulator::journal::{Cause, Event};
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
        assert_eq!(entry.cause, Some(Cause::Setup));
        running.shutdown().await.unwrap();
    }
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
