//! What a real instance does and the simulator does not.

/// What is missing, one line each, without a full stop. Where a caller asks for one of these, the
/// journal says so.
pub const NOT_MODELLED: [&str; 12] = [
    "OAuth 2.0, API keys, client certificates, single sign-on and multi-factor authentication; Basic credentials only",
    "sessions: cookies are sent, and credentials are looked at on every request",
    "bodies and answers in XML",
    "access controls of single fields, and those that are scripts",
    "business rules, workflows, notifications, scheduled jobs and webhooks",
    "views (`sysparm_view`), `sysparm_tiny` and `sysparm_input_display_value`",
    "scripted values of queries beyond the date and user functions of `gs`",
    "keyword and relevance search, related-list queries and queries past the length that is read",
    "domain separation, application scopes and several languages",
    "Scripted REST APIs, SOAP and the APIs of stores and plug-ins that have no chapter here",
    "the time that a query takes on an instance of its size: a quota counts rows in its place",
    "HTTP/2, compression and conditional requests",
];
