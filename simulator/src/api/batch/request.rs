//! What a batch asks for, read from its body.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

use super::limits::Limits;
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::json_body::{self, text};

/// Base64 with or without its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A batch as it was sent.
#[derive(Debug)]
pub(super) struct Batch {
    /// `batch_request_id` as text; empty where there is none (*assumed*).
    pub(super) id: String,
    pub(super) requests: Vec<Request>,
    /// Whether only a multipart answer is accepted.
    pub(super) wants_multipart: bool,
}

/// One of its requests.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: String,
    /// Whether the answer's headers are left out.
    pub(super) excludes_headers: bool,
    pub(super) asked: Result<Asked, Unfit>,
}

/// The call that a request stands for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Why a request is not run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    TooLarge,
    Malformed(&'static str),
}

impl Batch {
    /// Reads the body of a batch. Blocks.
    pub(super) fn read(call: &Owned, limits: &Limits) -> Result<Self, Failed> {
        let body = json_body::read(call)?;
        let unfit = |detail| Failed::from(call.failures.unfit_body(detail));
        let Some(body) = body.as_object() else {
            return Err(unfit("A batch is a JSON object."));
        };
        let Some(requests) = body.get("rest_requests").and_then(Value::as_array) else {
            return Err(unfit("rest_requests is missing or is no list."));
        };
        let requests = requests
            .iter()
            .map(|request| Request::read(request, limits))
            .collect::<Option<_>>()
            .ok_or_else(|| unfit("A request of the batch has no id."))?;
        let accept = call
            .headers
            .get(ACCEPT)
            .map_or(&[][..], HeaderValue::as_bytes);
        Ok(Self {
            id: body
                .get("batch_request_id")
                .and_then(text)
                .unwrap_or_default(),
            requests,
            wants_multipart: accept.starts_with(b"multipart/"),
        })
    }
}

impl Request {
    /// None without an id: nothing could refer to it.
    fn read(request: &Value, limits: &Limits) -> Option<Self> {
        let fields = request.as_object()?;
        let excludes = fields.get("exclude_response_headers").and_then(text);
        Some(Self {
            id: fields.get("id").and_then(text)?,
            excludes_headers: excludes.as_deref() == Some("true"),
            asked: Asked::read(fields, limits),
        })
    }
}

impl Asked {
    fn read(fields: &Map<String, Value>, limits: &Limits) -> Result<Self, Unfit> {
        let given = |name: &str| fields.get(name).and_then(Value::as_str).map(str::trim);
        let method = given("method")
            .and_then(|method| Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok())
            .ok_or(Unfit::Malformed("The method is missing or is none."))?;
        let url = given("url")
            .filter(|url| !url.is_empty() && !url.contains(|c: char| c.is_control() || c == ' '))
            .ok_or(Unfit::Malformed("The url is missing or is none."))?;
        let (url, _fragment) = url.split_once('#').unwrap_or((url, ""));
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        Ok(Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers(fields.get("headers")),
            body: body(given("body").unwrap_or(""), limits.input)?,
        })
    }
}

/// Headers as they are listed; what is none is passed over (*assumed*).
fn headers(listed: Option<&Value>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for each in listed.and_then(Value::as_array).into_iter().flatten() {
        let given = |name: &str| each.get(name).and_then(text);
        let (Some(name), Some(value)) = (given("name"), given("value")) else {
            continue;
        };
        let pair = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = pair {
            // A map holds 32,768 names; what is beyond is passed over as well.
            let _full = headers.try_append(name, value);
        }
    }
    headers
}

fn body(text: &str, most: usize) -> Result<Bytes, Unfit> {
    let packed: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let body = LENIENT
        .decode(packed)
        .map_err(|_| Unfit::Malformed("The body is not Base64."))?;
    if body.len() > most {
        return Err(Unfit::TooLarge);
    }
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LIMITS: Limits = Limits {
        input: 4,
        output: 4,
        rows: None,
        writes: None,
    };

    fn asked(request: &Value) -> Result<Asked, Unfit> {
        Request::read(request, &LIMITS).unwrap().asked
    }

    #[test]
    fn a_request_is_read_in_all_its_parts() {
        let read = asked(&json!({
            "id": 7, "method": "post", "url": "/api/now/table/x?a=b?c#d", "body": "eA\n ==",
            "headers": [{"name": "Accept", "value": "a/b"}, {"name": "no name", "value": "x"}, 3],
        }));
        let read = read.unwrap();
        assert_eq!(
            (read.path.as_str(), read.query.as_str()),
            ("/api/now/table/x", "a=b?c")
        );
        assert_eq!((read.method, &*read.body), (Method::POST, &b"x"[..]));
        assert_eq!(read.headers.len(), 1);
    }

    #[test]
    fn what_a_request_lacks_is_told() {
        for (request, word) in [
            (json!({"id": "1", "url": "/"}), "method"),
            (json!({"id": "1", "method": "G T", "url": "/"}), "method"),
            (json!({"id": "1", "method": "GET"}), "url"),
            (json!({"id": "1", "method": "GET", "url": "/a b"}), "url"),
            (
                json!({"id": "1", "method": "GET", "url": "/", "body": "?"}),
                "Base64",
            ),
        ] {
            let Err(Unfit::Malformed(why)) = asked(&request) else {
                panic!("{request}");
            };
            assert!(why.contains(word), "{why}");
        }
        let large = asked(&json!({"id": "1", "method": "GET", "url": "/", "body": "eHh4eHg="}));
        assert_eq!(large.unwrap_err(), Unfit::TooLarge);
        assert!(Request::read(&json!({"method": "GET"}), &LIMITS).is_none());
    }
}
