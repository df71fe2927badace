//! What a token request says: a form, parameters of the URL where they are read, and client
//! credentials in the `Authorization` header.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method};

use super::errors::Refused;
use crate::api::query_string::Parameters;
use crate::journal::Condition;
use crate::pages::LARGEST_FORM;
use crate::pipeline::stage::{Exchange, View};

/// Bytes of a URL's parameters that are read.
const LARGEST_QUERY: usize = 8 * 1024;

const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters of a token request. Values are secrets: it has no debug output.
pub(super) struct Asked<'a> {
    form: Parameters<'a>,
    url: Option<Parameters<'a>>,
    basic: Option<(String, String)>,
}

impl<'a> Asked<'a> {
    /// Reads a request. `body` is that of the exchange, as text.
    pub(super) fn read(
        exchange: &Exchange<'a>,
        view: &View<'_>,
        body: &'a str,
    ) -> Result<Self, Refused> {
        if body.len() > LARGEST_FORM || exchange.query.len() > LARGEST_QUERY {
            return Err(Refused::invalid_request("the form is too large"));
        }
        let is_form = content_type(exchange.headers).is_none_or(|kind| kind == FORM);
        let form = if is_form && *exchange.method == Method::POST {
            body
        } else {
            ""
        };
        let read_url = !view.policy.takes_token_parameters_in_bodies_alone();
        let asked = Self {
            form: Parameters::read(form),
            url: read_url.then(|| Parameters::read(exchange.query)),
            basic: basic(exchange.headers),
        };
        if asked.value("grant_type").is_some() {
            return Ok(asked);
        }
        if !read_url
            && Parameters::read(exchange.query)
                .value("grant_type")
                .is_some()
        {
            return Err(Refused::access_denied(
                Condition::ParametersInUrl,
                "parameters of the URL are not read",
            ));
        }
        Err(Refused::invalid_request(if is_form {
            "no `grant_type`"
        } else {
            "the body is no form"
        }))
    }

    /// The value of a parameter, unless it is empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let in_url = || self.url.as_ref().and_then(|url| url.value(name));
        let value = self.form.value(name).or_else(in_url);
        value.filter(|value| !value.is_empty())
    }

    /// Client id and secret: those of the form, or of the `Authorization` header, as `ServiceNow`'s
    /// own `PySNC` sends them.
    pub(super) fn client(&self) -> (Option<&str>, Option<&str>) {
        let basic = self.basic.as_ref();
        let id = self.value("client_id");
        let id = id.or_else(|| basic.map(|(id, _)| id.as_str()));
        let secret = self.value("client_secret");
        let secret = secret.or_else(|| basic.map(|(_, secret)| secret.as_str()));
        (id, secret)
    }

    /// Names of the parameters that were read from the URL.
    pub(super) fn in_url(&self) -> Vec<String> {
        let url = self.url.iter().flat_map(Parameters::iter);
        let names = url.filter(|(_, value)| !value.is_empty());
        names.map(|(name, _)| name.to_owned()).collect()
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let bare = kind.split(';').next().unwrap_or(kind);
    Some(bare.trim().to_ascii_lowercase())
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, payload) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(payload.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
