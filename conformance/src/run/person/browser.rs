//! A browser without a window: cookies, redirects, forms.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Certificate, RequestBuilder, Url, redirect};

/// Redirects that are followed in a row.
const MOST_REDIRECTS: usize = 10;
/// The longest that a page may take.
const PAGE_WITHIN: Duration = Duration::from_secs(10);

/// See the module.
pub(super) struct Browser {
    http: reqwest::Client,
    /// Scheme, host and port of the instance, as this browser knows it.
    instance: Url,
    cookies: BTreeMap<String, String>,
}

/// What a navigation ends with.
pub(super) enum Page {
    /// A page of the instance.
    Shown {
        /// Its status.
        status: u16,
        /// Its text.
        text: String,
    },
    /// A redirect to somewhere else, not yet followed.
    LeadsAway(Url),
}

impl Browser {
    pub(super) fn new(authority: &str, instance: SocketAddr) -> Result<Self, String> {
        let why = |error: &dyn std::fmt::Display| format!("the browser did not start: {error}");
        let authority = Certificate::from_pem(authority.as_bytes()).map_err(|error| why(&error))?;
        let http = reqwest::Client::builder()
            .tls_certs_only([authority])
            .redirect(redirect::Policy::none())
            .timeout(PAGE_WITHIN)
            .no_proxy()
            .build()
            .map_err(|error| why(&error))?;
        let instance = Url::parse(&format!("https://{instance}/")).map_err(|error| why(&error))?;
        Ok(Self {
            http,
            instance,
            cookies: BTreeMap::new(),
        })
    }

    /// Opens a page of the instance, by whatever address it goes.
    pub(super) async fn open(&mut self, url: &Url) -> Result<Page, String> {
        let mut here = self.instance.clone();
        here.set_path(url.path());
        here.set_query(url.query());
        let request = self.http.get(here.clone());
        self.navigate(request, here).await
    }

    /// Submits a form of the page.
    pub(super) async fn submit(
        &mut self,
        action: &str,
        fields: &[(String, String)],
    ) -> Result<Page, String> {
        let here = self
            .instance
            .join(action)
            .map_err(|error| format!("the form leads nowhere: {error}"))?;
        let body = Url::parse_with_params("http://form.invalid/", fields)
            .ok()
            .and_then(|url| url.query().map(str::to_owned))
            .unwrap_or_default();
        let request = self
            .http
            .post(here.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        self.navigate(request, here).await
    }

    /// Opens a page of the connector; its status, where it is answered at all. It never leaves this
    /// machine.
    pub(super) async fn visit(&self, url: &Url) -> Result<Option<u16>, String> {
        if !is_of_this_machine(url) {
            return Err("the browser was sent to another machine, and stayed".to_owned());
        }
        match self.http.get(url.clone()).send().await {
            Ok(answer) => Ok(Some(answer.status().as_u16())),
            Err(error) if error.is_connect() => {
                Err("nobody listened where the browser went back to".to_owned())
            }
            Err(_) => Ok(None),
        }
    }

    async fn navigate(&mut self, mut request: RequestBuilder, mut at: Url) -> Result<Page, String> {
        for _ in 0..MOST_REDIRECTS {
            if !self.cookies.is_empty() {
                let pairs: Vec<String> = self
                    .cookies
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                request = request.header(COOKIE, pairs.join("; "));
            }
            let answer = request
                .send()
                .await
                .map_err(|error| format!("the page did not come: {}", error.without_url()))?;
            for cookie in answer.headers().get_all(SET_COOKIE) {
                self.keep(cookie.to_str().unwrap_or_default());
            }
            let status = answer.status().as_u16();
            let target = answer
                .headers()
                .get(LOCATION)
                .and_then(|target| target.to_str().ok());
            let Some(target) = target.filter(|_| (300..400).contains(&status)) else {
                let text = answer
                    .text()
                    .await
                    .map_err(|error| format!("the page broke off: {}", error.without_url()))?;
                return Ok(Page::Shown { status, text });
            };
            at = at
                .join(target)
                .map_err(|error| format!("the redirect leads nowhere: {error}"))?;
            if at.origin() != self.instance.origin() {
                return Ok(Page::LeadsAway(at));
            }
            request = self.http.get(at.clone());
        }
        Err("the redirects came to no end".to_owned())
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let Some((name, value)) = pair.split_once('=') else {
            return;
        };
        let gone = value.is_empty()
            || attributes
                .split(';')
                .any(|attribute| attribute.trim().eq_ignore_ascii_case("max-age=0"));
        if gone {
            self.cookies.remove(name.trim());
        } else {
            self.cookies
                .insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

/// Whether what a URL names is a loopback address, or the name of one.
fn is_of_this_machine(url: &Url) -> bool {
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
        let browser = Browser::new(authority.ca_pem(), "127.0.0.1:1".parse().unwrap()).unwrap();
        for away in [
            "https://app.vendor.example/callback?code=c",
            "http://192.0.2.1/",
            "http://127.0.0.1.vendor.example/",
            "http://localhost.vendor.example/",
            "mailto:somebody",
        ] {
            let told = browser.visit(&Url::parse(away).unwrap()).await.unwrap_err();
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

    #[tokio::test]
    async fn a_page_that_does_not_come_is_told_without_its_url() {
        let authority =
            snowproof_simulator::connection::certificates::Authority::generate().unwrap();
        let nobody = "127.0.0.1:1".parse().unwrap();
        let mut browser = Browser::new(authority.ca_pem(), nobody).unwrap();
        let url = Url::parse("https://i.example/oauth_auth.do?state=hidden").unwrap();
        let Err(told) = browser.open(&url).await else {
            panic!("a page came")
        };
        assert!(
            !told.contains("hidden") && !told.contains("oauth_auth"),
            "{told}"
        );
    }

    #[test]
    fn cookies_are_kept_until_they_are_taken_back() {
        let authority =
            snowproof_simulator::connection::certificates::Authority::generate().unwrap();
        let address = "127.0.0.1:1".parse().unwrap();
        let mut browser = Browser::new(authority.ca_pem(), address).unwrap();
        browser.keep("JSESSIONID=A; Path=/; HttpOnly");
        browser.keep("glide_user=x; Path=/");
        browser.keep("glide_user=; Max-Age=0; Path=/");
        browser.keep("nonsense");
        assert_eq!(
            browser.cookies,
            [("JSESSIONID".to_owned(), "A".to_owned())].into()
        );
    }
}
