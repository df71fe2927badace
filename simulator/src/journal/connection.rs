//! What happened to a connection.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;
use crate::setup::{Certificate, Handshake};

/// A connection's birth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Counts connections of the simulator from 1.
    pub connection: u64,
    /// Peer address.
    pub peer: String,
    /// Whether the listener speaks TLS.
    pub tls: bool,
    /// Whether the listener is the forward proxy's. What follows in a tunnel is under the same
    /// connection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proxy: bool,
}

/// What a forward proxy was asked, and its answer. Bytes that are no request to a proxy have no such
/// entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connect {
    /// The connection.
    pub connection: u64,
    /// `CONNECT`, or the method of a request that is not to be tunnelled.
    pub method: String,
    /// What it was asked for, `host:port` or a whole URL, as it was sent.
    pub target: String,
    /// The user name of the Basic credentials it was shown, if any; true or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Status of its answer; none where it gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<u16>,
    /// The condition that the answer follows from; none where the caller was let through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// A finished handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsFinished {
    /// The connection.
    pub connection: u64,
    /// Protocol version, such as `TLSv1_3`.
    pub version: String,
    /// Server name asked for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sni: Option<String>,
    /// ALPN protocol agreed upon, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// The certificate presented.
    pub certificate: Certificate,
    /// What the edge made of the caller's certificate: `accepted`, or `refused` and why; none where
    /// none was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<String>,
}

/// A failed handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsFailed {
    /// The connection.
    pub connection: u64,
    /// The certificate presented.
    pub certificate: Certificate,
    /// The alert the client sent, such as `CertificateExpired`, if it sent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// What the handshake failed with.
    pub error: String,
    /// Server name asked for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sni: Option<String>,
    /// Protocol versions that the client offered, in its order, such as `TLSv1_3`; none where it
    /// sent no ClientHello.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
}

/// A connection's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// The connection.
    pub connection: u64,
    /// Plaintext bytes read from the caller.
    pub bytes_in: u64,
    /// Plaintext bytes written to the caller.
    pub bytes_out: u64,
    /// Who ended it.
    pub by: ClosedBy,
    /// Requests it carried.
    pub requests: u32,
}

/// Who ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBy {
    /// The caller closed or reset it.
    Caller,
    /// The simulator closed or reset it.
    Instance,
    /// The simulator stopped.
    Shutdown,
}

/// A SYN that is not answered: somebody tries to connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SynSeen {
    /// Counts with the connections of the simulator.
    pub attempt: u64,
    /// Peer address.
    pub peer: String,
}

/// An unanswered SYN is seen no more: it was given up, or the port answers again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SynGone {
    /// The attempt.
    pub attempt: u64,
}

/// The first bytes of a handshake arrived, and are never answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandshakeStalled {
    /// The connection; its end is written down like any other's.
    pub connection: u64,
}

/// A connection was ended by the port as soon as it had come about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnedAway {
    /// The connection; its end is written down like any other's.
    pub connection: u64,
    /// Whether by TCP reset rather than by an orderly end.
    pub by_reset: bool,
}

/// A ClientHello was answered otherwise than by a handshake; written before the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandshakeBroken {
    /// The connection; its end is written down like any other's.
    pub connection: u64,
    /// How it was answered.
    pub answer: Handshake,
    /// Server name asked for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sni: Option<String>,
    /// Protocol versions that the client offered, in its order, such as `TLSv1_3`; none where what
    /// it sent is no ClientHello.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// ALPN protocols that the client offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alpn: Vec<String>,
}
