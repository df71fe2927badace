//! The near-misses: each edits one field of the policy into something that looks like a mistake
//! and is right. No check may fail one of them.

use std::time::Duration;

use crate::policy::{
    AfterRefusal, Backoff, EasesOff, ExtraQuery, Paging, PlainHttp, Redirects, Renewal, RenewsWith,
    Reread, RetryAfter, TooLong, UnknownWrite, UnsentFields, Unserviced, UploadCredentials,
    Variation, Verbosity, WhiteSpace, WriteKey,
};

/// Every near-miss.
pub const NEAR_MISSES: &[Variation] = &[
    Variation {
        name: "waits-retry-after-plus-4s",
        about: "waits a little longer than the instance asks",
        edit: |policy| policy.retry_after = RetryAfter::HonourAndAdd(Duration::from_secs(4)),
    },
    Variation {
        name: "immediate-first-retry",
        about: "makes the first retry at once and backs off from the second on",
        edit: |policy| policy.backoff.first_at_once = true,
    },
    Variation {
        name: "slower-backoff",
        about: "backs off from a whole second on",
        edit: |policy| {
            policy.backoff = Backoff {
                floor: Duration::from_millis(500),
                base: Duration::from_secs(1),
                ..Backoff::default()
            };
        },
    },
    Variation {
        name: "pages-by-offset",
        about: "pages by offset in a unique order instead of by key",
        edit: |policy| policy.paging = Paging::Offset,
    },
    Variation {
        name: "replays-401-once",
        about: "sends refused credentials one more time before it gives up",
        edit: |policy| policy.replays_of_401 = 1,
    },
    Variation {
        name: "second-handshake",
        about: "connects one more time after it refused a certificate",
        edit: |policy| policy.replays_of_bad_certificate = 1,
    },
    Variation {
        name: "offers-once-more",
        about: "connects one more time after a handshake was refused for what it offers",
        edit: |policy| policy.replays_of_refused_handshake = 1,
    },
    Variation {
        name: "smaller-pages",
        about: "asks for fewer rows at a time than is configured",
        edit: |policy| policy.page_size = Some(7),
    },
    Variation {
        name: "dummy-parameter",
        about: "sends a query parameter that means nothing",
        edit: |policy| policy.extra_query = Some(ExtraQuery::Dummy),
    },
    Variation {
        name: "names-one-cause",
        about: "names the likeliest cause alone",
        edit: |policy| policy.names_candidates = false,
    },
    Variation {
        name: "chatty-logs",
        about: "logs every request and every page",
        edit: |policy| policy.verbosity = Verbosity::Chatty,
    },
    Variation {
        name: "no-keep-alive",
        about: "opens a connection for every request",
        edit: |policy| policy.keep_alive = false,
    },
    Variation {
        name: "single-attempt-check",
        about: "tests a connection with one attempt, whatever comes of it",
        edit: |policy| policy.check_attempts = 1,
    },
    Variation {
        name: "fewer-attempts",
        about: "gives up after three attempts",
        edit: |policy| policy.max_attempts = 3,
    },
    Variation {
        name: "leaves-unknown-writes",
        about: "does not try a write again whose answer was lost, and says that it does not know",
        edit: |policy| policy.unknown_write = UnknownWrite::Leave,
    },
    Variation {
        name: "writes-with-own-key",
        about: "chooses the record's sys_id itself and looks it up by that",
        edit: |policy| policy.write_key = WriteKey::OwnSysId,
    },
    Variation {
        name: "shrinks-page-faster",
        about: "asks for a quarter of the rows after the instance cancelled the query",
        edit: |policy| policy.page_shrink = 4,
    },
    Variation {
        name: "asks-where-http-leads",
        about: "asks an http:// URL without credentials where it leads, and goes on over https",
        edit: |policy| policy.plain_http = PlainHttp::Ask,
    },
    Variation {
        name: "eases-off-to-one",
        about: "makes one request at a time for the rest of the run after a refusal",
        edit: |policy| policy.workers.eases_off = EasesOff::ToOne,
    },
    Variation {
        name: "spreads-retries-wider",
        about: "takes four times as long to send again what was refused together",
        edit: |policy| policy.workers.spread = Duration::from_millis(120),
    },
    Variation {
        name: "renews-before-expiry",
        about: "asks for a new token before the one in use is too old by its own account",
        edit: |policy| policy.oauth.renewal = Renewal::BeforeExpiry,
    },
    Variation {
        name: "logs-in-again",
        about: "makes its first grant again instead of using the refresh token",
        edit: |policy| policy.oauth.renews_with = RenewsWith::FirstGrant,
    },
    Variation {
        name: "refuses-white-space",
        about: "refuses a client secret with white space around it instead of trimming it",
        edit: |policy| policy.oauth.white_space = WhiteSpace::Refused,
    },
    Variation {
        name: "marks-unsent-fields",
        about: "hands on null for a field that it was not sent, and says that it could not be read",
        edit: |policy| policy.unsent_fields = UnsentFields::Marked,
    },
    Variation {
        name: "rewrites-callback",
        about: "writes the records of a callback whole each time it is asked to set it up",
        edit: |policy| policy.provisioning.rewrites = true,
    },
    Variation {
        name: "credentials-after-refusal",
        about: "uploads without credentials and shows them when it is refused, whatever the status",
        edit: |policy| policy.upload_credentials = UploadCredentials::AfterRefusal,
    },
    Variation {
        name: "tells-long-requests",
        about: "says that a request was too long for the instance instead of splitting it",
        edit: |policy| policy.too_long = TooLong::Tell,
    },
    Variation {
        name: "asks-where-redirects-lead",
        about: "asks whoever a redirect names, without credentials and over https, before it tells",
        edit: |policy| policy.redirects = Redirects::AskThere,
    },
    Variation {
        name: "delivers-overlap-again",
        about: "delivers again what it meets in the time that it reads twice",
        edit: |policy| policy.incremental.reread = Reread::Delivered,
    },
    Variation {
        name: "reads-an-hour-twice",
        about: "reads an hour again before the time at which its last run began",
        edit: |policy| policy.incremental.overlap = Duration::from_secs(3600),
    },
    Variation {
        name: "stops-batching",
        about: "sends records one by one after a batch of them was refused for a limit",
        edit: |policy| policy.batches.after_refusal = AfterRefusal::OneByOne,
    },
    Variation {
        name: "tells-unserviced",
        about: "says which part of a batch is done instead of sending again what was not run",
        edit: |policy| policy.batches.unserviced = Unserviced::Told,
    },
];
