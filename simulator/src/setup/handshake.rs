//! How the port answers a TLS handshake.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the port answers a TLS handshake (connection-faults 1.1). When it changes, idle connections
/// close. A listener without TLS is not affected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Handshake {
    /// It goes on with it, with the certificate that it presents.
    #[default]
    Complete,
    /// Alert `protocol_version`: it takes none of the versions that are offered, as an edge that
    /// asks for more than the caller speaks (wire-failures 8).
    ProtocolVersion,
    /// Alert `handshake_failure`: it takes none of the ciphers that are offered.
    HandshakeFailure,
    /// Alert `unrecognized_name`: it serves no host of the name that is asked for.
    UnrecognizedName,
    /// Alert `internal_error`.
    InternalError,
    /// Alert `access_denied`.
    AccessDenied,
    /// Alert `no_application_protocol`: it speaks none of the protocols that are offered (ALPN).
    NoApplicationProtocol,
    /// It picks TLS 1.1, as a device that knows nothing newer.
    OldVersion,
    /// It picks a cipher that nobody offered (RC4 with SHA).
    UnofferedCipher,
    /// It answers in plain HTTP: whoever listens there speaks no TLS. Who asks without TLS is
    /// answered as the instance answers that anywhere.
    PlainHttp,
    /// It answers with bytes that are neither TLS nor HTTP, as when another service listens there.
    Garbage,
    /// It resets the connection.
    Reset,
    /// It closes the connection.
    Close,
}

impl Handshake {
    /// Every answer but the handshake itself.
    pub const BROKEN: [Self; 12] = [
        Self::ProtocolVersion,
        Self::HandshakeFailure,
        Self::UnrecognizedName,
        Self::InternalError,
        Self::AccessDenied,
        Self::NoApplicationProtocol,
        Self::OldVersion,
        Self::UnofferedCipher,
        Self::PlainHttp,
        Self::Garbage,
        Self::Reset,
        Self::Close,
    ];

    /// Whether the answer says that it will be the same next time: who tries again with the same
    /// ClientHello gets it again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::ProtocolVersion
                | Self::HandshakeFailure
                | Self::UnrecognizedName
                | Self::AccessDenied
                | Self::NoApplicationProtocol
                | Self::OldVersion
                | Self::UnofferedCipher
        )
    }
}
