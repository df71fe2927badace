//! How true each condition's answer is to a real instance: what the wire shows, where that is
//! documented or was observed, and which part of it is assumed.
//!
//! It describes and decides nothing; the layers that answer do not read it.

use crate::journal::Condition;

mod authentication;
mod handshakes;
pub mod ledger;
mod not_modelled;
mod states;
mod throttling;

pub use handshakes::CHAPTER as HANDSHAKES;
pub use not_modelled::NOT_MODELLED;

/// What is known about the answer that follows from a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fidelity {
    /// What the wire shows, in one line.
    pub wire: &'static str,
    /// Where that is documented or was observed.
    pub source: &'static str,
    /// What of it is neither documented nor observed, if anything.
    pub assumed: Option<&'static str>,
}

/// How a behaviour is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// `ServiceNow` documents it.
    Documented,
    /// It was captured from a real instance, or a client relies on it.
    Observed,
    /// Neither: what a real instance does may differ.
    Assumed,
}

impl Standing {
    /// The name it has in text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        }
    }
}

/// One thing the simulator does as an instance does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behaviour {
    /// What it does, in one line without a full stop.
    pub what: &'static str,
    /// How that is known.
    pub standing: Standing,
    /// Where: the page, the capture, or the fact file's row.
    pub source: &'static str,
}

/// The behaviours of one part of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// Its title, such as `Table API`.
    pub title: &'static str,
    /// What it does.
    pub behaviours: &'static [Behaviour],
}

/// What is known about the answer that follows from this condition.
#[must_use]
pub const fn of(condition: Condition) -> Fidelity {
    match condition {
        Condition::BadCertificate => Fidelity {
            wire: "a TLS certificate that is expired, not yet valid, self-signed, for another host or use, wrongly signed, of an unknown or private authority, or below an intermediate that is missing, expired or not allowed to vouch for the host; the handshake goes no further than the client lets it",
            source: "connection-faults 1.1 and 1.2, wire-failures 8",
            assumed: None,
        },
        Condition::NoCredentials => Fidelity {
            wire: "401 `Required to provide Auth information`, `WWW-Authenticate: Basic realm=\"Service-now\"`",
            source: "wire-failures 1.1 and 1.2",
            assumed: Some(
                "that an Authorization header of another scheme, or one that cannot be decoded, is answered like none",
            ),
        },
        Condition::PasswordRefused => Fidelity {
            wire: "401 `Required to provide Auth information`, the same as without credentials",
            source: "wire-failures 1.2",
            assumed: None,
        },
        Condition::AccountLocked => Fidelity {
            wire: "401 `Required to provide Auth information`, the same as for a wrong password",
            source: "wire-failures 1.2 and 1.4, Failed logins and lockout",
            assumed: Some(
                "that a locked account gets the very 401 of a wrong password, and that failures over REST count towards the lockout",
            ),
        },
        Condition::AccountInactive => Fidelity {
            wire: "401 `Required to provide Auth information`, the same as for a wrong password",
            source: "wire-failures 1.2",
            assumed: Some("that an inactive account gets the very 401 of a wrong password"),
        },
        Condition::RateLimited => Fidelity {
            wire: "429 `Rate limit exceeded`, `Retry-After` in seconds, `X-RateLimit-Limit`, `X-RateLimit-Reset` and `X-RateLimit-Rule`",
            source: "wire-failures 5.1, Inbound REST API rate limiting",
            assumed: Some(
                "that a window begins with its first request rather than with the hour, that it counts before access controls decide, and the wording for windows that are not an hour",
            ),
        },
        Condition::TableDenied => Fidelity {
            wire: "403 `Insufficient rights to query records`; or 200 with an empty list and a nonzero `X-Total-Count` where the instance hides it",
            source: "wire-core 2.1, wire-failures 4.8",
            assumed: Some("that `X-Total-Count` counts the rows that access controls hide"),
        },
        Condition::RowsHidden => Fidelity {
            wire: "200 with fewer rows than `sysparm_limit`, none included, because the limit applies before access controls",
            source: "wire-failures 4.8, Table API",
            assumed: Some("that `X-Total-Count` counts the rows that access controls hide"),
        },
        Condition::WriteDenied => Fidelity {
            wire: "403 `Operation Failed`, `ACL Exception Insert, Update or Delete Failed due to security constraints`; or `Operation against file 'T' was aborted by ACL` (switch `denied_write`)",
            source: "wire-core 2.1, wire-failures 4.4 and 4.5",
            assumed: Some("that the second form has a null detail"),
        },
        Condition::RuleAborted => Fidelity {
            wire: "403 `Operation Failed`, `Operation against file 'T' was aborted by Business Rule 'NAME^SYS_ID'. Business Rule Stack:NAME`, or `Data Policy Exception: …`",
            source: "wire-core 2.1, wire-failures 4.6",
            assumed: None,
        },
        Condition::Scripted => Fidelity {
            wire: "the status, headers and body that the step names, and nothing else",
            source: "the scenario's step",
            assumed: Some("everything: a scripted answer is as true as whoever wrote it made it"),
        },
        Condition::Stalled => Fidelity {
            wire: "the connection stays open and falls silent, before or within the status line, a header or the body",
            source: "connection-faults, wire-failures 5.3",
            assumed: Some("the byte at which the answer falls silent"),
        },
        Condition::HungUp => Fidelity {
            wire: "TCP reset, or close without TLS close_notify, before or within the status line, a header or the chunked body",
            source: "connection-faults, wire-failures 6.2",
            assumed: Some("the byte at which the connection ends"),
        },
        Condition::InvalidTable => Fidelity {
            wire: "400 `Invalid table NAME` with a null detail",
            source: "wire-failures 4.11",
            assumed: None,
        },
        Condition::UnknownApi => Fidelity {
            wire: "400 (or 404) `Requested URI does not represent any resource` with a null detail",
            source: "wire-failures 4.12",
            assumed: None,
        },
        Condition::RecordNotFound => Fidelity {
            wire: "404 `No Record found`, `Record doesn't exist or ACL restricts the record retrieval`",
            source: "wire-failures 4.7",
            assumed: None,
        },
        Condition::InvalidRequest => Fidelity {
            wire: "400 with an envelope that names the parameter or the body; 403, 405, 406 or 415 where the request calls for it, 500 where it makes an API throw",
            source: "wire-core 1.6 and 2.1, wire-failures 4.13",
            assumed: Some(
                "the words of 405, 406 and 415, the detail for a body that is not JSON, and that a negative limit is refused like 0",
            ),
        },
        Condition::ProxyCredentialsRequired => Fidelity {
            wire: "407 `Proxy Authentication Required` to CONNECT, `Proxy-Authenticate: Basic`, an HTML page, connection closed",
            source: "connection-faults 1.5",
            assumed: Some("the realm, the `Server` header, the page, and that the proxy closes"),
        },
        Condition::ProxyBadGateway => Fidelity {
            wire: "502 `Bad Gateway` to CONNECT with an HTML page of the proxy, connection closed; also where the instance's port is closed",
            source: "connection-faults 1.5",
            assumed: Some(
                "the `Server` header, the page, that the proxy closes, and that a closed port is answered 502 rather than 503",
            ),
        },
        Condition::ProxyHangs => Fidelity {
            wire: "the proxy accepts the connection, reads CONNECT and stays silent; also where SYNs to the instance's port are dropped",
            source: "connection-faults 1.5",
            assumed: Some("that a proxy waits for a filtered port longer than its caller does"),
        },
        Condition::PortClosed => Fidelity {
            wire: "TCP reset in answer to the SYN: the connection is refused",
            source: "connection-faults 2",
            assumed: None,
        },
        Condition::PortFiltered => Fidelity {
            wire: "no answer to the SYN, nor to those sent again; on Linux, by a full queue of connections",
            source: "connection-faults 2",
            assumed: Some("that idle connections close when a firewall begins to drop"),
        },
        Condition::PortMute => Fidelity {
            wire: "the connection is accepted and the ClientHello is never answered",
            source: "connection-faults 1.1",
            assumed: None,
        },
        Condition::Dripping => Fidelity {
            wire: "the body arrives a few bytes at a time, so that no pause between two of them is long",
            source: "connection-faults 0, finding 5",
            assumed: Some("the size of the drips and the pauses between them"),
        },
        Condition::Truncated => Fidelity {
            wire: "a complete HTTP message whose JSON breaks off",
            source: "wire-failures 10, thread 24; connection-faults 2",
            assumed: Some("the byte at which the JSON breaks off"),
        },
        Condition::QueryCancelled => Fidelity {
            wire: "200 whose body ends in `Transaction cancelled: maximum execution time exceeded`, after rows, malformed or whole, or alone; a switch chooses. In a batch: 500 for the request that is under way, and the ids of those behind it in `unserviced_requests`",
            source: "wire-failures 5.3, wire-core 2.3 and 4.4",
            assumed: Some(
                "that rows, and the writes of a batch, stand for time, that the rows before the error are those the quota allows, and that `X-Total-Count` and `Link` were sent before the query was cancelled",
            ),
        },
        Condition::QueueFull => Fidelity {
            wire: "429 without `Retry-After` and without `X-RateLimit-*`, before credentials are looked at",
            source: "wire-failures 5.2",
            assumed: Some(
                "that the body is empty and the headers are bare, and that a queued request whose caller left keeps its place",
            ),
        },
        Condition::QueuedTooLong | Condition::SessionQueueFull => throttling::of(condition),
        Condition::PlainHttp => Fidelity {
            wire: "301 text/html of the edge to the same path over https, credentials not looked at",
            source: "wire-failures 8",
            assumed: Some(
                "that it is 301 rather than 302, for every method, and the markup of its page",
            ),
        },
        Condition::PasswordExpired => Fidelity {
            wire: "401 `Required to provide Auth information`, the same as for a wrong password",
            source: "wire-failures 1.2",
            assumed: Some("that an expired password gets the very 401 of a wrong one"),
        },
        Condition::PasswordNeedsReset => Fidelity {
            wire: "401 `Required to provide Auth information`, only where `glide.authenticate.api.user.reset_password.mandatory` is true",
            source: "wire-failures 1.2, Enforce password reset on API requests",
            assumed: Some("that the API answers the very 401 of a wrong password"),
        },
        Condition::AddressBlocked => Fidelity {
            wire: "403 text/html before authentication, or silence after the handshake where the switch `ip_refusal` says so",
            source: "wire-failures 4.15, IP range based authentication",
            assumed: Some(
                "the words of the page and its headers, and that silence begins after the handshake",
            ),
        },
        Condition::TableNotExposed => Fidelity {
            wire: "403 `User Not Authorized`, `Failed API level ACL Validation`",
            source: "wire-core 2.1, wire-failures 4.14",
            assumed: Some("that writes to such a table are answered like reads"),
        },
        Condition::ApiDenied => Fidelity {
            wire: "403 `User Not Authorized`, `Failed API level ACL Validation`",
            source: "wire-core 2.1, wire-failures 4.1",
            assumed: None,
        },
        Condition::ScriptError => Fidelity {
            wire: "500 `Exception while executing request: null` with the detail that points to the logs",
            source: "wire-core 2.1",
            assumed: Some("that the message of a thrown script is shown as `null`"),
        },
        Condition::PageCapped => Fidelity {
            wire: "200 with fewer rows than `sysparm_limit`; `Link` and `X-Total-Count` say that more follow",
            source: "wire-core 1.3 and 1.4",
            assumed: Some("that an instance caps a limit that is below 10,000"),
        },
        Condition::AccessTokenExpired
        | Condition::AccessTokenRevoked
        | Condition::AccessTokenUnknown
        | Condition::ClientUnknown
        | Condition::ClientInactive
        | Condition::ClientSecretRefused
        | Condition::GrantNotEnabled
        | Condition::NoApplicationUser
        | Condition::RefreshTokenExpired
        | Condition::RefreshTokenRevoked
        | Condition::RefreshTokenUnknown
        | Condition::CodeRefused
        | Condition::CodeVerifierRefused
        | Condition::RedirectMismatch
        | Condition::StateMissing
        | Condition::ConsentDenied
        | Condition::ScopeRefused
        | Condition::AssertionRefused
        | Condition::ParametersInUrl
        | Condition::ApiKeyRefused
        | Condition::PolicyExcludesScheme
        | Condition::MfaRequired
        | Condition::ClientCertificateRefused
        | Condition::IdTokenRefused
        | Condition::NonInteractiveUser
        | Condition::SignedIn
        | Condition::ConsentAllowed
        | Condition::TokenGivenAgain => authentication::of(condition),
        Condition::Hibernating
        | Condition::NoInstance
        | Condition::Waking
        | Condition::Down
        | Condition::Restarting
        | Condition::Overloaded
        | Condition::Maintenance
        | Condition::LoginPage
        | Condition::FailingOver
        | Condition::AnotherSite
        | Condition::SessionLost => states::of(condition),
        Condition::FieldsHidden => Fidelity {
            wire: "200 in which the field has no key, or is empty",
            source: "wire-failures 4.9, REST API, KB2971488",
            assumed: None,
        },
        Condition::QueryWidened => Fidelity {
            wire: "200 with the rows that the rest of the query finds, all of the table where nothing is left of it",
            source: "wire-core 3.3, page \"Table API\"",
            assumed: None,
        },
        Condition::SessionOutlivesToken => Fidelity {
            wire: "the answer that was asked for, to a Bearer that has ended, as long as the session's cookie is sent with it",
            source: "wire-failures 1.3, Invalidate session after OAuth token expiration",
            assumed: Some(
                "that a revoked token is outlived as well, and that the session must be one that a token began",
            ),
        },
        Condition::FieldsDropped => Fidelity {
            wire: "200 or 201, and the field is as it was",
            source: "wire-core 2.1, wire-failures 4.18",
            assumed: Some(
                "that a script whose writer lacks the role of scripts is left out in silence",
            ),
        },
        Condition::FieldDenied => Fidelity {
            wire: "403 `Insufficient rights to query records`, `Field(s) present in the query do not have permission to be read`",
            source: "wire-failures 4.3",
            assumed: Some(
                "that parameters named like columns, groupings and aggregates are queries in this",
            ),
        },
        Condition::RequestTooLong => Fidelity {
            wire: "414 text/html of the edge for a request line of more than 8192 bytes; 400 `Request header is too large`, a page of the application server, for a large head",
            source: "wire-core 1.6, wire-failures 4.19 and 7",
            assumed: Some("the page of 414, and where the limit of the head lies"),
        },
        Condition::GatewayRefused => Fidelity {
            wire: "405 with `Allow`, 406 or 415 text/html of a gateway before the instance, credentials not looked at",
            source: "RFC 9110, 15.5.6, 15.5.7 and 15.5.16; REST API HTTP response codes",
            assumed: Some("that such a gateway is there, its page and its headers"),
        },
        Condition::PortHangsUp | Condition::PortResets => Fidelity {
            wire: "the connection is accepted and ends at once, by FIN or by RST",
            source: "connection-faults 2",
            assumed: None,
        },
        Condition::Redirected => Fidelity {
            wire: "301, 302, 303, 307 or 308 with an absolute `Location`, for every path and method, credentials not looked at: to the login page and back, to the same address, to another host, to http",
            source: "wire-failures 7 and 8, KB0551967",
            assumed: Some(
                "the paths and hosts, the page, and that it stands before the REST API, where a 302 is inferred for `.do` paths alone",
            ),
        },
        Condition::ContinueRefused => Fidelity {
            wire: "417 to a request with `Expect: 100-continue`, before its body is read",
            source: "RFC 9110, 10.1.1; connection-faults 2",
            assumed: Some("everything: no trace shows an instance that refuses it"),
        },
        Condition::StreamEnded => Fidelity {
            wire: "RST_STREAM or GOAWAY with a reason of RFC 9113, before the head of the answer or within its body",
            source: "connection-faults 2 and 6",
            assumed: Some(
                "HTTP/2 itself, which is off: a real instance that was offered it chose HTTP/1.1",
            ),
        },
        Condition::Malformed => Fidelity {
            wire: "the answer that was due with bytes before its status line, a header of 400 KiB, 300 headers, lengths that contradict each other or the chunks, a chunk size that is no number, gzip that is none or ends early, JSON that is none or no UTF-8, or an HTML page in its place",
            source: "connection-faults 2 and 6",
            assumed: Some(
                "what damages it, the connection's end behind an answer that is no HTTP, and the words of the page",
            ),
        },
        Condition::HandshakeBroken => Fidelity {
            wire: "a ClientHello answered with a fatal alert, a ServerHello that picks what nobody offered, plain HTTP, bytes of another service, a reset or a close",
            source: "connection-faults 1.1, wire-failures 8",
            assumed: Some(
                "which of them an edge sends when, the page of the plain HTTP answer and the other service's banner",
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_behaviour_is_one_line_with_a_source() {
        for chapter in crate::api::chapters() {
            for behaviour in chapter.behaviours {
                for line in [behaviour.what, behaviour.source] {
                    assert!(!line.is_empty() && !line.contains('\n'), "{line}");
                    assert!(!line.ends_with('.'), "{}: {line}", chapter.title);
                }
            }
        }
    }

    #[test]
    fn what_is_not_modelled_is_said_in_one_line_each() {
        for line in NOT_MODELLED {
            assert!(!line.contains('\n') && !line.ends_with('.'), "{line}");
        }
    }

    #[test]
    fn every_condition_is_described_in_one_line() {
        for condition in Condition::ALL {
            let Fidelity {
                wire,
                source,
                assumed,
            } = of(condition);
            for line in [Some(wire), Some(source), assumed].into_iter().flatten() {
                assert!(!line.is_empty() && !line.contains('\n'), "{condition}");
                assert!(!line.ends_with('.'), "{condition}: {line}");
            }
        }
    }
}
