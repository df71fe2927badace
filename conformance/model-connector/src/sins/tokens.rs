//! The sins around tokens, keys, consents and sessions.

use crate::policy::{
    ApiKeyIn, CodeUse, LostSession, NoRefreshToken, Patience, Proof, RefusedRequest, Renewal,
    RenewedBy, StateParameter, TokenParameters, Variation, Verbosity, WhiteSpace,
};

/// Every one of them.
pub(super) const SINS: &[Variation] = &[
    Variation {
        name: "never-renews-token",
        about: "takes a token that died for the end of the connection",
        edit: |policy| policy.oauth.renewal = Renewal::Never,
    },
    Variation {
        name: "token-per-request",
        about: "asks for a new token before every request",
        edit: |policy| policy.oauth.renewal = Renewal::EveryRequest,
    },
    Variation {
        name: "renews-in-a-loop",
        about: "asks for token after token while the instance refuses each of them",
        edit: |policy| policy.oauth.renewals_per_request = 5,
    },
    Variation {
        name: "each-worker-renews",
        about: "lets every worker that met the dead token ask for a new one",
        edit: |policy| policy.oauth.renewed_by = RenewedBy::Each,
    },
    Variation {
        name: "loses-page-of-dead-token",
        about: "takes the answer to a dead token for the end of the table",
        edit: |policy| policy.oauth.refused_request = RefusedRequest::TakenForTheEnd,
    },
    Variation {
        name: "retries-token-error",
        about: "takes `server_error` of the token endpoint for a passing fault",
        edit: |policy| policy.oauth.attempts_at_refused_grant = 5,
    },
    Variation {
        name: "token-request-as-json",
        about: "sends its token request as JSON",
        edit: |policy| policy.oauth.parameters = TokenParameters::Json,
    },
    Variation {
        name: "token-request-in-url",
        about: "puts the parameters of its token request into the URL",
        edit: |policy| policy.oauth.parameters = TokenParameters::Url,
    },
    Variation {
        name: "renews-after-403",
        about: "takes missing rights for a token that died",
        edit: |policy| policy.oauth.renews_after_403 = true,
    },
    Variation {
        name: "demands-refresh-token",
        about: "fails where the token endpoint answers without a refresh token",
        edit: |policy| policy.oauth.no_refresh_token = NoRefreshToken::Malformed,
    },
    Variation {
        name: "ignores-state",
        about: "takes any callback for its own",
        edit: |policy| policy.oauth.state = StateParameter::Unread,
    },
    Variation {
        name: "sends-no-state",
        about: "sends an authorization request without a state",
        edit: |policy| policy.oauth.state = StateParameter::Absent,
    },
    Variation {
        name: "sends-no-challenge",
        about: "binds the exchange of a code by nothing but its secret",
        edit: |policy| policy.oauth.proof = Proof::SecretAlone,
    },
    Variation {
        name: "waits-for-consent-for-ever",
        about: "waits for a callback until somebody ends it",
        edit: |policy| policy.oauth.patience = Patience::Endless,
    },
    Variation {
        name: "ignores-identity",
        about: "does not look as which user it was connected",
        edit: |policy| policy.oauth.reads_identity = false,
    },
    Variation {
        name: "trusts-refresh-token",
        about: "calls a connection good without having tried its refresh token",
        edit: |policy| policy.oauth.tries_refresh_token = false,
    },
    Variation {
        name: "sends-white-space",
        about: "sends a client secret with the white space that was pasted with it",
        edit: |policy| policy.oauth.white_space = WhiteSpace::Sent,
    },
    Variation {
        name: "api-key-in-url",
        about: "sends its API key as a query parameter",
        edit: |policy| policy.oauth.api_key = ApiKeyIn::Url,
    },
    Variation {
        name: "prints-token",
        about: "writes the tokens it was granted into its log",
        edit: |policy| policy.verbosity = Verbosity::WithTokens,
    },
    Variation {
        name: "shows-code-again",
        about: "shows an authorization code again that was refused",
        edit: |policy| policy.oauth.code_use = CodeUse::AgainWhenRefused,
    },
    Variation {
        name: "exchanges-each-callback",
        about: "exchanges the code again when the browser loads the callback again",
        edit: |policy| policy.oauth.code_use = CodeUse::AtEachCallback,
    },
    Variation {
        name: "forgets-consent",
        about: "keeps nothing of a person's consent for the runs that follow",
        edit: |policy| policy.oauth.keeps_consent = false,
    },
    Variation {
        name: "keeps-lost-session",
        about: "takes the refusal of an old session's cookie for that of its credentials",
        edit: |policy| policy.lost_session = LostSession::TakenForRefusal,
    },
];
