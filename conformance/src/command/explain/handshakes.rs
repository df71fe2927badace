//! Certificates and answers to handshakes in plain words.

use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{Action, Certificate, Handshake, InstanceSetup};

/// Everything of this kind that a set-up says, a sentence each.
pub(super) fn facts(setup: &InstanceSetup) -> Vec<String> {
    let own = setup
        .certificate
        .map(|kind| format!("its certificate is {}", certificate(kind)));
    let by_name = setup.certificates_by_name.iter().flatten();
    let by_name = by_name
        .map(|(name, kind)| format!("its certificate for `{name}` is {}", certificate(*kind)));
    let handshake = setup
        .handshake
        .map(|kind| format!("its port {}", answer(kind)));
    own.into_iter().chain(by_name).chain(handshake).collect()
}

/// The conditions of this kind, and whether a set-up brings them about.
pub(super) fn conditions(setup: &InstanceSetup) -> [(bool, Condition); 2] {
    let by_name = setup.certificates_by_name.iter().flatten();
    let certificates = setup
        .certificate
        .into_iter()
        .chain(by_name.map(|(_, kind)| *kind));
    let broken = setup
        .handshake
        .is_some_and(|kind| kind != Handshake::Complete);
    [
        (
            certificates.into_iter().any(Certificate::must_be_refused),
            Condition::BadCertificate,
        ),
        (broken, Condition::HandshakeBroken),
    ]
}

/// The condition that an action of this kind brings about.
pub(super) fn of_action(action: &Action) -> Option<Condition> {
    match action {
        Action::PresentCertificate(kind) if kind.must_be_refused() => {
            Some(Condition::BadCertificate)
        }
        Action::SetHandshake(kind) if *kind != Handshake::Complete => {
            Some(Condition::HandshakeBroken)
        }
        _ => None,
    }
}

pub(super) const fn certificate(kind: Certificate) -> &'static str {
    match kind {
        Certificate::Valid => "valid",
        Certificate::Expired => "expired",
        Certificate::SelfSigned => "self-signed",
        Certificate::WrongHost => "for another host",
        Certificate::NotYetValid => "not valid yet",
        Certificate::MissingIntermediate => "sent without its intermediate",
        Certificate::UnknownAuthority => "of an unknown authority",
        Certificate::Inspected => "of a private authority that is sent along",
        Certificate::CompleteChain => "valid and sent with its intermediate",
        Certificate::ExpiredIntermediate => "below an intermediate that has expired",
        Certificate::WildcardMismatch => "for the hosts of another domain",
        Certificate::CommonNameOnly => "without alternative names",
        Certificate::NameConstraint => "below an intermediate that may not vouch for the host",
        Certificate::WrongKeyUsage => "for clients, not for servers",
        Certificate::BadSignature => "not signed by whom it names as its issuer",
        Certificate::Sha1Signature => "signed over SHA-1",
        Certificate::WeakAuthority => "signed with an RSA key of 1024 bits",
    }
}

pub(super) const fn answer(kind: Handshake) -> &'static str {
    match kind {
        Handshake::Complete => "shakes hands",
        Handshake::ProtocolVersion => "takes none of the TLS versions that are offered",
        Handshake::HandshakeFailure => "takes none of the ciphers that are offered",
        Handshake::UnrecognizedName => "serves no host of the name that is asked for",
        Handshake::InternalError => "ends TLS handshakes with an internal error",
        Handshake::AccessDenied => "denies access in TLS handshakes",
        Handshake::NoApplicationProtocol => "speaks none of the protocols that are offered (ALPN)",
        Handshake::OldVersion => "answers TLS handshakes with TLS 1.1",
        Handshake::UnofferedCipher => "answers TLS handshakes with a cipher that nobody offered",
        Handshake::PlainHttp => "answers TLS handshakes in plain HTTP",
        Handshake::Garbage => "answers TLS handshakes as another service",
        Handshake::Reset => "resets connections in the TLS handshake",
        Handshake::Close => "closes connections in the TLS handshake",
    }
}
