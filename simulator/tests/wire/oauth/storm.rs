//! Many workers on real sockets whose token dies again and again: each refusal is one of a dead
//! token, whoever refreshes goes on, and nothing that was counted is lost.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;
use snowproof_simulator::journal::{Condition, Event, TokenEnd};

use super::{ACCESS, REFRESH, bearer_of, ends, finished, post, refresh, start, text};
use crate::stage::{self, LIST, requests};

const WORKERS: usize = 32;
/// Good answers that each worker wants.
const WANTED: usize = 6;
/// Calls after which a worker gives up: far more than the deaths below can cost one.
const AT_MOST: usize = 40;
/// The requests on which the token that is shown dies, somewhere in the middle of it all.
const DEADLY: [u32; 12] = [3, 17, 31, 40, 58, 71, 90, 104, 123, 141, 160, 178];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_refreshes_breaks_nothing() {
    let mut steps = json!({});
    for nth in DEADLY {
        steps[format!("dies-{nth}")] = json!({
            "when": { "request": "*", "nth": nth },
            "do": [{ "revoke_access_token": if nth % 2 == 0 { "presented" } else { "sync.user" } }],
        });
    }
    let given = json!({ "access_token": "valid", "refresh_token": "valid" });
    let running = start(json!({}), given, steps).await;
    let work = (0..WORKERS).map(|_| async {
        let mut client = stage::secure(&running).await;
        let mut token = ACCESS.to_owned();
        let (mut good, mut refreshed) = (0, 0);
        for _ in 0..AT_MOST {
            let answer = client.get(LIST, &bearer_of(&token)).await;
            match answer.status {
                200 => {
                    assert_eq!(answer.rows(), 10);
                    good += 1;
                }
                401 => {
                    let fresh = post(&mut client, &refresh(REFRESH)).await;
                    assert_eq!(fresh.status, 200, "{}", fresh.text());
                    assert_eq!(text(&fresh, "refresh_token"), REFRESH, "it does not rotate");
                    token = text(&fresh, "access_token");
                    refreshed += 1;
                }
                other => panic!("{other}: {}", answer.text()),
            }
            if good == WANTED {
                return (good, refreshed, token);
            }
        }
        (good, refreshed, token)
    });
    let done = join_all(work).await;
    let refreshed: usize = done.iter().map(|(_, refreshed, _)| refreshed).sum();
    assert!(done.iter().all(|(good, ..)| *good == WANTED), "{done:?}");

    let entries = finished(running).await;
    let all = requests(&entries);
    assert!(all.len() >= 192, "every death lies within: {}", all.len());
    let refused: Vec<_> = all.iter().filter_map(|it| it.decision.condition).collect();
    assert_eq!(refused, vec![Condition::AccessTokenRevoked; refreshed]);
    // Every refresh gave one token of its own, numbered without a gap behind the two given ones.
    let calls = all.iter().filter_map(|it| it.token_call.as_ref());
    let mut numbers: Vec<u64> = calls
        .filter_map(|call| Some(call.access_token.as_ref()?.number))
        .collect();
    numbers.sort_unstable();
    let last = 2 + u64::try_from(refreshed).unwrap();
    assert_eq!(numbers, (3..=last).collect::<Vec<_>>());
    // Each ends once, and none that had not been issued.
    let mut ended: Vec<u64> = ends(&entries)
        .into_iter()
        .map(|(token, how, _)| {
            assert_eq!(how, TokenEnd::Revoked);
            token
        })
        .collect();
    let how_many = ended.len();
    ended.sort_unstable();
    ended.dedup();
    assert_eq!(ended.len(), how_many);
    assert!(
        ended
            .iter()
            .all(|number| *number == 1 || (3..=last).contains(number))
    );
    // No call that began after a token's end was let through with it.
    let mut dead = BTreeMap::new();
    for entry in &entries {
        match &entry.event {
            Event::TokenEnded(it) => {
                dead.insert(it.token, entry.at_ns);
            }
            Event::Request(it) if it.decision.condition.is_none() => {
                let died = it.token.and_then(|token| dead.get(&token));
                let was_dead = died.is_some_and(|died| it.started_ns > *died);
                assert!(!was_dead, "request {} by a dead token", it.request);
            }
            _ => {}
        }
    }
}
