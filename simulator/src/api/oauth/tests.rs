//! The token endpoint without a wire: an instance's policy and state, and forms that are posted.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use crate::api;
use crate::clock::Now;
use crate::journal::{Caller, Condition, TokenCall};
use crate::pipeline::admission::{Admission, Mint};
use crate::pipeline::stage::{ClientCertificate, Exchange, View};
use crate::policy::Policy;
use crate::reply::Reply;
use crate::setup::{
    ExpectContinue, Given, InstanceSetup, InstanceState, MutualTls, PlainHttp, Switches,
};
use crate::store::{Author, Store, seed};

mod assertions;
mod grants;
mod races;
mod refusals;
mod sequences;

const USER: &str = "sync.user";
const PASSWORD: &str = "p4ss";
const CLIENT: &str = "grant_type=password&client_id=c11ent&client_secret=s3cret";

/// An instance as the endpoint sees it.
struct Desk {
    store: Store,
    policy: Policy,
    admission: Admission,
    switches: Switches,
}

/// What was answered, and what the journal is told.
#[derive(Debug)]
struct Answered {
    status: u16,
    body: Value,
    condition: Option<Condition>,
    told: TokenCall,
}

impl Answered {
    fn text(&self, key: &str) -> String {
        self.body[key].as_str().unwrap_or_default().to_owned()
    }

    fn is_denied(&self, condition: Condition) {
        assert_eq!(self.status, 401, "{self:?}");
        let denied = json!({"error_description": "access_denied", "error": "server_error"});
        assert_eq!(self.body, denied);
        assert_eq!(self.condition, Some(condition));
    }
}

/// `main` changes the instance, `client` the application.
fn desk(main: &Value, client: &Value) -> Desk {
    desk_that_verifies(main, client, "", "")
}

fn desk_that_verifies(main: &Value, client: &Value, key: &str, key_id: &str) -> Desk {
    let mut setup = json!({
        "users": { USER: { "roles": ["itil"] }, "app.user": { "roles": ["itil"] } },
        "oauth_clients": { "app": client },
    });
    for (key, value) in main.as_object().unwrap() {
        setup[key] = value.clone();
    }
    let setup: InstanceSetup = serde_json::from_value(setup).unwrap();
    let store = Store::open(None).unwrap();
    let passwords = [(USER.to_owned(), PASSWORD.to_owned())].into();
    let given = Given {
        client_id: "c11ent".to_owned(),
        client_secret: "s3cret".to_owned(),
        redirect_url: "https://client.test/callback".to_owned(),
        assertion_key: key.to_owned(),
        assertion_key_id: key_id.to_owned(),
        ..Given::default()
    };
    seed::populate(&store, &setup, &passwords, &given, 10, 7).unwrap();
    Desk {
        policy: Policy::compile(&store, 1).unwrap(),
        admission: Admission::new(None).minting(Mint::keyed([7; 32])),
        switches: setup.switches.unwrap_or_default(),
        store,
    }
}

fn at(secs: u64) -> Now {
    Now {
        elapsed: Duration::from_secs(secs),
        unix: Duration::from_secs(1_782_907_200 + secs),
    }
}

impl Desk {
    fn view(&self) -> View<'_> {
        View {
            policy: &self.policy,
            state: InstanceState::Awake,
            mutual_tls: MutualTls::Off,
            plain_http: PlainHttp::Serve,
            gateway: None,
            tls_port: None,
            sends_on: None,
            developer_site: None,
            expect_continue: ExpectContinue::Met,
            switches: &self.switches,
            admission: &self.admission,
        }
    }

    /// The application gets another secret, as when an administrator regenerates it.
    fn regenerate_secret(&mut self) {
        let author = Author::system(Duration::from_secs(1_782_907_200));
        self.store.regenerate_client_secret(&author, "app").unwrap();
        self.policy = Policy::compile(&self.store, self.policy.version + 1).unwrap();
    }

    /// Posts a form.
    fn post(&self, secs: u64, form: &str) -> Answered {
        self.send(secs, "/oauth_token.do", "", form, &[])
    }

    fn send(
        &self,
        secs: u64,
        path: &str,
        query: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answered {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let headers: HeaderMap = form
            .iter()
            .chain(headers)
            .map(|(name, value)| {
                let name = HeaderName::try_from(*name).unwrap();
                (name, HeaderValue::try_from(*value).unwrap())
            })
            .collect();
        let target = api::target(&Method::POST, path);
        let exchange = Exchange {
            request: 1,
            method: &Method::POST,
            path,
            query,
            headers: &headers,
            caller: Caller::Subject,
            over_tls: true,
            peer: core::net::IpAddr::from([127, 0, 0, 1]),
            client_certificate: &ClientCertificate::None,
            target: &target,
            body: body.as_bytes(),
            oversize_headers: false,
            now: at(secs),
        };
        answered(super::answer(&exchange, &self.view()))
    }
}

fn answered(reply: Reply) -> Answered {
    Answered {
        status: reply.status.as_u16(),
        body: serde_json::from_slice(&reply.body).unwrap_or_default(),
        condition: reply.condition,
        told: *reply.token_call.unwrap(),
    }
}

/// The password grant's form.
fn password(password: &str) -> String {
    format!("{CLIENT}&username={USER}&password={password}")
}

/// The form of another grant.
fn form(grant: &str, rest: &str) -> String {
    format!("grant_type={grant}&client_id=c11ent&client_secret=s3cret{rest}")
}
