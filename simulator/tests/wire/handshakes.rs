//! Handshakes that are answered otherwise than by one: what a client sees, and what is written down.

use serde_json::{Value, json};
use snowproof_simulator::journal::{Cause, ClosedBy, Event};
use snowproof_simulator::setup::{Action, Handshake};
use snowproof_simulator::simulator::Running;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Client;
use crate::stage::{self, LIST, authority, credentials};

/// Each answer, and what rustls says of it (connection-faults 6).
const SAID: [(Handshake, &str); 12] = [
    (Handshake::ProtocolVersion, "AlertReceived(ProtocolVersion)"),
    (
        Handshake::HandshakeFailure,
        "AlertReceived(HandshakeFailure)",
    ),
    (
        Handshake::UnrecognizedName,
        "AlertReceived(UnrecognisedName)",
    ),
    (Handshake::InternalError, "AlertReceived(InternalError)"),
    (Handshake::AccessDenied, "AlertReceived(AccessDenied)"),
    (
        Handshake::NoApplicationProtocol,
        "AlertReceived(NoApplicationProtocol)",
    ),
    (Handshake::OldVersion, "ServerDoesNotSupportTls12Or13"),
    (Handshake::UnofferedCipher, "SelectedUnofferedCipherSuite"),
    (Handshake::PlainHttp, "InvalidMessage(InvalidContentType)"),
    (Handshake::Garbage, "InvalidMessage(InvalidContentType)"),
    (Handshake::Reset, "ConnectionReset"),
    (Handshake::Close, "UnexpectedEof"),
];

async fn refused(running: &Running) -> String {
    let address = &running.addresses["main"];
    let client = Client::tls(address.https, &address.host, authority().ca_pem());
    format!("{:?}", client.await.err().unwrap())
}

async fn set(running: &Running, handshake: Handshake) {
    let action = Action::SetHandshake(handshake);
    let director = &running.director;
    director.apply("main", &action, Cause::Hand).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_answer_is_seen_as_what_it_is_and_written_down() {
    for (answer, words) in SAID {
        let set_up: Value = json!({ "handshake": answer });
        let running = stage::start(set_up, json!({})).await;
        let said = refused(&running).await;
        assert!(said.contains(words), "{answer:?}: {said}");
        let broken = |event: &Event| matches!(event, Event::HandshakeBroken(_));
        let entry = stage::entry(&running, broken).await;
        assert_eq!(entry.cause, Some(Cause::Setup));
        let Event::HandshakeBroken(broken) = entry.event else {
            unreachable!()
        };
        assert_eq!(broken.answer, answer);
        assert_eq!(broken.sni.as_ref(), Some(&running.addresses["main"].host));
        assert_eq!(broken.versions, ["TLSv1_3", "TLSv1_2"]);
        let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
        assert!(matches!(closed.event, Event::Closed(closed) if closed.by == ClosedBy::Instance));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_close_when_the_answer_changes() {
    let running = stage::start(json!({}), json!({})).await;
    let mut client = stage::secure(&running).await;
    assert_eq!(client.get(LIST, &credentials()).await.status, 200);
    set(&running, Handshake::ProtocolVersion).await;
    client.answer().await.unwrap_err();
    refused(&running).await;
    set(&running, Handshake::Complete).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.rows(), 10);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_breaks_a_handshake_and_mends_the_next() {
    let steps = json!({
        "mends": { "when": { "connection": 2 }, "do": [{ "set_handshake": "complete" }] },
    });
    let running = stage::start(json!({ "handshake": "internal_error" }), steps).await;
    refused(&running).await;
    let answer = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(answer.rows(), 10);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_comes_first_is_answered_and_a_caller_who_says_nothing_is_not() {
    let running = stage::start(json!({ "handshake": "protocol_version" }), json!({})).await;
    let address = running.addresses["main"].https;
    let mut caller = TcpStream::connect(address).await.unwrap();
    caller.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    caller.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, [0x15, 3, 3, 0, 2, 2, 70]);
    drop(TcpStream::connect(address).await.unwrap());
    let second = |event: &Event| matches!(event, Event::Closed(it) if it.connection == 2);
    stage::entry(&running, second).await;
    let broken: Vec<_> = running
        .journal
        .entries()
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::HandshakeBroken(broken) => Some(broken),
            _ => None,
        })
        .collect();
    assert_eq!(broken.len(), 1);
    assert!(broken[0].versions.is_empty());
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_a_port_without_tls_in_clear_is_answered_and_written_down() {
    let running = stage::start(json!({ "handshake": "plain_http" }), json!({})).await;
    let mut client = Client::plain(running.addresses["main"].https).await;
    let answer = client.get(LIST, &credentials()).await;
    assert_eq!((answer.status, answer.rows()), (200, 10));
    drop(client);
    let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
    assert!(matches!(closed.event, Event::Closed(closed) if closed.requests == 1));
    let entries = running.journal.entries();
    let [request] = &stage::requests(&entries)[..] else {
        panic!("{entries:?}");
    };
    assert!(request.credentials.is_some());
    let broken = entries.iter().find_map(|entry| match &entry.event {
        Event::HandshakeBroken(broken) => Some(broken.connection),
        _ => None,
    });
    assert_eq!(broken, Some(request.connection));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_proxy_tunnels_meets_the_answer_too() {
    let set_up = json!({ "handshake": "unrecognized_name", "proxy": "open" });
    let running = stage::start(set_up, json!({})).await;
    let (proxy, host) = (running.proxy.unwrap(), &running.addresses["main"].host);
    let client = Client::tunnelled(proxy, host, "", authority().ca_pem()).await;
    let said = format!("{:?}", client.err().unwrap());
    assert!(said.contains("UnrecognisedName"), "{said}");
    running.shutdown().await.unwrap();
}
