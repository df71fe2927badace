//! Answers that are no good HTTP, or whose body is not what their head says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is wrong with an answer. No state of an instance explains it: something on the way damaged
/// it, a proxy, a balancer or a security appliance (connection-faults 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Malformation {
    /// Bytes that are no status line begin it.
    GarbageStatusLine,
    /// A header of 400 KiB stands in its head.
    HugeHeader,
    /// 300 headers stand in its head.
    ManyHeaders,
    /// `Content-Length` stands in it twice, with the same value: a caller may read it.
    DuplicateContentLength,
    /// `Content-Length` stands in it twice, with different values, one of them right.
    UnequalContentLength,
    /// `Content-Length` stands in it beside `Transfer-Encoding: chunked`.
    ContentLengthWithTransferEncoding,
    /// The size of its first chunk is no number.
    BadChunkSize,
    /// It is said to be gzip and is not.
    BadGzip,
    /// It is gzip that ends too early, in a message that is whole.
    TruncatedGzip,
    /// Its JSON holds bytes that are no UTF-8.
    InvalidUtf8,
    /// It is whole and almost JSON.
    InvalidJson,
    /// An HTML page with status 200 comes in its place.
    Html,
}

impl Malformation {
    /// Every one, in the order of declaration.
    pub const ALL: [Self; 12] = [
        Self::GarbageStatusLine,
        Self::HugeHeader,
        Self::ManyHeaders,
        Self::DuplicateContentLength,
        Self::UnequalContentLength,
        Self::ContentLengthWithTransferEncoding,
        Self::BadChunkSize,
        Self::BadGzip,
        Self::TruncatedGzip,
        Self::InvalidUtf8,
        Self::InvalidJson,
        Self::Html,
    ];

    /// Whether HTTP itself is broken, rather than what it carries.
    #[must_use]
    pub const fn is_of_http(self) -> bool {
        match self {
            Self::GarbageStatusLine
            | Self::HugeHeader
            | Self::ManyHeaders
            | Self::DuplicateContentLength
            | Self::UnequalContentLength
            | Self::ContentLengthWithTransferEncoding
            | Self::BadChunkSize => true,
            Self::BadGzip
            | Self::TruncatedGzip
            | Self::InvalidUtf8
            | Self::InvalidJson
            | Self::Html => false,
        }
    }

    /// What is wrong, as it follows `an answer with`.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::GarbageStatusLine => "bytes that are no status line",
            Self::HugeHeader => "a header of 400 KiB",
            Self::ManyHeaders => "300 headers",
            Self::DuplicateContentLength => "its length stated twice",
            Self::UnequalContentLength => "two lengths that differ",
            Self::ContentLengthWithTransferEncoding => "a length and chunks as well",
            Self::BadChunkSize => "a chunk whose size is no number",
            Self::BadGzip => "a body that is said to be gzip and is not",
            Self::TruncatedGzip => "gzip that ends too early",
            Self::InvalidUtf8 => "JSON that is no UTF-8",
            Self::InvalidJson => "a body that is almost JSON",
            Self::Html => "an HTML page in place of JSON",
        }
    }
}

/// Where in the head of an answer it stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeadPlace {
    /// Within the status line.
    StatusLine,
    /// Within the value of a header.
    Header,
}

impl HeadPlace {
    /// The place in plain words.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::StatusLine => "a part of the status line",
            Self::Header => "the head up to the middle of a header",
        }
    }
}
