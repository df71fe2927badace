//! The sink to which a service posts the records that it delivers: on this machine alone, under a
//! path that nobody can guess, so that what an earlier act left behind does not reach a later one.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::{Failure, printing};

/// The largest request, bytes.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;
/// Bytes that are kept in all: as many as are read of a file of records.
const KEPT_AT_MOST: u64 = 512 * 1024 * 1024;
/// Requests that are read at once; others wait.
const READ_AT_ONCE: usize = 4;
/// How long requests that have begun may still take when the sink is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// Refusals that are told on stderr.
const TOLD_AT_MOST: usize = 20;

/// An open sink.
pub(super) struct Sink {
    url: String,
    close: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Sink {
    /// Opens one that keeps what it is given in this file, a JSON object a line.
    pub(super) async fn open(file: &Path) -> Result<Self, Failure> {
        let unwritable = |error: std::io::Error| {
            Failure::harness(format!("failed to write `{}`: {error}", file.display()))
        };
        let kept = Kept {
            file: File::create(file).map_err(unwritable)?,
            bytes: 0,
            at_most: KEPT_AT_MOST,
            refusals: 0,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(Failure::harness)?;
        let address = listener.local_addr().map_err(Failure::harness)?;
        let path = format!("/{:032x}", rand::random::<u128>());
        let (close, closed) = oneshot::channel::<()>();
        let serving = axum::serve(listener, router(&path, kept)).with_graceful_shutdown(async {
            let _sent_or_dropped = closed.await;
        });
        Ok(Self {
            url: format!("http://{address}{path}"),
            close,
            serving: tokio::spawn(async move {
                if let Err(error) = serving.await {
                    printing::talk(&format!("sink: {error}"));
                }
            }),
        })
    }

    /// Where records are posted to.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Takes no more requests, and waits for those that have begun.
    pub(super) async fn close(self) {
        let _nobody_serves_any_more = self.close.send(());
        let mut serving = self.serving;
        if timeout(CLOSE_WITHIN, &mut serving).await.is_err() {
            serving.abort();
        }
    }
}

/// What was posted so far.
struct Kept {
    file: File,
    bytes: u64,
    at_most: u64,
    refusals: usize,
}

#[derive(Clone)]
struct Shared {
    kept: Arc<Mutex<Kept>>,
    reading: Arc<Semaphore>,
}

fn router(path: &str, kept: Kept) -> Router {
    let shared = Shared {
        kept: Arc::new(Mutex::new(kept)),
        reading: Arc::new(Semaphore::new(READ_AT_ONCE)),
    };
    Router::new()
        .route(path, post(take).put(take))
        .with_state(shared)
}

async fn take(State(shared): State<Shared>, request: Request) -> Response {
    // The semaphore is never closed, so that a permit always comes.
    let _permit = shared.reading.acquire().await;
    let taken = match to_bytes(request.into_body(), LARGEST_REQUEST).await {
        Ok(body) => shared.keep(&body),
        Err(_) => Err((
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the request is larger than {LARGEST_REQUEST} bytes, or was not sent whole"),
        )),
    };
    match taken {
        Ok(records) => Json(json!({ "taken": records })).into_response(),
        Err((status, why)) => {
            shared.refused(status, &why);
            (status, Json(json!({ "error": why }))).into_response()
        }
    }
}

impl Shared {
    /// Keeps all records of a request, or none: how many there are.
    fn keep(&self, body: &[u8]) -> Result<usize, (StatusCode, String)> {
        let (lines, records) = lines(body).map_err(|why| (StatusCode::BAD_REQUEST, why))?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + lines.len() as u64 > kept.at_most {
            let why = format!(
                "the act has posted more than {} bytes of records",
                kept.at_most
            );
            return Err((StatusCode::INSUFFICIENT_STORAGE, why));
        }
        // In one piece, so that whoever is killed in between leaves whole lines.
        kept.file.write_all(lines.as_bytes()).map_err(|error| {
            let why = format!("failed to keep the records: {error}");
            (StatusCode::INTERNAL_SERVER_ERROR, why)
        })?;
        kept.bytes += lines.len() as u64;
        Ok(records)
    }

    fn refused(&self, status: StatusCode, why: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.refusals += 1;
        if kept.refusals <= TOLD_AT_MOST {
            printing::talk(&format!(
                "sink: a request was refused with {}: {why}",
                status.as_u16()
            ));
        }
    }
}

/// The records of a request, an object a line, and how many there are.
fn lines(body: &[u8]) -> Result<(String, usize), String> {
    let (mut lines, mut records) = (String::new(), 0);
    let mut line = |record: &Value| {
        if !record.is_object() {
            return Err(format!(
                "a record is an object, and this is {}",
                kind(record)
            ));
        }
        records += 1;
        writeln!(lines, "{record}").map_err(|error| error.to_string())
    };
    for value in serde_json::Deserializer::from_slice(body).into_iter::<Value>() {
        let value = value
            .map_err(|error| format!("what was posted is neither JSON nor JSON lines: {error}"))?;
        match &value {
            Value::Array(several) => several.iter().try_for_each(&mut line)?,
            one => line(one)?,
        }
    }
    if records == 0 && body.iter().all(u8::is_ascii_whitespace) {
        return Err("the request is empty".to_owned());
    }
    Ok((lines, records))
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_an_array_and_lines_are_records() {
        for (body, expected, number) in [
            ("{\"a\": 1}", "{\"a\":1}\n", 1),
            (
                "[{\"a\": 1}, {\"b\": \"x\\ny\"}]",
                "{\"a\":1}\n{\"b\":\"x\\ny\"}\n",
                2,
            ),
            ("{\"a\":1}\n\n{\"b\":2}\r\n", "{\"a\":1}\n{\"b\":2}\n", 2),
            ("{\n  \"a\": 1\n}\n", "{\"a\":1}\n", 1),
            ("[]", "", 0),
        ] {
            assert_eq!(
                lines(body.as_bytes()),
                Ok((expected.to_owned(), number)),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_no_record_is_refused_whole_and_with_its_place() {
        for (body, expected) in [
            ("{\"a\": 1}\n{\"b\"", "line 2 column 4"),
            ("sys_id,name\n1,x", "neither JSON nor JSON lines"),
            ("[{\"a\": 1}, 7]", "this is a number"),
            ("\"text\"", "this is a text"),
            ("[[{}]]", "this is an array"),
            (" \n", "the request is empty"),
            ("\u{fffd}", "neither JSON"),
        ] {
            let refused = lines(body.as_bytes()).unwrap_err();
            assert!(refused.contains(expected), "{body}: {refused}");
        }
        assert!(
            lines(&b"[".repeat(100_000))
                .unwrap_err()
                .contains("recursion limit")
        );
    }

    /// What the sink answers to a POST, and what it has kept.
    async fn posted(at_most: u64, bodies: Vec<Vec<u8>>) -> (Vec<u16>, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sink.jsonl");
        let kept = Kept {
            file: File::create(&file).unwrap(),
            bytes: 0,
            at_most,
            refusals: 0,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(axum::serve(listener, router("/x", kept)).into_future());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut answers = Vec::new();
        for body in bodies {
            let sent = http.post(format!("http://{address}/x")).body(body).send();
            answers.push(sent.await.unwrap().status().as_u16());
        }
        serving.abort();
        (answers, std::fs::read_to_string(file).unwrap())
    }

    #[tokio::test]
    async fn a_request_is_bounded_and_so_is_what_is_kept_in_all() {
        let record = b"{\"sys_id\":\"a\"}".to_vec();
        let mut large = b"\"".to_vec();
        large.resize(LARGEST_REQUEST + 2, b'x');
        let bodies = vec![record.clone(), large, b"{".to_vec(), record.clone(), record];
        let (answers, kept) = posted(30, bodies).await;
        assert_eq!(answers, [200, 413, 400, 200, 507]);
        assert_eq!(kept, "{\"sys_id\":\"a\"}\n".repeat(2));
    }

    #[tokio::test]
    async fn only_its_own_path_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sink.jsonl");
        let Ok(sink) = Sink::open(&file).await else {
            panic!("no sink")
        };
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let beside = format!("{}0", sink.url());
        let answers = [sink.url(), beside.as_str()].map(|url| http.post(url).body("{}").send());
        let answers = futures_util::future::join_all(answers).await;
        let answers: Vec<u16> = answers
            .into_iter()
            .map(|it| it.unwrap().status().as_u16())
            .collect();
        assert_eq!(answers, [200, 404]);
        let url = sink.url().to_owned();
        sink.close().await;
        assert!(http.post(url).body("{}").send().await.is_err());
        assert_eq!(std::fs::read_to_string(file).unwrap(), "{}\n");
    }
}
