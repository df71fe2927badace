//! Which form an answer takes and which form a body has: JSON or XML, for every API in one place
//! (wire-core 1.6).
//!
//! No `Accept` and `*/*` mean JSON, unless a switch makes errors XML for the former; one that names neither form is 406, and the error is JSON
//! then. That the form with the greater weight wins, then the one that is named rather than covered
//! by a wildcard, then the one that is named first, is *assumed* (RFC 9110, 12.5.1, leaves ties to
//! the server); so is that `text/xml` stands for `application/xml`. A write whose `Content-Type` is
//! neither form is 415. The Attachment API takes and gives any type (wire-core 4.2).
//!
//! Bodies in XML and in gzip reach the APIs as the JSON that says the same.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Method};

use super::failures::Failures;
use super::{Api, Target, xml};
use crate::reply::{JSON, Reply, XML};
use crate::setup::UnnamedForm;
use crate::store::Store;

/// `glide.rest.max_content_length`, in bytes (wire-core 1.6).
pub(crate) const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// `glide.rest.scripted.max_inbound_gzip_content_length_mb`, in bytes (Controlling maximum request
/// size); that it holds for the platform's own APIs too is *assumed*.
const LARGEST_GZIP: usize = 1024 * 1024;

/// Bytes of a body from which on writing it in XML is work for another thread.
const MUCH: usize = 16 * 1024;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Xml,
}

/// The form that a caller asks for; none where it accepts neither.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Form> {
    let mut asked = false;
    let mut best: Option<(Form, (u16, u8))> = None;
    // Both forms, each at the weight of the range that fits it best.
    let mut weights = [None::<(u8, u16)>; 2];
    for range in ranges(headers) {
        asked = true;
        let (kind, weight) = weigh(range);
        for (form, slot) in [Form::Json, Form::Xml].into_iter().zip(&mut weights) {
            let Some(fit) = fits(form, &kind) else {
                continue;
            };
            if slot.is_none_or(|(known, _)| fit > known) {
                *slot = Some((fit, weight));
            }
            if weight > 0 && best.is_none_or(|(_, rank)| (weight, fit) > rank) {
                best = Some((form, (weight, fit)));
            }
        }
    }
    if !asked {
        return Some(Form::Json);
    }
    let weight = |slot: Option<(u8, u16)>| slot.map_or(0, |(_, weight)| weight);
    match (weight(weights[0]), weight(weights[1])) {
        (0, 0) => None,
        (_, 0) => Some(Form::Json),
        (0, _) => Some(Form::Xml),
        (json, xml) if json == xml => best.map(|(form, _)| form),
        (json, xml) => Some(if json > xml { Form::Json } else { Form::Xml }),
    }
}

/// The media ranges of every `Accept`, without empty ones.
fn ranges(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
}

/// A media range without its parameters, and its weight in thousandths; one that cannot be read
/// counts as 1.
fn weigh(range: &str) -> (String, u16) {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or("").to_ascii_lowercase();
    let weight = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .and_then(|(_, value)| value.trim().parse::<f32>().ok())
        .filter(|weight| (0.0..=1.0).contains(weight))
        .unwrap_or(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000 by the filter above"
    )]
    let thousandths = (weight * 1000.0).round() as u16;
    (kind, thousandths)
}

/// How well a media range fits a form: 2 by name, 1 by its family, 0 like everything.
fn fits(form: Form, kind: &str) -> Option<u8> {
    match (kind, form) {
        ("application/json", Form::Json) | ("application/xml" | "text/xml", Form::Xml) => Some(2),
        ("application/*", _) => Some(1),
        ("*/*" | "*", _) => Some(0),
        _ => None,
    }
}

/// Refuses a call whose answer would have neither form; the Attachment API gives any type.
pub(super) fn acceptable(
    api: Api,
    headers: &HeaderMap,
    failures: Failures,
) -> Result<(), Box<Reply>> {
    if api == Api::Attachment || accepted(headers).is_some() {
        return Ok(());
    }
    let asked: Vec<&str> = ranges(headers).collect();
    Err(Box::new(failures.not_acceptable(&asked.join(", "))))
}

/// Puts an answer into XML where the caller asks for it, or names no form and gets that; leaves
/// what is no JSON as it is.
pub(super) fn dress(reply: &mut Reply, target: &Target, headers: &HeaderMap, unnamed: UnnamedForm) {
    if is_to_be_xml(reply, target, headers, unnamed) {
        let written = in_xml(&reply.body);
        put(reply, written);
    }
}

/// As [`dress`]; what is long is written off the async workers, in turn with other long work.
pub(super) async fn dress_at_length(
    store: &Store,
    reply: &mut Reply,
    target: &Target,
    headers: &HeaderMap,
    unnamed: UnnamedForm,
) {
    if reply.body.len() < MUCH || !is_to_be_xml(reply, target, headers, unnamed) {
        dress(reply, target, headers, unnamed);
        return;
    }
    let (body, store) = (reply.body.clone(), store.clone());
    let work = tokio::task::spawn_blocking(move || store.at_length(|_| in_xml(&body)));
    // A thread that is gone leaves no answer.
    let written = work.await.unwrap_or(None);
    put(reply, written);
}

fn is_to_be_xml(reply: &Reply, target: &Target, headers: &HeaderMap, unnamed: UnnamedForm) -> bool {
    let is_file = target.api == Api::Attachment && target.route.ends_with("/file");
    if is_file && reply.status.is_success() && target.operation == crate::setup::Operation::Read {
        return false;
    }
    // Answers of the token endpoint are JSON, whatever is accepted (*assumed*).
    let is_json = reply.headers.get(CONTENT_TYPE) == Some(&JSON) && target.api != Api::OauthToken;
    let error_for_nobody = unnamed == UnnamedForm::XmlErrors
        && !reply.status.is_success()
        && ranges(headers).next().is_none();
    is_json && (error_for_nobody || accepted(headers) == Some(Form::Xml))
}

/// A body in XML; none where it is no sound JSON. A HEAD has the type of its answer and no body.
fn in_xml(body: &Bytes) -> Option<Bytes> {
    if body.is_empty() {
        return Some(Bytes::new());
    }
    let value = serde_json::from_slice(body).ok()?;
    Some(Bytes::from(xml::write(&value)))
}

fn put(reply: &mut Reply, written: Option<Bytes>) {
    if let Some(body) = written {
        reply.body = body;
        reply.headers.insert(CONTENT_TYPE, XML);
    } else {
        // Of a query that was cancelled; what its XML looks like is not known.
        reply.unmodelled.push("a broken answer in XML".to_owned());
    }
}

/// A body as the APIs read it: JSON, uncompressed. An empty one and one without a `Content-Type`
/// are taken to be JSON (*assumed*).
pub(super) fn body(
    api: Api,
    method: &Method,
    headers: &HeaderMap,
    body: Bytes,
    failures: Failures,
) -> Result<Bytes, Box<Reply>> {
    let body = inflate(headers, body, failures)?;
    let writes = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    if api == Api::Attachment || !writes || body.iter().all(u8::is_ascii_whitespace) {
        return Ok(body);
    }
    let Some(kind) = text(headers, &CONTENT_TYPE) else {
        return Ok(body);
    };
    let bare = kind.split(';').next().unwrap_or("").trim();
    match bare.to_ascii_lowercase().as_str() {
        "" | "application/json" | "text/json" => Ok(body),
        "application/xml" | "text/xml" => {
            let value = xml::read(&body).map_err(|error| failures.malformed_xml(&error))?;
            Ok(Bytes::from(value.to_string()))
        }
        suffixed if suffixed.ends_with("+json") => Ok(body),
        _ => Err(Box::new(failures.unsupported_body(kind))),
    }
}

/// Undoes `Content-Encoding: gzip`, within bounds. That any other coding is 415 is *assumed* (RFC
/// 9110, 15.5.16).
fn inflate(headers: &HeaderMap, body: Bytes, failures: Failures) -> Result<Bytes, Box<Reply>> {
    let coding = text(headers, &CONTENT_ENCODING).unwrap_or("").trim();
    if body.is_empty() || coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
        return Ok(body);
    }
    if !coding.eq_ignore_ascii_case("gzip") && !coding.eq_ignore_ascii_case("x-gzip") {
        return Err(Box::new(failures.unsupported_coding(coding)));
    }
    if body.len() > LARGEST_GZIP {
        return Err(Box::new(failures.oversize_body(body.len(), LARGEST_GZIP)));
    }
    let mut plain = Vec::new();
    let most = LARGEST_BODY as u64 + 1;
    MultiGzDecoder::new(&body[..])
        .take(most)
        .read_to_end(&mut plain)
        .map_err(|error| failures.malformed_body(error))?;
    if plain.len() > LARGEST_BODY {
        return Err(Box::new(failures.oversize_body(plain.len(), LARGEST_BODY)));
    }
    Ok(Bytes::from(plain))
}

fn text<'h>(headers: &'h HeaderMap, name: &http::HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use http::HeaderValue;

    use super::*;
    use crate::setup::Switches;

    fn of(accept: &[&'static str]) -> Option<Form> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, HeaderValue::from_static(value));
        }
        accepted(&headers)
    }

    #[test]
    fn a_form_is_chosen_by_weight_then_by_name_then_by_place() {
        for (accept, form) in [
            (&[][..], Some(Form::Json)),
            (&[""], Some(Form::Json)),
            (&["*/*"], Some(Form::Json)),
            (&["application/*"], Some(Form::Json)),
            (&["Application/JSON; charset=utf-8"], Some(Form::Json)),
            (&["application/xml"], Some(Form::Xml)),
            (&["text/xml, */*;q=0.1"], Some(Form::Xml)),
            (&["application/xml, */*"], Some(Form::Xml)),
            (&["application/json, text/plain, */*"], Some(Form::Json)),
            (&["application/xml, application/json"], Some(Form::Xml)),
            (&["application/json", "application/xml"], Some(Form::Json)),
            (
                &["application/xml;q=0.5, application/json;q=0.6"],
                Some(Form::Json),
            ),
            (&["application/json;q=0, */*"], Some(Form::Xml)),
            (&["text/html, image/gif, *; q=.2"], Some(Form::Json)),
            (
                &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
                Some(Form::Xml),
            ),
            (&["text/html"], None),
            (&["application/json;q=0"], None),
            (&["*/*;q=0"], None),
            (&["application/json;q=nonsense"], Some(Form::Json)),
        ] {
            assert_eq!(of(accept), form, "{accept:?}");
        }
    }

    #[test]
    fn where_no_form_is_named_errors_alone_can_be_xml() {
        let target = crate::api::target(&Method::GET, "/api/now/table/incident");
        let written = |status, accept: Option<&'static str>, unnamed| {
            let accept = accept.map(|text| (ACCEPT, HeaderValue::from_static(text)));
            let headers = HeaderMap::from_iter(accept);
            let mut reply = Reply::application(status, JSON, Bytes::from_static(b"{}"));
            dress(&mut reply, &target, &headers, unnamed);
            reply.headers[CONTENT_TYPE] == XML
        };
        let (good, bad) = (http::StatusCode::OK, http::StatusCode::BAD_REQUEST);
        assert!(written(bad, None, UnnamedForm::XmlErrors));
        assert!(written(bad, Some(""), UnnamedForm::XmlErrors));
        assert!(!written(good, None, UnnamedForm::XmlErrors));
        assert!(!written(bad, Some("*/*"), UnnamedForm::XmlErrors));
        assert!(!written(bad, None, UnnamedForm::Json));
    }

    fn read(kind: &'static str, coding: &'static str, sent: &[u8]) -> Result<Bytes, Box<Reply>> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        let failures = Failures::new(&Switches::default());
        let sent = Bytes::copy_from_slice(sent);
        body(Api::Table, &Method::POST, &headers, sent, failures)
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn bodies_arrive_as_plain_json() {
        let xml = b"<request><entry><name>a</name></entry></request>";
        assert_eq!(read("text/xml", "", xml).unwrap(), r#"{"name":"a"}"#);
        assert_eq!(
            read("application/json", "gzip", &gzip(b"{}")).unwrap(),
            "{}"
        );
        assert_eq!(
            read("application/xml", "gzip", &gzip(xml)).unwrap(),
            r#"{"name":"a"}"#
        );
        assert_eq!(read("text/plain", "", b"{}").unwrap_err().status, 415);
        assert_eq!(read("text/plain", "", b" \n").unwrap(), " \n");
        assert_eq!(
            read("application/json", "br", b"{}").unwrap_err().status,
            415
        );
        assert_eq!(
            read("application/json", "gzip", b"{}").unwrap_err().status,
            400
        );
        assert_eq!(read("application/xml", "", b"{}").unwrap_err().status, 400);
    }

    #[test]
    fn a_gzip_bomb_is_refused() {
        let bomb = gzip(&vec![b' '; LARGEST_BODY + 1]);
        let refused = read("application/json", "gzip", &bomb).unwrap_err();
        assert_eq!(refused.status, 400);
        assert!(
            refused
                .body
                .starts_with(br#"{"error":{"message":"Exception while reading request""#)
        );
    }
}
