//! The Attachment API: what goes up comes down, whom it shows, and what goes with what.

use std::fmt::Write;

use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::reply::Reply;

use crate::instance::{BASE, Instance, column, json as body, result, wire};

const INCIDENT: &str = "d71f7935c0a8016700802b64c67c11c6";
const SECRET: &str = "d71f7935c0a8016700802b64c67c11c7";
const TEXT: [(&str, &str); 1] = [("content-type", "text/plain")];
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// Two incidents, of which the second is hidden from `agent`; `reader` may change neither.
fn instance() -> Instance {
    with_properties(&[])
}

fn with_properties(properties: &[(&str, &str)]) -> Instance {
    let instance = Instance::new(json!({
        "tables": {"incident": {"rows": 0}},
        "users": {
            "agent": {"roles": ["itil"]},
            "reader": {"roles": ["sn_incident_read"]},
            "nobody": {},
        },
        "acls": {"open": {"table": "incident", "roles": ["itil", "sn_incident_read"], "condition": "category=network"}},
    }));
    let put = |table: &'static str, values: &[(&str, &str)]| {
        let values = values.iter();
        let values = values.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let values = values.collect();
        let author = crate::instance::author();
        instance
            .store
            .write::<_, snowproof_simulator::store::StoreError>(&author, |records| {
                records.insert(table, &values)
            })
            .unwrap();
    };
    put("incident", &[("sys_id", INCIDENT), ("category", "network")]);
    put("incident", &[("sys_id", SECRET), ("category", "secret")]);
    for (name, value) in properties {
        put("sys_properties", &[("name", name), ("value", value)]);
    }
    instance
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A POST of any bytes.
async fn post(
    instance: &Instance,
    user: &str,
    path: &str,
    headers: &[(&str, &str)],
    bytes: impl Into<Vec<u8>>,
) -> Reply {
    instance
        .call(user, Method::POST, path, headers, bytes)
        .await
}

async fn upload(instance: &Instance, user: &str, record: &str, name: &str, bytes: &[u8]) -> Reply {
    let path = format!(
        "/api/now/attachment/file?table_name=incident&table_sys_id={record}&file_name={}",
        encoded(name)
    );
    let bytes = bytes.to_vec();
    post(instance, user, &path, &TEXT, bytes).await
}

async fn uploaded(instance: &Instance, record: &str, name: &str, bytes: &[u8]) -> String {
    let reply = upload(instance, "admin", record, name, bytes).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.reason);
    result(&reply)["sys_id"].as_str().unwrap().to_owned()
}

fn in_parts(parts: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (disposition, kind, content) in parts {
        body.extend_from_slice(b"--snow\r\nContent-Disposition: form-data; ");
        body.extend_from_slice(disposition.as_bytes());
        if !kind.is_empty() {
            body.extend_from_slice(b"\r\nContent-Type: ");
            body.extend_from_slice(kind.as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--snow--\r\n");
    body
}

#[tokio::test]
async fn an_upload_its_metadata_and_its_file_have_their_form() {
    let instance = instance();
    let created = upload(
        &instance,
        "agent",
        INCIDENT,
        "Grüße \"1\"\n.txt",
        b"hello\nworld",
    )
    .await;
    let id = result(&created)["sys_id"].as_str().unwrap().to_owned();
    let mut said = wire(&created);
    for path in [
        format!("/api/now/attachment/{id}"),
        format!("/api/now/v1/attachment/{id}"),
        format!("/api/now/attachment/{id}/file"),
        format!(
            "/api/now/attachment?sysparm_query=table_name=incident^table_sys_id={INCIDENT}&sysparm_limit=1"
        ),
    ] {
        write!(
            said,
            "\n\nGET {path}\n{}",
            wire(&instance.get("reader", &path).await)
        )
        .unwrap();
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn an_upload_in_parts_reads_up_to_the_file() {
    let instance = instance();
    let kind = [("content-type", "multipart/form-data; boundary=snow")];
    let table = ("name=\"table_name\"", "", &b"incident"[..]);
    let record = ("name=\"table_sys_id\"", "", INCIDENT.as_bytes());
    let file = (
        "name=\"uploadFile\"; filename=\"a b.bin\"",
        "image/png",
        &b"\r\n--sno\x00\xff"[..],
    );
    let path = "/api/now/v1/attachment/upload";
    let reply = post(
        &instance,
        "agent",
        path,
        &kind,
        in_parts(&[table, record, file]),
    )
    .await;
    let meta = result(&reply);
    assert_eq!(reply.status, StatusCode::CREATED);
    let location = format!(
        "{BASE}/api/now/v1/attachment/{}/file",
        meta["sys_id"].as_str().unwrap()
    );
    assert_eq!(reply.headers["location"], location.as_str());
    assert_eq!(
        (&meta["file_name"], &meta["content_type"]),
        (&json!("a b.bin"), &json!("image/png"))
    );
    let down = instance
        .get("agent", location.strip_prefix(BASE).unwrap())
        .await;
    assert_eq!(down.body, &b"\r\n--sno\x00\xff"[..]);
    assert_eq!(down.headers["content-type"], "image/png");

    let text = ("name=\"file\"", "", &b"x"[..]);
    let charset = [(
        "content-type",
        "multipart/form-data; boundary=snow; charset=UTF-8",
    )];
    let none: [(&str, &str); 1] = [("content-type", "multipart/form-data")];
    for (headers, parts, detail) in [
        (
            &kind,
            in_parts(&[file, table, record]),
            "table_name, table_sys_id",
        ),
        (
            &kind,
            in_parts(&[table, record, text]),
            "File part might be missing",
        ),
        (&kind, in_parts(&[]), "File part might be missing"),
        (
            &kind,
            b"--snow\r\nContent-Dispo".to_vec(),
            "File part might be missing",
        ),
        (
            &charset,
            in_parts(&[table, record, file]),
            "File part might be missing",
        ),
        (
            &none,
            in_parts(&[table, record, file]),
            "File part might be missing",
        ),
        (&TEXT, Vec::new(), "File part might be missing"),
    ] {
        let reply = post(&instance, "agent", path, headers, parts).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        let said = body(&reply)["error"]["detail"].as_str().unwrap().to_owned();
        assert!(said.contains(detail), "{said}");
    }
}

#[tokio::test]
async fn lists_page_and_say_where_other_pages_are() {
    let instance = instance();
    for at in 0..5 {
        uploaded(&instance, INCIDENT, &format!("{at}.txt"), b"x").await;
    }
    uploaded(&instance, SECRET, "secret.txt", b"x").await;
    let path = "/api/now/attachment?sysparm_query=ORDERBYDESCfile_name&sysparm_limit=2";
    let first = instance.get("agent", path).await;
    assert_eq!(first.headers["x-total-count"], "6");
    assert!(
        first.headers["link"]
            .to_str()
            .unwrap()
            .contains("sysparm_limit=2&sysparm_offset=2>;rel=\"next\"")
    );
    assert_eq!(column(&first, "file_name"), ["4.txt"], "one is hidden");
    assert_eq!(first.condition, Some(Condition::RowsHidden));
    let served = first.served.unwrap();
    assert_eq!(
        (
            served.hidden,
            served.total,
            served.ordered_by_caller.as_slice()
        ),
        (1, 6, &["file_name".to_owned()][..])
    );
    let rest = instance
        .get(
            "agent",
            &format!("{path}&sysparm_offset=2&sysparm_suppress_pagination_header=true"),
        )
        .await;
    assert_eq!(column(&rest, "file_name"), ["3.txt", "2.txt"]);
    assert!(!rest.headers.contains_key("link"));
    let all = instance.get("admin", "/api/now/attachment").await;
    assert_eq!(column(&all, "file_name").len(), 6);
    let none = instance
        .get(
            "agent",
            "/api/now/v1/attachment?sysparm_query=file_name=none",
        )
        .await;
    assert_eq!(
        (none.status, body(&none)),
        (StatusCode::OK, json!({"result": []}))
    );
    let limit = instance
        .get("agent", "/api/now/attachment?sysparm_limit=0")
        .await;
    assert_eq!(limit.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_record_decides_who_sees_and_changes_an_attachment() {
    let instance = instance();
    let open = uploaded(&instance, INCIDENT, "a.txt", b"x").await;
    let secret = uploaded(&instance, SECRET, "b.txt", b"x").await;
    let status = async |user: &str, method: Method, path: &str| {
        let path = format!("/api/now/attachment/{path}");
        let body = r#"{"file_name":"c.txt","key":"k","value":"v"}"#;
        instance
            .call(user, method, &path, &JSON, body)
            .await
            .status
            .as_u16()
    };
    for (user, id, changes, reads) in [
        ("nobody", &open, 404, 404),
        ("reader", &open, 403, 200),
        ("reader", &secret, 404, 404),
        ("agent", &secret, 404, 404),
    ] {
        assert_eq!(status(user, Method::GET, id).await, reads, "{user}");
        assert_eq!(
            status(user, Method::HEAD, &format!("{id}/file")).await,
            reads
        );
        assert_eq!(
            status(user, Method::GET, &format!("{id}/attributes")).await,
            reads
        );
        assert_eq!(status(user, Method::PATCH, id).await, changes, "{user}");
        assert_eq!(status(user, Method::DELETE, id).await, changes);
        assert_eq!(
            status(user, Method::POST, &format!("{id}/attributes")).await,
            changes
        );
    }
    assert_eq!(
        upload(&instance, "reader", INCIDENT, "x", b"x")
            .await
            .status,
        403
    );
    assert_eq!(
        upload(&instance, "reader", SECRET, "x", b"x").await.status,
        404
    );
    assert_eq!(
        upload(&instance, "admin", &"0".repeat(32), "x", b"x")
            .await
            .status,
        404
    );
    assert_eq!(status("agent", Method::PATCH, &open).await, 204);
    let renamed = instance
        .get("agent", &format!("/api/now/attachment/{open}"))
        .await;
    assert_eq!(result(&renamed)["file_name"], "c.txt");
    assert_eq!(result(&renamed)["sys_mod_count"], "1");
    assert_eq!(status("agent", Method::DELETE, &open).await, 204);
    assert_eq!(status("agent", Method::GET, &open).await, 404);
    assert_eq!(
        status("agent", Method::GET, &format!("{open}/file")).await,
        404
    );
}

#[tokio::test]
async fn what_is_missing_or_not_let_in_is_refused() {
    let instance = with_properties(&[
        ("com.glide.attachment.max_size", "1"),
        ("glide.attachment.extensions", "txt, png"),
    ]);
    let mut said = String::new();
    for query in [
        "",
        "?table_name=incident&file_name=a.txt",
        "?table_name=nonsense&table_sys_id=1&file_name=a.txt",
        "?table_name=incident&table_sys_id=d71f7935c0a8016700802b64c67c11c6&file_name=a.exe",
    ] {
        let path = format!("/api/now/attachment/file{query}");
        let reply = post(&instance, "admin", &path, &TEXT, *b"x").await;
        writeln!(said, "{query}\n  {} {}", reply.status, body(&reply)).unwrap();
    }
    let path = format!(
        "/api/now/attachment/file?table_name=incident&table_sys_id={INCIDENT}&file_name=a.txt"
    );
    let untyped = post(&instance, "admin", &path, &[], *b"x").await;
    let large = post(&instance, "admin", &path, &TEXT, vec![0; 1024 * 1024 + 1]).await;
    for reply in [untyped, large] {
        writeln!(said, "{} {} ({})", reply.status, body(&reply), reply.reason).unwrap();
    }
    let id = uploaded(&instance, INCIDENT, "a.txt", b"x").await;
    for (method, path, sent) in [
        (Method::PATCH, id.clone(), "{}"),
        (Method::PATCH, id.clone(), "no JSON"),
        (Method::POST, format!("{id}/attributes"), r#"{"key":"k"}"#),
        (
            Method::PUT,
            format!("{id}/attributes/none"),
            r#"{"value":"k"}"#,
        ),
        (Method::DELETE, format!("{id}/attributes/none"), ""),
        (Method::PUT, id.clone(), "{}"),
        (Method::POST, String::new(), "{}"),
    ] {
        let path = format!("/api/now/attachment/{path}");
        let reply = instance
            .call("admin", method.clone(), &path, &JSON, sent)
            .await;
        let path = path.replace(&id, "ID");
        writeln!(
            said,
            "{method} {path} {sent}\n  {} {}",
            reply.status,
            body(&reply)
        )
        .unwrap();
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn attributes_are_added_changed_and_removed() {
    let instance = instance();
    let id = uploaded(&instance, INCIDENT, "a.png", b"x").await;
    let path = format!("/api/now/attachment/{id}/attributes");
    let call = async |method: Method, key: &str, sent: &str| {
        let reply = instance
            .call("agent", method, &format!("{path}{key}"), &JSON, sent)
            .await;
        let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        (reply.status.as_u16(), said["result"].clone())
    };
    let alt = json!({"key": "alt text", "value": "a cat"});
    assert_eq!(
        call(Method::POST, "", &alt.to_string()).await,
        (201, alt.clone())
    );
    assert_eq!(call(Method::POST, "", &alt.to_string()).await.0, 400);
    assert_eq!(call(Method::GET, "/alt%20text", "").await, (200, alt));
    let changed = json!({"key": "alt text", "value": "a dog"});
    assert_eq!(
        call(Method::PUT, "/alt%20text", r#"{"value":"a dog"}"#).await,
        (200, changed.clone())
    );
    let other = json!({"key": "B", "value": "'; DROP TABLE sys_attachment; --"});
    assert_eq!(
        call(Method::POST, "", &other.to_string()).await,
        (201, other.clone())
    );
    assert_eq!(
        call(Method::GET, "", "").await,
        (200, json!([changed, other]))
    );
    assert_eq!(call(Method::DELETE, "/B", "").await.0, 204);
    assert_eq!(call(Method::GET, "/B", "").await.0, 404);
    assert_eq!(call(Method::DELETE, "", "").await.0, 204);
    assert_eq!(call(Method::GET, "", "").await, (200, json!([])));
}

#[tokio::test]
async fn attachments_go_with_their_record_and_attributes_with_them() {
    let instance = instance();
    let with_secret = uploaded(&instance, SECRET, "kept.txt", b"x").await;
    let id = uploaded(&instance, INCIDENT, "a.txt", b"x").await;
    let attribute = format!("/api/now/attachment/{id}/attributes");
    instance
        .call(
            "agent",
            Method::POST,
            &attribute,
            &JSON,
            r#"{"key":"k","value":"v"}"#,
        )
        .await;
    let record = format!("/api/now/table/incident/{INCIDENT}");
    let gone = instance
        .call("agent", Method::DELETE, &record, &[], "")
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let left = instance.get("admin", "/api/now/attachment").await;
    assert_eq!(column(&left, "sys_id"), [with_secret]);
    let attributes = instance
        .get("admin", "/api/now/table/sys_attachment_attribute")
        .await;
    assert_eq!(result(&attributes), json!([]));
    let file = instance
        .get("admin", &format!("/api/now/attachment/{id}/file"))
        .await;
    assert_eq!(file.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_upload_can_be_dated_and_encryption_is_said_to_be_unmodelled() {
    let instance = instance();
    let path = format!(
        "/api/now/attachment/file?table_name=ZZ_YYincident&table_sys_id={INCIDENT}&file_name=a\
         &creation_time=2025-12-31%2023:59:00&encryption_context=x"
    );
    let reply = post(&instance, "agent", &path, &TEXT, []).await;
    let meta = result(&reply);
    assert_eq!(meta["sys_created_on"], "2025-12-31 23:59:00");
    assert_eq!(
        (&meta["table_name"], &meta["size_bytes"]),
        (&json!("ZZ_YYincident"), &json!("0"))
    );
    assert_eq!(reply.unmodelled, ["encryption_context"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_of_any_name_come_back(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        name in "[^\\x00]{1,20}",
        kind in "[a-z]{1,5}/[ -~é]{1,10}",
    ) {
        static INSTANCE: std::sync::OnceLock<Instance> = std::sync::OnceLock::new();
        let instance = INSTANCE.get_or_init(instance);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let path = format!("/api/now/attachment/file?table_name=incident&table_sys_id={INCIDENT}&file_name={}", encoded(&name));
        let headers = [("content-type", kind.as_str())];
        let up = runtime.block_on(post(instance, "agent", &path, &headers, bytes.clone()));
        prop_assert_eq!(up.status, StatusCode::CREATED, "{}", up.reason);
        let meta = result(&up);
        prop_assert_eq!(meta["file_name"].as_str(), Some(name.as_str()));
        prop_assert_eq!(&meta["size_bytes"], &json!(bytes.len().to_string()));
        let file = format!("/api/now/attachment/{}/file", meta["sys_id"].as_str().unwrap());
        let down = runtime.block_on(instance.get("agent", &file));
        prop_assert_eq!(&down.body[..], &bytes[..]);
        prop_assert_eq!(down.headers["content-type"].as_bytes(), kind.as_bytes());
        let header: Value = serde_json::from_slice(down.headers["x-attachment-metadata"].as_bytes()).unwrap();
        prop_assert_eq!(&header, &meta);
        prop_assert!(down.headers["x-attachment-metadata"].as_bytes().iter().all(|byte| (0x20..0x7f).contains(byte)));
    }

    #[test]
    fn whatever_is_asked_is_answered(
        method in proptest::sample::select(vec![
            Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD,
        ]),
        path in "(/file|/upload|/d71f7935c0a8016700802b64c67c11c6|/attributes|/%27%20OR%201|/%[0-9a-f]{2}|/\\PC{0,5}){0,4}",
        query in "(sysparm_(query|limit|offset)|table_name|table_sys_id|file_name|creation_time)=(incident|d71f7935c0a8016700802b64c67c11c6|ORDERBYfile_name|size_bytes%3E1|%27;--|-?[0-9]{1,30}|\\PC{0,5})(&(table_name|table_sys_id|file_name|sysparm_query)=(incident|d71f7935c0a8016700802b64c67c11c6|\\PC{0,5})){0,3}",
        sent in prop_oneof!["\\PC{0,20}".boxed(), "\\{\"(file_name|key|value)\":(\"[^\"\\\\\\p{C}]{0,9}\"|1|null|\\[\\])\\}".boxed()],
    ) {
        static INSTANCE: std::sync::OnceLock<Instance> = std::sync::OnceLock::new();
        let instance = INSTANCE.get_or_init(instance);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let path = format!("/api/now/attachment{path}?{query}");
        let reply = runtime.block_on(instance.call("agent", method, &path, &JSON, sent));
        prop_assert!(reply.status.as_u16() < 500, "{path}: {}", reply.reason);
    }

    #[test]
    fn any_parts_are_answered(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "(--snow(--)?\r\n|Content-Disposition: form-data; (file)?name=\"?table_name\"?\r\n|\r\n|:|\\PC){0,20}".prop_map(String::into_bytes),
        ],
        kind in prop_oneof![Just("multipart/form-data; boundary=snow".to_owned()), "multipart/form-data; ?[a-z=\"]{0,12}"],
    ) {
        static INSTANCE: std::sync::OnceLock<Instance> = std::sync::OnceLock::new();
        let instance = INSTANCE.get_or_init(instance);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let headers = [("content-type", kind.as_str())];
        let reply = runtime.block_on(post(instance, "agent", "/api/now/attachment/upload", &headers, bytes));
        prop_assert_eq!(reply.status.as_u16() / 100, 4, "{}", reply.reason);
    }
}

#[tokio::test]
async fn a_page_is_what_a_page_of_records_is() {
    let mut instance = instance();
    for name in ["a.txt", "b.txt", "c.txt"] {
        uploaded(&instance, INCIDENT, name, b"x").await;
    }
    let count = async |instance: &Instance, parameters: &str| {
        let path = format!("/api/now/attachment?{parameters}");
        let reply = instance.get("agent", &path).await;
        (column(&reply, "sys_id").len(), reply.condition)
    };
    assert_eq!(count(&instance, "sysparm_limit=many").await, (3, None));
    let far = "sysparm_offset=99999999999999999999";
    assert_eq!(count(&instance, far).await, (0, None));
    instance.switches = serde_json::from_value(json!({"page_cap": 2})).unwrap();
    let capped = Some(Condition::PageCapped);
    assert_eq!(count(&instance, "sysparm_limit=3").await, (2, capped));
    assert_eq!(count(&instance, "sysparm_offset=2").await, (1, None));
}
