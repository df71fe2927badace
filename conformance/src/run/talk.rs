//! A conversation with a service over HTTP: whether it is ready, and what it answers.

use std::net::Ipv4Addr;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use crate::subject::{Ask, Method};

/// The longest that a service may take until it is ready.
pub(crate) const READY_WITHIN: Duration = Duration::from_secs(60);
/// The longest that one question about it may take.
const READY_ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Between two questions.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);
/// The longest answer that is read, bytes.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// A conversation with the service on a port of this machine.
pub(crate) struct Talk {
    http: reqwest::Client,
    base: String,
}

/// What a service answered.
pub(crate) struct Answered {
    /// Its status code.
    pub(crate) status: u16,
    /// Its body: JSON, or else text.
    pub(crate) document: Value,
}

impl Answered {
    /// Whether it is one of 2xx.
    pub(crate) const fn is_good(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

impl Talk {
    /// Begins one. The error is the library's.
    pub(crate) fn with(port: u16) -> Result<Self, String> {
        let http = reqwest::Client::builder().no_proxy().build();
        Ok(Self {
            http: http.map_err(|error| error.to_string())?,
            base: format!("http://{}:{port}", Ipv4Addr::LOCALHOST),
        })
    }

    /// Whether this path is answered with 2xx.
    pub(crate) async fn is_ready(&self, path: &str) -> bool {
        let asked = self.http.get(format!("{}{path}", self.base));
        let asked = asked.timeout(READY_ANSWER_WITHIN).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    /// What it answers. The error says what was asked, and why there is no answer.
    pub(crate) async fn ask(&self, ask: &Ask) -> Result<Answered, String> {
        let url = format!("{}{}", self.base, ask.path);
        let mut request = match ask.method {
            Method::Post => self.http.post(url),
            Method::Put => self.http.put(url),
            Method::Get => self.http.get(url),
        };
        if let Some(body) = &ask.body {
            let json = HeaderValue::from_static("application/json");
            request = request.header(CONTENT_TYPE, json).body(body.to_string());
        } else if ask.method != Method::Get {
            // Some servers answer 411 to those who do not say that there is no body.
            request = request.header(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let lost =
            |error: reqwest::Error| format!("the service did not answer {}: {error}", ask.path);
        let mut answer = request.send().await.map_err(lost)?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(lost)? {
            if body.len() + piece.len() > LONGEST_ANSWER {
                return Err(format!(
                    "the service answered {} with more than {LONGEST_ANSWER} bytes",
                    ask.path
                ));
            }
            body.extend_from_slice(&piece);
        }
        let document = serde_json::from_slice(&body);
        let document =
            document.unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        Ok(Answered { status, document })
    }
}
