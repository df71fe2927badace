//! What is refused, and with which words.

use super::*;

fn steps(json: serde_json::Value) -> IndexMap<String, Step> {
    serde_json::from_value(json).unwrap()
}

fn refusal(json: serde_json::Value) -> String {
    plan(&steps(json), &["main"]).unwrap_err().to_string()
}

#[test]
fn refusals_name_step_field_and_legal_values() {
    for (json, expected) in [
        (serde_json::json!({"a": {}}), "step `a`: `when` is missing"),
        (
            serde_json::json!({"a": {"when": {}}}),
            "step `a`: `when` needs exactly one of `read`",
        ),
        (
            serde_json::json!({"a": {"when": {"read": "incident", "connection": 1}}}),
            "needs exactly one of",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "/api"}}}),
            "`when.request` is `/api`; write `METHOD /path`",
        ),
        (
            serde_json::json!({"a": {"when": {"event": "b"}}}),
            "`when.event` names no step: `b`; the steps are `a`",
        ),
        (
            serde_json::json!({"a": {"when": {"event": "b"}}, "b": {"when": {"event": "a"}}}),
            "waits for itself",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*"}, "instance": "other"}}),
            "`instance` names no instance: `other`; the instances are `main`",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*", "page": 2}}}),
            "`when.page` needs `read`",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*", "nth": 0}}}),
            "`when.nth` is `0`",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*", "nth": 1, "every": 2}}}),
            "takes one of `nth`, `every`",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*", "from": 3, "to": 2}}}),
            "`when.to` is `2`, before `from: 3`",
        ),
        (
            serde_json::json!({"a": {"when": {"after": "1s"}, "do": [{"hang_up": {}}]}}),
            "`do.hang_up` needs a trigger by `read` or `request`",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*"}, "at": "delivered", "do": [{"stall": {}}]}}),
            "`do.stall` comes too late",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*"}, "do": [{"respond": {"status": 42}}]}}),
            "has status `42`",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*"}, "do": [{"respond": {"status": 200, "headers": {"a b": ""}}}]}}),
            "`do.respond.headers` `a b` is no header name",
        ),
        (
            serde_json::json!({"a": {"when": {"request": "*"}, "do": [{"respond": {"status": 200, "headers": {"Content-Length": "9"}}}]}}),
            "`Content-Length` is set by HTTP itself",
        ),
        (
            serde_json::json!({"a": {"when": {"connection": 1}, "at": "decided"}}),
            "`at` needs a trigger by",
        ),
    ] {
        let refusal = refusal(json.clone());
        assert!(refusal.contains(expected), "{json}: {refusal}");
    }
}

#[test]
fn occurrences_count_from_one() {
    let firing = |occurrence: Occurrence| -> Vec<u32> {
        (1..=6).filter(|n| occurrence.includes(*n)).collect()
    };
    assert_eq!(firing(Occurrence::Nth(2)), [2]);
    assert_eq!(firing(Occurrence::Every(3)), [3, 6]);
    let range = |from, to| firing(Occurrence::Range { from, to });
    assert_eq!(range(5, None), [5, 6]);
    assert_eq!(range(2, Some(3)), [2, 3]);
}
