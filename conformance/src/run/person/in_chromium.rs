//! A tab of Chromium: what a person does with a mouse and a keyboard.

use std::net::SocketAddr;

use reqwest::Url;
use snowproof_browser::{Chromium, Landing, Tab};

use super::browser::{Arrival, NOBODY, PageKind, Seen, is_of_this_machine};

/// Longest text of a page that is kept, characters.
const LONGEST_TEXT: usize = 200;

/// See the module.
pub(super) struct InChromium {
    tab: Tab,
    /// Scheme, host and port of the instance, as this browser knows it.
    instance: Url,
    /// Where the instance sent it, and the request that waits.
    held: Option<(Url, String)>,
}

impl InChromium {
    /// A new tab for the instance of this name that listens for people at this address.
    pub(super) async fn new(
        chromium: &Chromium,
        host: &str,
        instance: SocketAddr,
    ) -> Result<Self, String> {
        let why = |error: &dyn std::fmt::Display| format!("the browser did not start: {error}");
        let instance = format!("https://{host}:{}/", instance.port());
        let instance = Url::parse(&instance).map_err(|error| why(&error))?;
        let mut tab = chromium.tab().await.map_err(|error| why(&error))?;
        let own = instance.origin();
        let may_visit = move |url: &str| Url::parse(url).is_ok_and(|url| url.origin() == own);
        let restricted = tab.visits_only(Box::new(may_visit)).await;
        restricted.map_err(|error| why(&error))?;
        Ok(Self {
            tab,
            instance,
            held: None,
        })
    }

    pub(super) async fn open(&mut self, url: &Url) -> Result<Seen, String> {
        let mut here = self.instance.clone();
        here.set_path(url.path());
        here.set_query(url.query());
        let landing = self.tab.open(here.as_str()).await.map_err(failed)?;
        self.sees(landing).await
    }

    pub(super) async fn sign_in(&mut self, user: &str, password: &str) -> Result<Seen, String> {
        self.tab.fill("User name", user).await.map_err(failed)?;
        self.tab.fill("Password", password).await.map_err(failed)?;
        let landing = self.tab.click("button", "Log in").await.map_err(failed)?;
        self.sees(landing).await
    }

    pub(super) async fn press(&mut self, label: &str) -> Result<Seen, String> {
        let landing = self.tab.click("button", label).await.map_err(failed)?;
        self.sees(landing).await
    }

    pub(super) async fn go_back(&mut self, url: &Url) -> Result<Arrival, String> {
        // What the connector leads to next is its own, as long as it is here.
        let may_visit = |url: &str| Url::parse(url).is_ok_and(|url| is_of_this_machine(&url));
        let allowed = self.tab.visits_only(Box::new(may_visit)).await;
        allowed.map_err(failed)?;
        let landing = match self.held.take() {
            Some((held, request)) if held == *url => self.tab.lets_go(&request).await,
            held => {
                // Another URL was slipped in.
                if let Some((_, request)) = held {
                    self.tab.gives_up(&request).await.map_err(failed)?;
                }
                self.tab.open(url.as_str()).await
            }
        };
        self.arrives(landing.map_err(failed)?).await
    }

    pub(super) async fn reload(&self) -> Result<Arrival, String> {
        let landing = self.tab.reload().await.map_err(failed)?;
        self.arrives(landing).await
    }

    async fn sees(&mut self, landing: Landing) -> Result<Seen, String> {
        match landing {
            Landing::Held { url, request } => {
                let url = Url::parse(&url)
                    .map_err(|error| format!("the redirect leads nowhere: {error}"))?;
                self.held = Some((url.clone(), request));
                Ok(Seen::LeadsAway(url))
            }
            Landing::Failed { why } => Err(format!("the page did not come: {why}")),
            Landing::Shown { status } => {
                let told = self.tab.told().await.map_err(failed)?;
                let has = |role: &str, name: &str| {
                    told.iter().any(|it| it.role == role && it.name == name)
                };
                let kind = if has("textbox", "Password") {
                    PageKind::Login
                } else if has("button", "Allow") {
                    PageKind::Consent
                } else {
                    PageKind::Other
                };
                let status = status.ok_or("the page came without a status")?;
                Ok(Seen::Page { kind, status })
            }
        }
    }

    async fn arrives(&self, landing: Landing) -> Result<Arrival, String> {
        match landing {
            Landing::Shown { status } => Ok(Arrival {
                status,
                page: Some(self.page().await),
            }),
            Landing::Failed { why } if why == "net::ERR_CONNECTION_REFUSED" => {
                Err(NOBODY.to_owned())
            }
            Landing::Failed { .. } => Ok(Arrival::default()),
            Landing::Held { request, .. } => {
                // The connector answered, with a redirect to another machine.
                self.tab.gives_up(&request).await.map_err(failed)?;
                let asked = self.tab.events("Network.requestWillBeSent");
                let status = asked.last().and_then(|last| {
                    u16::try_from(last["redirectResponse"]["status"].as_u64()?).ok()
                });
                Ok(Arrival { status, page: None })
            }
        }
    }

    /// What the page shows its user, in a line.
    async fn page(&self) -> String {
        let script = "[document.title, document.body ? document.body.innerText : '']";
        let Ok(shown) = self.tab.evaluate(script).await else {
            return "the connector's page did not stay".to_owned();
        };
        let line = |at: usize| {
            let text = shown[at].as_str().unwrap_or_default();
            let words: Vec<&str> = text.split_whitespace().collect();
            words
                .join(" ")
                .chars()
                .take(LONGEST_TEXT)
                .collect::<String>()
        };
        match (line(0).as_str(), line(1).as_str()) {
            ("", "") => "the connector showed an empty page".to_owned(),
            (title, text) => format!("the connector showed a page titled `{title}`: {text}"),
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what a failed step gives"
)]
fn failed(error: snowproof_browser::BrowserError) -> String {
    error.to_string()
}
