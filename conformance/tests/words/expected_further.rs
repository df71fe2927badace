//! What is right to read of further stacks, where their words are not those of their dialect's row.

use snowproof::diagnosis::Class as C;

use crate::expected::Expected;
use crate::expected::Reading::{self, Among, Is, Nothing, OneOf};
use crate::stacks::Stack;

/// Stack, fault, and its own reading.
const OWN: &[(&str, &str, Reading)] = &[
    // The handshake counts as part of connecting.
    (
        "aiohttp",
        "tls-stalled",
        Is(C::NetConnectTimeout, &[C::TlsHandshake]),
    ),
    ("aiohttp", "proxy-refused", Is(C::NetProxy, &[])),
    ("Go net/http", "proxy-refused", Is(C::NetProxy, &[])),
    // It has one timeout for all, and whoever notices it first words it.
    (
        "Go net/http",
        "connect-timeout",
        Among(&[C::NetReadTimeout, C::NetConnectTimeout]),
    ),
    ("aiohttp", "no-utf8", Is(C::ProtocolMalformed, &[])),
    (
        "aiohttp",
        "same-length-twice",
        Is(C::ProtocolMalformed, &[]),
    ),
    (
        "aiohttp",
        "length-and-chunks",
        Is(C::ProtocolMalformed, &[]),
    ),
    // It takes a chunk without a size for the end of the answer.
    ("urllib3", "bad-chunk-size", Is(C::NetTruncated, &[])),
    // It reads what is huge, and of JSON the first value alone.
    ("Go net/http", "huge-header", Nothing),
    ("Go net/http", "almost-json", Nothing),
    (
        "Go net/http",
        "half-gzip",
        OneOf(&[C::NetTruncated, C::ProtocolMalformed]),
    ),
    // Its decoder reads from the connection, and says the same of both.
    (
        "Go net/http",
        "bad-json",
        OneOf(&[C::NetTruncated, C::ProtocolMalformed]),
    ),
];

/// What is right to read of what a stack says of a row's fault.
pub(crate) fn reading(stack: &Stack, row: &Expected) -> Reading {
    let own = OWN
        .iter()
        .find(|(name, fault, _)| *name == stack.name && *fault == row.fault);
    own.map_or_else(|| row.of(stack.dialect), |(.., reading)| *reading)
}
