//! The answer to a batch (wire-core 4.4): one status for all of it, and one for each of its requests,
//! whose bodies are Base64. Some may not have been run at all.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::doing::{Doing, done};
use crate::diagnosis::{Failure, MALFORMED};
use crate::policy::{JudgedBy, Policy};

/// What became of one record of a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Became {
    /// The instance says that it is there.
    Created,
    /// The instance had no time for it.
    Unserviced,
    /// Something else, from which it may follow that it was not processed.
    Failed(Failure),
}

/// Reads the answer to a batch of so many records of `table`, whose ids are their places in it.
///
/// # Errors
///
/// Whatever is no answer to a batch, save what the policy takes for one.
pub(crate) fn batch(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    table: &str,
    records: usize,
    policy: &Policy,
) -> Result<Vec<Became>, Failure> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let serviced = answer.get("serviced_requests").and_then(Value::as_array);
    let Some(serviced) = serviced.filter(|_| status == StatusCode::OK) else {
        done(Doing::Create, status, headers, body, table, policy)?;
        return Ok(vec![Became::Created; records]);
    };
    if policy.batches.judged_by == JudgedBy::TheBatch {
        return Ok(vec![Became::Created; records]);
    }
    let unserviced = answer.get("unserviced_requests").and_then(Value::as_array);
    let of_record = |at: usize| {
        let is = |id: &Value| id.as_str() == Some(&at.to_string());
        if unserviced.is_some_and(|ids| ids.iter().any(is)) {
            return Became::Unserviced;
        }
        let own = serviced
            .iter()
            .find(|serviced| serviced.get("id").is_some_and(is));
        match own.map(|own| of_request(own, table, policy)) {
            Some(Ok(())) => Became::Created,
            Some(Err(failure)) => Became::Failed(failure),
            None => Became::Failed(Failure::permanent(
                MALFORMED,
                "the answer to the batch says nothing of one of its requests",
            )),
        }
    };
    Ok((0..records).map(of_record).collect())
}

/// Reads the answer to one request as if it had been made alone.
fn of_request(serviced: &Value, table: &str, policy: &Policy) -> Result<(), Failure> {
    let malformed = || {
        Failure::permanent(
            MALFORMED,
            "an answer within the batch has no status or body",
        )
    };
    let status = serviced
        .get("status_code")
        .and_then(Value::as_u64)
        .and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok())
        .ok_or_else(malformed)?;
    let packed = serviced.get("body").and_then(Value::as_str);
    let body = packed
        .and_then(|packed| STANDARD.decode(packed).ok())
        .ok_or_else(malformed)?;
    let headers = serviced.get("headers").and_then(Value::as_array);
    let headers: HeaderMap = headers.into_iter().flatten().filter_map(header).collect();
    done(Doing::Create, status, &headers, &body, table, policy)
}

fn header(listed: &Value) -> Option<(HeaderName, HeaderValue)> {
    let part = |name: &str| listed.get(name)?.as_str();
    let name = HeaderName::try_from(part("name")?).ok()?;
    Some((name, HeaderValue::from_str(part("value")?).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnosis::Kind;

    fn read(answer: &Value, records: usize) -> Vec<Became> {
        let body = answer.to_string();
        let (ok, policy) = (StatusCode::OK, Policy::default());
        batch(
            ok,
            &HeaderMap::new(),
            body.as_bytes(),
            "t",
            records,
            &policy,
        )
        .unwrap()
    }

    fn serviced(id: &str, status: u16, body: &Value) -> Value {
        let headers = json!([{"name": "Content-Type", "value": "application/json; charset=UTF-8"}]);
        let body = STANDARD.encode(body.to_string());
        json!({"id": id, "status_code": status, "body": body, "headers": headers})
    }

    #[test]
    fn each_record_is_judged_by_its_own_answer() {
        let created = json!({"result": {"sys_id": "a"}});
        let refused = json!({"error": {"message": "Operation Failed", "detail": "ACL"}});
        let became = read(
            &json!({
                "serviced_requests": [
                    serviced("1", 403, &refused), serviced("0", 201, &created),
                    serviced("2", 201, &json!({})),
                ],
                "unserviced_requests": ["3"],
            }),
            5,
        );
        assert_eq!(became[0], Became::Created);
        let Became::Failed(failure) = &became[1] else {
            panic!("{became:?}");
        };
        assert_eq!(failure.kind, Kind::Forbidden);
        assert_eq!(became[3], Became::Unserviced);
        // Whatever shows no record shows nothing, and so does silence.
        for at in [2, 4] {
            assert!(matches!(&became[at], Became::Failed(failure) if failure.cause == MALFORMED));
        }
    }

    #[test]
    fn what_is_no_answer_to_a_batch_is_a_failure_of_all_of_it() {
        let policy = Policy::default();
        for (status, body) in [
            (429, "{}"),
            (200, "{}"),
            (200, "<html>"),
            (200, "[]"),
            (201, ""),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let read = batch(status, &HeaderMap::new(), body.as_bytes(), "t", 2, &policy);
            assert_eq!(read.is_ok(), status == 201, "{status} {body}");
        }
    }
}
