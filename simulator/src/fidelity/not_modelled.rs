//! What a real instance does and the simulator does not.

/// What is missing, one line each, without a full stop. Where a caller asks for one of these, the
/// journal says so.
pub const NOT_MODELLED: [&str; 17] = [
    "single sign-on, HMAC signatures, the filter criteria of authentication policies, the scopes of API keys, and the restriction of Basic credentials to some accounts; of OAuth the implicit grant, `client_assertion`, claim validations, key sets by URL",
    "a session's one transaction at a time, but where a set-up gives its sessions queues",
    "access controls that are scripts, and those that deny unless but for scripts' columns",
    "business rules but those that abort a change by a filter, data policies but on the Table API, and those that an instance ships, workflows, notifications, scheduled jobs and webhooks; mandatory and read-only columns are described and not enforced",
    "scripted values of queries beyond the date and user functions of `gs`",
    "wildcards and relevance in text searches, tags, and queries past the length that is read",
    "hierarchies but those of managers, and dynamic filters but `Me` and `My Groups`",
    "domain separation, application scopes and several languages",
    "currencies and their conversion; averages and sums of durations",
    "scripts of transform maps, choice actions and records that an import would create on the way",
    "reconciliation rules, related items, dependent rules and partial payloads kept for later",
    "JSONv2, SOAP, exports of lists (`.do?CSV`, `?XML`, `?EXCEL`) and Scripted REST APIs",
    "the APIs of stores and plug-ins that have no chapter here",
    "the time that a query or a batch takes on an instance of its size: a quota counts rows in its place, however many columns they have",
    "attachments of more than 10 MB, encryption contexts, and the sizes and colours of images",
    "conditional requests",
    "revocation of certificates: no client looks at a list of its own accord (connection-faults 1.1)",
];
