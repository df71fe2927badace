//! Ops: what a request is for, whatever it looks like.
//!
//! A dummy parameter, another page size, another column list or another order does not start a
//! new op; another position, another filter or a `HEAD` before the `GET` does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::Exchange;

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Op {
    /// A page of a table: its position is an offset, or a lower bound within the filter.
    Page {
        /// The instance.
        instance: String,
        /// The table.
        table: String,
        /// Rows skipped.
        offset: u64,
        /// Terms of the encoded query, orderings left out, sorted.
        filter: Vec<String>,
    },
    /// Anything else: method, path, and the natural key of what is written.
    Call {
        /// The instance.
        instance: String,
        /// The method.
        method: String,
        /// The path without its query.
        path: String,
        /// `correlation_id` of a written record where it has one, otherwise the whole body; of a batch
        /// what its requests are for, whatever their ids and their order are.
        key: String,
        /// Filter of an aggregate; empty otherwise.
        filter: Vec<String>,
    },
}

impl Op {
    /// What an exchange is for.
    pub(crate) fn of(exchange: &Exchange<'_>) -> Self {
        let request = exchange.request;
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let encoded = parameter(query, "sysparm_query").unwrap_or_default();
        let filter = terms(&encoded);
        let reads = request.method == "GET" || request.method == "HEAD";
        match (&request.table, reads) {
            (Some(table), true)
                if request.method == "GET"
                    && request.sys_id.is_none()
                    && !path.contains("/stats/") =>
            {
                Self::Page {
                    instance: exchange.instance.to_owned(),
                    table: table.clone(),
                    offset: parameter(query, "sysparm_offset")
                        .and_then(|offset| offset.trim().parse().ok())
                        .unwrap_or(0),
                    filter,
                }
            }
            _ => Self::Call {
                instance: exchange.instance.to_owned(),
                method: request.method.clone(),
                path: path.trim_end_matches('/').to_owned(),
                key: match request.body.as_deref().unwrap_or_default() {
                    _ if reads => String::new(),
                    body if path.ends_with("/batch") => {
                        batch_key(body).unwrap_or_else(|| natural_key(body))
                    }
                    body => natural_key(body),
                },
                filter: if reads { filter } else { Vec::new() },
            },
        }
    }

    /// Whether reading `self` also reads what `other` was to read: the same page, or one of the
    /// same table that begins before it.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let (
            Self::Page {
                instance,
                table,
                offset,
                filter,
            },
            Self::Page {
                instance: other_instance,
                table: other_table,
                offset: other_offset,
                filter: other_filter,
            },
        ) = (self, other)
        else {
            return false;
        };
        let from_the_start = *offset == 0 && !filter.iter().any(|term| term.contains('>'));
        instance == other_instance
            && table == other_table
            && (from_the_start || (filter == other_filter && offset <= other_offset))
    }
}

/// A query parameter, decoded; the first of its name.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key) == name).then(|| decoded(value))
    })
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

fn terms(encoded: &str) -> Vec<String> {
    let mut terms: Vec<String> = encoded
        .split('^')
        .map(str::trim)
        .filter(|term| !term.is_empty() && !term.starts_with("ORDERBY"))
        .map(str::to_owned)
        .collect();
    terms.sort();
    terms.dedup();
    terms
}

fn natural_key(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .ok()
        .and_then(|record| {
            let key = record.get("correlation_id")?.as_str()?.trim().to_owned();
            (!key.is_empty()).then_some(key)
        })
        .unwrap_or_else(|| body.trim().to_owned())
}

/// What the requests of a batch are for; none where it cannot be read.
fn batch_key(body: &str) -> Option<String> {
    let batch: serde_json::Value = serde_json::from_str(body).ok()?;
    let requests = batch.get("rest_requests")?.as_array()?;
    let mut keys: Vec<String> = requests
        .iter()
        .map(|request| {
            let given = |name: &str| request.get(name).and_then(serde_json::Value::as_str);
            let packed = given("body").unwrap_or_default();
            let unpacked = STANDARD.decode(packed).ok();
            let text = unpacked.and_then(|bytes| String::from_utf8(bytes).ok());
            format!(
                "{} {} {}",
                given("method").unwrap_or_default(),
                given("url").unwrap_or_default(),
                natural_key(text.as_deref().unwrap_or(packed)),
            )
        })
        .collect();
    keys.sort();
    Some(keys.join("\n"))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use crate::checks::synthetic::Run;
    use crate::checks::wire::{Op, of_subject};

    fn ops(targets: &[&str]) -> Vec<Op> {
        let mut run = Run::sync();
        for target in targets {
            run.get(target).ok();
        }
        let evidence = run.end().evidence();
        of_subject(&evidence).iter().map(Op::of).collect()
    }

    #[test]
    fn page_size_order_and_dummy_parameters_do_not_start_an_op() {
        let ops = ops(&[
            "/api/now/table/t?sysparm_limit=10&sysparm_offset=20&sysparm_query=active%3Dtrue%5EORDERBYsys_id",
            "/api/now/table/t?sysparm_offset=20&sysparm_limit=5&sysparm_query=active=true&_=17",
            "/api/now/table/t?sysparm_offset=20&sysparm_query=active=true^ORDERBYDESCnumber",
        ]);
        assert_eq!(ops[0], ops[1]);
        assert_eq!(ops[0], ops[2]);
    }

    #[test]
    fn position_and_filter_do() {
        let ops = ops(&[
            "/api/now/table/t?sysparm_offset=20",
            "/api/now/table/t?sysparm_offset=30",
            "/api/now/table/t?sysparm_query=sys_id%3Eaa",
            "/api/now/table/t?sysparm_query=sys_id%3Ebb",
            "/api/now/table/u?sysparm_offset=20",
            "/api/now/stats/t?sysparm_count=true",
        ]);
        for (i, left) in ops.iter().enumerate() {
            for right in &ops[i + 1..] {
                assert_ne!(left, right);
            }
        }
    }

    #[test]
    fn a_batch_is_known_by_what_its_requests_are_for() {
        let batch = |id: &str, records: &[&str]| {
            let request = |key: &&str| {
                let body = STANDARD.encode(format!(r#"{{"correlation_id":"{key}"}}"#));
                json!({"id": id, "method": "POST", "url": "/api/now/table/t", "body": body})
            };
            let requests: Vec<_> = records.iter().map(request).collect();
            json!({"batch_request_id": id, "rest_requests": requests}).to_string()
        };
        let mut run = Run::write();
        for body in [
            batch("1", &["a", "b"]),
            batch("2", &["b", "a"]),
            batch("3", &["a"]),
        ] {
            run.ask("POST", "/api/now/v1/batch", Some(&body)).ok();
        }
        let evidence = run.end().evidence();
        let ops: Vec<Op> = of_subject(&evidence).iter().map(Op::of).collect();
        assert_eq!(ops[0], ops[1]);
        assert_ne!(ops[0], ops[2]);
    }

    #[test]
    fn who_asks_whether_it_may_and_then_reads_asks_for_two_things() {
        let mut run = Run::sync();
        run.ask("HEAD", "/api/now/table/t", None).ok();
        run.get("/api/now/table/t").ok();
        let evidence = run.end().evidence();
        let ops: Vec<Op> = of_subject(&evidence).iter().map(Op::of).collect();
        assert_ne!(ops[0], ops[1]);
    }

    #[test]
    fn a_page_covers_itself_and_a_restart_covers_everything() {
        let ops = ops(&[
            "/api/now/table/t?sysparm_offset=20",
            "/api/now/table/t?sysparm_offset=10",
            "/api/now/table/t",
            "/api/now/table/t?sysparm_query=sys_id>aa",
        ]);
        assert!(ops[0].covers(&ops[0]));
        assert!(ops[1].covers(&ops[0]));
        assert!(!ops[0].covers(&ops[1]));
        assert!(ops[2].covers(&ops[3]));
        assert!(!ops[3].covers(&ops[2]));
    }
}
