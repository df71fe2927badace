//! The faults, each under a URL of its own.

use std::sync::Arc;

use serde_json::{Value, json};
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::Journal;
use snowproof_simulator::setup::Setup;
use snowproof_simulator::simulator::{Options, Running, Simulator};

use crate::damage;
use crate::listeners::{Answering, Refusing};

pub(crate) const USER: &str = "sync.user";
pub(crate) const PASSWORD: &str = "Xq7-secret-Zt9-canary";
const LIST: &str = "/api/now/table/cmdb_ci_server?sysparm_limit=10";

/// Time for what must be waited for, and for what must not time out on a busy machine; seconds.
const SHORT: u64 = 2;
const LONG: u64 = 30;

/// One fault, and where it is met.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) url: String,
    pub(crate) proxy: Option<String>,
    /// The client's timeout.
    pub(crate) seconds: u64,
}

/// Whatever the faults need to go on existing.
pub(crate) struct World {
    pub(crate) faults: Vec<Fault>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) folder: tempfile::TempDir,
    simulators: Vec<Running>,
    _refusing: Refusing,
    _answering: Vec<Answering>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let authority = Arc::new(Authority::generate().unwrap());
        let stranger = Arc::new(Authority::generate().unwrap());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.ca_pem()).unwrap();

        let known = start(&authority, instances(), steps()).await;
        let unknown = start(&stranger, json!({ "main": {} }), json!({})).await;
        let damaging = start(&authority, damage::instances(), damage::steps()).await;
        let refusing = Refusing::bind();
        let plain =
            Answering::at_once("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;

        let of = |running: &Running, instance: &str, host: &str| {
            let port = running.addresses[instance].https.port();
            format!("https://{host}:{port}{LIST}")
        };
        let at = |port: u16| format!("https://127.0.0.1:{port}{LIST}");
        let main = of(&known, "main", "127.0.0.1");
        let fault = |name: &'static str, url: String| Fault {
            name,
            url,
            proxy: None,
            seconds: LONG,
        };
        let stepped = |name: &'static str| fault(name, main.replace("cmdb_ci_server", table(name)));
        let waiting = |fault: Fault| Fault {
            seconds: SHORT,
            ..fault
        };
        let through = |name: &'static str, instance: &str, port: u16| Fault {
            proxy: Some(format!("http://127.0.0.1:{port}")),
            // By name, as a proxy tells instances apart.
            ..fault(
                name,
                format!("https://{}{LIST}", known.addresses[instance].host),
            )
        };
        let proxy = known.proxy.unwrap().port();
        let kinds = CERTIFICATES
            .iter()
            .map(|(name, kind)| fault(name, of(&known, kind, "localhost")));
        let answers = HANDSHAKES
            .iter()
            .map(|(name, answer)| fault(name, of(&known, answer, "localhost")));
        let broken: Vec<Fault> = kinds.chain(answers).collect();
        let mut faults = vec![
            fault("healthy", main.clone()),
            // A certificate kind is one line here, one instance below and its row of `expected`.
            fault("tls-expired", of(&known, "expired", "localhost")),
            fault("tls-self-signed", of(&known, "self_signed", "localhost")),
            fault("tls-wrong-host", of(&known, "wrong_host", "localhost")),
            fault("tls-wrong-address", of(&known, "wrong_host", "127.0.0.1")),
            fault(
                "tls-not-yet-valid",
                of(&known, "not_yet_valid", "localhost"),
            ),
            fault(
                "tls-missing-intermediate",
                of(&known, "missing_intermediate", "localhost"),
            ),
            fault(
                "tls-unknown-ca",
                of(&known, "unknown_authority", "localhost"),
            ),
            // Of the trusted one's name, with another key.
            fault("tls-false-ca", of(&unknown, "main", "localhost")),
            fault("tls-inspected", of(&known, "inspected", "localhost")),
            fault("tls-plain-http", at(plain.port)),
            waiting(fault("tls-stalled", of(&known, "mute", "127.0.0.1"))),
            fault("refused", of(&known, "closed", "127.0.0.1")),
            waiting(fault(
                "connect-timeout",
                of(&known, "filtered", "127.0.0.1"),
            )),
            fault("no-such-name", format!("https://nosuch.invalid{LIST}")),
            waiting(stepped("silence")),
            stepped("reset"),
            stepped("reset-in-body"),
            stepped("closed"),
            stepped("truncated"),
            stepped("redirect-loop"),
            stepped("too-many-requests"),
            stepped("unavailable"),
            stepped("bad-json"),
            fault("locked", of(&known, "locked", "127.0.0.1")),
            fault("hibernating", of(&known, "asleep", "127.0.0.1")),
            fault("method-not-allowed", of(&known, "methods", "127.0.0.1")),
            fault("not-acceptable", of(&known, "formats", "127.0.0.1")),
            through("proxy-wants-password", "requires_credentials", proxy),
            through("proxy-bad-gateway", "bad_gateway", proxy),
            through("proxy-refused", "main", refusing.port()),
            stepped("tls-cut-without-length"),
            stepped("tls-no-close-notify"),
        ];
        faults.extend(broken);
        let damaged = of(&damaging, "main", "127.0.0.1");
        faults.extend(damage::paths().map(|(name, path, waits)| {
            let met = fault(
                name,
                damaged.replace("/api/now/table/cmdb_ci_server", &path),
            );
            if waits { waiting(met) } else { met }
        }));
        let framed = of(&damaging, damage::HTTP2, "127.0.0.1");
        faults.extend(damage::streams().map(|(name, path)| {
            fault(name, framed.replace("/api/now/table/cmdb_ci_server", &path))
        }));
        let ports = damage::PORTS.iter();
        faults.extend(ports.map(|(name, port)| fault(name, of(&damaging, port, "127.0.0.1"))));
        Self {
            faults,
            authority,
            folder,
            simulators: vec![known, unknown, damaging],
            _refusing: refusing,
            _answering: vec![plain],
        }
    }

    /// Whether a fault is met where a journal is kept.
    pub(crate) fn watches(&self, fault: &Fault) -> bool {
        let met_at = fault.proxy.as_ref().unwrap_or(&fault.url);
        self.simulators.iter().any(|running| {
            let instances = running.addresses.values().map(|each| each.https);
            let mut ports = instances.chain(running.proxy).map(|each| each.port());
            ports.any(|port| format!("{met_at}/").contains(&format!(":{port}/")))
        })
    }

    /// Our side of it.
    pub(crate) fn journals(&self) -> Vec<Journal> {
        let simulators = self.simulators.iter();
        simulators.map(|running| running.journal.clone()).collect()
    }

    pub(crate) async fn end(self) {
        for running in self.simulators {
            running.shutdown().await.unwrap();
        }
    }
}

/// Further kinds of certificate; each needs its row of `expected`.
const CERTIFICATES: [(&str, &str); 9] = [
    ("tls-complete-chain", "complete_chain"),
    ("tls-expired-intermediate", "expired_intermediate"),
    ("tls-wildcard", "wildcard_mismatch"),
    ("tls-common-name-only", "common_name_only"),
    ("tls-name-constraint", "name_constraint"),
    ("tls-wrong-key-usage", "wrong_key_usage"),
    ("tls-bad-signature", "bad_signature"),
    ("tls-sha1", "sha1_signature"),
    ("tls-weak-authority", "weak_authority"),
];

/// Answers to a ClientHello; each needs its row of `expected`.
const HANDSHAKES: [(&str, &str); 12] = [
    ("tls-alert-version", "protocol_version"),
    ("tls-alert-failure", "handshake_failure"),
    ("tls-alert-name", "unrecognized_name"),
    ("tls-alert-internal", "internal_error"),
    ("tls-alert-denied", "access_denied"),
    ("tls-alert-protocol", "no_application_protocol"),
    ("tls-old-version", "old_version"),
    ("tls-unoffered-cipher", "unoffered_cipher"),
    ("tls-port-plain", "plain_http"),
    ("tls-garbage", "garbage"),
    ("tls-reset", "reset"),
    ("tls-closed", "close"),
];

fn instances() -> Value {
    // So many rows that a place beyond the compressed answer lies within the plain one.
    let main = json!({
        "users": { USER: { "roles": ["itil"] } },
        "tables": { "cmdb_ci_linux_server": { "rows": 10 } },
    });
    let mut all = json!({ "main": main });
    for kind in [
        "expired",
        "self_signed",
        "wrong_host",
        "not_yet_valid",
        "missing_intermediate",
        "unknown_authority",
        "inspected",
    ] {
        all[kind] = json!({ "certificate": kind });
    }
    for port in ["closed", "filtered", "mute"] {
        all[port] = json!({ "port": port });
    }
    for proxy in ["requires_credentials", "bad_gateway"] {
        all[proxy] = json!({ "proxy": proxy });
    }
    let users = json!({ USER: { "roles": ["itil"] } });
    for (_, kind) in CERTIFICATES {
        all[kind] = json!({ "certificate": kind, "users": users });
    }
    // By name, so that its subject is the name that the clients ask for.
    all["common_name_only"] =
        json!({ "certificates_by_name": { "localhost": "common_name_only" }, "users": users });
    for (_, answer) in HANDSHAKES {
        all[answer] = json!({ "handshake": answer });
    }
    // What it answers comes before anybody is asked who they are.
    all["methods"] = json!({ "gateway": { "methods": ["POST"] } });
    all["formats"] = json!({ "gateway": { "accepts": ["application/xml"] } });
    all["asleep"] = json!({ "state": "hibernating" });
    all["locked"] = json!({ "users": { USER: { "roles": ["itil"], "locked_out": true } } });
    all
}

/// The table that stands for a fault: a real one where the answer must begin well.
fn table(fault: &str) -> &str {
    match fault {
        "reset-in-body" => "cmdb_ci",
        "truncated" => "cmdb_ci_computer",
        "tls-cut-without-length" => "cmdb_ci_linux_server",
        "tls-no-close-notify" => "cmdb_ci_win_server",
        other => other,
    }
}

/// Each fires at every request for the table of its name.
fn steps() -> Value {
    let page = |status: u16, headers: Value, body: &str| json!({ "respond": { "status": status, "headers": headers, "body": body } });
    let json_type = json!({ "Content-Type": "application/json;charset=UTF-8" });
    let script = json!({
        "silence": { "stall": {} },
        "reset": { "hang_up": {} },
        "reset-in-body": { "hang_up": { "after_body_bytes": 10 } },
        "closed": { "hang_up": { "manner": "close" } },
        "truncated": { "hang_up": { "after_body_bytes": 10, "manner": "close" } },
        "tls-cut-without-length":
            { "hang_up": { "after_body_bytes": 6_000, "manner": "close", "until_close": true } },
        "tls-no-close-notify":
            { "hang_up": { "after_body_bytes": 1_000_000, "manner": "close", "until_close": true } },
        "redirect-loop": page(302, json!({ "Location": LIST.replace("cmdb_ci_server", "redirect-loop") }), ""),
        "too-many-requests": page(429, json!({ "Retry-After": "1" }), ""),
        "unavailable": page(503, json!({}), ""),
        "bad-json": page(200, json_type, "{\"result\":["),
    });
    let mut steps = json!({});
    for (name, action) in script.as_object().unwrap() {
        let request = format!("GET /api/now/table/{}", table(name));
        steps[name] = json!({ "when": { "request": request, "from": 1 }, "do": [action] });
        if action.get("hang_up").is_some() || action.get("stall").is_some() {
            steps[name]["at"] = json!("decided");
        }
    }
    steps
}

pub(crate) async fn start(authority: &Arc<Authority>, instances: Value, steps: Value) -> Running {
    let setup = Setup {
        instances: serde_json::from_value(instances).unwrap(),
        steps: serde_json::from_value(steps).unwrap(),
        passwords: [(USER.to_owned(), PASSWORD.to_owned())].into(),
        page_size: Some(10),
        seed: 7,
        ..Setup::default()
    };
    Simulator::start(setup, authority, Options::default())
        .await
        .unwrap()
}
