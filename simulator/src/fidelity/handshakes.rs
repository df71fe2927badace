//! What is known of certificates and handshakes, kind by kind.

use super::Standing::{Assumed, Documented, Observed};
use super::{Behaviour, Chapter, Standing};

/// The chapter of the ledger.
pub const CHAPTER: Chapter = Chapter {
    title: "TLS",
    behaviours: &[
        said(
            "TLS 1.2 and 1.3, and HTTP/1.1 by ALPN",
            Documented,
            "wire-failures 0.1 and 8, KB0746078",
        ),
        said(
            "a leaf covers the host, `*.service-now.com` and `*.servicenowservices.com`; the latter two are an instance's own",
            Documented,
            "wire-failures 8, KB0563633",
        ),
        said(
            "`expired`, `not_yet_valid`, `self_signed`, `unknown_authority`, `wrong_host`, `wildcard_mismatch`: what OpenSSL, Java and rustls each say of it",
            Observed,
            "connection-faults 1.1 and 6",
        ),
        said(
            "`inspected`: a corporate authority's root is sent along with the leaf it signed",
            Observed,
            "wire-failures 8, servicenow.itsm issue 258",
        ),
        said(
            "`missing_intermediate`, `expired_intermediate`, `name_constraint`, `wrong_key_usage`, `bad_signature`: what the stacks say of a chain that is wrong in one place",
            Observed,
            "connection-faults 1.1 and 6",
        ),
        said(
            "`common_name_only`: accepted by curl, httpx, Node and Java, refused by requests and rustls",
            Observed,
            "connection-faults 5",
        ),
        said(
            "`sha1_signature`, `weak_authority`: fixed leaves below an intermediate of the run's authority; who refuses them depends on the client's policy",
            Observed,
            "connection-faults 5 and 6",
        ),
        said(
            "another certificate for a name that a handshake asks for (`certificates_by_name`); no name, or an address, gets the usual one",
            Observed,
            "connection-faults 1.1",
        ),
        said(
            "idle connections close, and those in use finish their answer, when another certificate is presented",
            Assumed,
            "none: an edge may as well keep them",
        ),
        said(
            "`handshake: protocol_version`: alert 70 to whoever offers nothing that is taken; an instance sends it to TLS 1.1 and older",
            Documented,
            "wire-failures 8, KB0746078",
        ),
        said(
            "`handshake: handshake_failure`, `unrecognized_name`, `internal_error`, `access_denied`, `no_application_protocol`: one fatal alert, then the end",
            Observed,
            "connection-faults 1.1 and 6",
        ),
        said(
            "`handshake: old_version`, `unoffered_cipher`: a ServerHello with TLS 1.1, or with RC4",
            Observed,
            "connection-faults 1.1 and 6",
        ),
        said(
            "`handshake: plain_http`, `garbage`, `reset`, `close`: what a ClientHello meets where no TLS is spoken",
            Observed,
            "connection-faults 1.1 and 6",
        ),
        said(
            "which of these answers an edge of `ServiceNow` gives, and when, apart from alert 70",
            Assumed,
            "none",
        ),
    ],
};

const fn said(what: &'static str, standing: Standing, source: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing,
        source,
    }
}
