//! Rate limit rules under many connections at once: exactly what a rule allows passes, and every
//! refusal names the true reset.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::fmt::rfc2822;
use serde_json::json;
use snowproof_simulator::journal::{Entry, Event, Window};
use snowproof_simulator::simulator::{Options, Running};
use tokio::task::JoinSet;

use crate::client::{Answer, basic};
use crate::stage::{self, LIST, PASSWORD, USER, credentials, requests};

const AT_ONCE: usize = 64;

/// So many calls of this user at the same time, each on a connection of its own.
async fn at_once(running: &Running, calls: usize, headers: &str) -> Vec<Answer> {
    let mut clients = Vec::new();
    for _ in 0..calls {
        clients.push(stage::plain(running).await);
    }
    let mut asked = JoinSet::new();
    for mut client in clients {
        let headers = headers.to_owned();
        asked.spawn(async move { client.get(LIST, &headers).await });
    }
    asked.join_all().await
}

fn reset(answer: &Answer) -> u64 {
    answer.header("X-RateLimit-Reset").unwrap().parse().unwrap()
}

/// When the answer was written, in whole seconds of UNIX time.
fn date(answer: &Answer) -> u64 {
    let date = rfc2822::parse(answer.header("Date").unwrap()).unwrap();
    u64::try_from(date.timestamp().as_second()).unwrap()
}

/// Calls that were admitted and refused, by the end of the window that counted them.
fn by_window(answers: &[Answer]) -> BTreeMap<u64, (usize, usize)> {
    let mut windows = BTreeMap::new();
    for answer in answers {
        let (admitted, refused): &mut (usize, usize) = windows.entry(reset(answer)).or_default();
        match answer.status {
            200 => *admitted += 1,
            429 => *refused += 1,
            other => panic!("{other}"),
        }
    }
    windows
}

/// Every window let pass what the rule allows, no more, and no less where somebody was refused.
fn assert_exact(answers: &[Answer], limit: usize) {
    for (reset, (admitted, refused)) in by_window(answers) {
        assert!(admitted <= limit, "{admitted} of {limit} until {reset}");
        if refused > 0 {
            assert_eq!(admitted, limit, "somebody was refused too early");
        }
    }
}

fn windows(entries: &[Entry]) -> Vec<Window> {
    let of = |entry: &Entry| match &entry.event {
        Event::WindowClosed(window) => Some(window.clone()),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_get_exactly_what_a_rule_allows_window_by_window() {
    const LIMIT: usize = 11;
    let rule = json!({ "limit": LIMIT, "window": "1h as 3s" });
    let running = stage::start(json!({ "rate_rules": { "all": rule } }), json!({})).await;
    let mut all = Vec::new();
    for _ in 0..2 {
        let answers = at_once(&running, AT_ONCE, &credentials()).await;
        let refused = answers.iter().filter(|answer| answer.status == 429);
        let last = refused.max_by_key(|answer| reset(answer)).unwrap().clone();
        all.extend(answers);
        // Who waits as it was told to is let in: the time is what is asked about here.
        let secs: u64 = last.header("Retry-After").unwrap().parse().unwrap();
        tokio::time::sleep(Duration::from_secs(secs)).await;
        let again = stage::plain(&running).await.get(LIST, &credentials()).await;
        assert_eq!(again.status, 200);
        assert!(date(&again) >= reset(&last) && reset(&again) > reset(&last));
        all.push(again);
    }
    assert_exact(&all, LIMIT);
    assert!(by_window(&all).len() >= 3);
    for answer in all.iter().filter(|answer| answer.status == 429) {
        let secs: u64 = answer.header("Retry-After").unwrap().parse().unwrap();
        // The date is of the moment when it was written, a little later than it was decided.
        let names = date(answer) + secs;
        assert!(
            (reset(answer)..=reset(answer) + 1).contains(&names),
            "{}",
            answer.head
        );
        assert_eq!(answer.header("X-RateLimit-Limit"), Some("11"));
    }
    let journal = running.journal.clone();
    running.shutdown().await.unwrap();
    let entries = journal.entries();
    let ran = requests(&entries);
    let ran = ran.iter().filter(|request| request.decision.stage == "api");
    let admitted = all.iter().filter(|answer| answer.status == 200);
    assert_eq!(
        ran.count(),
        admitted.count(),
        "no refused call was carried out"
    );
    assert!(windows(&entries).iter().all(|window| window.admitted <= 11));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_s_rule_wins_over_roles_and_the_lowest_role_over_all() {
    let main = json!({
        "users": {
            USER: { "roles": ["itil", "cmdb_read"] },
            "of.roles": { "roles": ["itil", "cmdb_read"] },
            "of.none": { "roles": ["admin"] },
        },
        "rate_rules": {
            "all": { "limit": 1, "window": "1h as 20s" },
            "itil": { "limit": 9, "window": "1h as 20s", "role": "itil" },
            "readers": { "limit": 4, "window": "1h as 20s", "role": "cmdb_read" },
            "user": { "limit": 7, "window": "1h as 20s", "user": USER },
        },
    });
    let mut setup = stage::setup(main, json!({}));
    for user in ["of.roles", "of.none"] {
        setup.passwords.insert(user.to_owned(), PASSWORD.to_owned());
    }
    let running = stage::try_start(setup, Options::default()).await.unwrap();
    for (user, limit) in [(USER, 7), ("of.roles", 4), ("of.none", 1)] {
        let answers = at_once(&running, 16, &basic(user, PASSWORD)).await;
        assert_exact(&answers, limit);
        let admitted = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(admitted, limit, "{user}");
        let stated = limit.to_string();
        let says = |answer: &Answer| answer.header("X-RateLimit-Limit") == Some(&stated);
        assert!(answers.iter().all(says), "{user}");
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_neighbour_with_the_same_account_eats_its_part_of_each_window() {
    let rule = json!({ "limit": 5, "window": "1h as 20s", "neighbour": 3 });
    let running = stage::start(json!({ "rate_rules": { "all": rule } }), json!({})).await;
    let answers = at_once(&running, 16, &credentials()).await;
    let admitted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(admitted, 2);
    // Nothing tells that others use the account.
    let says = |answer: &Answer| answer.header("X-RateLimit-Limit") == Some("5");
    assert!(answers.iter().all(says));
    let refused = requests(&running.journal.entries());
    let refused = refused
        .iter()
        .find(|request| request.decision.status == Some(429));
    let reason = &refused.unwrap().decision.reason;
    assert_eq!(
        reason,
        "`all` admitted 5 of 5 requests in this window, 3 of them another integration's"
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_commits_its_counts_late_lets_a_limit_be_overshot() {
    let main = json!({
        "rate_rules": { "all": { "limit": 2, "window": "1h as 30s" } },
        "switches": { "rate_limit_commit": "30s as 2s" },
    });
    let running = stage::start(main, json!({})).await;
    let began = tokio::time::Instant::now();
    let answers = at_once(&running, 16, &credentials()).await;
    // Where this machine took longer than the commit, some may be refused; that is seen below.
    if began.elapsed() < Duration::from_secs(2) {
        assert!(answers.iter().all(|answer| answer.status == 200));
    }
    // It begins when the node commits, and stays.
    let mut client = stage::plain(&running).await;
    while client.get(LIST, &credentials()).await.status != 429 {
        assert!(began.elapsed() < Duration::from_secs(20), "it never began");
    }
    assert_eq!(client.get(LIST, &credentials()).await.status, 429);
    running.shutdown().await.unwrap();
}
