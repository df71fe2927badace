//! What each dialect must make of damage done by the wire. Where a stack can read an answer all the
//! same, nothing is to be read of it.

use snowproof::diagnosis::Class as C;

use crate::expected::Reading::{Among, Is, Nothing};
use crate::expected::{CREDENTIALS, Expected, OTHER_THAN_NETWORK, row};

const MALFORMED: crate::expected::Reading = Is(C::ProtocolMalformed, &[]);

const BROKEN_STREAM: crate::expected::Reading =
    Among(&[C::NetReset, C::NetTruncated, C::NetClosed]);

/// One row a fault of `damage.rs`.
pub(crate) const EXPECTED: &[Expected] = &[
    row("garbage-status-line", MALFORMED, &[], CREDENTIALS),
    row(
        "huge-header",
        MALFORMED,
        &[("reqwest", Nothing)],
        CREDENTIALS,
    ),
    row(
        "many-headers",
        Nothing,
        &[
            ("python-requests", MALFORMED),
            ("reqwest", MALFORMED),
            ("aiohttp", MALFORMED),
        ],
        CREDENTIALS,
    ),
    // The same value twice may be read (RFC 9110, 8.6).
    row(
        "same-length-twice",
        Nothing,
        &[
            ("node-fetch", MALFORMED),
            (
                "axios",
                Among(&[C::NetClosed, C::NetReset, C::ProtocolMalformed]),
            ),
        ],
        CREDENTIALS,
    ),
    // Java reads the two bytes of the first length as the whole answer.
    row(
        "two-lengths",
        MALFORMED,
        &[("curl", Nothing), ("java-httpclient", Nothing)],
        CREDENTIALS,
    ),
    row(
        "length-and-chunks",
        Nothing,
        &[("node-fetch", MALFORMED), ("axios", MALFORMED)],
        CREDENTIALS,
    ),
    row("bad-chunk-size", MALFORMED, &[], CREDENTIALS),
    // reqwest unpacks nothing as it is built here.
    row("no-gzip", MALFORMED, &[("reqwest", Nothing)], CREDENTIALS),
    row(
        "half-gzip",
        MALFORMED,
        &[("reqwest", Is(C::ProtocolNotJson, &[]))],
        CREDENTIALS,
    ),
    row("no-utf8", Nothing, &[("httpx", MALFORMED)], CREDENTIALS),
    row("almost-json", MALFORMED, &[], CREDENTIALS),
    row(
        "html-instead",
        Is(C::ProtocolNotJson, &[]),
        &[],
        CREDENTIALS,
    ),
    row(
        "silence-in-status-line",
        Is(C::NetReadTimeout, &[]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "silence-in-header",
        Is(C::NetReadTimeout, &[]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "closed-in-header",
        Among(&[C::NetClosed, C::NetTruncated]),
        &[
            // An answer of status 200 with nothing in it.
            ("curl", Nothing),
            ("python-requests", Is(C::ProtocolNotJson, &[])),
        ],
        OTHER_THAN_NETWORK,
    ),
    // Only curl, Java and reqwest offer HTTP/2 by themselves; nothing happens to the others.
    row(
        "stream-reset",
        Nothing,
        &[
            ("curl", BROKEN_STREAM),
            ("java-httpclient", BROKEN_STREAM),
            ("reqwest", BROKEN_STREAM),
        ],
        OTHER_THAN_NETWORK,
    ),
    row(
        "stream-refused",
        Nothing,
        &[
            ("curl", BROKEN_STREAM),
            ("java-httpclient", BROKEN_STREAM),
            ("reqwest", BROKEN_STREAM),
        ],
        OTHER_THAN_NETWORK,
    ),
    row(
        "stream-reset-in-body",
        Nothing,
        &[
            ("curl", BROKEN_STREAM),
            ("java-httpclient", BROKEN_STREAM),
            ("reqwest", BROKEN_STREAM),
        ],
        OTHER_THAN_NETWORK,
    ),
    row(
        "going-away",
        Nothing,
        &[
            ("curl", BROKEN_STREAM),
            ("java-httpclient", BROKEN_STREAM),
            ("reqwest", BROKEN_STREAM),
        ],
        OTHER_THAN_NETWORK,
    ),
    row(
        "closed-at-once",
        Among(&[C::TlsHandshake, C::NetClosed, C::NetReset]),
        &[],
        OTHER_THAN_NETWORK,
    ),
    row(
        "reset-at-once",
        Among(&[C::NetReset, C::TlsHandshake, C::NetRefused, C::NetClosed]),
        &[],
        OTHER_THAN_NETWORK,
    ),
];
