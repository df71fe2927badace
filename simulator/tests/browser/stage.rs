//! The stage on which the flows play: one instance with its people, and one browser.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use snowproof_browser::{Chromium, Launch};
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::{Event, Request};
use snowproof_simulator::setup::{Given, Setup};
use snowproof_simulator::simulator::{Options, Running, Simulator};
use tokio::runtime::Runtime;
use url::Url;

use crate::application::Application;
use crate::tab::Tab;

pub(crate) const USER: &str = "sync.user";
pub(crate) const OTHER: &str = "jane.admin";
pub(crate) const MACHINE: &str = "machine.user";
pub(crate) const PASSWORD: &str = "Xq7-secret-Zt9-canary";
/// The application, as people know it.
pub(crate) const NAME: &str = "Acme Sync & Co.";
const CLIENT_ID: &str = "c11ent-1d";
/// How long the browser may take over anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// An instance, an application and a browser.
pub(crate) struct Stage {
    pub(crate) application: Application,
    base: String,
    /// The instance whose application is inactive.
    inactive: String,
    /// The instance that hibernates.
    asleep: String,
    /// The developer site.
    site: String,
    browser: Chromium,
    running: Running,
    runtime: Runtime,
}

impl Stage {
    pub(crate) fn set(program: PathBuf) -> Self {
        let application = Application::start();
        let authority = Arc::new(Authority::generate().unwrap());
        let runtime = Runtime::new().unwrap();
        let setup = setup(&application);
        let running = runtime
            .block_on(Simulator::start(setup, &authority, Options::default()))
            .unwrap();
        let base = |name: &str| {
            let address = &running.addresses[name];
            format!("https://{}:{}", address.host, address.https.port())
        };
        let [main, inactive, asleep, site] = ["main", "inactive", "asleep", "site"].map(base);
        let launch = Launch {
            program,
            pin: authority.leaf_pin(),
            patience: PATIENCE,
        };
        let browser = runtime.block_on(Chromium::start(&launch)).unwrap();
        Self {
            application,
            base: main,
            inactive,
            asleep,
            site,
            browser,
            running,
            runtime,
        }
    }

    pub(crate) fn clear(self) {
        self.runtime.block_on(self.browser.close());
        self.runtime.block_on(self.running.shutdown()).unwrap();
    }

    pub(crate) fn tab(&self) -> Tab<'_> {
        Tab::new(&self.browser, &self.runtime)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The instance that hibernates.
    pub(crate) fn asleep(&self) -> &str {
        &self.asleep
    }

    /// The developer site.
    pub(crate) fn site(&self) -> &str {
        &self.site
    }

    /// The address to which the application sends people, with a parameter of it changed.
    pub(crate) fn asks(&self, name: &str, value: &str) -> String {
        let mut url = Url::parse(&self.url("/oauth_auth.do")).unwrap();
        let pairs = [
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", &*self.application.redirect_url),
            ("state", "st&te"),
        ];
        let pairs = pairs.map(|(it, usual)| (it, if it == name { value } else { usual }));
        url.query_pairs_mut().extend_pairs(pairs);
        url.into()
    }

    /// The address to which the application sends people.
    pub(crate) fn asks_well(&self) -> String {
        self.asks("", "")
    }

    /// The same, of the instance whose application is inactive.
    pub(crate) fn asks_inactive(&self) -> String {
        self.asks_well().replacen(&self.base, &self.inactive, 1)
    }

    /// A tab in which a user is asked for consent.
    pub(crate) fn consent_of(&self, user: &str) -> Tab<'_> {
        let tab = self.tab();
        tab.open(&self.asks_well());
        tab.sign_in(user, PASSWORD);
        tab
    }

    /// The newest request of the instance's journal.
    pub(crate) fn last(&self) -> Request {
        let entries = self.running.journal.entries();
        let mut requests = entries
            .into_iter()
            .rev()
            .filter_map(|entry| match entry.event {
                Event::Request(request) => Some(request),
                _ => None,
            });
        requests.next().unwrap()
    }
}

fn setup(application: &Application) -> Setup {
    let instance = json!({
        "oauth_clients": { NAME: { "scopes": ["useraccount", "incident_read"] } },
        "users": {
            USER: { "roles": ["itil"] },
            OTHER: { "roles": ["admin"] },
            MACHINE: { "web_service_access_only": true },
        },
    });
    let inactive = json!({ "oauth_clients": { NAME: { "active": false } } });
    let asleep = json!({ "state": "hibernating", "wakes_in": "1h" });
    let site = json!({ "state": "developer_site", "users": { USER: {} } });
    let passwords = [USER, OTHER, MACHINE].map(|user| (user.to_owned(), PASSWORD.to_owned()));
    Setup {
        instances: [
            ("main", instance),
            ("inactive", inactive),
            ("asleep", asleep),
            ("site", site),
        ]
        .map(|(name, setup)| (name.to_owned(), serde_json::from_value(setup).unwrap()))
        .into(),
        passwords: passwords.into(),
        given: Given {
            client_id: CLIENT_ID.to_owned(),
            client_secret: "c11ent-secret-Jq7".to_owned(),
            redirect_url: application.redirect_url.clone(),
            ..Given::default()
        },
        seed: 7,
        ..Setup::default()
    }
}
