//! Client certificates: whether the edge asks for one, and whom it stands for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Issued;

/// Whether the edge asks for a client certificate in the handshake (wire-failures 3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MutualTls {
    /// It asks for none.
    #[default]
    Off,
    /// It asks; who shows none may go on, and one that it cannot verify is answered 400.
    Asks,
    /// It asks, and answers 400 to whoever shows none as well.
    Requires,
}

/// A certificate that stands for a user (`sys_user_certificate`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificateSetup {
    /// The user whom it stands for. Required in a whole scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether the mapping is active. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Which certificate is mapped. Default `given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Issued>,
}

/// What the certificate is like that the caller was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GivenCertificate {
    /// Issued by the authority that the edge trusts, in force.
    #[default]
    Valid,
    /// As `valid`, but its last day was two days ago.
    Expired,
    /// Issued by an authority that the edge does not know.
    UnknownAuthority,
    /// Its own issuer.
    SelfSigned,
}
