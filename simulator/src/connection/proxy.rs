//! The forward proxy: a port of its own, through which any host name leads to an instance.
//!
//! It never dials. What it tunnels goes straight into the serving path of the instance that the
//! host name belongs to, or of the first one, so that every certificate, condition and fault is met
//! as it is without a proxy. A request that is not to be tunnelled (`GET http://host/…`) meets the
//! plain side of the instance, as a proxy would pass it on; so does whatever follows it on the same
//! connection.
//!
//! What the instance's port does with callers, it does with the proxy too: where it is closed, the
//! proxy says that it cannot reach the instance, and where SYNs are dropped, it waits for the
//! instance for as long as its caller waits for it. Which of its refusals a proxy gives for what is
//! *assumed*.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use http::StatusCode;
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::accept::{self, Listening, stopped};
use super::crowd::Crowd;
use super::farewell::{send, send_away, until_caller_leaves};
use super::serve::{self, Site};
use super::socket::Socket;
use super::wire::Wire;
use crate::journal::{Cause, Condition, Connect, Event};
use crate::pipeline::stage::Ending;
use crate::setup::{Port, Proxy, ProxyCredentials};

mod answer;
mod head;

use head::{Head, Read};

/// Domains of instances beside their own, under which each is known by its first label.
const INSTANCE_DOMAINS: [&str; 2] = ["service-now.com", "servicenowservices.com"];

/// What every connection to the proxy shares.
#[derive(Debug)]
pub(crate) struct Gate {
    first: Arc<Site>,
    others: Vec<Arc<Site>>,
    credentials: Option<ProxyCredentials>,
}

/// What becomes of a request to the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verdict {
    /// Status of the answer; none where there is none.
    answer: Option<StatusCode>,
    condition: Option<Condition>,
    why: &'static str,
    /// The instance's port brought it about, not the proxy.
    by_port: bool,
}

impl Gate {
    /// A proxy before these instances; none where there is no instance.
    pub(crate) fn new(
        sites: Vec<Arc<Site>>,
        credentials: Option<ProxyCredentials>,
    ) -> Option<Self> {
        let mut sites = sites.into_iter();
        Some(Self {
            first: sites.next()?,
            others: sites.collect(),
            credentials,
        })
    }

    /// The instance that a host name leads to.
    fn site(&self, host: &str) -> &Arc<Site> {
        let named = |site: &&Arc<Site>| is_name_of(host, &site.instance.host);
        self.others.iter().find(named).unwrap_or(&self.first)
    }

    fn decide(&self, head: &Head, proxy: Proxy, port: Port) -> Verdict {
        let let_through = Verdict {
            answer: Some(StatusCode::OK),
            condition: None,
            why: "",
            by_port: false,
        };
        let refused = Verdict {
            answer: Some(StatusCode::PROXY_AUTHENTICATION_REQUIRED),
            condition: Some(Condition::ProxyCredentialsRequired),
            why: "This proxy requires a user name and a password.",
            ..let_through
        };
        let bad_gateway = Verdict {
            answer: Some(StatusCode::BAD_GATEWAY),
            condition: Some(Condition::ProxyBadGateway),
            why: "The proxy could not connect to the requested host.",
            ..let_through
        };
        let hangs = Verdict {
            answer: None,
            condition: Some(Condition::ProxyHangs),
            ..let_through
        };
        let dialled = match port {
            Port::Open | Port::Mute | Port::HangsUp | Port::Resets => let_through,
            Port::Closed => Verdict {
                by_port: true,
                ..bad_gateway
            },
            Port::Filtered => Verdict {
                by_port: true,
                ..hangs
            },
        };
        let known = |shown: &(String, String)| {
            self.credentials.as_ref().is_some_and(|given| {
                // Digests, so that the time it takes tells nothing of the password.
                given.user == shown.0 && Sha256::digest(&given.password) == Sha256::digest(&shown.1)
            })
        };
        match proxy {
            Proxy::Open | Proxy::Refuses => dialled,
            Proxy::RequiresCredentials if head.credentials.as_ref().is_some_and(known) => dialled,
            Proxy::RequiresCredentials | Proxy::RefusesCredentials => refused,
            Proxy::BadGateway => bad_gateway,
            Proxy::Hangs => hangs,
        }
    }
}

/// Whether a caller means the instance of this host name by that one.
fn is_name_of(asked: &str, host: &str) -> bool {
    let asked = asked.to_ascii_lowercase();
    let label = host.split('.').next().unwrap_or_default();
    asked == host
        || asked
            .strip_prefix(label)
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|domain| INSTANCE_DOMAINS.contains(&domain))
}

/// Opens the proxy's port, or takes it without listening on it where the proxy refuses.
pub(crate) async fn listen(gate: Gate, address: SocketAddr) -> io::Result<Listening> {
    let shutdown = gate.first.shutdown.clone();
    if gate.first.instance.proxy().0 == Proxy::Refuses {
        return keep_closed(address, shutdown);
    }
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(keep(listener, Arc::new(gate), shutdown));
    Ok(Listening { address, task })
}

async fn keep(
    listener: TcpListener,
    gate: Arc<Gate>,
    mut shutdown: tokio::sync::watch::Receiver<bool>,
) {
    let mut crowd = Crowd::default();
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut shutdown) => break,
            accepted = crowd.accept(&listener) => accepted,
        };
        let gate = Arc::clone(&gate);
        let carry = |stream, peer| async move { carry(stream, peer, &gate).await };
        crowd.take(accepted, carry).await;
    }
    drop(listener);
    crowd.leave().await;
}

/// A port that is bound and not listened on: the kernel refuses callers, and nobody else gets it.
fn keep_closed(
    address: SocketAddr,
    mut shutdown: tokio::sync::watch::Receiver<bool>,
) -> io::Result<Listening> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.bind(address)?;
    let address = socket.local_addr()?;
    let task = tokio::spawn(async move {
        stopped(&mut shutdown).await;
        drop(socket);
    });
    Ok(Listening { address, task })
}

async fn carry(stream: TcpStream, peer: SocketAddr, gate: &Gate) {
    let wire = Arc::new(Wire::default());
    let connection = accept::opened(&gate.first, peer, false, true).await;
    let _slower_but_right = stream.set_nodelay(true);
    let mut socket = Socket::new(stream, Arc::clone(&wire));
    let mut shutdown = gate.first.shutdown.clone();
    let read = tokio::select! {
        () = stopped(&mut shutdown) => Read::Gone,
        read = head::read(&mut socket) => read,
    };
    let mut requests = 0;
    let site = &gate.first;
    match read {
        Read::Gone => wire.caller_gone(),
        Read::TooSlow => wire.end_with(Ending::Close),
        Read::Malformed => {
            let status = StatusCode::BAD_REQUEST;
            let refusal = answer::refusal(status, "This is no request to a proxy.");
            send_away(&mut socket, &wire, site, &refusal).await;
        }
        Read::TooLarge => {
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            let refusal = answer::refusal(status, "The head is too large.");
            send_away(&mut socket, &wire, site, &refusal).await;
        }
        Read::Whole { head, bytes, rest } => {
            let site = gate.site(head.host().unwrap_or_default());
            requests = pass(gate, site, socket, connection, &wire, head, (bytes, rest)).await;
        }
    }
    // By whoever wrote down that it was accepted, wherever it led.
    accept::closed(&gate.first, connection, &wire, requests);
}

/// Answers a request to the proxy; gives the number of requests that it let through.
async fn pass(
    gate: &Gate,
    site: &Arc<Site>,
    mut socket: Socket,
    connection: u64,
    wire: &Arc<Wire>,
    head: Head,
    (bytes, rest): (bytes::Bytes, bytes::Bytes),
) -> u32 {
    let (proxy, cause) = site.instance.proxy();
    let (port, port_cause) = site.instance.port();
    let verdict = gate.decide(&head, proxy, port);
    let cause = port_cause.filter(|_| verdict.by_port).unwrap_or(cause);
    let remarkable = verdict.condition.is_some() || cause != Cause::Setup;
    let tunnels = head.is_connect();
    site.note_with(
        remarkable.then_some(cause),
        Event::Connect(Connect {
            connection,
            method: head.method,
            target: head.target,
            user: head.credentials.map(|(user, _)| user),
            answer: verdict
                .answer
                .filter(|status| tunnels || *status != StatusCode::OK)
                .map(|status| status.as_u16()),
            condition: verdict.condition,
        }),
    );
    // What is passed on is counted where it is read again.
    let passed_on = match verdict.answer {
        Some(StatusCode::OK) if !tunnels => head::passed_on(&bytes),
        _ => Vec::new(),
    };
    wire.read(bytes.len() - passed_on.len());
    match verdict.answer {
        None => {
            until_caller_leaves(&mut socket, wire, site).await;
            0
        }
        Some(StatusCode::OK) if tunnels => {
            send(&mut socket, wire, answer::ESTABLISHED).await;
            wire.request_read();
            accept::carry_tls(socket.after(rest), connection, wire, site).await
        }
        Some(StatusCode::OK) => {
            let all = [&passed_on[..], &rest[..]].concat();
            serve::serve(socket.after(all.into()), connection, wire, site, false).await
        }
        Some(status) => {
            let refusal = answer::refusal(status, verdict.why);
            send_away(&mut socket, wire, site, &refusal).await;
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_known_by_its_names() {
        let host = "dev12345.instance.test";
        for (asked, same) in [
            ("dev12345.instance.test", true),
            ("DEV12345.Service-Now.com", true),
            ("dev12345.servicenowservices.com", true),
            ("dev12345.example.com", false),
            ("dev1234.service-now.com", false),
            ("dev123456.service-now.com", false),
            ("dev12345", false),
            ("", false),
        ] {
            assert_eq!(is_name_of(asked, host), same, "{asked}");
        }
    }
}
