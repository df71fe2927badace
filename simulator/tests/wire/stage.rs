//! The stage on which the tests play: one instance, one user, some servers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::{Closed, Entry, Event, Outcome, Request};
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Running, Simulator, StartError};

use crate::client::{Client, basic};

pub(crate) const USER: &str = "sync.user";
pub(crate) const PASSWORD: &str = "Xq7-secret-Zt9-canary";
pub(crate) const LIST: &str =
    "/api/now/table/cmdb_ci_server?sysparm_query=ORDERBYsys_id&sysparm_limit=10";

/// One authority for the whole process, as a run has it.
pub(crate) fn authority() -> &'static Arc<Authority> {
    static AUTHORITY: OnceLock<Arc<Authority>> = OnceLock::new();
    AUTHORITY.get_or_init(|| Arc::new(Authority::generate().unwrap()))
}

/// A set-up with one user who may read servers, changed by `main` and with these steps.
pub(crate) fn setup(main: Value, steps: Value) -> Setup {
    let mut instance = json!({
        "tables": { "cmdb_ci_server": { "rows": "3 pages" } },
        "users": { USER: { "roles": ["itil"] } },
    });
    for (key, value) in main.as_object().unwrap() {
        instance[key] = value.clone();
    }
    Setup {
        instances: [("main".to_owned(), serde_json::from_value(instance).unwrap())].into(),
        steps: serde_json::from_value(steps).unwrap(),
        passwords: [(USER.to_owned(), PASSWORD.to_owned())].into(),
        page_size: Some(10),
        seed: 7,
        ..Setup::default()
    }
}

pub(crate) async fn try_start(setup: Setup, options: Options) -> Result<Running, StartError> {
    let options = Options {
        listen_http: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        ..options
    };
    Simulator::start(setup, authority(), options).await
}

pub(crate) async fn start(main: Value, steps: Value) -> Running {
    try_start(setup(main, steps), Options::default())
        .await
        .unwrap()
}

pub(crate) async fn plain(running: &Running) -> Client {
    Client::plain(running.addresses["main"].http.unwrap()).await
}

pub(crate) async fn secure(running: &Running) -> Client {
    let address = &running.addresses["main"];
    Client::tls(address.https, &address.host, authority().ca_pem())
        .await
        .unwrap()
}

pub(crate) fn credentials() -> String {
    basic(USER, PASSWORD)
}

/// Waits for the first entry that matches, among those that exist and those to come.
pub(crate) async fn entry(running: &Running, wanted: impl Fn(&Event) -> bool) -> Entry {
    let mut subscription = running.journal.subscribe();
    if let Some(entry) = running
        .journal
        .entries()
        .into_iter()
        .find(|e| wanted(&e.event))
    {
        return entry;
    }
    loop {
        let entry = subscription.next().await.expect("the journal goes on");
        if wanted(&entry.event) {
            return Entry::clone(&entry);
        }
    }
}

pub(crate) fn requests(entries: &[Entry]) -> Vec<Request> {
    let of = |entry: &Entry| match &entry.event {
        Event::Request(request) => Some(request.clone()),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

pub(crate) fn outcomes(entries: &[Entry]) -> Vec<(Outcome, Entry)> {
    let of = |entry: &Entry| match &entry.event {
        Event::Outcome(outcome) => Some((outcome.clone(), entry.clone())),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

/// The entry that tells the outcome of the request of this number, once it is written down: on
/// several connections outcomes come in any order.
pub(crate) async fn ending(running: &Running, request: u64) -> Entry {
    let wanted = |event: &Event| matches!(event, Event::Outcome(it) if it.request == request);
    entry(running, wanted).await
}

/// The outcome of the request of this number, once it is written down.
pub(crate) async fn outcome(running: &Running, request: u64) -> Outcome {
    match ending(running, request).await.event {
        Event::Outcome(outcome) => outcome,
        _ => unreachable!(),
    }
}

pub(crate) fn closings(entries: &[Entry]) -> Vec<Closed> {
    let of = |entry: &Entry| match &entry.event {
        Event::Closed(closed) => Some(closed.clone()),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

/// A request and how its answer ended.
pub(crate) struct Met {
    pub(crate) request: Request,
    pub(crate) outcome: Outcome,
}
