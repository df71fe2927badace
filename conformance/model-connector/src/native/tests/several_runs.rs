//! Several runs in one process: each has its own settings, and nothing is left of the one before.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncBufReadExt, BufReader, DuplexStream, Lines, duplex};

use super::*;
use crate::policy::PlainHttp;

const JSON: &str = "content-type: application/json;charset=UTF-8";

/// The runner's end of a conversation.
struct Runner {
    orders: mpsc::Sender<Result<String, String>>,
    said: Lines<BufReader<DuplexStream>>,
}

impl Runner {
    async fn run(&self, run_id: &str, verb: &str, parameters: Value) {
        let run = json!({"type": "run", "run_id": run_id, "verb": verb, "parameters": parameters});
        self.orders.send(Ok(run.to_string())).await.unwrap();
    }

    async fn stop(&self, run_id: &str) {
        let stop = json!({"type": "stop", "run_id": run_id});
        self.orders.send(Ok(stop.to_string())).await.unwrap();
    }

    /// What is said up to the next result; all of it is of this run.
    async fn result(&mut self, run_id: &str) -> RunResult {
        loop {
            let line = self.said.next_line().await.unwrap().unwrap();
            assert!(line.contains(&format!("\"run_id\":\"{run_id}\"")), "{line}");
            if let FromConnector::Result(result) = serde_json::from_str(&line).unwrap() {
                return result;
            }
        }
    }
}

/// One process, from its hello to the end of its input; its exit status.
async fn process<F: Future<Output = ()>>(runner: impl FnOnce(Runner) -> F) -> u8 {
    let policy = Policy {
        plain_http: PlainHttp::Send,
        ..brisk()
    };
    let (orders, mut lines) = mpsc::channel(4);
    let (mut out, said) = duplex(1 << 20);
    let mut said = BufReader::new(said).lines();
    let converse = async move {
        let code = converse(&policy, &mut lines, &mut out, std::future::pending()).await;
        code.unwrap()
    };
    let drive = async move {
        let hello = said.next_line().await.unwrap().unwrap();
        assert!(hello.contains("\"multi-run\""), "{hello}");
        runner(Runner { orders, said }).await;
    };
    tokio::join!(converse, drive).0
}

fn basic(responder: &Responder, user: &str, password: &str) -> Value {
    json!({"base_url": responder.url, "user": user, "password": password, "table": "t", "cookies": "on"})
}

/// An instance of one row that issues tokens, and a cookie with every answer.
async fn instance(name: &'static str) -> Responder {
    let issued = AtomicU32::new(0);
    Responder::start(move |_, head| {
        if head.starts_with("POST /oauth_token.do ") {
            let number = issued.fetch_add(1, Ordering::SeqCst);
            let body = format!(r#"{{"access_token":"{name}-token-{number}","expires_in":1799}}"#);
            return answer("200 OK", &[JSON], &body);
        }
        let cookie = format!("set-cookie: JSESSIONID={name}; Path=/; HttpOnly");
        let body = json!({"result": [{"sys_id": keys(1)[0], "name": "host"}]}).to_string();
        answer("200 OK", &[JSON, &cookie], &body)
    })
    .await
}

#[tokio::test]
async fn a_run_takes_nothing_from_the_one_before() {
    let (first, second) = (instance("first").await, instance("second").await);
    let by_token = json!({
        "base_url": first.url, "auth_method": "oauth-client-credentials", "user": "u", "table": "t", "cookies": "on",
        "client_id": "own-id", "client_secret": "own secret", "token_url": format!("{}/oauth_token.do", first.url),
    });
    let (at_first, at_second) = (&first, &second);
    let code = process(|mut runner| async move {
        for (id, parameters) in [
            ("r1", by_token.clone()),
            ("r2", basic(at_second, "other", "its password")),
            ("r3", by_token),
            ("r4", basic(at_first, "third", "one more")),
        ] {
            runner.run(id, "check", parameters).await;
            let result = runner.result(id).await;
            assert_eq!(result.outcome, Outcome::Success, "{id}: {result:?}");
        }
    })
    .await;
    assert_eq!(code, 0);
    let heads = second.heads();
    assert!(!heads.is_empty());
    for head in &heads {
        assert!(
            head.contains("authorization: Basic b3RoZXI6aXRzIHBhc3N3b3Jk\r\n"),
            "{head}"
        );
        assert!(!head.contains("first"), "{head}");
    }
    let heads = first.heads();
    let asked_for_tokens: Vec<usize> = (0..heads.len())
        .filter(|at| heads[*at].starts_with("POST /oauth_token.do "))
        .collect();
    let [0, third] = asked_for_tokens[..] else {
        panic!("each run asks for a token of its own: {heads:#?}");
    };
    let (of_first, rest) = heads.split_at(third);
    let fourth = rest
        .iter()
        .position(|head| head.contains("authorization: Basic "))
        .unwrap();
    let (of_third, of_fourth) = rest.split_at(fourth);
    for (of_run, token) in [(of_first, "first-token-0"), (of_third, "first-token-1")] {
        let bearer = format!("authorization: Bearer {token}\r\n");
        assert!(
            of_run.len() >= 2 && of_run[1..].iter().all(|head| head.contains(&bearer)),
            "{of_run:#?}"
        );
        let before_an_answer = &of_run[..2];
        assert!(
            !before_an_answer
                .iter()
                .any(|head| head.contains("cookie: ")),
            "{of_run:#?}"
        );
    }
    assert!(
        !of_fourth[0].contains("cookie: ") && !of_fourth[0].contains("Bearer"),
        "{of_fourth:#?}"
    );
}

#[tokio::test]
async fn a_refusal_holds_back_no_later_run() {
    let responder = Responder::start(|number, _| {
        if number == 0 {
            let wait = ["retry-after: 86400"];
            return refusal("429 Too Many Requests", &wait, "Rate limit exceeded", "");
        }
        answer("200 OK", &[JSON], r#"{"result":[]}"#)
    })
    .await;
    let at = &responder;
    let code = process(|mut runner| async move {
        runner.run("r1", "check", basic(at, "u", "p")).await;
        let refused = runner.result("r1").await;
        assert_eq!(refused.diagnosis.unwrap().class, "throttle.rate_limit");
        runner.run("r2", "check", basic(at, "u", "p")).await;
        runner.result("r2").await;
    })
    .await;
    assert!(code <= 1);
    assert!(responder.heads().len() >= 2, "the second run asks at once");
}

#[tokio::test]
async fn a_wish_to_stop_ends_its_run_and_no_other() {
    let busy = Responder::start(|_, _| {
        let wait = ["retry-after: 50"];
        refusal("429 Too Many Requests", &wait, "Rate limit exceeded", "")
    })
    .await;
    let healthy = instance("healthy").await;
    let (busy, healthy) = (&busy, &healthy);
    let code = process(|mut runner| async move {
        runner.run("r1", "sync", basic(busy, "u", "p")).await;
        runner.stop("r1").await;
        let stopped = runner.result("r1").await;
        assert_eq!(stopped.outcome, Outcome::Partial, "{stopped:?}");
        // One that comes too late is of no run that is under way.
        runner.stop("r1").await;
        runner.run("r2", "check", basic(healthy, "u", "p")).await;
        runner.stop("r1").await;
        let result = runner.result("r2").await;
        assert_eq!(result.outcome, Outcome::Success, "{result:?}");
    })
    .await;
    assert_eq!(code, 0);
}
