//! What goes up comes down, and whatever is asked is answered.

use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{INCIDENT, JSON, encoded, instance, post};
use crate::instance::{Instance, result};

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
