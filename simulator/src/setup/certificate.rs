//! What the port presents in the TLS handshake.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the port presents in the TLS handshake (connection-faults 1.1).
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    /// Issued by the run's CA for this host, in force.
    #[default]
    Valid,
    /// As `valid`, but its last day was two days ago.
    Expired,
    /// Its own issuer: no CA vouches for it.
    SelfSigned,
    /// Issued by the run's CA for another host.
    WrongHost,
    /// As `valid`, but its first day is the day after tomorrow.
    NotYetValid,
    /// Issued by an intermediate of the run's CA that is not sent along.
    MissingIntermediate,
    /// Issued by a CA that nobody was told to trust.
    UnknownAuthority,
    /// Issued by a private CA that is sent along: what a proxy that inspects TLS presents.
    Inspected,
    /// Issued by an intermediate of the run's CA that is sent along, both in force: as good as
    /// `valid`.
    CompleteChain,
    /// As `complete_chain`, but the last day of the intermediate was two days ago.
    ExpiredIntermediate,
    /// Issued by the run's CA for every host of another domain (`*.another-instance.test`).
    WildcardMismatch,
    /// It names the host in its subject and nowhere else. Some clients accept it: of six measured,
    /// four (connection-faults 5).
    CommonNameOnly,
    /// Issued by an intermediate of the run's CA that is sent along and may vouch for another
    /// domain alone.
    NameConstraint,
    /// Issued by the run's CA for clients, not for servers (extended key usage).
    WrongKeyUsage,
    /// Its signature is not the run's CA's, whom it names as its issuer.
    BadSignature,
    /// Issued by an intermediate of the run's CA, sent along, with a signature over SHA-1. Covers
    /// the usual names and `*.instance.test`. Whether it is accepted is the client's policy
    /// (connection-faults 5).
    Sha1Signature,
    /// Issued by an intermediate of the run's CA, sent along, whose key is RSA of 1024 bits. Names
    /// and clients as with `sha1_signature`.
    WeakAuthority,
}

impl Certificate {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 17] = [
        Self::Valid,
        Self::Expired,
        Self::SelfSigned,
        Self::WrongHost,
        Self::NotYetValid,
        Self::MissingIntermediate,
        Self::UnknownAuthority,
        Self::Inspected,
        Self::CompleteChain,
        Self::ExpiredIntermediate,
        Self::WildcardMismatch,
        Self::CommonNameOnly,
        Self::NameConstraint,
        Self::WrongKeyUsage,
        Self::BadSignature,
        Self::Sha1Signature,
        Self::WeakAuthority,
    ];

    /// Whether every client that checks certificates must refuse it. It need not where the
    /// certificate is good, nor where clients differ in what they demand.
    #[must_use]
    pub const fn must_be_refused(self) -> bool {
        !matches!(
            self,
            Self::Valid
                | Self::CompleteChain
                | Self::CommonNameOnly
                | Self::Sha1Signature
                | Self::WeakAuthority
        )
    }
}
