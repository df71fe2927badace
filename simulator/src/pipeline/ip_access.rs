//! IP address access control: from which addresses an instance may be called.
//!
//! A denied caller is answered 403 with an HTML page before it is asked who it is, and uses no
//! session (wire-failures 4.15, part III). Allowing beats denying, and every address that
//! `X-Forwarded-For` names is tested as well as the caller's own. Connectors' own guides describe a
//! timeout in place of the 403: the switch `ip_refusal` chooses. The words of the page are
//! *assumed*; so is that the silence begins after the handshake, which is as close as a listener
//! comes to packets that are dropped.

use core::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, SERVER, STRICT_TRANSPORT_SECURITY};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::stage::{Decision, Ending, Exchange, Facts, HangUpPlan, Stage, View};
use crate::journal::Condition;
use crate::reply::{Origin, Reply};
use crate::setup::IpRefusal;

const FORWARDED: &str = "x-forwarded-for";

const FORBIDDEN: &str = "<html>\n<head><title>403 Forbidden</title></head>\n<body>\n<center><h1>403 Forbidden</h1></center>\n<hr><center>snow_adc</center>\n</body>\n</html>\n";

#[derive(Debug)]
pub(super) struct IpAccess;

impl Stage for IpAccess {
    fn name(&self) -> &'static str {
        "ip_access"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        let denied = std::iter::once(exchange.peer)
            .chain(forwarded(exchange.headers))
            .find(|address| view.policy.address_denied(*address));
        let Some(address) = denied else {
            return Decision::pass();
        };
        let reason = format!("IP address access control denies `{address}`");
        match view.switches.ip_refusal.unwrap_or_default() {
            IpRefusal::Forbidden => Decision::answer(page(reason)),
            IpRefusal::Silence => Decision::HangUp {
                plan: HangUpPlan {
                    after_body_bytes: None,
                    within: None,
                    then: Ending::Silence,
                },
                after: Duration::ZERO,
                condition: Condition::AddressBlocked,
                reason,
            },
        }
    }
}

/// The addresses that proxies on the way say they forward for; what is no address is left out.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = IpAddr> + '_ {
    headers
        .get_all(FORWARDED)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(|address| address.trim().parse().ok())
}

fn page(reason: String) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert(SERVER, HeaderValue::from_static("snow_adc"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    headers.insert(
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=63072000; includeSubDomains"),
    );
    Reply {
        status: StatusCode::FORBIDDEN,
        headers,
        body: Bytes::from_static(FORBIDDEN.as_bytes()),
        origin: Origin::Edge,
        condition: Some(Condition::AddressBlocked),
        reason,
        served: None,
        served_in_batch: Vec::new(),
        refused_until: None,
        unmodelled: Vec::new(),
        token_call: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forwarded_address_is_read() {
        let mut headers = HeaderMap::new();
        headers.append(
            FORWARDED,
            HeaderValue::from_static("198.51.100.7, unknown,10.0.0.1"),
        );
        headers.append(FORWARDED, HeaderValue::from_static("2001:db8::1"));
        let read: Vec<String> = forwarded(&headers).map(|ip| ip.to_string()).collect();
        assert_eq!(read, ["198.51.100.7", "10.0.0.1", "2001:db8::1"]);
    }
}
