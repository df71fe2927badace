//! The law of paging: whatever the limit and whatever is hidden, paging by offset in a total
//! order visits each visible row exactly once, and headers say what is true.

use std::collections::BTreeSet;

use http::Method;
use proptest::prelude::*;
use serde_json::json;
use snowproof_simulator::journal::Condition;

use crate::instance::{Instance, column, now};

const SERVERS: &str = "/api/now/table/cmdb_ci_server?sysparm_fields=sys_id&sysparm_limit=10";

fn servers(rows: u32, switches: serde_json::Value) -> Instance {
    Instance::new(json!({
        "tables": {"cmdb_ci_server": {"rows": rows}},
        "users": {"sync.user": {"roles": ["itil"]}},
        "switches": switches,
    }))
}

#[tokio::test]
async fn without_an_order_each_request_has_its_own_and_pages_do_not_add_up() {
    let instance = servers(40, json!({}));
    let mut pages = Vec::new();
    for (request, offset) in [(1, 0), (2, 10), (3, 20), (4, 30), (1, 0)] {
        let url = format!("{SERVERS}&sysparm_offset={offset}");
        let reply = instance.get_numbered(request, "sync.user", &url).await;
        assert_eq!(reply.served.as_ref().unwrap().order, Vec::<String>::new());
        pages.push(column(&reply, "sys_id"));
    }
    assert_eq!(pages[0], pages[4], "the same request of the same seed");
    let rows: BTreeSet<&String> = pages.iter().flatten().collect();
    assert!(rows.len() < 40, "unordered pages lost nothing");
    let mut ordered = Vec::new();
    for (request, offset) in [(5, 0), (6, 10), (7, 20), (8, 30)] {
        let url = format!("{SERVERS}&sysparm_query=ORDERBYsys_id&sysparm_offset={offset}");
        let reply = instance.get_numbered(request, "sync.user", &url).await;
        ordered.extend(column(&reply, "sys_id"));
    }
    assert_eq!(ordered.len(), 40);
    assert!(ordered.is_sorted());
}

#[tokio::test]
async fn rows_that_an_order_leaves_equal_are_no_better_off() {
    let instance = servers(30, json!({}));
    let url = format!("{SERVERS}&sysparm_query=ORDERBYsys_class_name");
    let first = instance.get_numbered(1, "sync.user", &url).await;
    let again = instance.get_numbered(2, "sync.user", &url).await;
    assert_ne!(column(&first, "sys_id"), column(&again, "sys_id"));
}

#[tokio::test]
async fn an_instance_may_cap_a_page_and_says_so_in_its_headers() {
    let instance = servers(25, json!({ "page_cap": 4 }));
    let reply = instance.get("sync.user", SERVERS).await;
    assert_eq!(column(&reply, "sys_id").len(), 4);
    assert_eq!(reply.condition, Some(Condition::PageCapped));
    assert_eq!(reply.headers["x-total-count"], "25");
    let link = reply.headers["link"].to_str().unwrap();
    assert!(
        link.contains("sysparm_limit=4&sysparm_offset=4>;rel=\"next\""),
        "{link}"
    );
    let last = instance
        .get("sync.user", &format!("{SERVERS}&sysparm_offset=21"))
        .await;
    assert_eq!((column(&last, "sys_id").len(), last.condition), (4, None));
}

#[tokio::test]
async fn a_front_end_may_drop_the_link_header_and_nothing_else() {
    let instance = servers(25, json!({ "link_header": "left_out" }));
    let reply = instance.get("sync.user", SERVERS).await;
    assert!(!reply.headers.contains_key("link"));
    assert_eq!(reply.headers["x-total-count"], "25");
}

#[tokio::test]
async fn a_page_is_the_same_whatever_was_read_before() {
    let instance = servers(30, json!({}));
    let ordered = "/api/now/table/cmdb_ci_server?sysparm_query=ORDERBYsys_id&sysparm_fields=sys_id";
    for change in [None, Some(Method::DELETE), Some(Method::POST)] {
        let whole = column(&instance.get("admin", ordered).await, "sys_id");
        let path = match &change {
            Some(Method::DELETE) => format!("/api/now/table/cmdb_ci_server/{}", whole[1]),
            _ => "/api/now/table/cmdb_ci_server".to_owned(),
        };
        if let Some(method) = change {
            let changed = instance.call("admin", method, &path, &[], "{}").await;
            assert!(changed.status.is_success(), "{changed:?}");
        }
        let whole = column(&instance.get("admin", ordered).await, "sys_id");
        for (offset, limit) in [
            (25, 3),
            (10, 5),
            (14, 2),
            (0, 4),
            (29, 9),
            (40, 5),
            (11, 20),
        ] {
            let path = format!("{ordered}&sysparm_offset={offset}&sysparm_limit={limit}");
            let page = column(&instance.get("admin", &path).await, "sys_id");
            let expected: Vec<&String> = whole.iter().skip(offset).take(limit).collect();
            assert_eq!(
                page.iter().collect::<Vec<_>>(),
                expected,
                "{offset} {limit}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn paging_visits_each_visible_row_once(
        rows in 0_u32..60,
        hidden_every in 1_usize..6,
        limit in 1_u64..25,
    ) {
        let mut names = vec!["open"; hidden_every];
        names[0] = "secret";
        let instance = Instance::new(json!({
            "tables": {"cmdb_ci_server": {"rows": rows, "set": {"category": names}}},
            "users": {"sync.user": {"roles": ["itil"]}},
            "acls": {"open only": {
                "table": "cmdb_ci_server", "roles": ["itil"], "condition": "category=open",
            }},
        }));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let policy = instance.policy();
        let truth = snowproof_simulator::store::visible(
            &instance.store, &policy, "sync.user", "cmdb_ci_server", now().unix,
        ).unwrap();
        prop_assert_eq!(truth.visible.len() as u64 + truth.hidden, u64::from(rows));
        let expected: Vec<String> = truth.visible.into_iter().map(|(id, _)| id).collect();

        let mut seen = Vec::new();
        let mut hidden = 0;
        let mut next = Some(format!(
            "/api/now/table/cmdb_ci_server?sysparm_query=ORDERBYsys_id&sysparm_fields=sys_id&sysparm_limit={limit}"
        ));
        while let Some(url) = next.take() {
            let reply = runtime.block_on(instance.get("sync.user", &url));
            let total = reply.headers["x-total-count"].to_str().unwrap();
            prop_assert_eq!(total, rows.to_string());
            let served = reply.served.clone().unwrap();
            let page = column(&reply, "sys_id");
            prop_assert_eq!(&served.sys_ids, &page);
            prop_assert_eq!(served.total, u64::from(rows));
            prop_assert_eq!(reply.condition.is_some(), served.hidden > 0);
            prop_assert!(page.len() as u64 + served.hidden <= limit);
            hidden += served.hidden;
            seen.extend(page);
            next = reply.headers.get("link").and_then(|link| {
                let link = link.to_str().unwrap();
                let before = link.split(">;rel=\"next\"").next().filter(|head| head.len() < link.len())?;
                let url = before.rsplit('<').next()?;
                url.strip_prefix(crate::instance::BASE).map(str::to_owned)
            });
        }
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(hidden, truth.hidden);
    }
}
