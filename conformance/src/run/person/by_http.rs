//! A browser without a window: cookies, redirects, forms.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Certificate, RequestBuilder, Url, redirect};

use super::browser::{Arrival, NOBODY, PageKind, Seen};
use super::form::{Form, forms};

/// Redirects that are followed in a row.
const MOST_REDIRECTS: usize = 10;
/// The longest that a page may take.
const PAGE_WITHIN: Duration = Duration::from_secs(10);

/// See the module.
pub(super) struct ByHttp {
    http: reqwest::Client,
    /// Scheme, host and port of the instance, as this browser knows it.
    instance: Url,
    cookies: BTreeMap<String, String>,
    /// Those of the page that is shown.
    forms: Vec<Form>,
}

/// The field of the login page that a password is typed into.
const PASSWORD: &str = "user_password";

impl ByHttp {
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
            forms: Vec::new(),
        })
    }

    pub(super) async fn open(&mut self, url: &Url) -> Result<Seen, String> {
        let mut here = self.instance.clone();
        here.set_path(url.path());
        here.set_query(url.query());
        let request = self.http.get(here.clone());
        self.navigate(request, here).await
    }

    pub(super) async fn sign_in(&mut self, user: &str, password: &str) -> Result<Seen, String> {
        let login = self.forms.iter().find(|form| form.has(PASSWORD));
        let login = login.ok_or("the page has no login")?;
        let filled = login.filled(&[("user_name", user), (PASSWORD, password)]);
        let action = login.action.clone();
        self.submit(&action, &filled).await
    }

    pub(super) async fn press(&mut self, label: &str) -> Result<Seen, String> {
        let mut choices = self.forms.iter();
        let chosen = choices.find_map(|form| Some((form, form.button(label)?)));
        let (form, button) = chosen.ok_or_else(|| format!("the page has no button `{label}`"))?;
        let (action, pressed) = (form.action.clone(), form.pressed(button));
        self.submit(&action, &pressed).await
    }

    pub(super) async fn go_back(&self, url: &Url) -> Result<Arrival, String> {
        match self.http.get(url.clone()).send().await {
            Ok(answer) => Ok(Arrival {
                status: Some(answer.status().as_u16()),
                page: None,
            }),
            Err(error) if error.is_connect() => Err(NOBODY.to_owned()),
            Err(_) => Ok(Arrival::default()),
        }
    }

    /// Submits a form of the page.
    async fn submit(&mut self, action: &str, fields: &[(String, String)]) -> Result<Seen, String> {
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

    async fn navigate(&mut self, mut request: RequestBuilder, mut at: Url) -> Result<Seen, String> {
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
                self.forms = forms(&text);
                let kind = self.kind();
                return Ok(Seen::Page { kind, status });
            };
            at = at
                .join(target)
                .map_err(|error| format!("the redirect leads nowhere: {error}"))?;
            if at.origin() != self.instance.origin() {
                return Ok(Seen::LeadsAway(at));
            }
            request = self.http.get(at.clone());
        }
        Err("the redirects came to no end".to_owned())
    }

    /// What the page that is shown is for.
    fn kind(&self) -> PageKind {
        let mut forms = self.forms.iter();
        if forms.any(|form| form.has(PASSWORD)) {
            PageKind::Login
        } else if self.forms.iter().any(|form| form.button("Allow").is_some()) {
            PageKind::Consent
        } else {
            PageKind::Other
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_that_does_not_come_is_told_without_its_url() {
        let authority =
            snowproof_simulator::connection::certificates::Authority::generate().unwrap();
        let nobody = "127.0.0.1:1".parse().unwrap();
        let mut browser = ByHttp::new(authority.ca_pem(), nobody).unwrap();
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
        let mut browser = ByHttp::new(authority.ca_pem(), address).unwrap();
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
