//! The Attachment API: what goes up, in which forms, and what is told of it.

use std::fmt::Write;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use snowproof_simulator::reply::Reply;

use crate::instance::{BASE, Instance, json as body, result, wire};

mod laws;
mod lists;
mod owner;

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
