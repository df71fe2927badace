//! What a careless reader makes of an answer that broke off: the records that came whole.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

use super::{Answer, Page, key_of};

/// The records of a list that are complete, taken for the last there are.
pub(crate) fn salvage(headers: &HeaderMap, body: &[u8], table: &str) -> Page {
    let answer = Answer {
        status: StatusCode::OK,
        headers,
        body,
        table,
        doing: "reading",
    };
    Page {
        taken_for_the_end: true,
        ..answer.page(whole_records(body))
    }
}

/// The longest beginning that becomes a list once it is closed.
fn whole_records(body: &[u8]) -> Vec<Map<String, Value>> {
    let ends = (0..body.len()).rev().filter(|&at| body[at] == b'}');
    for end in ends {
        let closed = [&body[..=end], b"]}"].concat();
        let Ok(mut value) = serde_json::from_slice::<Value>(&closed) else {
            continue;
        };
        let Some(Value::Array(list)) = value.get_mut("result").map(Value::take) else {
            continue;
        };
        let records = list.into_iter().filter_map(|row| match row {
            Value::Object(row) if key_of(&row).is_some() => Some(row),
            _ => None,
        });
        return records.collect();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_came_whole_are_kept() {
        for (body, whole) in [
            (
                r#"{"result":[{"sys_id":"a"},{"sys_id":"b","n":{"x":1}},{"sy"#,
                2,
            ),
            (r#"{"result":[{"sys_id":"a","n":{"x":1}"#, 0),
            (r#"{"resu"#, 0),
            ("", 0),
        ] {
            assert_eq!(whole_records(body.as_bytes()).len(), whole, "{body}");
        }
    }
}
