//! An instance without its wire: store, policy, and calls as the pipeline would hand them on.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use snowproof_simulator::api::{self, Call, Context};
use snowproof_simulator::clock::Now;
use snowproof_simulator::journal::{Actor, Caller};
use snowproof_simulator::policy::{Identity, Policy};
use snowproof_simulator::reply::Reply;
use snowproof_simulator::setup::{InstanceSetup, MissingApi, Switches};
use snowproof_simulator::store::{Author, Committed, Store, seed};

pub(crate) const BASE: &str = "https://dev00001.instance.test";

pub(crate) struct Instance {
    pub(crate) store: Store,
    pub(crate) committed: Arc<Mutex<Vec<Committed>>>,
    pub(crate) switches: Switches,
    pub(crate) broken_tables: BTreeSet<String>,
    pub(crate) missing_apis: Vec<MissingApi>,
    pub(crate) query_quota: Option<u32>,
    pub(crate) batch_quota: Option<u32>,
}

impl Instance {
    /// From a set-up in JSON; callers ask for pages of 10, and `secret` is every user's password.
    pub(crate) fn new(setup: Value) -> Self {
        Self::try_new(setup).unwrap()
    }

    pub(crate) fn try_new(setup: Value) -> Result<Self, String> {
        let setup: InstanceSetup = serde_json::from_value(setup).unwrap();
        let store = Store::open_for(&setup, None).map_err(|error| error.to_string())?;
        let users = setup.users.iter().flatten().map(|(name, _)| name.clone());
        let passwords: HashMap<String, String> =
            users.map(|name| (name, "secret".to_owned())).collect();
        seed::populate(&store, &setup, &passwords, &Default::default(), 10, 7)
            .map_err(|error| error.to_string())?;
        let committed = Arc::new(Mutex::new(Vec::new()));
        let sink = committed.clone();
        store.set_listener(move |changes| sink.lock().unwrap().extend_from_slice(changes));
        Ok(Self {
            store,
            committed,
            switches: setup.switches.unwrap_or_default(),
            broken_tables: setup.broken_tables.into_iter().flatten().collect(),
            missing_apis: setup.missing_apis.unwrap_or_default(),
            query_quota: setup.query_quota.map(|rows| rows.count(10)),
            batch_quota: setup.batch_quota,
        })
    }

    pub(crate) fn policy(&self) -> Policy {
        Policy::compile(&self.store, 1).unwrap()
    }

    pub(crate) async fn get(&self, user: &str, path_and_query: &str) -> Reply {
        self.call(user, Method::GET, path_and_query, &[], "").await
    }

    /// The record that a POST of this body makes.
    pub(crate) async fn made(&self, user: &str, table: &str, body: Value) -> Value {
        let path = format!("/api/now/table/{table}");
        let reply = self
            .call(user, Method::POST, &path, &[], body.to_string())
            .await;
        result(&reply)
    }

    /// As the request of this number.
    pub(crate) async fn get_numbered(
        &self,
        number: u64,
        user: &str,
        path_and_query: &str,
    ) -> Reply {
        self.answer(number, user, Method::GET, path_and_query, &[], "")
            .await
    }

    pub(crate) async fn call(
        &self,
        user: &str,
        method: Method,
        path_and_query: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        self.answer(1, user, method, path_and_query, headers, body)
            .await
    }

    /// By a policy that was compiled before.
    pub(crate) async fn get_by(
        &self,
        policy: &Arc<Policy>,
        user: &str,
        path_and_query: &str,
    ) -> Reply {
        self.answer_by(policy, 1, user, Method::GET, path_and_query, &[], "")
            .await
    }

    async fn answer(
        &self,
        request: u64,
        user: &str,
        method: Method,
        path_and_query: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        let policy = Arc::new(self.policy());
        self.answer_by(
            &policy,
            request,
            user,
            method,
            path_and_query,
            headers,
            body,
        )
        .await
    }

    #[expect(clippy::too_many_arguments, reason = "a call has so many parts")]
    async fn answer_by(
        &self,
        policy: &Arc<Policy>,
        request: u64,
        user: &str,
        method: Method,
        path_and_query: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        let identity = Identity::from(policy.user(user).unwrap());
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::try_from(*name).unwrap();
                (name, HeaderValue::try_from(*value).unwrap())
            })
            .collect();
        let target = api::target(&method, path);
        let access = policy.access(
            &identity,
            target.operation,
            target.table.as_deref().unwrap_or(""),
        );
        let context = Context {
            store: &self.store,
            policy,
            switches: &self.switches,
            missing_apis: &self.missing_apis,
            base_url: BASE,
            now: now(),
            query_quota: self.query_quota,
            batch_quota: self.batch_quota,
            broken_tables: &self.broken_tables,
        };
        let call = Call {
            request,
            caller: Caller::Subject,
            method: &method,
            path,
            query,
            headers: &headers,
            body: Bytes::from(body.into()),
            target: &target,
            identity: &identity,
            access: &access,
        };
        api::answer(&context, call).await
    }
}

/// 2026-07-01 12:00:00 UTC.
pub(crate) fn now() -> Now {
    Now {
        elapsed: Duration::from_secs(1),
        unix: Duration::from_secs(1_782_907_200),
    }
}

pub(crate) fn author() -> Author {
    Author {
        user_name: "admin".to_owned(),
        request: None,
        by: Actor::Instance,
        unix: now().unix,
    }
}

pub(crate) fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

pub(crate) fn result(reply: &Reply) -> Value {
    assert!(reply.status.is_success(), "{reply:?}");
    json(reply)["result"].take()
}

/// Status, the headers the API itself sets, and the body.
pub(crate) fn wire(reply: &Reply) -> String {
    let mut text = format!("{}\n", reply.status);
    for (name, value) in &reply.headers {
        text.push_str(&[name.as_str(), ": ", value.to_str().unwrap(), "\n"].concat());
    }
    text.push('\n');
    text.push_str(std::str::from_utf8(&reply.body).unwrap());
    text
}

/// The column of every row of a list.
pub(crate) fn column(reply: &Reply, name: &str) -> Vec<String> {
    let rows = result(reply);
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[name].as_str().unwrap().to_owned())
        .collect()
}
