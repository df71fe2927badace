//! The person's browser, of either kind: what is seen in it, and what is done with it.

use std::net::IpAddr;

use reqwest::Url;

use super::by_http::ByHttp;
use super::in_chromium::InChromium;

/// A browser that knows no cookies yet.
pub(super) enum Browser {
    /// Requests, cookies and forms, without a window.
    ByHttp(Box<ByHttp>),
    /// A tab of Chromium.
    InChromium(Box<InChromium>),
}

/// What a person sees after a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A page of the instance.
    Page {
        /// What it is for.
        kind: PageKind,
        /// Its status.
        status: u16,
    },
    /// The browser is sent to somewhere else, and has not gone there yet.
    LeadsAway(Url),
}

/// What a page of the instance is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    /// It asks for a password.
    Login,
    /// It asks for consent.
    Consent,
    /// Something else.
    Other,
}

/// What came of going back to the connector.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arrival {
    /// The connector's status; none where it closed the connection without one.
    pub(super) status: Option<u16>,
    /// What its page shows, by a browser that can tell.
    pub(super) page: Option<String>,
}

impl Arrival {
    /// Its status, in words where there is none.
    pub(super) fn told(&self) -> String {
        self.status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string())
    }
}

/// What is told of a callback where nobody took it.
pub(super) const NOBODY: &str = "nobody listened where the browser went back to";

impl Browser {
    /// Opens a page of the instance, by whatever address it goes.
    pub(super) async fn open(&mut self, url: &Url) -> Result<Seen, String> {
        match self {
            Self::ByHttp(browser) => browser.open(url).await,
            Self::InChromium(browser) => browser.open(url).await,
        }
    }

    /// Fills in the login page that is shown, and submits it.
    pub(super) async fn sign_in(&mut self, user: &str, password: &str) -> Result<Seen, String> {
        match self {
            Self::ByHttp(browser) => browser.sign_in(user, password).await,
            Self::InChromium(browser) => browser.sign_in(user, password).await,
        }
    }

    /// Presses a button of the consent page that is shown.
    pub(super) async fn press(&mut self, label: &str) -> Result<Seen, String> {
        match self {
            Self::ByHttp(browser) => browser.press(label).await,
            Self::InChromium(browser) => browser.press(label).await,
        }
    }

    /// Goes back to the connector. It never leaves this machine.
    pub(super) async fn go_back(&mut self, url: &Url) -> Result<Arrival, String> {
        if !is_of_this_machine(url) {
            return Err("the browser was sent to another machine, and stayed".to_owned());
        }
        match self {
            Self::ByHttp(browser) => browser.go_back(url).await,
            Self::InChromium(browser) => browser.go_back(url).await,
        }
    }

    /// Loads the connector's page again, which came from `url`.
    pub(super) async fn reload(&mut self, url: &Url) -> Result<Arrival, String> {
        match self {
            Self::ByHttp(browser) => browser.go_back(url).await,
            Self::InChromium(browser) => browser.reload().await,
        }
    }
}

/// Whether what a URL names is a loopback address, or the name of one.
pub(super) fn is_of_this_machine(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_browser_does_not_leave_the_machine() {
        let authority =
            snowproof_simulator::connection::certificates::Authority::generate().unwrap();
        let browser = ByHttp::new(authority.ca_pem(), "127.0.0.1:1".parse().unwrap());
        let mut browser = Browser::ByHttp(Box::new(browser.unwrap()));
        for away in [
            "https://app.vendor.example/callback?code=c",
            "http://192.0.2.1/",
            "http://127.0.0.1.vendor.example/",
            "http://localhost.vendor.example/",
            "mailto:somebody",
        ] {
            let url = Url::parse(away).unwrap();
            let told = browser.go_back(&url).await.unwrap_err();
            assert!(told.contains("another machine"), "{away}: {told}");
        }
        for here in [
            "http://127.0.0.1:1/cb",
            "http://[::1]:1/cb",
            "http://LOCALHOST:1/cb",
        ] {
            assert!(is_of_this_machine(&Url::parse(here).unwrap()), "{here}");
        }
    }
}
