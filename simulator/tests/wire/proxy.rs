//! The forward proxy: any name leads to an instance, and nothing leads anywhere else.

use std::net::SocketAddr;

use serde_json::{Value, json};
use snowproof_simulator::journal::{Actor, Cause, ClosedBy, Condition, Connect, Entry, Event};
use snowproof_simulator::setup::{Action, Port, Proxy, ProxyCredentials, Setup};
use snowproof_simulator::simulator::{Options, Running};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{Client, basic};
use crate::stage::{self, LIST, authority, credentials};

const PROXY_USER: &str = "proxy.user";
const PROXY_PASSWORD: &str = "Pw4-secret-Xy0-proxy";

async fn start(main: Value, steps: Value) -> Running {
    let setup = Setup {
        proxy_credentials: Some(ProxyCredentials {
            user: PROXY_USER.to_owned(),
            password: PROXY_PASSWORD.to_owned(),
        }),
        ..stage::setup(main, steps)
    };
    stage::try_start(setup, Options::default()).await.unwrap()
}

fn shown() -> String {
    format!("Proxy-{}", basic(PROXY_USER, PROXY_PASSWORD))
}

async fn through(running: &Running, host: &str, headers: &str) -> Result<Client, String> {
    Client::tunnelled(running.proxy.unwrap(), host, headers, authority().ca_pem())
        .await
        .map_err(|error| error.to_string())
}

async fn raw(proxy: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(proxy).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn asked(running: &Running) -> (Connect, Entry) {
    let entry = stage::entry(running, |event| matches!(event, Event::Connect(_))).await;
    let Event::Connect(connect) = entry.event.clone() else {
        unreachable!()
    };
    (connect, entry)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_name_leads_to_an_instance_and_faults_work_in_the_tunnel() {
    let steps = json!({ "cut": {
        "when": { "request": "GET /api/now/*", "nth": 2 },
        "do": [{ "hang_up": { "after_body_bytes": 20 } }],
    } });
    let running = start(json!({ "proxy": "open" }), steps).await;
    let mut client = through(&running, "dev12345.service-now.com", "")
        .await
        .unwrap();
    let answer = client.get(LIST, &credentials()).await;
    assert_eq!((answer.status, answer.rows()), (200, 10));
    client.send("GET", LIST, &credentials(), "").await;
    let cut = client.answer().await.unwrap();
    assert!(cut.broken.is_some(), "{cut:?}");
    let (connect, entry) = asked(&running).await;
    assert_eq!(connect.target, "dev12345.service-now.com:443");
    assert_eq!((connect.answer, connect.condition), (Some(200), None));
    assert_eq!((entry.actor, entry.cause), (Actor::Subject, None));
    let accepted = stage::entry(&running, |event| matches!(event, Event::Accepted(_))).await;
    assert!(matches!(accepted.event, Event::Accepted(it) if it.proxy && !it.tls));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_known_leads_to_its_own_instance() {
    let mut setup = stage::setup(json!({ "proxy": "open" }), json!({}));
    let mut other = setup.instances["main"].clone();
    other.proxy = Some(Proxy::BadGateway);
    setup.instances.insert("other".to_owned(), other);
    let running = stage::try_start(setup, Options::default()).await.unwrap();
    let main = running.addresses["main"].host.clone();
    let other = running.addresses["other"]
        .host
        .replace("instance.test", "service-now.com");
    assert!(through(&running, &main, "").await.is_ok());
    assert!(through(&running, &other, "").await.is_err());
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_never_dials_what_it_is_asked_for() {
    let canary = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = canary.local_addr().unwrap().port();
    let running = start(json!({ "proxy": "open" }), json!({})).await;
    let proxy = running.proxy.unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let mut stream = TcpStream::connect(proxy).await.unwrap();
        let head = format!("CONNECT {host}:{port} HTTP/1.1\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
    }
    let plain = raw(
        proxy,
        &format!("GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"),
    )
    .await;
    assert!(plain.starts_with("HTTP/1.1 "), "{plain}");
    running.shutdown().await.unwrap();
    canary.into_std().unwrap().accept().unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_are_asked_for_checked_and_kept_out_of_the_journal() {
    let running = start(json!({ "proxy": "requires_credentials" }), json!({})).await;
    let name = "dev1.service-now.com";
    let refused = through(&running, name, "").await.err().unwrap();
    assert!(refused.starts_with("HTTP/1.1 407 Proxy Authentication Required"));
    assert!(refused.contains("Proxy-Authenticate: Basic realm="));
    let wrong = format!("Proxy-{}", basic(PROXY_USER, "another"));
    let refused = through(&running, name, &wrong).await.err().unwrap();
    assert!(refused.starts_with("HTTP/1.1 407 "), "{refused}");
    let (connect, entry) = asked(&running).await;
    assert_eq!(connect.answer, Some(407));
    assert_eq!(connect.condition, Some(Condition::ProxyCredentialsRequired));
    assert_eq!(entry.cause, Some(Cause::Setup));
    assert!(through(&running, name, &shown()).await.is_ok());
    raw(
        running.proxy.unwrap(),
        &format!("GET http://{PROXY_PASSWORD}.test/ HTTP/1.1\r\n{}Host: a.test\r\nConnection: close\r\n\r\n", shown()),
    )
    .await;
    let action = Action::SetProxy(Proxy::RefusesCredentials);
    running
        .director
        .apply("main", &action, Cause::Hand)
        .await
        .unwrap();
    let refused = through(&running, name, &shown()).await.err().unwrap();
    assert!(refused.starts_with("HTTP/1.1 407 "), "{refused}");
    let journal = serde_json::to_string(&running.journal.entries()).unwrap();
    assert!(!journal.contains(PROXY_PASSWORD), "{journal}");
    let pair = shown();
    let pair = pair.trim().rsplit(' ').next().unwrap();
    assert!(!journal.contains(pair), "{journal}");
    assert!(journal.contains("<secret:proxy_password>"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_cannot_or_will_not_answer_is_seen_as_such() {
    let running = start(json!({ "proxy": "bad_gateway" }), json!({})).await;
    let proxy = running.proxy.unwrap();
    let answer = raw(proxy, "CONNECT a.test:443 HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway\r\nServer: forward-proxy"));
    assert!(answer.ends_with("</html>\n"), "{answer}");
    let (connect, _) = asked(&running).await;
    assert_eq!(connect.condition, Some(Condition::ProxyBadGateway));
    let malformed = raw(proxy, "\u{16}\u{3}\u{1} hello").await;
    assert!(malformed.starts_with("HTTP/1.1 400 "), "{malformed}");
    running.shutdown().await.unwrap();

    let running = start(json!({ "proxy": "hangs" }), json!({})).await;
    let mut stream = TcpStream::connect(running.proxy.unwrap()).await.unwrap();
    stream
        .write_all(b"CONNECT a.test:443 HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let (connect, _) = asked(&running).await;
    assert_eq!(
        (connect.answer, connect.condition),
        (None, Some(Condition::ProxyHangs))
    );
    drop(stream);
    stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_port_does_is_met_through_the_proxy_too() {
    let main = json!({ "proxy": "open", "port": "closed" });
    let running = start(main, json!({})).await;
    let refused = through(&running, "a.test", "").await.err().unwrap();
    assert!(refused.starts_with("HTTP/1.1 502 Bad Gateway"), "{refused}");
    let plain = "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n";
    let plain = raw(running.proxy.unwrap(), plain).await;
    assert!(plain.starts_with("HTTP/1.1 502 Bad Gateway"), "{plain}");
    let (connect, entry) = asked(&running).await;
    assert_eq!(connect.condition, Some(Condition::ProxyBadGateway));
    assert_eq!(entry.cause, Some(Cause::Setup));

    let turn = async |port| {
        let action = Action::SetPort(port);
        let applied = running.director.apply("main", &action, Cause::Hand);
        applied.await.unwrap();
    };
    turn(Port::Open).await;
    assert!(through(&running, "dev1.service-now.com", "").await.is_ok());
    turn(Port::Filtered).await;
    let waiting = tokio::spawn({
        let proxy = running.proxy.unwrap();
        async move { raw(proxy, "CONNECT a.test:443 HTTP/1.1\r\n\r\n").await }
    });
    let hangs = |event: &Event| {
        matches!(event, Event::Connect(connect)
            if connect.condition == Some(Condition::ProxyHangs) && connect.answer.is_none())
    };
    assert_eq!(stage::entry(&running, hangs).await.cause, Some(Cause::Hand));
    running.shutdown().await.unwrap();
    assert_eq!(waiting.await.unwrap(), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_heard_over_what_the_caller_still_sends() {
    let running = start(json!({ "proxy": "requires_credentials" }), json!({})).await;
    let body = "x".repeat(512 * 1024);
    let request = format!(
        "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = raw(running.proxy.unwrap(), &request).await;
    assert!(answer.starts_with("HTTP/1.1 407 "), "{answer}");
    assert!(answer.ends_with("</html>\n"), "{answer}");
    let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
    assert!(matches!(closed.event, Event::Closed(it) if it.by == ClosedBy::Instance));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shown_to_the_proxy_is_not_passed_on_and_bytes_count_once() {
    let running = start(json!({ "proxy": "requires_credentials" }), json!({})).await;
    let request = format!(
        "GET http://a.test/api/now/nothing HTTP/1.1\r\n{}Host: a.test\r\nConnection: close\r\n\r\n",
        shown()
    );
    raw(running.proxy.unwrap(), &request).await;
    let closed = stage::entry(&running, |event| matches!(event, Event::Closed(_))).await;
    let Event::Closed(closed) = closed.event else {
        unreachable!()
    };
    assert_eq!(closed.bytes_in, request.len() as u64);
    let [seen] = &stage::requests(&running.journal.entries())[..] else {
        panic!("one request was made");
    };
    let names: Vec<_> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["host", "connection"]);
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusing_proxy_keeps_its_port_closed() {
    let running = start(json!({ "proxy": "refuses" }), json!({})).await;
    let error = TcpStream::connect(running.proxy.unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    let action = Action::SetProxy(Proxy::Refuses);
    let refused = running.director.apply("main", &action, Cause::Hand).await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("can only be set up")
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_proxy_in_the_setup_there_is_none() {
    let running = stage::start(json!({}), json!({})).await;
    assert_eq!(running.proxy, None);
    running.shutdown().await.unwrap();
}
