//! The pipeline: the order in which a request meets the layers of an instance.
//!
//! The earliest layer wins (wire-failures, part III): a hibernating instance answers 200 HTML even
//! to a wrong password; rate limits count per user, so they come after authentication; that a
//! rule's window counts before access controls decide is *assumed* there.

use http::HeaderMap;

use crate::journal::Condition;
use crate::reply::Reply;

mod access_policy;
mod address;
pub mod admission;
pub(crate) mod authentication;
pub(crate) mod authorization;
mod credentials;
mod edge;
mod gateway;
mod https_only;
mod ip_access;
mod oauth_scope;
mod rate_limit;
mod redirects;
mod semaphore;
mod session_queue;
pub mod stage;
mod unauthenticated;
mod user_interface;

use admission::Permit;
use stage::{Decision, Exchange, Facts, HangUpPlan, Queued, Stage, View};

/// The stages in the order in which a request meets them.
pub const ORDER: [&dyn Stage; 13] = [
    &https_only::HttpsOnly,          // over TLS, or sent on to it
    &gateway::Gateway,               // past a gateway of the customer's own
    &redirects::Redirects,           // here, or sent on to somewhere else
    &edge::Edge,                     // awake, or one page for every path
    &ip_access::IpAccess,            // from which addresses
    &user_interface::UserInterface,  // a page for browsers, or an API
    &session_queue::SessionQueue,    // one at a time in a session
    &semaphore::Semaphore,           // room to run
    &access_policy::AccessPolicy,    // by which schemes
    &authentication::Authentication, // who calls
    &oauth_scope::OauthScope,        // whether the token's scope reaches the API
    &rate_limit::RateLimit,          // how often
    &authorization::Authorization,   // what the caller may do with the table
];

pub(crate) use edge::outlasted;

/// What the pipeline made of an exchange.
#[derive(Debug)]
pub struct Ruling {
    /// The stage that decided; `api` when all let it pass.
    pub stage: &'static str,
    /// What is done.
    pub verdict: Verdict,
    /// What the stages found out.
    pub facts: Facts,
    /// Headers that ride along on whatever is answered, by a later stage too.
    pub headers: HeaderMap,
    /// Held until the exchange ends.
    pub permits: Vec<Permit>,
    /// The stage that decides next, where one made the exchange wait.
    next: usize,
}

/// What is done with an exchange.
#[derive(Debug)]
pub enum Verdict {
    /// The API answers.
    Call,
    /// It waits for its turn, and is then resumed.
    Queue(Queued),
    /// This is the answer.
    Answer {
        /// What is answered.
        reply: Box<Reply>,
        /// How long it is held back first.
        after: std::time::Duration,
    },
    /// There is no whole answer.
    HangUp {
        /// What happens to the bytes.
        plan: HangUpPlan,
        /// How long it is held back first.
        after: std::time::Duration,
        /// The condition it follows from.
        condition: Condition,
        /// Why, in our words.
        reason: String,
    },
}

/// Asks each stage in order; the first that does not let the exchange pass decides.
#[must_use]
pub fn run(exchange: &Exchange<'_>, view: &View<'_>) -> Ruling {
    let ruling = Ruling {
        stage: "api",
        verdict: Verdict::Call,
        facts: Facts::default(),
        headers: HeaderMap::new(),
        permits: Vec::new(),
        next: 0,
    };
    go_on(ruling, exchange, view)
}

/// Asks the stages behind the one that made the exchange wait: its turn has come.
#[must_use]
pub fn resume(
    mut ruling: Ruling,
    permit: Permit,
    exchange: &Exchange<'_>,
    view: &View<'_>,
) -> Ruling {
    permit.runs_from(exchange.now);
    ruling.permits.push(permit);
    go_on(ruling, exchange, view)
}

fn go_on(mut ruling: Ruling, exchange: &Exchange<'_>, view: &View<'_>) -> Ruling {
    for stage in &ORDER[ruling.next..] {
        ruling.next += 1;
        match stage.decide(exchange, &mut ruling.facts, view) {
            Decision::Pass { headers, permit } => {
                ruling.headers.extend(headers);
                ruling.permits.extend(permit);
                continue;
            }
            Decision::Queue(queued) => {
                ruling.verdict = Verdict::Queue(queued);
            }
            Decision::Answer { reply, after } => {
                ruling.verdict = Verdict::Answer { reply, after };
            }
            Decision::HangUp {
                plan,
                after,
                condition,
                reason,
            } => {
                ruling.verdict = Verdict::HangUp {
                    plan,
                    after,
                    condition,
                    reason,
                };
            }
        }
        ruling.stage = stage.name();
        return ruling;
    }
    ruling.stage = "api";
    ruling
}

impl Ruling {
    /// The place in the queue, where the exchange is to wait; it is the caller's from here on.
    pub fn take_queued(&mut self) -> Option<Queued> {
        match std::mem::replace(&mut self.verdict, Verdict::Call) {
            Verdict::Queue(queued) => Some(queued),
            other => {
                self.verdict = other;
                None
            }
        }
    }

    /// Ends with this answer, of the stage that made the exchange wait.
    pub fn answer(&mut self, reply: Box<Reply>) {
        self.verdict = Verdict::Answer {
            reply,
            after: std::time::Duration::ZERO,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_an_instance() {
        let names: Vec<_> = ORDER.iter().map(|stage| stage.name()).collect();
        assert_eq!(
            names,
            [
                "https_only",
                "gateway",
                "redirects",
                "edge",
                "ip_access",
                "user_interface",
                "session_queue",
                "semaphore",
                "access_policy",
                "authentication",
                "oauth_scope",
                "rate_limit",
                "authorization"
            ]
        );
    }
}
