//! One GET over plain HTTP and keep-alive, with journal, authentication and limits on, against
//! bare hyper that answers the same bytes: CPU time of the serving threads, as a ratio.
//!
//! Each server has a runtime of its own, whose threads are told apart by name; the caller's CPU
//! time counts for neither. Rounds alternate, so that a busy machine disturbs both alike. CPU time
//! is read from `/proc`, so this needs Linux.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints its figure"
)]

use std::convert::Infallible;
use std::fs;
use std::future::pending;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper::header::{CONNECTION, DATE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Simulator};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

const ROUNDS: usize = 5;
const REQUESTS: u32 = 2000;
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// `Authorization` is `admin:bench-password`.
const REQUEST: &[u8] = b"GET /api/now/table/cmdb_ci_server?sysparm_limit=1 HTTP/1.1\r\n\
    Host: dev.instance.test\r\nAccept: application/json\r\n\
    Authorization: Basic YWRtaW46YmVuY2gtcGFzc3dvcmQ=\r\n\r\n";

fn main() {
    let ours = runtime("simulator");
    let address = ours.block_on(simulator());
    let mut caller = Caller::connect(address);
    let (head, body) = caller.ask();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");

    let bare = runtime("bare-hyper");
    let address = bare.block_on(bare_hyper(&head, body.clone()));
    let mut baseline = Caller::connect(address);
    assert_eq!(baseline.ask().1, body);

    // The first round warms caches up and is not counted.
    let mut figures = Vec::new();
    for _ in 0..=ROUNDS {
        let simulator = nanos_per_request("simulator", &mut caller);
        figures.push((simulator, nanos_per_request("bare-hyper", &mut baseline)));
    }
    let mut ratios: Vec<f64> = Vec::new();
    for (simulator, baseline) in &figures[1..] {
        println!(
            "simulator {:>8.1} µs CPU/request, bare hyper {:>6.1} µs, ratio {:.1}",
            simulator / 1e3,
            baseline / 1e3,
            simulator / baseline
        );
        ratios.push(simulator / baseline);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.1}", ratios[ratios.len() / 2]);
}

fn runtime(name: &str) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(name)
        .enable_all()
        .build()
        .unwrap()
}

/// Starts a simulator that lives as long as its runtime.
async fn simulator() -> SocketAddr {
    let instance = serde_json::json!({
        "rate_rules": { "all": { "limit": 4_000_000, "window": "1h" } },
    });
    let setup = Setup {
        instances: [("main".to_owned(), serde_json::from_value(instance).unwrap())].into(),
        passwords: [("admin".to_owned(), "bench-password".to_owned())].into(),
        ..Setup::default()
    };
    let options = Options {
        listen_http: Some(LOOPBACK),
        ..Options::default()
    };
    let authority = Arc::new(Authority::generate().unwrap());
    let running = Simulator::start(setup, &authority, options).await.unwrap();
    let address = running.addresses["main"].http.unwrap();
    tokio::spawn(async move {
        let _running = running;
        pending::<()>().await;
    });
    address
}

/// Starts a server that answers everything with this status line, these headers and this body.
async fn bare_hyper(head: &str, body: Vec<u8>) -> SocketAddr {
    let headers: Vec<(HeaderName, HeaderValue)> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .filter(|(name, _)| ![DATE, CONNECTION, TRANSFER_ENCODING].contains(name))
        .collect();
    let (headers, body) = (Arc::new(headers), Bytes::from(body));
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let (headers, body) = (Arc::clone(&headers), body.clone());
            let service = service_fn(move |_| {
                let frame = Ok::<_, Infallible>(Frame::data(body.clone()));
                let mut response = Response::new(StreamBody::new(Once(Some(frame))));
                *response.status_mut() = StatusCode::OK;
                for (name, value) in headers.iter() {
                    response.headers_mut().append(name, value.clone());
                }
                async move { Ok::<_, Infallible>(response) }
            });
            let serving = hyper::server::conn::http1::Builder::new()
                .title_case_headers(true)
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(serving);
        }
    });
    address
}

/// A stream of one item; its length is not known beforehand, so it is sent chunked.
struct Once<T>(Option<T>);

impl<T: Unpin> futures_util::Stream for Once<T> {
    type Item = T;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<T>> {
        std::task::Poll::Ready(self.0.take())
    }
}

/// A caller on a thread of no runtime, with one connection.
struct Caller {
    stream: TcpStream,
}

impl Caller {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    /// Asks once; gives head and chunked body as they came.
    fn ask(&mut self) -> (String, Vec<u8>) {
        self.stream.write_all(REQUEST).unwrap();
        let mut seen = Vec::new();
        let mut piece = [0; 16 * 1024];
        while !seen.ends_with(b"\r\n0\r\n\r\n") {
            let read = self.stream.read(&mut piece).unwrap();
            assert_ne!(read, 0, "the server hung up");
            seen.extend_from_slice(&piece[..read]);
        }
        let text = String::from_utf8(seen).unwrap();
        let (head, chunks) = text.split_once("\r\n\r\n").unwrap();
        let (_, rest) = chunks.split_once("\r\n").unwrap();
        let body = rest.strip_suffix("\r\n0\r\n\r\n").unwrap();
        (head.replace("\r\n", "\n"), body.as_bytes().to_vec())
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "far fewer than 2^52 nanoseconds"
)]
fn nanos_per_request(threads: &str, caller: &mut Caller) -> f64 {
    let before = cpu_nanos(threads);
    for _ in 0..REQUESTS {
        caller.ask();
    }
    (cpu_nanos(threads) - before) as f64 / f64::from(REQUESTS)
}

/// CPU time of the threads of this name so far.
fn cpu_nanos(name: &str) -> u64 {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| {
            let task = task.ok()?.path();
            let comm = fs::read_to_string(task.join("comm")).ok()?;
            if comm.trim() != name {
                return None;
            }
            let schedstat = fs::read_to_string(task.join("schedstat")).ok()?;
            schedstat.split(' ').next()?.parse::<u64>().ok()
        })
        .sum()
}
