//! A tiny HTTP responder on port 0 for this crate's tests: it answers each request with whatever a
//! function makes of its head and body, and keeps them.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// What becomes of a request.
pub(crate) enum Act {
    /// These bytes are sent and the connection stays.
    Answer(String),
    /// These bytes are sent and the connection ends.
    CutAfter(String),
    /// Nothing is sent, ever.
    Silence,
}

/// A running responder.
pub(crate) struct Responder {
    pub(crate) url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Responder {
    /// Answers the nth request (from 0) as `script` says.
    pub(crate) async fn start(script: impl Fn(usize, &str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (kept, script) = (Arc::clone(&heads), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept), Arc::clone(&script)));
            }
        });
        Self { url, heads }
    }

    /// The heads of the requests that arrived, each with its body.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Serves one connection.
pub(crate) async fn serve<S, F>(mut stream: S, heads: Arc<Mutex<Vec<String>>>, script: Arc<F>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Fn(usize, &str) -> Act,
{
    let mut buffer = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            match stream.read_buf(&mut buffer).await {
                Ok(read) if read > 0 => {}
                _ => return,
            }
        };
        let mut head = String::from_utf8(buffer.drain(..end).collect()).unwrap();
        let body = content_length(&head);
        while buffer.len() < body {
            match stream.read_buf(&mut buffer).await {
                Ok(read) if read > 0 => {}
                _ => return,
            }
        }
        head.push_str(&String::from_utf8(buffer.drain(..body).collect()).unwrap());
        let number = {
            let mut heads = heads.lock().unwrap();
            heads.push(head.clone());
            heads.len() - 1
        };
        match script(number, &head) {
            Act::Answer(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap(),
            Act::CutAfter(bytes) => {
                stream.write_all(bytes.as_bytes()).await.unwrap();
                return;
            }
            Act::Silence => std::future::pending().await,
        }
    }
}

fn content_length(head: &str) -> usize {
    head.lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0)
}

/// An answer with a body.
pub(crate) fn answer(status: &str, headers: &[&str], body: &str) -> Act {
    let mut text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    Act::Answer(format!("{text}\r\n{body}"))
}

/// A page of rows with these keys, of `total`.
pub(crate) fn rows(keys: &[String], total: usize) -> Act {
    let rows: Vec<_> = keys
        .iter()
        .map(|key| serde_json::json!({ "sys_id": key, "name": format!("host {key}") }))
        .collect();
    answer(
        "200 OK",
        &[
            "content-type: application/json;charset=UTF-8",
            &format!("x-total-count: {total}"),
        ],
        &serde_json::json!({ "result": rows }).to_string(),
    )
}

/// A ServiceNow error envelope.
pub(crate) fn refusal(status: &str, headers: &[&str], message: &str, detail: &str) -> Act {
    let mut all = vec!["content-type: application/json;charset=UTF-8"];
    all.extend(headers);
    answer(
        status,
        &all,
        &serde_json::json!({
            "error": { "message": message, "detail": detail }, "status": "failure"
        })
        .to_string(),
    )
}

/// A query parameter of a request head, decoded.
pub(crate) fn parameter(head: &str, name: &str) -> Option<String> {
    let target = head.split(' ').nth(1)?;
    let url = reqwest::Url::parse(&format!("http://h{target}")).ok()?;
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// An instance whose table holds `keys` in order; of them `visible` decides which are answered.
pub(crate) fn table(head: &str, keys: &[String], visible: impl Fn(usize) -> bool) -> Act {
    let number = |name: &str| parameter(head, name).and_then(|text| text.parse().ok());
    let query = parameter(head, "sysparm_query").unwrap_or_default();
    let holds = |key: &str, term: &str| {
        if let Some(least) = term.strip_prefix("sys_id>=") {
            return key >= least;
        }
        if let Some(after) = term.strip_prefix("sys_id>") {
            return key > after;
        }
        term.strip_prefix("sys_id<").is_none_or(|end| key < end)
    };
    let matching: Vec<(usize, &String)> = keys
        .iter()
        .enumerate()
        .filter(|(_, key)| query.split('^').all(|term| holds(key, term)))
        .collect();
    let page: Vec<String> = matching
        .iter()
        .skip(number("sysparm_offset").unwrap_or(0))
        .take(number("sysparm_limit").unwrap_or(10_000))
        .filter(|(at, _)| visible(*at))
        .map(|(_, key)| (*key).clone())
        .collect();
    rows(&page, matching.len())
}
