//! What each dialect must make of each fault.
//!
//! No more is demanded than the stack can know: where it words several causes alike, the others
//! must be among its candidates, and where it says nothing of a cause, nothing must be read.

use snowproof::diagnosis::Class;
use snowproof::diagnosis::Class as C;

use self::Reading::{Among, Is, Nothing, OneOf, OrNothing};

/// A fault, and what is right to read of it.
pub(crate) struct Expected {
    pub(crate) fault: &'static str,
    usual: Reading,
    /// The stacks that know less, or word it otherwise.
    but: &'static [(&'static str, Reading)],
    /// What must not be read: the false leads nearest to it.
    pub(crate) never: &'static [Class],
}

/// What is right to read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reading {
    /// Nothing at all.
    Nothing,
    /// This class, and these among its candidates.
    Is(Class, &'static [Class]),
    /// One of these, as they race or are worded alike, and the others among its candidates.
    OneOf(&'static [Class]),
    /// One of these, whatever else.
    Among(&'static [Class]),
    /// Nothing, or this class: stacks and their versions differ in what they demand.
    OrNothing(Class),
}

impl Reading {
    /// Whether a primary class and all that is named, itself included, are right.
    pub(crate) fn allows(self, class: Option<Class>, named: &[Class]) -> bool {
        match self {
            Self::Nothing => named.is_empty(),
            Self::Is(wanted, beside) => {
                class == Some(wanted) && beside.iter().all(|each| named.contains(each))
            }
            Self::OneOf(all) => {
                class.is_some_and(|class| all.contains(&class))
                    && all.iter().all(|each| named.contains(each))
            }
            Self::Among(all) => class.is_some_and(|class| all.contains(&class)),
            Self::OrNothing(one) => named.is_empty() || class == Some(one),
        }
    }
}

impl Expected {
    pub(crate) fn of(&self, dialect: &str) -> Reading {
        let own = self.but.iter().find(|(name, _)| *name == dialect);
        own.map_or(self.usual, |(_, reading)| *reading)
    }
}

pub(crate) const fn row(
    fault: &'static str,
    usual: Reading,
    but: &'static [(&'static str, Reading)],
    never: &'static [Class],
) -> Expected {
    Expected {
        fault,
        usual,
        but,
        never,
    }
}

pub(crate) const CREDENTIALS: &[Class] = &[C::AuthInvalidCredentials, C::AuthNoCredentials];
const OTHER_THAN_DATES: &[Class] = &[C::TlsUntrusted, C::TlsHostname, C::AuthInvalidCredentials];
const OTHER_THAN_TRUST: &[Class] = &[C::TlsExpired, C::TlsHostname, C::AuthInvalidCredentials];
const OTHER_THAN_NAME: &[Class] = &[C::TlsExpired, C::TlsUntrusted, C::AuthInvalidCredentials];
pub(crate) const OTHER_THAN_NETWORK: &[Class] = &[
    C::AuthInvalidCredentials,
    C::TlsUntrusted,
    C::InstanceHibernating,
];

/// One row a fault of `faults.rs`. A stack's own reading says what it cannot know, or knows better.
pub(crate) const EXPECTED: &[Expected] = &[
    row("healthy", Nothing, &[], &[]),
    row(
        "tls-expired",
        Is(C::TlsExpired, &[]),
        &[(
            "java-httpclient",
            Is(C::TlsExpired, &[C::TlsNotYetValid, C::TlsChain]),
        )],
        OTHER_THAN_DATES,
    ),
    row(
        "tls-self-signed",
        Is(C::TlsUntrusted, &[]),
        &[
            ("java-httpclient", Is(C::TlsUntrusted, &[C::TlsChain])),
            ("reqwest", Is(C::TlsUntrusted, &[C::TlsChain])),
        ],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-not-yet-valid",
        Is(C::TlsNotYetValid, &[]),
        &[(
            "java-httpclient",
            OneOf(&[C::TlsExpired, C::TlsNotYetValid]),
        )],
        OTHER_THAN_DATES,
    ),
    // No stack tells a missing intermediate from an unknown CA.
    row(
        "tls-missing-intermediate",
        Is(C::TlsUntrusted, &[C::TlsChain]),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-unknown-ca",
        Is(C::TlsUntrusted, &[C::TlsChain]),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-false-ca",
        Is(C::TlsUntrusted, &[C::TlsChain]),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-inspected",
        Is(C::TlsUntrusted, &[]),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-wrong-host",
        Is(C::TlsHostname, &[]),
        &[],
        OTHER_THAN_NAME,
    ),
    row(
        "tls-wrong-address",
        Is(C::TlsHostname, &[]),
        &[],
        OTHER_THAN_NAME,
    ),
    row(
        "tls-plain-http",
        Is(C::TlsHandshake, &[C::ConfigUrl]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-stalled",
        Is(C::NetReadTimeout, &[C::TlsHandshake]),
        &[
            ("curl", Is(C::NetConnectTimeout, &[C::TlsHandshake])),
            ("httpx", Is(C::TlsHandshake, &[C::NetConnectTimeout])),
            (
                "java-httpclient",
                Is(C::NetConnectTimeout, &[C::TlsHandshake]),
            ),
        ],
        OTHER_THAN_NETWORK,
    ),
    row("refused", Is(C::NetRefused, &[]), &[], OTHER_THAN_NETWORK),
    row(
        "connect-timeout",
        Is(C::NetConnectTimeout, &[]),
        &[
            ("node-fetch", Is(C::NetReadTimeout, &[C::NetConnectTimeout])),
            ("axios", Is(C::NetReadTimeout, &[C::NetConnectTimeout])),
            ("reqwest", Is(C::NetReadTimeout, &[C::NetConnectTimeout])),
        ],
        OTHER_THAN_NETWORK,
    ),
    row("no-such-name", Is(C::NetDns, &[]), &[], OTHER_THAN_NETWORK),
    row(
        "silence",
        Is(C::NetReadTimeout, &[]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    // Over TLS, Python and undici show a reset as an end.
    row(
        "reset",
        OneOf(&[C::NetReset, C::NetClosed]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    // The reset may overtake what was sent before it, so that the answer never began.
    row(
        "reset-in-body",
        Among(&[C::NetReset, C::NetTruncated, C::NetClosed]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row("closed", Is(C::NetClosed, &[]), &[], OTHER_THAN_NETWORK),
    row(
        "truncated",
        Is(C::NetTruncated, &[]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row("redirect-loop", Is(C::NetRedirect, &[]), &[], CREDENTIALS),
    row(
        "too-many-requests",
        Is(C::ThrottleRateLimit, &[]),
        &[],
        CREDENTIALS,
    ),
    row(
        "unavailable",
        Is(C::InstanceUnavailable, &[]),
        &[],
        CREDENTIALS,
    ),
    row("bad-json", Is(C::ProtocolMalformed, &[]), &[], CREDENTIALS),
    // axios takes the gateway's page for the instance's answer.
    row(
        "method-not-allowed",
        Is(C::ConfigConnectorRequest, &[C::ConfigApiNotFound]),
        &[("axios", Is(C::ProtocolNotJson, &[]))],
        CREDENTIALS,
    ),
    row(
        "not-acceptable",
        Is(C::ConfigConnectorRequest, &[C::ConfigRequestInvalid]),
        &[("axios", Is(C::ProtocolNotJson, &[]))],
        CREDENTIALS,
    ),
    row("hibernating", Is(C::ProtocolNotJson, &[]), &[], CREDENTIALS),
    row(
        "locked",
        Is(C::AuthInvalidCredentials, &[C::AuthAccountLocked]),
        &[],
        &[C::AuthzRole],
    ),
    // axios takes the proxy's page for the instance's answer.
    row(
        "proxy-wants-password",
        Is(C::NetProxyAuth, &[]),
        &[("axios", Is(C::ProtocolNotJson, &[C::NetProxyAuth]))],
        CREDENTIALS,
    ),
    row(
        "proxy-bad-gateway",
        Is(C::NetProxy, &[]),
        &[("axios", Is(C::ProtocolNotJson, &[C::NetProxy]))],
        CREDENTIALS,
    ),
    row(
        "proxy-refused",
        Is(C::NetRefused, &[C::NetProxy]),
        &[
            ("python-requests", Is(C::NetProxy, &[])),
            ("reqwest", Is(C::NetProxy, &[])),
        ],
        CREDENTIALS,
    ),
    row("tls-complete-chain", Nothing, &[], &[]),
    row(
        "tls-expired-intermediate",
        Is(C::TlsExpired, &[C::TlsChain]),
        &[],
        OTHER_THAN_DATES,
    ),
    row(
        "tls-wildcard",
        Is(C::TlsHostname, &[]),
        &[],
        OTHER_THAN_NAME,
    ),
    row(
        "tls-common-name-only",
        OrNothing(C::TlsHostname),
        &[
            ("python-requests", Is(C::TlsHostname, &[])),
            ("reqwest", Is(C::TlsHostname, &[])),
        ],
        OTHER_THAN_NAME,
    ),
    row(
        "tls-name-constraint",
        Is(C::TlsUntrusted, &[C::TlsChain]),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-wrong-key-usage",
        Is(C::TlsUntrusted, &[C::TlsChain]),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-bad-signature",
        Is(C::TlsUntrusted, &[C::TlsChain]),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-sha1",
        OrNothing(C::TlsUntrusted),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-weak-authority",
        OrNothing(C::TlsUntrusted),
        &[],
        OTHER_THAN_TRUST,
    ),
    row(
        "tls-alert-version",
        Is(C::TlsVersion, &[C::TlsHandshake]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-alert-failure",
        Is(C::TlsVersion, &[C::TlsHandshake]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-alert-protocol",
        Is(C::TlsVersion, &[C::TlsHandshake]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-alert-name",
        Is(C::TlsHandshake, &[C::ConfigUrl]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-alert-internal",
        Is(C::TlsHandshake, &[]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-alert-denied",
        Is(C::TlsHandshake, &[]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    // curl goes along with TLS 1.1 until nothing more comes.
    row(
        "tls-old-version",
        Is(C::TlsVersion, &[C::TlsHandshake]),
        &[("curl", Is(C::TlsHandshake, &[]))],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-unoffered-cipher",
        Is(C::TlsVersion, &[C::TlsHandshake]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-port-plain",
        Is(C::TlsHandshake, &[C::ConfigUrl]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-garbage",
        Is(C::TlsHandshake, &[C::ConfigUrl]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    // Some stacks know that it was the handshake, others only that the connection ended.
    row(
        "tls-reset",
        Among(&[C::TlsHandshake, C::NetReset]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-closed",
        Among(&[C::TlsHandshake, C::NetClosed, C::NetReset]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    // Nobody but rustls looks at how TLS ended: what tells is the JSON, for those who parse it.
    row(
        "tls-cut-without-length",
        Among(&[C::ProtocolMalformed, C::NetTruncated]),
        &[("curl", Nothing), ("java-httpclient", Nothing)],
        OTHER_THAN_NETWORK,
    ),
    row(
        "tls-no-close-notify",
        Nothing,
        &[("reqwest", Is(C::NetTruncated, &[]))],
        OTHER_THAN_NETWORK,
    ),
];
