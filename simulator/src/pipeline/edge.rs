//! The edge: the load balancer in front of an instance. It looks at no credentials, so that what
//! it answers is the same for every path, method and password.
//!
//! Which page stands for which state is decided here; the pages are in `page`. A request line of
//! more than 8192 bytes is answered 414 with HTML (wire-core 1.6), a header section that is too large
//! 400 with the page of the application server (wire-failures 4.19); the words around them, and that
//! TRACE and CONNECT are 405, are *assumed*.

use std::time::Duration;

use http::header::{CONNECTION, EXPECT};
use http::{HeaderValue, Method, StatusCode};

use super::address;
use super::stage::{ClientCertificate, Decision, Ending, Exchange, Facts, HangUpPlan, Stage, View};
use crate::journal::Condition;
use crate::pages::{Frame, Login};
use crate::reply::Reply;
use crate::setup::{ExpectContinue, HibernationAnswer, InstanceState, MutualTls, OfflineStatus};

mod developer_site;
mod page;

/// Bytes of path, question mark and query that the edge accepts: 8182 were seen to pass and 8347 to
/// be refused (wire-core 1.6); that the target is what counts is *assumed*.
const LONGEST_TARGET: usize = 8192;

#[derive(Debug)]
pub(super) struct Edge;

/// The edge's own answer to what takes longer than it waits (wire-failures 5.3).
pub(crate) fn outlasted(reason: &str) -> Reply {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    page::bare(status, page::OUTLASTED, Condition::Overloaded, reason)
}

impl Stage for Edge {
    fn name(&self) -> &'static str {
        "edge"
    }

    fn decide(&self, exchange: &Exchange<'_>, _: &mut Facts, view: &View<'_>) -> Decision {
        if let Some(refused) = client_certificate(exchange, view) {
            return refused;
        }
        match view.state {
            InstanceState::Awake => awake(exchange, view),
            InstanceState::Hibernating => hibernating(exchange, view),
            InstanceState::Waking => waking(exchange, view),
            InstanceState::Down => unavailable(exchange, view, Condition::Down),
            InstanceState::Restarting => Decision::answer(page::bare(
                StatusCode::BAD_GATEWAY,
                page::BAD_GATEWAY,
                Condition::Restarting,
                "the node behind the edge restarts",
            )),
            InstanceState::Absent => Decision::answer(page::bare(
                StatusCode::NOT_FOUND,
                page::NO_INSTANCE,
                Condition::NoInstance,
                "no instance of this name",
            )),
            InstanceState::Overloaded => Decision::answer(page::bare(
                StatusCode::GATEWAY_TIMEOUT,
                page::GATEWAY_TIMEOUT,
                Condition::Overloaded,
                "the application is slower than the edge waits",
            )),
            InstanceState::Maintenance => maintenance(exchange, view),
            InstanceState::FailingOver => failing_over(),
            InstanceState::DeveloperSite => developer_site::decide(exchange, view),
            InstanceState::IdentityProvider => Decision::answer(page::of_site(
                page::IDENTITY_PROVIDER,
                "this is an identity provider",
            )),
            // That it stands in front of the API too is *assumed*.
            InstanceState::LoginPage => Decision::answer(Login::default().reply(
                Frame::of(exchange.headers),
                "the caller is taken for a browser without a session",
            )),
        }
    }
}

/// The edge shakes hands first, so that its word on the certificate comes before everything else.
fn client_certificate(exchange: &Exchange<'_>, view: &View<'_>) -> Option<Decision> {
    let nobody = matches!(
        view.state,
        InstanceState::Absent | InstanceState::FailingOver
    );
    if nobody || view.state.is_another_site() {
        return None;
    }
    let (page, reason) = match (view.mutual_tls, exchange.client_certificate) {
        (MutualTls::Asks | MutualTls::Requires, ClientCertificate::Refused { why }) => (
            page::CERTIFICATE_ERROR,
            format!("the edge cannot verify the client certificate: {why}"),
        ),
        (MutualTls::Requires, ClientCertificate::None) if exchange.over_tls => (
            page::NO_CERTIFICATE,
            "no client certificate was shown".to_owned(),
        ),
        _ => return None,
    };
    let condition = Condition::ClientCertificateRefused;
    Some(closing(page::bare(
        StatusCode::BAD_REQUEST,
        page,
        condition,
        &reason,
    )))
}

fn awake(exchange: &Exchange<'_>, view: &View<'_>) -> Decision {
    let query = match exchange.query {
        "" => 0,
        query => query.len() + 1,
    };
    if exchange.path.len() + query > LONGEST_TARGET {
        return closing(page::bare(
            StatusCode::URI_TOO_LONG,
            page::URI_TOO_LONG,
            Condition::RequestTooLong,
            "the request line is longer than 8192 bytes",
        ));
    }
    let largest = view.switches.largest_head;
    if exchange.oversize_headers || largest.is_some_and(|largest| head(exchange) > largest) {
        return closing(page::headers_too_large());
    }
    if view.expect_continue == ExpectContinue::Refused && exchange.headers.contains_key(EXPECT) {
        return closing(page::bare(
            StatusCode::EXPECTATION_FAILED,
            page::EXPECT_FAILED,
            Condition::ContinueRefused,
            "the edge answers no `Expect`",
        ));
    }
    // What is not for an instance goes no further (*assumed*).
    if matches!(*exchange.method, Method::TRACE | Method::CONNECT) {
        return closing(page::bare(
            StatusCode::METHOD_NOT_ALLOWED,
            page::NOT_ALLOWED,
            Condition::InvalidRequest,
            "the edge allows no such method",
        ));
    }
    Decision::pass()
}

/// Bytes of the request's head: its line, its headers and the ends of their lines.
fn head(exchange: &Exchange<'_>) -> u32 {
    let query = exchange.query.len() + usize::from(!exchange.query.is_empty());
    let line = exchange.method.as_str().len() + exchange.path.len() + query + "  HTTP/1.1".len();
    let headers = exchange.headers.iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    u32::try_from(line + "\r\n\r\n".len() + headers.sum::<usize>()).unwrap_or(u32::MAX)
}

/// What could not be read as a request leaves nothing to go on with.
fn closing(mut reply: Reply) -> Decision {
    let close = HeaderValue::from_static("close");
    reply.headers.insert(CONNECTION, close);
    Decision::answer(reply)
}

fn hibernating(exchange: &Exchange<'_>, view: &View<'_>) -> Decision {
    let site = view.developer_site;
    let site = site.map(|site| address::of_another(address::host(exchange), site));
    Decision::answer(match view.switches.hibernation.unwrap_or_default() {
        HibernationAnswer::Page => page::hibernating(site.as_deref()),
        HibernationAnswer::Redirect => page::to_developer_site(site.as_deref()),
    })
}

fn waking(exchange: &Exchange<'_>, view: &View<'_>) -> Decision {
    let status = match view.switches.offline_status.unwrap_or_default() {
        OfflineStatus::Ok => StatusCode::OK,
        OfflineStatus::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut reply = page::bare(
        status,
        page::OFFLINE,
        Condition::Waking,
        "the instance is waking up",
    );
    if status == StatusCode::SERVICE_UNAVAILABLE {
        page::state_wait(&mut reply, exchange.now, view);
    }
    Decision::answer(reply)
}

fn unavailable(exchange: &Exchange<'_>, view: &View<'_>, condition: Condition) -> Decision {
    let mut reply = page::bare(
        StatusCode::SERVICE_UNAVAILABLE,
        page::UNAVAILABLE,
        condition,
        "no node serves the instance",
    );
    page::state_wait(&mut reply, exchange.now, view);
    Decision::answer(reply)
}

/// Nodes are upgraded one by one (wire-failures 6.2). In which proportions a caller meets them is
/// *assumed*: the number of the request decides, so that a run can be repeated.
fn maintenance(exchange: &Exchange<'_>, view: &View<'_>) -> Decision {
    match exchange.request % 4 {
        0 => awake(exchange, view),
        1 => Decision::answer(page::bare(
            StatusCode::BAD_GATEWAY,
            page::BAD_GATEWAY,
            Condition::Maintenance,
            "the node that was asked is being upgraded",
        )),
        2 => unavailable(exchange, view, Condition::Maintenance),
        _ => reset(
            Condition::HungUp,
            "the node that was asked goes down for its upgrade",
        ),
    }
}

/// Out of reach for minutes (wire-failures 6.2); that connections come about and are reset is
/// *assumed*.
fn failing_over() -> Decision {
    reset(
        Condition::FailingOver,
        "the instance is on its way to another data centre",
    )
}

fn reset(condition: Condition, reason: &str) -> Decision {
    Decision::HangUp {
        plan: HangUpPlan {
            after_body_bytes: None,
            within: None,
            then: Ending::Reset,
        },
        after: Duration::ZERO,
        condition,
        reason: reason.to_owned(),
    }
}
