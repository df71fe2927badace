//! What was wrong with a TLS handshake, read from the type of the error, never from its words.
//!
//! The stack cannot tell a self-signed certificate from an unknown authority or a missing
//! intermediate: all of them are an unknown issuer.

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerMisbehaved};

use crate::diagnosis::{
    CERTIFICATE_CHAIN, CERTIFICATE_EXPIRED, CERTIFICATE_HOST, CERTIFICATE_NOT_YET_VALID,
    CERTIFICATE_UNTRUSTED, Failure, Kind, NAME_NOT_SERVED, NOT_TLS, TLS_CLIENT_CERTIFICATE,
    TLS_HANDSHAKE, TLS_VERSION,
};

/// The failure that a TLS error means, for the host that was called.
pub(crate) fn failure(error: &Error, host: &str) -> Failure {
    match error {
        Error::InvalidCertificate(certificate) => refused(certificate, host),
        Error::NoCertificatesPresented => Failure::new(
            CERTIFICATE_CHAIN,
            Kind::Certificate,
            format!("`{host}` presented no certificate"),
        ),
        Error::PeerIncompatible(_)
        | Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite)
        | Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::HandshakeFailure
            | AlertDescription::NoApplicationProtocol,
        ) => Failure::new(
            TLS_VERSION,
            Kind::RefusedHandshake,
            format!("`{host}` and this connector share no TLS version or cipher: {error}"),
        ),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => Failure::new(
            NAME_NOT_SERVED,
            Kind::RefusedHandshake,
            format!("whoever answers for `{host}` serves no host of that name"),
        ),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => Failure::new(
            NOT_TLS,
            Kind::RefusedHandshake,
            format!("what answers at `{host}` does not speak TLS: check the port, and any proxy"),
        ),
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied,
        ) => Failure::new(
            TLS_CLIENT_CERTIFICATE,
            Kind::RefusedHandshake,
            format!("`{host}` refused the handshake for lack of an acceptable client certificate"),
        ),
        _ => Failure::new(
            TLS_HANDSHAKE,
            Kind::Transient,
            format!("the TLS handshake with `{host}` broke: {error}"),
        ),
    }
}

fn refused(error: &CertificateError, host: &str) -> Failure {
    let (cause, message) = match error {
        CertificateError::Expired => (
            CERTIFICATE_EXPIRED,
            format!("the certificate of `{host}` has expired"),
        ),
        CertificateError::ExpiredContext { not_after, .. } => (
            CERTIFICATE_EXPIRED,
            format!(
                "the certificate of `{host}` has expired on {}",
                date(not_after.as_secs())
            ),
        ),
        CertificateError::NotValidYet => (
            CERTIFICATE_NOT_YET_VALID,
            format!("the certificate of `{host}` is not valid yet"),
        ),
        CertificateError::NotValidYetContext { not_before, .. } => (
            CERTIFICATE_NOT_YET_VALID,
            format!(
                "the certificate of `{host}` is not valid before {}",
                date(not_before.as_secs())
            ),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            CERTIFICATE_HOST,
            format!("the certificate does not name `{host}`"),
        ),
        CertificateError::UnknownIssuer => (
            CERTIFICATE_UNTRUSTED,
            format!(
                "nobody trusted here issued the certificate of `{host}`: it is self-signed, its \
                 authority is unknown, or an intermediate is missing"
            ),
        ),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => (
            CERTIFICATE_UNTRUSTED,
            format!(
                "the certificate of `{host}`, or of its authority, is signed in a way that is not \
                 trusted any more, such as with SHA-1"
            ),
        ),
        other => (
            CERTIFICATE_UNTRUSTED,
            format!("the certificate of `{host}` was refused: {other}"),
        ),
    };
    Failure::new(cause, Kind::Certificate, message)
}

/// The day in UTC.
fn date(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(
            || "an unknown day".to_owned(),
            |at| at.strftime("%Y-%m-%d").to_string(),
        )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::pki_types::UnixTime;

    use super::*;

    #[test]
    fn certificate_errors_are_told_apart() {
        let expired = CertificateError::ExpiredContext {
            time: UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000)),
            not_after: UnixTime::since_unix_epoch(Duration::from_secs(1_700_000_000)),
        };
        let found = failure(&Error::InvalidCertificate(expired), "dev1.instance.test");
        assert_eq!(found.cause, CERTIFICATE_EXPIRED);
        assert!(found.message.contains("2023-11-14"), "{}", found.message);
        for (error, cause) in [
            (CertificateError::Expired, CERTIFICATE_EXPIRED),
            (CertificateError::NotValidYet, CERTIFICATE_NOT_YET_VALID),
            (CertificateError::NotValidForName, CERTIFICATE_HOST),
            (CertificateError::UnknownIssuer, CERTIFICATE_UNTRUSTED),
            (CertificateError::BadSignature, CERTIFICATE_UNTRUSTED),
        ] {
            let found = failure(&Error::InvalidCertificate(error), "h");
            assert_eq!((found.cause, found.kind), (cause, Kind::Certificate));
        }
    }

    #[test]
    fn a_broken_handshake_is_no_certificate_failure() {
        let found = failure(&Error::HandshakeNotComplete, "h");
        assert_eq!((found.cause, found.kind), (TLS_HANDSHAKE, Kind::Transient));
        let found = failure(
            &Error::AlertReceived(AlertDescription::CertificateRequired),
            "h",
        );
        assert_eq!(found.cause, TLS_CLIENT_CERTIFICATE);
    }
}
