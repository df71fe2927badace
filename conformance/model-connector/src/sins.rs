//! The sins: each edits one field of the policy into a mistake that connectors really make.

use std::time::Duration;

use crate::policy::{
    Backoff, BeyondMaxWait, Blame, BrokenOff, Checkpoints, Deadline, Delivery, Dropped, EasesOff,
    EmptyList, EndOfData, ErrorInSuccess, ExitStatus, ExtraQuery, FailedPage, MissingRecord,
    OnFailure, Outage, Paging, PlainHttp, Redirects, Refusal, Reports, Resume, RetryAfter,
    UnknownWrite, UnreadableWait, UnsentFields, UploadCredentials, UrlPath, Variation, Verbosity,
    WithoutTls, ZeroWait,
};

mod batches;
mod connections;
mod data;
mod tokens;
mod waits;

/// The lists, in order.
const LISTS: [&[Variation]; 6] = [
    OF_REQUESTS,
    tokens::SINS,
    connections::SINS,
    data::SINS,
    batches::SINS,
    waits::SINS,
];

/// How many sins there are.
const COUNT: usize = OF_REQUESTS.len()
    + tokens::SINS.len()
    + connections::SINS.len()
    + data::SINS.len()
    + batches::SINS.len()
    + waits::SINS.len();

/// Every sin.
pub const SINS: &[Variation] = &{
    let mut all = [OF_REQUESTS[0]; COUNT];
    let (mut at, mut list) = (0, 0);
    while list < LISTS.len() {
        let mut within = 0;
        while within < LISTS[list].len() {
            all[at] = LISTS[list][within];
            at += 1;
            within += 1;
        }
        list += 1;
    }
    all
};

/// Those around requests and what becomes of them, in the order in which a run meets them.
const OF_REQUESTS: &[Variation] = &[
    Variation {
        name: "skips-verification",
        about: "accepts any certificate",
        edit: |policy| policy.verify_certificates = false,
    },
    Variation {
        name: "retries-bad-certificate",
        about: "treats a refused certificate as a passing fault and connects again",
        edit: |policy| policy.replays_of_bad_certificate = 4,
    },
    Variation {
        name: "retries-refused-handshake",
        about: "offers the same again after a handshake was refused for what it offers",
        edit: |policy| policy.replays_of_refused_handshake = 4,
    },
    Variation {
        name: "no-attempt-timeout",
        about: "waits for an answer for ever",
        edit: |policy| policy.attempt_timeout = false,
    },
    Variation {
        name: "password-in-url",
        about: "repeats the password as a query parameter",
        edit: |policy| policy.extra_query = Some(ExtraQuery::Password),
    },
    Variation {
        name: "prints-password",
        about: "writes the password into its log",
        edit: |policy| policy.verbosity = Verbosity::WithPassword,
    },
    Variation {
        name: "retries-refused-password",
        about: "sends credentials again that were just refused, until the account is locked",
        edit: |policy| policy.replays_of_401 = 5,
    },
    Variation {
        name: "retries-forbidden",
        about: "asks again for what it was forbidden to read",
        edit: |policy| policy.replays_of_403 = 4,
    },
    Variation {
        name: "trusts-200",
        about: "takes any 200 for an answer: a page becomes zero rows, an error object success",
        edit: |policy| policy.trust_status = true,
    },
    Variation {
        name: "no-retry",
        about: "gives up at the first passing fault",
        edit: |policy| policy.max_attempts = 1,
    },
    Variation {
        name: "never-gives-up",
        about: "tries again without end",
        edit: |policy| policy.max_attempts = u32::MAX,
    },
    Variation {
        name: "hot-loop",
        about: "tries again at once, every time",
        edit: |policy| {
            policy.backoff = Backoff {
                floor: Duration::ZERO,
                base: Duration::ZERO,
                cap: Duration::ZERO,
                first_at_once: true,
                jitter: true,
            };
        },
    },
    Variation {
        name: "ignores-retry-after",
        about: "backs off by its own clock although the instance names a time",
        edit: |policy| policy.retry_after = RetryAfter::Ignore,
    },
    Variation {
        name: "multiplies-retry-after",
        about: "waits five times as long as the instance asks",
        edit: |policy| policy.retry_after = RetryAfter::Multiply(5),
    },
    Variation {
        name: "retries-before-long-retry-after",
        about: "cuts a long Retry-After short instead of giving up",
        edit: |policy| policy.beyond_max_wait = BeyondMaxWait::RetryEarly,
    },
    Variation {
        name: "pages-without-order",
        about: "pages by offset without ORDERBY, so rows repeat and go missing",
        edit: |policy| policy.paging = Paging::UnorderedOffset,
    },
    Variation {
        name: "stops-on-short-page",
        about: "takes a page shortened by access controls for the last one",
        edit: |policy| policy.end_of_data = EndOfData::ShortPage,
    },
    Variation {
        name: "drops-failed-page",
        about: "skips a page that failed and goes on with the next",
        edit: |policy| policy.failed_page = FailedPage::Skip,
    },
    Variation {
        name: "duplicates-last-page",
        about: "delivers the records of the last page twice",
        edit: |policy| policy.delivery = Delivery::LastPageTwice,
    },
    Variation {
        name: "checkpoints-late",
        about: "writes checkpoints one page behind, so a resumed run repeats a page",
        edit: |policy| policy.checkpoints = Checkpoints::OnePageBehind,
    },
    Variation {
        name: "restarts-from-zero",
        about: "ignores its checkpoint and reads everything again",
        edit: |policy| policy.resume = Resume::FromStart,
    },
    Variation {
        name: "hides-what-is-missing",
        about: "does not tell that records are hidden from its user",
        edit: |policy| policy.tells_hidden = false,
    },
    Variation {
        name: "blames-the-password",
        about: "says that the credentials are wrong when a page arrives instead of data",
        edit: |policy| policy.blame = Blame::PasswordForPages,
    },
    Variation {
        name: "treats-403-as-401",
        about: "says that the credentials are wrong when a role or an address is missing",
        edit: |policy| policy.blame = Blame::PasswordForForbidden,
    },
    Variation {
        name: "one-cause-for-all",
        about: "says that the instance is unavailable, whatever happened",
        edit: |policy| policy.blame = Blame::AlwaysTheInstance,
    },
    Variation {
        name: "no-next-step",
        about: "says what is wrong and not what to do about it",
        edit: |policy| policy.offers_next_step = false,
    },
    Variation {
        name: "vague-words",
        about: "says that something failed, and not which table, host or status it is about",
        edit: |policy| policy.names_facts = false,
    },
    Variation {
        name: "complains-after-recovery",
        about: "ends a run that recovered with the failure it recovered from",
        edit: |policy| policy.tells_recovered = true,
    },
    Variation {
        name: "says-success-on-failure",
        about: "names the failure and reports success",
        edit: |policy| policy.on_failure = OnFailure::ClaimSuccess,
    },
    Variation {
        name: "silent-failure",
        about: "reports success and says nothing when it failed",
        edit: |policy| policy.on_failure = OnFailure::SayNothing,
    },
    Variation {
        name: "vanishes-on-failure",
        about: "exits without a result when it failed",
        edit: |policy| policy.on_failure = OnFailure::Vanish,
    },
    Variation {
        name: "exits-with-failure",
        about: "exits with the status of a failure after every run",
        edit: |policy| policy.exit_status = ExitStatus::AlwaysFailure,
    },
    Variation {
        name: "hammers-while-down",
        about: "asks an instance that is not there at a steady, high rate",
        edit: |policy| {
            policy.outage = Outage::Steadily {
                every: Duration::from_millis(150),
                attempts: 14,
            };
        },
    },
    Variation {
        name: "keeps-last-error",
        about: "reports the connection that broke last instead of what the instance had answered",
        edit: |policy| policy.reports = Reports::LastError,
    },
    Variation {
        name: "speaks-late",
        about: "keeps its diagnosis to itself for a while",
        edit: |policy| policy.tells_after = Duration::from_secs(8),
    },
    Variation {
        name: "starts-over",
        about: "reads everything again after each passing fault",
        edit: |policy| policy.failed_page = FailedPage::StartOver,
    },
    Variation {
        name: "believes-own-page-size",
        about: "moves on by the rows it asked for, however few the instance returned",
        edit: |policy| policy.paging = Paging::OwnPageSize,
    },
    Variation {
        name: "pages-by-time",
        about: "asks for what changed after the last row, so that rows of the same second are lost",
        edit: |policy| policy.paging = Paging::ByTime,
    },
    Variation {
        name: "keeps-talking-after-result",
        about: "goes on sending requests after its final word",
        edit: |policy| policy.requests_after_result = 2,
    },
    Variation {
        name: "replays-post-blindly",
        about: "writes a record again when the answer was lost, without a look whether it is there",
        edit: |policy| policy.unknown_write = UnknownWrite::WriteAgain,
    },
    Variation {
        name: "claims-write",
        about: "takes a write for done when the answer was lost",
        edit: |policy| policy.unknown_write = UnknownWrite::ClaimSuccess,
    },
    Variation {
        name: "sends-in-clear",
        about: "takes an http:// URL and sends the password over it",
        edit: |policy| policy.plain_http = PlainHttp::Send,
    },
    Variation {
        name: "takes-url-as-typed",
        about: "appends its paths to whatever follows the host in the URL",
        edit: |policy| policy.url_path = UrlPath::Keep,
    },
    Variation {
        name: "retries-bad-request",
        about: "asks again for what the instance could make no sense of",
        edit: |policy| policy.replays_of_400 = 4,
    },
    Variation {
        name: "retries-not-found",
        about: "asks again for what is not there",
        edit: |policy| policy.replays_of_404 = 4,
    },
    Variation {
        name: "hides-verify-off",
        about: "does not tell that certificate checks are switched off",
        edit: |policy| policy.tells_verification_off = false,
    },
    Variation {
        name: "hot-loops-on-zero",
        about: "tries again at once where the instance names a time of zero",
        edit: |policy| policy.zero_wait = ZeroWait::AtOnce,
    },
    Variation {
        name: "dies-of-bad-retry-after",
        about: "ends the run when it cannot read the time that the instance names",
        edit: |policy| policy.unreadable_wait = UnreadableWait::Fail,
    },
    Variation {
        name: "trusts-202",
        about: "takes a dropped request for an answer without rows",
        edit: |policy| policy.dropped = Dropped::TakeForTheEnd,
    },
    Variation {
        name: "ignores-error-in-success",
        about: "takes the rows of an answer that holds an error for all there are",
        edit: |policy| policy.error_in_success = ErrorInSuccess::TakeForTheEnd,
    },
    Variation {
        name: "keeps-page-size",
        about: "asks for as many rows again after the instance cancelled the query",
        edit: |policy| policy.page_shrink = 1,
    },
    Variation {
        name: "no-jitter",
        about: "backs off by the same times whoever else does",
        edit: |policy| policy.backoff.jitter = false,
    },
    Variation {
        name: "flat-backoff",
        about: "waits as long after the fourth failure as after the first",
        edit: |policy| {
            policy.backoff = Backoff {
                floor: Duration::from_millis(1500),
                base: Duration::from_millis(1500),
                cap: Duration::from_millis(1500),
                first_at_once: false,
                jitter: false,
            };
        },
    },
    Variation {
        name: "no-total-deadline",
        about: "bounds the pause between two reads and not the whole answer, so a drip never ends",
        edit: |policy| policy.deadline = Deadline::BetweenReads,
    },
    Variation {
        name: "accepts-truncated-body",
        about: "takes what came of an answer that broke off for the end of the table",
        edit: |policy| policy.broken_off = BrokenOff::TakenForTheEnd,
    },
    Variation {
        name: "workers-ignore-each-other",
        about: "stops the worker that was refused, while the others go on",
        edit: |policy| policy.workers.refusal = Refusal::BindsOne,
    },
    Variation {
        name: "keeps-concurrency",
        about: "keeps as many requests in flight after a refusal as before it",
        edit: |policy| policy.workers.eases_off = EasesOff::No,
    },
    Variation {
        name: "retries-in-step",
        about: "lets all workers that were refused come back at the same instant",
        edit: |policy| policy.workers.spread = Duration::ZERO,
    },
    Variation {
        name: "blanks-unsent-fields",
        about: "hands on an empty value for a field that the instance did not send",
        edit: |policy| policy.unsent_fields = UnsentFields::Blanked,
    },
    Variation {
        name: "provisions-blindly",
        about: "creates the records of a callback each time, without a look whether they are there",
        edit: |policy| policy.provisioning.looks_up = false,
    },
    Variation {
        name: "trusts-provisioning",
        about: "takes a callback for set up once its records were taken, whatever was kept of them",
        edit: |policy| policy.provisioning.reads_back = false,
    },
    Variation {
        name: "waits-for-challenge",
        about: "uploads without credentials and shows them when the instance names a scheme",
        edit: |policy| policy.upload_credentials = UploadCredentials::AfterChallenge,
    },
    Variation {
        name: "creates-what-is-hidden",
        about: "creates a record in the place of one that it is not shown",
        edit: |policy| policy.missing_record = MissingRecord::CreateAnew,
    },
    Variation {
        name: "matches-the-prose",
        about: "knows refused credentials by one spelling of the instance's message, not by the status",
        edit: |policy| policy.blame = Blame::InstanceForOtherSpelling,
    },
    Variation {
        name: "fails-on-empty-404",
        about: "takes version 1's 404 for an empty list for something that is not there",
        edit: |policy| policy.empty_list = EmptyList::OnlyWith200,
    },
    Variation {
        name: "follows-redirects",
        about: "goes wherever an answer leads, and takes the credentials along",
        edit: |policy| policy.redirects = Redirects::Follow,
    },
    Variation {
        name: "reads-redirected-writes",
        about: "goes wherever the answer to a write leads with a read, and takes its 200 for the record",
        edit: |policy| policy.redirects = Redirects::TakeForDone,
    },
    Variation {
        name: "goes-on-without-tls",
        about: "sends the request in the clear, password included, where the port speaks no TLS",
        edit: |policy| policy.without_tls = WithoutTls::SendAllTheSame,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::NEAR_MISSES;
    use crate::policy::Policy;

    /// How many top-level fields of the policy differ, read from the derived debug output.
    fn edited_fields(policy: &Policy) -> usize {
        let lines = |policy: &Policy| {
            let mut fields = Vec::new();
            for line in format!("{policy:#?}").lines() {
                let begins_field = line.starts_with("    ")
                    && line[4..].starts_with(|c: char| c.is_ascii_lowercase());
                if begins_field {
                    fields.push(String::new());
                }
                if let Some(field) = fields.last_mut() {
                    field.push_str(line);
                }
            }
            fields
        };
        let (right, edited) = (lines(&Policy::default()), lines(policy));
        assert_eq!(right.len(), edited.len());
        right.iter().zip(&edited).filter(|(a, b)| a != b).count()
    }

    #[test]
    fn every_variation_edits_exactly_one_field() {
        for variation in SINS.iter().chain(NEAR_MISSES) {
            assert_eq!(edited_fields(&variation.policy()), 1, "{}", variation.name);
        }
    }

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = BTreeSet::new();
        for variation in SINS.iter().chain(NEAR_MISSES) {
            assert!(seen.insert(variation.name), "{}", variation.name);
            assert!(
                variation
                    .name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{}",
                variation.name
            );
            assert!(!variation.about.is_empty() && !variation.about.ends_with('.'));
        }
    }
}
