//! The sins around where the instance is, who answers there, and what it says beside its rows.

use crate::policy::{Domains, Leaf, LimitHeaders, Redirects, TooLong, UrlPath, Variation};

/// Every one of them.
pub(super) const SINS: &[Variation] = &[
    Variation {
        name: "pins-first-certificate",
        about: "accepts no certificate but the one that it met first, however good another is",
        edit: |policy| policy.leaf = Leaf::FirstMet,
    },
    Variation {
        name: "joins-paths-badly",
        about: "appends its paths to a URL that ends in a slash, so that two slashes follow the host",
        edit: |policy| policy.url_path = UrlPath::KeepSlash,
    },
    Variation {
        name: "retries-long-requests",
        about: "sends a request again as it was that is too long for the instance",
        edit: |policy| policy.too_long = TooLong::SendAgain(3),
    },
    Variation {
        name: "takes-limits-for-refusals",
        about: "takes the headers of a rate limit for a refusal, also on an answer with rows",
        edit: |policy| policy.limit_headers = LimitHeaders::Refusal,
    },
    Variation {
        name: "knows-one-domain",
        about: "refuses an instance of the government's cloud for its domain",
        edit: |policy| policy.domains = Domains::WithoutGovernment,
    },
    Variation {
        name: "follows-redirects-forever",
        about: "follows redirects, credentials included, however often an answer leads on",
        edit: |policy| policy.redirects = Redirects::FollowWithoutEnd,
    },
];
