//! The whole pipeline and the APIs, without a socket: any method, target, headers and body.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde_json::json;
use snowproof_simulator::api::{self, Call, Context};
use snowproof_simulator::clock::Now;
use snowproof_simulator::journal::Caller;
use snowproof_simulator::pipeline::admission::Admission;
use snowproof_simulator::pipeline::stage::{ClientCertificate, Exchange, View};
use snowproof_simulator::pipeline::{self, Verdict};
use snowproof_simulator::policy::{Access, Policy};
use snowproof_simulator::reply::Reply;
use snowproof_simulator::setup::{
    ExpectContinue, Given, InstanceSetup, InstanceState, MutualTls, PlainHttp, Switches,
};
use snowproof_simulator::store::{Store, seed};
use tokio::runtime::{Builder, Runtime};

use crate::campaign;

/// Requests after which the records are made anew: they are changed, and deleted.
const RENEWED: u32 = 500;

#[test]
fn any_request_is_answered() {
    let mut surface = Surface::new();
    let seeds = campaign::seeds(include_str!("seeds/requests.txt"));
    let mut asked = 0;
    campaign::run(seeds, |input| {
        asked += 1;
        if asked % RENEWED == 0 {
            surface = Surface::new();
        }
        if let Some((method, uri, headers, body)) = request(input) {
            surface.answer(&method, &uri, &headers, body);
        }
    });
}

/// One instance without its wire, and a user `u` of it.
pub(crate) struct Surface {
    store: Store,
    changed: Arc<AtomicBool>,
    policy: std::cell::RefCell<Arc<Policy>>,
    admission: Admission,
    runtime: Runtime,
}

impl Surface {
    pub(crate) fn new() -> Self {
        let setup = json!({
            "users": { "u": { "roles": ["itil"] } },
            "tables": { "incident": { "rows": 5 } },
            "oauth_clients": { "app": {} },
        });
        let setup: InstanceSetup = serde_json::from_value(setup).unwrap();
        let store = Store::open(None).unwrap();
        let passwords = ["u", "admin"].map(|user| (user.to_owned(), "pw".to_owned()));
        seed::populate(
            &store,
            &setup,
            &passwords.into(),
            &Given {
                client_id: "c".to_owned(),
                client_secret: "s".to_owned(),
                ..Given::default()
            },
            10,
            7,
        )
        .unwrap();
        let changed = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&changed);
        store.set_listener(move |committed| {
            if committed
                .iter()
                .any(snowproof_simulator::store::Committed::is_setting)
            {
                noted.store(true, Ordering::SeqCst);
            }
        });
        Self {
            policy: Arc::new(Policy::compile(&store, 1).unwrap()).into(),
            store,
            changed,
            admission: Admission::new(None),
            runtime: Builder::new_current_thread().build().unwrap(),
        }
    }

    /// As the user `u`, if a request can have so long a target.
    pub(crate) fn get(&self, target: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, basic("u"));
        if let Ok(uri) = target.parse() {
            self.answer(&Method::GET, &uri, &headers, Bytes::new());
        }
    }

    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: Bytes) {
        if self.changed.swap(false, Ordering::SeqCst) {
            *self.policy.borrow_mut() = Arc::new(Policy::compile(&self.store, 2).unwrap());
        }
        let policy = Arc::clone(&self.policy.borrow());
        let switches = Switches::default();
        let target = api::target(method, uri.path());
        let now = Now {
            elapsed: Duration::from_secs(1),
            unix: Duration::from_secs(1_782_907_200),
        };
        let exchange = Exchange {
            request: 1,
            method,
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers,
            caller: Caller::Subject,
            over_tls: true,
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            client_certificate: &ClientCertificate::None,
            target: &target,
            body: &body,
            oversize_headers: false,
            now,
        };
        let view = View {
            policy: &policy,
            state: InstanceState::default(),
            mutual_tls: MutualTls::default(),
            plain_http: PlainHttp::default(),
            gateway: None,
            tls_port: None,
            sends_on: None,
            developer_site: None,
            expect_continue: ExpectContinue::Met,
            switches: &switches,
            admission: &self.admission,
        };
        let ruling = pipeline::run(&exchange, &view);
        let reply = match (ruling.verdict, ruling.facts.identity) {
            (Verdict::Answer { reply, .. }, _) => *reply,
            (Verdict::Call, Some(identity)) => {
                let context = Context {
                    store: &self.store,
                    policy: &policy,
                    switches: &switches,
                    missing_apis: &[],
                    broken_tables: &BTreeSet::new(),
                    base_url: "https://dev.instance.test",
                    now,
                    query_quota: None,
                    batch_quota: None,
                };
                let open = Access::Granted {
                    row_conditions: Vec::new(),
                };
                let call = Call {
                    request: 1,
                    caller: Caller::Subject,
                    method,
                    path: exchange.path,
                    query: exchange.query,
                    headers,
                    body: body.clone(),
                    target: &target,
                    identity: &identity,
                    access: ruling.facts.access.as_ref().unwrap_or(&open),
                };
                self.runtime.block_on(api::answer(&context, call))
            }
            (Verdict::Call, None) => api::oauth::answer(&exchange, &view),
            (verdict, _) => panic!("a healthy instance does not {verdict:?}"),
        };
        is_an_instances(&reply);
    }
}

/// An answer that an instance could give: none of our failures, those of a batch's requests
/// included, and JSON where it says so. An instance's own 500 has a condition.
fn is_an_instances(reply: &Reply) {
    assert!(
        reply.status.as_u16() < 500 || reply.condition.is_some(),
        "{}: {}",
        reply.status,
        reply.reason
    );
    for said in reply.unmodelled.iter().chain([&reply.reason]) {
        assert!(!said.contains("the simulator failed"), "{said}");
    }
    let kind = reply.headers.get(CONTENT_TYPE);
    let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if is_json && !reply.body.is_empty() {
        let sound = serde_json::from_slice::<serde_json::Value>(&reply.body);
        assert!(sound.is_ok(), "{sound:?}");
    }
}

/// The request that hyper would make of this head and body, if it would.
fn request(input: &[u8]) -> Option<(Method, Uri, HeaderMap, Bytes)> {
    let end = input.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = input.split_at(end.unwrap_or(input.len()));
    let body = body.get(2..).unwrap_or_default();
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut words = lines.next()?.splitn(2, |byte| *byte == b' ');
    let method = Method::from_bytes(words.next()?).ok()?;
    let target = words.next()?;
    let target = target.strip_suffix(b" HTTP/1.1").unwrap_or(target);
    let uri = Uri::try_from(target).ok()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let at = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..at]).ok()?;
        headers.append(
            name,
            HeaderValue::from_bytes(line[at + 1..].trim_ascii()).ok()?,
        );
    }
    Some((method, uri, headers, Bytes::copy_from_slice(body)))
}

fn basic(user: &str) -> HeaderValue {
    let pair = STANDARD.encode(format!("{user}:pw"));
    HeaderValue::try_from(format!("Basic {pair}")).unwrap()
}
