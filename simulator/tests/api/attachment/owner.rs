//! The record that an attachment belongs to decides who sees it and how long it stays.

use http::{Method, StatusCode};
use serde_json::json;

use super::{INCIDENT, JSON, SECRET, instance, upload, uploaded};
use crate::instance::{column, result};

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
