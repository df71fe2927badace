//! What is known of the way from the socket to an API and back, the same for all of them: forms,
//! limits, headers, cookies and sessions. The layers that do it are `connection`, `instance::session`,
//! the stages and `negotiation`.

use crate::fidelity::Standing::{Assumed, Documented, Observed};
use crate::fidelity::{Behaviour, Chapter};

mod authentication;

/// What is the same for all APIs, part by part.
pub(super) const CHAPTERS: [Chapter; 3] = [
    Chapter {
        title: "HTTP",
        behaviours: HTTP,
    },
    Chapter {
        title: "Authentication",
        behaviours: authentication::BEHAVIOURS,
    },
    Chapter {
        title: "Sessions",
        behaviours: SESSIONS,
    },
];

const fn known(
    what: &'static str,
    standing: crate::fidelity::Standing,
    source: &'static str,
) -> Behaviour {
    Behaviour {
        what,
        standing,
        source,
    }
}

const HTTP: &[Behaviour] = &[
    known(
        "answers in JSON are `application/json;charset=UTF-8`, sent chunked",
        Observed,
        "wire-core 0 and 1.6",
    ),
    known(
        "answers in XML are `application/xml;charset=UTF-8`, `<response><result>` under a declaration, an empty field an empty element",
        Observed,
        "wire-core 1.6, Batch API",
    ),
    known(
        "a list in XML is one `<result>` a row, and an error `<response><error><detail/><message/></error><status/></response>`, stages' refusals included",
        Observed,
        "wire-core 1.6, wire-failures 1.1",
    ),
    known(
        "an empty list in XML is `<response/>`; names that XML forbids have their odd characters replaced by `_`, characters that it forbids are left out",
        Assumed,
        "wire-core 1.6",
    ),
    known(
        "a body in XML is `<request><entry>` with a field an element",
        Documented,
        "Table API samples",
    ),
    known(
        "any root serves, several entries are a list, repeated elements are a list, a document type is refused, depth ends at 64",
        Assumed,
        "wire-core 1.6",
    ),
    known(
        "`Accept` chooses JSON or XML by weight; `*/*` and none mean JSON",
        Observed,
        "wire-core 1.6",
    ),
    known(
        "of equal weights the form that is named wins over a wildcard, then the first; `text/xml` stands for XML",
        Assumed,
        "RFC 9110, 12.5.1",
    ),
    known(
        "where no form is named, errors can be XML (switch `unnamed_form: xml_errors`)",
        Assumed,
        "failure catalogue, data-xml-error-body",
    ),
    known(
        "an `Accept` with neither form is 406, the error in JSON; the Attachment API takes and gives any type",
        Documented,
        "REST API HTTP response codes, Attachment API",
    ),
    known(
        "a write whose `Content-Type` is neither form is 415",
        Documented,
        "REST API HTTP response codes",
    ),
    known(
        "the words of 405, 406 and 415, that a body without `Content-Type` is JSON, and that `+json` types are",
        Assumed,
        "wire-core 8",
    ),
    known(
        "an instance that has version 1 alone answers a path of version 2 like one that names no API",
        Assumed,
        "wire-core 1.1",
    ),
    known(
        "a body in gzip is read, up to 1 MB as sent and 10 MB unpacked; another coding is 415",
        Assumed,
        "Controlling maximum request size, RFC 9110, 15.5.16",
    ),
    known(
        "a body of more than 10 MB is 400 `Exception while reading request`",
        Observed,
        "wire-core 1.6, KB0747638",
    ),
    known(
        "answers are gzip for whoever offers it, errors included; pages of the edge, HEAD and empty ones are not",
        Observed,
        "wire-core 0",
    ),
    known(
        "no `Vary` is sent with gzip, and the edge compresses none of its own pages",
        Assumed,
        "wire-core 1.2",
    ),
    known(
        "a target of more than 8192 bytes is 414 with a page of the edge",
        Observed,
        "wire-core 1.6",
    ),
    known(
        "a header section that is too large is 400 with a page that says `Request header is too large`",
        Observed,
        "wire-failures 4.19 and 7",
    ),
    known(
        "that it is too large above 32 KiB or 96 lines, that both answers close the connection, and the markup of their pages",
        Assumed,
        "wire-failures 4.19",
    ),
    known(
        "HEAD is GET without a body; PUT, PATCH and DELETE as usual",
        Documented,
        "REST API",
    ),
    known(
        "a POST with `X-HTTP-Method-Override` stands for the method that it names",
        Documented,
        "REST API",
    ),
    known(
        "only a POST may, and only for GET, PUT, PATCH and DELETE",
        Assumed,
        "wire-core 1.1",
    ),
    known(
        "other methods are 405 once the caller is known; TRACE and CONNECT are 405 with a page of the edge",
        Assumed,
        "wire-core 2.1",
    ),
    known(
        "the headers of an answer, with `Server: snow_adc` as captured in 2026, with `Server: ServiceNow` as captured in 2022 to 2024 (`SameSite=None`, `Keep-Alive`, the load balancer's cookie)",
        Observed,
        "wire-failures 0.1, wire-core 1.2",
    ),
    known(
        "the order of headers and of the attributes with `SameSite=None`, and whether `Keep-Alive` states 20 or 70 seconds",
        Assumed,
        "wire-core 1.2",
    ),
    known(
        "a 401 has no `X-Is-Logged-In` and no `X-Transaction-ID`, and closes the connection",
        Observed,
        "wire-core 2.2",
    ),
    known(
        "that a 401 of 2026 closes the connection as well",
        Assumed,
        "wire-failures 1.1 shows no `Connection`",
    ),
];

const SESSIONS: &[Behaviour] = &[
    known(
        "`JSESSIONID` is set where the request names no session, `glide_session_store` on each answer to a known caller",
        Observed,
        "wire-core 4.11 and 8",
    ),
    known(
        "a session's cookie replaces credentials",
        Observed,
        "wire-core 4.11",
    ),
    known(
        "a session's call that is no GET needs `X-UserToken`, on some instances every call (switch `user_token`); else 401 with `X-UserToken-Response` and `X-Is-Logged-In: true`",
        Observed,
        "wire-core 2.2 and 4.11",
    ),
    known(
        "a session that is over is 401 with `X-Is-Logged-In: false`",
        Observed,
        "wire-core 2.2",
    ),
    known(
        "a session lasts 30 minutes from its last use, as `Max-Age` says (switch `session_lifetime`)",
        Assumed,
        "wire-core 1.2; integrations' timeout is documented as 1 and as 5 minutes, wire-failures 1.3",
    ),
    known(
        "credentials win over a session that is sent along, and make it their user's; an unknown session is replaced by a new one",
        Assumed,
        "wire-core 4.11",
    ),
    known(
        "a session that a token began reaches no further than the token's scope, and one that a token, a key or a certificate began opens no page",
        Assumed,
        "wire-failures 2.1 (a person must be logged in) and 2.3",
    ),
    known(
        "the session of a locked or inactive user is over, and beyond 4096 sessions the longest unused ends",
        Assumed,
        "wire-core 4.11",
    ),
    known(
        "`POST /login.do` answers 302 and begins a session; pages within it hold `g_ck`",
        Observed,
        "wire-core 4.10",
    ),
    known(
        "a wrong password in the form is 200 and the login page",
        Observed,
        "wire-core 4.10",
    ),
    known(
        "the login leads to `/navpage.do` where one came from nowhere, its failures count towards the lockout, and the markup of the pages",
        Assumed,
        "wire-core 4.10",
    ),
    known(
        "`/stats.do`, `/xmlstats.do` and `/threads.do` are open unless `glide.security.diag_txns_acl` is true",
        Documented,
        "Performance monitoring (ACL)",
    ),
    known(
        "what the diagnostics pages say, and that closed ones show the login",
        Assumed,
        "wire-core 4.10",
    ),
];
