//! Whatever is asked, an answer comes, and it is never the simulator's own failure.

use std::sync::OnceLock;

use http::Method;
use proptest::prelude::*;
use serde_json::json;

use crate::instance::Instance;

fn instance() -> &'static Instance {
    static INSTANCE: OnceLock<Instance> = OnceLock::new();
    INSTANCE.get_or_init(|| Instance::new(json!({"users": {"u": {"roles": ["itil"]}}})))
}

fn ask(method: Method, path_and_query: &str, body: &str) -> snowproof_simulator::reply::Reply {
    ask_as("u", method, path_and_query, body)
}

fn ask_as(
    user: &str,
    method: Method,
    path_and_query: &str,
    body: &str,
) -> snowproof_simulator::reply::Reply {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(instance().call(user, method, path_and_query, &[], body))
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_query_is_answered(
        table in prop_oneof![Just("incident"), Just("cmdb_ci"), Just("sys_user"), Just("sys_dictionary")],
        parts in proptest::collection::vec(
            "(\\^|\\^OR|\\^NQ|\\^ORDERBY|\\^ORDERBYDESC|\\^GROUPBY|\\^JOIN(incident|cmdb_ci)\\.sys_id=task\\.(parent|cmdb_ci)!|\\^RLQUERYtask\\.parent,(>=1|=0)\\^|\\^ENDRLQUERY\\^)?(number|sys_id|state|priority|active|sys_created_on|caller_id|caller_id\\.manager\\.manager\\.company\\.parent\\.name|user_password|reference|internal_type|sys_class_name|sys_domain\\.name|[a-z]{3})(=|!=|<|>=|IN|NOT IN|LIKE|STARTSWITH|ISEMPTY|BETWEEN|ON|NOTON|INSTANCEOF|SAMEAS|GT_FIELD|DYNAMIC|RELATIVEGE|MORETHAN|DATEPART|IN_HIERARCHY)(\\PC{0,8}|state|javascript:gs\\.(daysAgo|getUserID|beginningOfToday)\\(\\PC{0,3}\\)|1@2@3|-1|task|@day@ago@[0-9]{1,22}|opened_at@(day|week)(@before@-?[0-9]{1,22})?)",
            0..6,
        ),
        fields in "(number|caller_id|caller_id\\.name|parent\\.parent\\.parent\\.number|\\PC{0,4}|,){0,5}",
        rest in prop_oneof![
            Just(String::new()),
            Just("&sysparm_display_value=all".to_owned()),
            Just("&sysparm_limit=2&sysparm_offset=9223372036854775807".to_owned()),
            Just("&sysparm_limit=9223372036854775807&sysparm_offset=1".to_owned()),
            Just("&sysparm_count=true&sysparm_group_by=state,caller_id.name".to_owned()),
        ],
    ) {
        let query = encoded(&parts.concat());
        let fields = encoded(&fields);
        for api in ["table", "stats"] {
            let path = format!("/api/now/{api}/{table}?sysparm_query={query}&sysparm_fields={fields}{rest}");
            let reply = ask(Method::GET, &path, "");
            prop_assert!(reply.status.as_u16() < 500, "{}: {}", path, reply.reason);
        }
    }

    #[test]
    fn any_line_and_body_is_answered(
        method in proptest::sample::select(vec![
            Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS,
        ]),
        path in "(/|/api|/now|/table|/incident|/v1|/stats|/%[0-9a-f]{2}|/\\PC{0,6}){0,6}",
        query in "\\PC{0,12}",
        body in prop_oneof![
            "\\PC{0,20}".boxed(),
            "\\{\"(number|impact|sys_id|comments|opened_at|user_password)\":(\"[^\"\\\\\\p{C}]{0,9}\"|-?[0-9]{1,30}|null|true|\\[\\]|\\{\"value\":1\\})\\}".boxed(),
        ],
    ) {
        let reply = ask(method.clone(), &format!("{path}?{query}"), &body);
        prop_assert!(reply.status.as_u16() < 500, "{}", reply.reason);
        let reply = ask(method, "/api/now/table/incident", &body);
        prop_assert!(reply.status.as_u16() < 500, "{}", reply.reason);
    }
}

#[test]
fn the_longest_queries_are_answered() {
    let conditions = [
        "a=1",
        "numberLIKEx",
        "caller_id.manager.name=y",
        "^ORnumber=1",
    ];
    for condition in conditions {
        for separator in ["^", "^OR", "^NQ"] {
            let query = vec![condition; 4000].join(separator);
            let reply = ask(
                Method::GET,
                &format!("/api/now/table/incident?sysparm_query={query}"),
                "",
            );
            assert_eq!(reply.status, 200, "{}", reply.reason);
            assert!(
                !reply.unmodelled.is_empty(),
                "a cut query is said to be unmodelled"
            );
        }
    }
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(
        ask(Method::POST, "/api/now/table/incident", &deep).status,
        400
    );
    let ids = vec!["6816f79cc0a8016401c5a33be04be441"; 1500].join(",");
    let many = ask(
        Method::GET,
        &format!("/api/now/table/sys_user?sysparm_query=sys_idIN{ids}"),
        "",
    );
    assert_eq!(many.headers["x-total-count"], "1");
}

/// What nobody means to send, for every parameter and body.
fn hostile() -> Vec<String> {
    let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let sql = "x'; DROP TABLE sys_user; --\" OR 1=1 ^NQsys_id!=1^javascript:gs.getUserID()";
    vec![
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[[]]".to_owned(),
        "1e400".to_owned(),
        "{\"records\":null,\"to\":{},\"rest_requests\":\"\"}".to_owned(),
        json!({"records": [{"email": sql, sql: sql}, {"email": 1e300}, {"email": [{}]}]}).to_string(),
        json!({"email": sql, "user_id": {"a": sql}, "sys_id": sql, "sys_import_set": sql}).to_string(),
        json!({"to": [sql], "subject": sql, "headers": {sql: sql}, "table_name": sql, "table_record_id": sql}).to_string(),
        json!({"to": ["a"], "table_name": "incident", "table_record_id": sql, "text": "\u{0}\u{fffe}"}).to_string(),
        json!({"batch_request_id": {}, "rest_requests": [{"id": sql, "method": sql, "url": sql, "headers": {"a": 1}}]}).to_string(),
        json!({"rest_requests": [{"id": 1, "method": "GET", "url": format!("/api/now/table/{sql}?sysparm_query={sql}").replace(' ', "%20")}]}).to_string(),
        json!({"rest_requests": [{"id": 18_446_744_073_709_551_615_u64, "method": "POST", "url": "/api/now/import/imp_user", "body": "e30=", "headers": [{"name": "a\nb", "value": "c\u{0}"}]}]}).to_string(),
        deep,
    ]
}

#[test]
fn nothing_that_is_sent_breaks_an_api_that_takes_bodies() {
    let query = "x".repeat(1_048_576);
    let long = format!("?sysparm_fields={query}&sysparm_query={query}&multi_import_set_id={query}");
    let odd = "?sysparm_fields='%20OR%201=1,\"&multi_import_set_id=%00%ff'%3B--&sysparm_limit=-1";
    for path in [
        "/api/now/batch",
        "/api/now/import/imp_user",
        "/api/now/import/imp_user/insertMultiple",
        "/api/now/import/sys_import_set_row",
        "/api/now/import/imp_user/%27%20OR%201%3D1",
        "/api/now/email",
        "/api/now/email/%27%20OR%201%3D1",
        "/api/now/ui/user/current_user",
        "/api/now/doc/table/schema",
    ] {
        for (rest, bodies) in [(odd, hostile()), (long.as_str(), vec!["{}".to_owned()])] {
            let line = format!("{path}{rest}");
            for body in bodies {
                for method in [Method::POST, Method::PUT] {
                    let reply = ask_as("admin", method, &line, &body);
                    let (line, body) = (&line[..line.len().min(80)], &body[..body.len().min(80)]);
                    assert!(
                        reply.status.as_u16() < 500,
                        "{line} {body}: {}",
                        reply.reason
                    );
                }
            }
            let reply = ask_as("admin", Method::GET, &line, "");
            assert!(reply.status.as_u16() < 500, "{path}: {}", reply.reason);
        }
    }
    let users = ask_as(
        "admin",
        Method::GET,
        "/api/now/stats/sys_user?sysparm_count=true",
        "",
    );
    assert_eq!(users.status, 200, "the tables are still there");
}
