//! HTTP/2, where an instance offers it: the same answers in streams, and how streams end.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use h2::client::{Connection, SendRequest};
use h2::{Reason, RecvStream};
use http::{Method, Request, Response};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use snowproof_simulator::journal::{Condition, Event, ReplyEnd};
use snowproof_simulator::simulator::Running;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::trusting;
use crate::stage::{self, LIST, PASSWORD, USER, credentials};

type Driven = Connection<TlsStream<TcpStream>, Bytes>;

/// A connection that offers HTTP/2 and HTTP/1.1; the protocol that was chosen.
async fn connect(running: &Running) -> (TlsStream<TcpStream>, Option<Vec<u8>>) {
    let address = &running.addresses["main"];
    let mut config = ClientConfig::clone(&trusting(stage::authority().ca_pem()));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(address.https).await.unwrap();
    let name = ServerName::try_from(address.host.clone()).unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    let chosen = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    (stream, chosen)
}

async fn converse(running: &Running) -> (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let (stream, chosen) = connect(running).await;
    assert_eq!(chosen.as_deref(), Some(&b"h2"[..]));
    let (requests, driven): (_, Driven) = h2::client::handshake(stream).await.unwrap();
    (requests, tokio::spawn(driven))
}

fn request(method: Method, path: &str) -> Request<()> {
    let pair = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    Request::builder()
        .method(method)
        .uri(format!("https://dev.instance.test{path}"))
        .header("authorization", format!("Basic {pair}"))
        .header("content-type", "application/json")
        .body(())
        .unwrap()
}

async fn send(
    requests: &mut SendRequest<Bytes>,
    body: Option<&str>,
) -> Result<Response<RecvStream>, h2::Error> {
    let method = if body.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let path = if body.is_some() {
        "/api/now/table/incident"
    } else {
        LIST
    };
    let mut ready = requests.clone().ready().await?;
    let (answer, mut stream) = ready
        .send_request(request(method, path), body.is_none())
        .unwrap();
    if let Some(body) = body {
        stream
            .send_data(Bytes::copy_from_slice(body.as_bytes()), true)
            .unwrap();
    }
    answer.await
}

async fn read(answer: Response<RecvStream>) -> Result<Vec<u8>, h2::Error> {
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len()).unwrap();
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

async fn rows(requests: &mut SendRequest<Bytes>) -> usize {
    let answer = send(requests, None).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = serde_json::from_slice(&read(answer).await.unwrap()).unwrap();
    body["result"].as_array().unwrap().len()
}

async fn offering(step: Value) -> Running {
    let when = json!({ "when": { "request": "*", "nth": 2 }, "do": [step] });
    stage::start(json!({ "http2": true }), json!({ "fault": when })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_chooses_http_1_1_unless_it_offers_more() {
    let running = stage::start(json!({}), json!({})).await;
    let (_stream, chosen) = connect(&running).await;
    assert_eq!(chosen.as_deref(), Some(&b"http/1.1"[..]));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_are_answered_and_journalled_as_requests_are() {
    let running = stage::start(json!({ "http2": true }), json!({})).await;
    let (mut requests, driven) = converse(&running).await;
    let answer = send(&mut requests, None).await.unwrap();
    assert_eq!(answer.headers()["x-total-count"], "30");
    assert!(!answer.headers().contains_key("connection"));
    let by_stream = read(answer).await.unwrap();
    let created = send(
        &mut requests,
        Some("{\"short_description\":\"by a stream\"}"),
    )
    .await
    .unwrap();
    assert_eq!(created.status(), 201);
    read(created).await.unwrap();
    let mut together = requests.clone();
    let both = tokio::join!(rows(&mut requests), rows(&mut together));
    assert_eq!(both, (10, 10));
    let by_line = stage::secure(&running)
        .await
        .get(LIST, &credentials())
        .await;
    assert_eq!(by_line.body.len(), by_stream.len());
    drop((requests, together));
    driven.await.unwrap().unwrap();

    let first = |event: &Event| matches!(event, Event::Closed(it) if it.connection == 1);
    let closed = stage::entry(&running, first).await;
    let Event::Closed(closed) = closed.event else {
        unreachable!()
    };
    assert_eq!((closed.connection, closed.requests), (1, 4));
    let shaken = stage::entry(&running, |event| matches!(event, Event::TlsFinished(_))).await;
    let Event::TlsFinished(shaken) = shaken.event else {
        unreachable!()
    };
    assert_eq!(shaken.alpn.as_deref(), Some("h2"));
    let outcome = stage::outcome(&running, 1).await;
    assert_eq!(
        (outcome.end, outcome.status),
        (ReplyEnd::Delivered, Some(200))
    );
    assert_eq!(outcome.body_bytes, by_stream.len() as u64);
    assert!(outcome.served.is_some());
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_reset_for_its_reason_and_the_others_go_on() {
    for (name, reason) in [
        ("refused_stream", Reason::REFUSED_STREAM),
        ("enhance_your_calm", Reason::ENHANCE_YOUR_CALM),
        ("internal_error", Reason::INTERNAL_ERROR),
    ] {
        let running = offering(json!({ "end_stream": { "reason": name } })).await;
        let (mut requests, _driven) = converse(&running).await;
        assert_eq!(rows(&mut requests).await, 10);
        let error = send(&mut requests, None).await.unwrap_err();
        assert!(error.is_reset() && error.is_remote());
        assert_eq!(error.reason(), Some(reason));
        assert_eq!(rows(&mut requests).await, 10);
        let outcome = stage::outcome(&running, 2).await;
        assert_eq!((outcome.end, outcome.status), (ReplyEnd::Cut, None));
        assert_eq!(outcome.condition, Some(Condition::StreamEnded));
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_reset_within_its_body() {
    let end = json!({ "end_stream": { "reason": "cancel", "after_body_bytes": 100 } });
    let running = offering(end).await;
    let (mut requests, _driven) = converse(&running).await;
    assert_eq!(rows(&mut requests).await, 10);
    let answer = send(&mut requests, None).await.unwrap();
    assert_eq!(answer.status(), 200);
    let error = read(answer).await.unwrap_err();
    assert_eq!(error.reason(), Some(Reason::CANCEL));
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!((outcome.end, outcome.body_bytes), (ReplyEnd::Cut, 100));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_away_ends_every_stream_for_its_reason() {
    for (name, reason, after) in [
        ("enhance_your_calm", Reason::ENHANCE_YOUR_CALM, None),
        ("no_error", Reason::NO_ERROR, None),
        ("enhance_your_calm", Reason::ENHANCE_YOUR_CALM, Some(100)),
    ] {
        let end = json!({ "by": "go_away", "reason": name, "after_body_bytes": after });
        let running = offering(json!({ "end_stream": end })).await;
        let (mut requests, driven) = converse(&running).await;
        assert_eq!(rows(&mut requests).await, 10);
        let broken = match send(&mut requests, None).await {
            Ok(answer) => read(answer).await.unwrap_err(),
            Err(error) => error,
        };
        // Its stream only breaks off; its connection hears the reason, where that is one.
        assert!(!broken.is_reset(), "{broken}");
        let ended = driven.await.unwrap();
        let told = ended.err().and_then(|error| error.reason());
        assert_eq!(told, (reason != Reason::NO_ERROR).then_some(reason));
        let outcome = stage::outcome(&running, 2).await;
        assert_eq!(
            (outcome.end, outcome.condition),
            (ReplyEnd::Cut, Some(Condition::StreamEnded))
        );
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_silent_holds_up_no_other() {
    let running = offering(json!({ "stall": { "after_body_bytes": 50 } })).await;
    let (mut requests, driven) = converse(&running).await;
    assert_eq!(rows(&mut requests).await, 10);
    let silent = send(&mut requests, None).await.unwrap();
    assert_eq!(rows(&mut requests).await, 10);
    drop((silent, requests));
    driven.abort();
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!((outcome.end, outcome.body_bytes), (ReplyEnd::Silent, 50));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_connection_can_be_reset() {
    let running = offering(json!({ "hang_up": {} })).await;
    let (mut requests, driven) = converse(&running).await;
    assert_eq!(rows(&mut requests).await, 10);
    let error = send(&mut requests, None).await.unwrap_err();
    assert!(error.is_io(), "{error}");
    let _reset = driven.await.unwrap();
    let outcome = stage::outcome(&running, 2).await;
    assert_eq!(
        (outcome.end, outcome.condition),
        (ReplyEnd::Cut, Some(Condition::HungUp))
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_one_version_is_not_done_to_the_other() {
    let running = offering(json!({ "malform": "unequal_content_length" })).await;
    let (mut requests, _driven) = converse(&running).await;
    assert_eq!(rows(&mut requests).await, 10);
    assert_eq!(rows(&mut requests).await, 10);
    assert_eq!(stage::outcome(&running, 2).await.condition, None);
    running.shutdown().await.unwrap();

    let running = offering(json!({ "end_stream": {} })).await;
    let mut client = stage::secure(&running).await;
    for _ in 0..2 {
        assert_eq!(client.get(LIST, &credentials()).await.rows(), 10);
    }
    assert_eq!(stage::outcome(&running, 2).await.condition, None);
    running.shutdown().await.unwrap();
}
