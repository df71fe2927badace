//! What is known of an instance that is not there, state by state.

use super::Fidelity;
use crate::journal::Condition;

/// What is known about the answer that follows from such a condition.
pub(super) const fn of(condition: Condition) -> Fidelity {
    match condition {
        Condition::Hibernating => Fidelity {
            wire: "200 text/html `Instance Hibernating page` on every path and method, bare edge headers, credentials not looked at",
            source: "wire-failures 6.1",
            assumed: Some(
                "the markup between the observed title, heading, sentence and button, and the second paragraph",
            ),
        },
        Condition::NoInstance => Fidelity {
            wire: "404 text/html of the edge on every path and method, bare edge headers, credentials not looked at",
            source: "wire-failures 6.2, Troubleshooting Connection Issues (404 Not Found)",
            assumed: Some(
                "that the edge answers for a name it does not know, and the markup of its page; the name may as well not resolve",
            ),
        },
        Condition::Waking => Fidelity {
            wire: "200 (or 503) text/html `Your instance is currently offline` on every path, bare edge headers",
            source: "wire-failures 6.1 and 6.2",
            assumed: Some(
                "the status, the title, and the markup around the documented heading and the five minutes",
            ),
        },
        Condition::Down => Fidelity {
            wire: "503 text/html in the edge's own skeleton on every path, `Retry-After` where the instance states one",
            source: "wire-failures 6.2, REST API HTTP response codes",
            assumed: Some("the words of the page, and when a `Retry-After` is sent"),
        },
        Condition::Restarting => Fidelity {
            wire: "502 text/html in the edge's own skeleton on every path",
            source: "wire-failures 6.2, wire-core 2.1",
            assumed: Some("the words of the page"),
        },
        Condition::Overloaded => Fidelity {
            wire: "504 text/html in the edge's own skeleton on every path; 500 where a query outlasts what the edge waits",
            source: "wire-failures 3, 5.3 and 6.2",
            assumed: Some(
                "the status 504 (for the edge's cut after five minutes 500 is documented), the words of the pages, and that 504 comes at once",
            ),
        },
        Condition::Maintenance => Fidelity {
            wire: "502, 503, a reset connection and good answers in turn; in a window, while each node is upgraded",
            source: "wire-failures 6.2, KB0678054",
            assumed: Some(
                "in which proportions and in which order a caller meets them, and that a window upgrades three nodes, each failing for half of its share",
            ),
        },
        Condition::LoginPage => Fidelity {
            wire: "200 text/html with a form that posts `user_name` and `user_password` to `/login.do`, or 302 to it",
            source: "wire-failures 7, wire-core 4.10 and 6",
            assumed: Some(
                "that it answers calls of the API too, that Basic credentials open no page, the markup around the form, and its `X-Is-Logged-In: false`",
            ),
        },
        Condition::FailingOver => Fidelity {
            wire: "the connection is reset in the place of every answer; every session is lost",
            source: "wire-failures 6.2, KB0533085",
            assumed: Some(
                "that connections come about and are reset: unreachable for minutes is all that is told",
            ),
        },
        Condition::AnotherSite => Fidelity {
            wire: "200 text/html on every path and method, without a header of the edge: the page of the developer site, or a login form of an identity provider; whoever signs in to the developer site wakes the instances that hibernate",
            source: "wire-failures 6.1 and 7",
            assumed: Some("the pages, their headers, their forms and their paths"),
        },
        Condition::SessionLost => Fidelity {
            wire: "401 `User Not Authenticated` and `X-Is-Logged-In: false`, with the cookie of a new session",
            source: "wire-core 2.2 and 4.11; failure catalogue, inst-session-lost",
            assumed: Some(
                "that an instance can refuse right credentials beside such a cookie, which the switch `lost_session` chooses",
            ),
        },
        // The table that asks names the conditions above alone.
        _ => Fidelity {
            wire: "",
            source: "",
            assumed: None,
        },
    }
}
