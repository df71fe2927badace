//! The contract of a stage: it decides and does not act.
//!
//! A stage is a function of the exchange, the facts so far, the compiled policy, the instance's
//! conditions, the counters and the time. It does not sleep, does no IO, reads no clock, uses no
//! randomness and does not write the journal.

use std::time::Duration;

use http::{HeaderMap, Method};

use super::admission::{Admission, Permit, Proof, Session, Ticket, Token, session_id};
use crate::api::Target;
use crate::clock::Now;
use crate::journal::{Caller, Condition};
use crate::policy::{Identity, Policy, User};
use crate::reply::Reply;
use crate::setup::{
    ExpectContinue, Gateway, HeadPlace, InstanceState, MutualTls, PlainHttp, RedirectStatus,
    RedirectTo, StreamReason, Switches,
};

/// A request as the stages see it.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// Counts requests of the simulator from 1.
    pub request: u64,
    /// Method.
    pub method: &'a Method,
    /// Path, percent-encoded as sent.
    pub path: &'a str,
    /// Query, percent-encoded as sent, without the question mark.
    pub query: &'a str,
    /// Headers as sent.
    pub headers: &'a HeaderMap,
    /// Whose listener it arrived on.
    pub caller: Caller,
    /// Whether it came over TLS.
    pub over_tls: bool,
    /// The address its connection comes from.
    pub peer: core::net::IpAddr,
    /// The client certificate of its connection.
    pub client_certificate: &'a ClientCertificate,
    /// The API and table it names.
    pub target: &'a Target,
    /// Body, whole; empty where it is too large to be read.
    pub body: &'a [u8],
    /// Whether its header section is larger than an instance reads; what was too much is missing.
    pub oversize_headers: bool,
    /// When it arrived.
    pub now: Now,
}

/// The client certificate of a connection, as the edge sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ClientCertificate {
    /// None was asked for, or none was shown.
    #[default]
    None,
    /// The edge can verify it.
    Accepted {
        /// SHA-256 of the certificate, in hexadecimal.
        fingerprint: String,
    },
    /// The edge cannot.
    Refused {
        /// Why, in our words.
        why: String,
    },
}

/// What a stage may look at besides the exchange.
#[derive(Debug)]
pub struct View<'a> {
    /// Users, roles, access controls, rate rules; immutable.
    pub policy: &'a Policy,
    /// Whether the instance is awake.
    pub state: InstanceState,
    /// What a port without TLS does.
    pub plain_http: PlainHttp,
    /// Whether the edge asks for a client certificate.
    pub mutual_tls: MutualTls,
    /// The gateway before the instance, if there is one.
    pub gateway: Option<&'a Gateway>,
    /// Port on which the instance speaks TLS, once it listens.
    pub tls_port: Option<u16>,
    /// Wordings and behaviours on which facts disagree.
    pub switches: &'a Switches,
    /// Where the edge sends requests on to, if it does.
    pub sends_on: Option<SentOn>,
    /// The developer site of the set-up, if there is one.
    pub developer_site: Option<&'a Neighbour>,
    /// What the edge does with `Expect: 100-continue`.
    pub expect_continue: ExpectContinue,
    /// What counts and must hold; each call decides and counts in one step.
    pub admission: &'a Admission,
}

/// Where requests are sent on to, and what there is to lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentOn {
    /// Where to.
    pub to: RedirectTo,
    /// With which status.
    pub status: RedirectStatus,
    /// The other instance, where there is one.
    pub neighbour: Option<Neighbour>,
    /// Port on which the instance speaks HTTP without TLS, where it does.
    pub plain_port: Option<u16>,
}

/// Another instance of the same set-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name in the set-up.
    pub name: String,
    /// Its host name.
    pub host: String,
    /// Port on which it speaks TLS.
    pub tls_port: u16,
    /// What it is, as it was set up.
    pub state: InstanceState,
}

impl<'a> View<'a> {
    /// The session that the request's cookie names, while it lasts, whether or not it is somebody's.
    #[must_use]
    pub fn visit(&self, exchange: &Exchange<'_>) -> Option<Session> {
        let id = session_id(exchange.headers)?;
        let lifetime = self.switches.session_lifetime().effective;
        self.admission.sessions.find(id, lifetime, exchange.now)
    }

    /// The session that the request's cookie names and its user, while it lasts and is somebody's.
    #[must_use]
    pub fn session(&self, exchange: &Exchange<'_>) -> Option<(Session, &'a User)> {
        let session = self.visit(exchange)?;
        let holder = session.holder.as_ref()?;
        let tokens = &self.admission.tokens;
        let ends_with = holder
            .proof
            .token()
            .filter(|_| self.policy.sessions_end_with_tokens());
        if ends_with.is_some_and(|token| tokens.ended(token, exchange.now).is_some()) {
            return None;
        }
        let user = self.policy.user(&holder.user_name)?;
        Some((session, user))
    }
}

/// What the stages found out about an exchange, each adding to what came before.
#[derive(Debug, Default)]
pub struct Facts {
    /// Made by `authentication` only: proof that credentials were accepted.
    pub identity: Option<Identity>,
    /// Made by `authentication` only: whether a session's cookie stood in for credentials.
    pub by_session: bool,
    /// Made by `authentication` only: what showed who calls; a session's own where its cookie stood
    /// in for credentials.
    pub proof: Option<Proof>,
    /// Made by `authentication` only: the access token that was shown, alive or not.
    pub token: Option<Token>,
    /// Made by `user_interface` only: whether a page was asked for within a session.
    pub in_session: bool,
    /// Made by `authorization` only: what the identity may do with the target's table.
    pub access: Option<crate::policy::Access>,
}

/// What a stage decided.
#[derive(Debug)]
pub enum Decision {
    /// The next stage decides.
    Pass {
        /// Headers that ride along on whatever is answered, such as `X-RateLimit-Limit`.
        headers: HeaderMap,
        /// Held until the exchange ends.
        permit: Option<Permit>,
    },
    /// It waits for its turn; the next stage decides when that has come.
    Queue(Queued),
    /// This is the answer.
    Answer {
        /// What is answered.
        reply: Box<Reply>,
        /// How long it is held back first.
        after: Duration,
    },
    /// There is no answer, or not a whole one.
    HangUp {
        /// What happens to the bytes.
        plan: HangUpPlan,
        /// How long it is held back first.
        after: Duration,
        /// The condition it follows from.
        condition: Condition,
        /// Why, in our words.
        reason: String,
    },
}

/// A place in a queue, and what becomes of who stands in it for too long.
#[derive(Debug)]
pub struct Queued {
    /// The place.
    pub ticket: Ticket,
    /// How long it is kept at most, and what is answered then; for ever where there is none.
    pub overdue: Option<(Duration, Box<Reply>)>,
}

impl Decision {
    /// Passes with nothing to add.
    #[must_use]
    pub fn pass() -> Self {
        Self::Pass {
            headers: HeaderMap::new(),
            permit: None,
        }
    }

    /// Answers at once.
    #[must_use]
    pub fn answer(reply: Reply) -> Self {
        Self::Answer {
            reply: Box::new(reply),
            after: Duration::ZERO,
        }
    }
}

/// What happens to the bytes of an answer; carried out by `connection::faulty_io`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HangUpPlan {
    /// Bytes of the body that still leave; `None` means that not even the status line does.
    pub after_body_bytes: Option<u64>,
    /// In place of bytes of the body: the part of the head that still leaves.
    pub within: Option<HeadPlace>,
    /// What follows them.
    pub then: Ending,
}

impl HangUpPlan {
    /// Whether a whole status line leaves.
    #[must_use]
    pub fn sends_status(&self) -> bool {
        match self.within {
            Some(place) => place == HeadPlace::Header,
            None => self.after_body_bytes.is_some(),
        }
    }
}

/// How an unfinished answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The connection stays open and nothing more is sent.
    Silence,
    /// TCP RST.
    Reset,
    /// TCP FIN, without TLS close_notify.
    Close,
    /// `RST_STREAM` of HTTP/2.
    ResetStream(StreamReason),
    /// `GOAWAY` of HTTP/2.
    GoAway(StreamReason),
}

/// One stage of the pipeline.
pub trait Stage: std::fmt::Debug + Sync {
    /// Its name in the journal.
    fn name(&self) -> &'static str;

    /// Decides about one exchange. Facts are added on `Pass`, and where the answer itself follows from
    /// them: a login, and a page within a session.
    fn decide(&self, exchange: &Exchange<'_>, facts: &mut Facts, view: &View<'_>) -> Decision;
}
