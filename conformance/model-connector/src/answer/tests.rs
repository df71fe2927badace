//! Each form of answer that the facts name, and what it is taken for.

use std::time::Duration;

use proptest::prelude::*;
use reqwest::header::{HeaderName, HeaderValue};

use super::*;
use crate::diagnosis::{
    ADDRESS_BLOCKED, API_CLOSED, BAD_REQUEST, BROKEN_OFF, BUSINESS_RULE, CONCURRENCY, FIELD_CLOSED,
    HIBERNATING, INSTANCE_ERROR, LOGIN_PAGE, NO_API, NO_INSTANCE, NO_TABLE, RATE_LIMIT,
    REFUSED_CREDENTIALS, REQUEST_TOO_LONG, ROLE_MISSING, SCOPE, TABLE_CLOSED, UNAVAILABLE, WAKING,
    WRITE_CLOSED,
};

const JSON: (&str, &str) = ("content-type", "application/json;charset=UTF-8");
const HTML: (&str, &str) = ("content-type", "text/html");

fn head(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        })
        .collect()
}

fn taken(status: u16, pairs: &[(&str, &str)], body: &str) -> Result<Page, Failure> {
    read(
        StatusCode::from_u16(status).unwrap(),
        &head(pairs),
        body.as_bytes(),
        "cmdb_ci_server",
        &Policy::default(),
    )
}

fn envelope(message: &str, detail: &str) -> String {
    serde_json::json!({"error": {"message": message, "detail": detail}, "status": "failure"})
        .to_string()
}

#[test]
fn a_list_is_read_with_what_paging_needs() {
    let link = "<https://h/api/now/table/t?sysparm_limit=2&sysparm_offset=0>;rel=\"first\",\
                <https://h/api/now/table/t?sysparm_limit=2&sysparm_offset=-2>;rel=\"prev\",\
                <https://h/api/now/table/t?sysparm_limit=2&sysparm_offset=2>;rel=\"next\",\
                <https://h/api/now/table/t?sysparm_limit=2&sysparm_offset=8>;rel=\"last\"";
    let page = taken(
        200,
        &[JSON, ("x-total-count", "9"), ("link", link)],
        r#"{"result":[{"sys_id":"a"},{"sys_id":{"display_value":"b","value":"b"}}]}"#,
    )
    .unwrap();
    assert_eq!(page.rows.len(), 2);
    assert_eq!((page.total, page.next_offset), (Some(9), Some(2)));
    assert_eq!(key_of(&page.rows[1]), Some("b"));
}

#[test]
fn a_last_page_has_no_next_offset() {
    assert_eq!(
        next_offset(
            "<https://h/t?sysparm_offset=0>;rel=\"first\",<https://h/t?sysparm_offset=8>;rel=\"last\""
        ),
        None
    );
}

#[test]
fn a_2xx_that_is_no_list_is_a_failure_of_its_own_kind() {
    let hibernating = "<html>\n<head><title>Instance Hibernating page</title></head></html>";
    for (pairs, body, cause) in [
        (HTML, hibernating, HIBERNATING),
        // The content type is not believed where the first byte contradicts it.
        (JSON, hibernating, HIBERNATING),
        (
            HTML,
            "<html>Your instance is currently offline</html>",
            WAKING,
        ),
        (HTML, "<form action=\"/login.do\">", LOGIN_PAGE),
        (HTML, "<html>welcome to the hotel</html>", NOT_JSON),
        (HTML, "", NOT_JSON),
        (JSON, "{\"result\":[}", MALFORMED),
        (JSON, "{}", MALFORMED),
        (JSON, "{\"result\":{}}", MALFORMED),
        (JSON, "{\"result\":[{\"name\":\"x\"}]}", MALFORMED),
        (("content-type", "text/plain"), "hello", NOT_JSON),
        (
            JSON,
            r#"{"result":[{"sys_id":"a"},],"error":{"message":"Transaction cancelled: maximum execution time exceeded"}}"#,
            EXECUTION_QUOTA,
        ),
        (
            JSON,
            r#"{"result":[],"error":{"message":"Transaction cancelled: maximum execution time exceeded"}}"#,
            EXECUTION_QUOTA,
        ),
        (
            JSON,
            r#"{"result":[],"error":{"message":"boom","detail":null}}"#,
            ERROR_IN_SUCCESS,
        ),
    ] {
        let failure = taken(200, &[pairs], body).unwrap_err();
        assert_eq!(failure.cause, cause, "{body}");
        let kind = if cause == WAKING {
            Kind::Waking
        } else {
            Kind::Permanent
        };
        assert_eq!(failure.kind, kind, "{body}");
    }
    assert_eq!(taken(202, &[], "").unwrap_err().cause, DROPPED);
    for broken_off in ["", "{\"result\":[{", "{\"result\":[{\"sys_id\":\"a"] {
        let failure = taken(200, &[JSON], broken_off).unwrap_err();
        let found = (failure.cause, failure.kind);
        assert_eq!(found, (BROKEN_OFF, Kind::Transient), "{broken_off}");
    }
}

#[test]
fn a_developer_instance_is_known_by_its_pages_under_any_status() {
    let offline = "<html>Your instance is currently offline</html>";
    let retry_after = ("retry-after", "2");
    let waking = taken(503, &[HTML, retry_after], offline).unwrap_err();
    assert_eq!((waking.cause, waking.kind), (WAKING, Kind::Waking));
    assert_eq!(waking.stated_wait, Some(Duration::from_secs(2)));
    let site = "https://developer.servicenow.com/dev.do#!/home?wu=true";
    let asleep = taken(302, &[("location", site)], "").unwrap_err();
    assert_eq!(asleep.cause, HIBERNATING);
}

#[test]
fn refusals_are_told_apart() {
    let auth = envelope(
        "User is not authenticated",
        "Required to provide Auth information",
    );
    let rights = envelope("Insufficient rights to query records", "");
    let field = envelope(
        "Insufficient rights to query records",
        "Field(s) present in the query do not have permission to be read",
    );
    let api = envelope("User Not Authorized", "Failed API level ACL Validation");
    let scope = envelope(
        "User Not Authorized",
        "Access to unscoped api is not allowed",
    );
    let table = envelope("Invalid table cmdb_ci_server", "");
    let path = envelope("Requested URI does not represent any resource", "");
    let insert = envelope(
        "Operation Failed",
        "ACL Exception Insert Failed due to security constraints",
    );
    let rule = envelope(
        "Operation Failed",
        "Operation against file 'incident' was aborted by Business Rule 'Abort changes^6a2e9d14'. \
         Business Rule Stack:Abort changes",
    );
    for (status, pairs, body, cause, kind) in [
        (
            401,
            JSON,
            auth.as_str(),
            REFUSED_CREDENTIALS,
            Kind::RefusedCredentials,
        ),
        (403, JSON, &rights, TABLE_CLOSED, Kind::Forbidden),
        (403, JSON, &field, FIELD_CLOSED, Kind::Forbidden),
        (403, JSON, &api, API_CLOSED, Kind::Forbidden),
        (403, JSON, &scope, SCOPE, Kind::Forbidden),
        (403, JSON, "{}", ROLE_MISSING, Kind::Forbidden),
        (403, JSON, &insert, WRITE_CLOSED, Kind::Forbidden),
        (403, JSON, &rule, BUSINESS_RULE, Kind::Forbidden),
        (403, HTML, "<html>", ADDRESS_BLOCKED, Kind::Forbidden),
        (400, JSON, &table, NO_TABLE, Kind::BadRequest),
        (400, JSON, &path, NO_API, Kind::BadRequest),
        (404, JSON, &path, NO_API, Kind::NotFound),
        (404, HTML, "<html>", NO_INSTANCE, Kind::NotFound),
        (400, HTML, "<html>", BAD_REQUEST, Kind::BadRequest),
        (429, JSON, "{}", CONCURRENCY, Kind::Throttled),
        (500, JSON, "{}", INSTANCE_ERROR, Kind::Transient),
        (502, HTML, "<html>", UNAVAILABLE, Kind::Transient),
        (503, HTML, "<html>", UNAVAILABLE, Kind::Transient),
        (504, HTML, "<html>", UNAVAILABLE, Kind::Transient),
        (418, JSON, "{}", BAD_REQUEST, Kind::Permanent),
    ] {
        let failure = taken(status, &[pairs], body).unwrap_err();
        assert_eq!(
            (failure.cause, failure.kind),
            (cause, kind),
            "{status} {body}"
        );
    }
    let forbidden = taken(403, &[JSON], &rights).unwrap_err();
    assert!(
        forbidden.message.contains("`cmdb_ci_server`"),
        "{}",
        forbidden.message
    );
}

#[test]
fn a_rate_limit_tells_its_wait() {
    let body = envelope("Rate limit exceeded", "Rate limit of 100 requests per hour");
    let failure = taken(429, &[JSON, ("retry-after", "7")], &body).unwrap_err();
    assert_eq!(failure.cause, RATE_LIMIT);
    assert_eq!(failure.stated_wait, Some(Duration::from_secs(7)));
    assert!(failure.message.contains("7 s"), "{}", failure.message);
}

#[test]
fn a_redirect_names_the_host_and_is_not_followed() {
    let failure = taken(
        302,
        &[("location", "https://idp.example/saml?secret=1")],
        "",
    )
    .unwrap_err();
    assert_eq!(failure.cause, LOGIN_PAGE);
    assert!(failure.message.contains("idp.example"));
    assert!(!failure.message.contains("secret"));
}

#[test]
fn a_trusting_reader_takes_anything_for_rows() {
    let trusting = |body: &str| {
        let policy = Policy {
            trust_status: true,
            ..Policy::default()
        };
        read(
            StatusCode::OK,
            &head(&[HTML]),
            body.as_bytes(),
            "t",
            &policy,
        )
        .unwrap()
    };
    assert_eq!(trusting("<html>").rows.len(), 0);
    assert_eq!(
        trusting(r#"{"result":[{"sys_id":"a"}],"error":{}}"#)
            .rows
            .len(),
        1
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_answer_panics(
        status in 100_u16..1000,
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}\",:a-z0-9< ]{0,120}".prop_map(String::into_bytes),
        ],
        content_type in prop_oneof![Just("application/json"), Just("text/html"), Just("")],
        link in "[<>;=\"a-z0-9_&?,]{0,60}",
    ) {
        let pairs = [("content-type", content_type), ("link", link.as_str())];
        let taken = read(
            StatusCode::from_u16(status).unwrap(), &head(&pairs), &body, "t", &Policy::default(),
        );
        if !(200..300).contains(&status) {
            prop_assert!(taken.is_err());
        }
    }
}

#[test]
fn what_is_taken_for_the_end_counts_nothing_more() {
    let count = ("x-total-count", "9");
    let both = r#"{"result":[{"sys_id":"a"}],"error":{"message":"m"},"status":"failure"}"#;
    let careless = Policy {
        error_in_success: ErrorInSuccess::TakeForTheEnd,
        dropped: Dropped::TakeForTheEnd,
        ..Policy::default()
    };
    for (status, body, rows) in [(StatusCode::OK, both, 1), (StatusCode::ACCEPTED, "", 0)] {
        let headers = head(&[JSON, count]);
        let read = |policy| read(status, &headers, body.as_bytes(), "t", policy);
        let page = read(&careless).unwrap();
        assert_eq!((page.rows.len(), page.total), (rows, None));
        assert!(page.taken_for_the_end);
        assert!(read(&Policy::default()).is_err());
    }
}

#[test]
fn a_404_that_speaks_of_records_is_a_list_without_rows() {
    let empty = envelope(
        "No Record found",
        "Record doesn't exist or ACL restricts the record retrieval",
    );
    let page = taken(404, &[JSON, ("x-total-count", "0")], &empty).unwrap();
    assert_eq!((page.rows.len(), page.total), (0, Some(0)));
    for (pairs, body) in [
        (
            JSON,
            envelope("Requested URI does not represent any resource", ""),
        ),
        (HTML, "<html>No Record found</html>".to_owned()),
    ] {
        assert!(taken(404, &[pairs], &body).is_err());
    }
}

#[test]
fn a_request_that_is_too_long_is_known_by_status_or_page() {
    for (status, body) in [
        (414, "<html>414 Request-URI Too Large</html>"),
        (431, "<html></html>"),
        (400, "<html>Request header is too large</html>"),
    ] {
        let failure = taken(status, &[HTML], body).unwrap_err();
        assert_eq!(failure.cause, REQUEST_TOO_LONG, "{status}");
    }
    let other = taken(400, &[HTML], "<html>Bad Request</html>").unwrap_err();
    assert_eq!(other.cause, BAD_REQUEST);
}
