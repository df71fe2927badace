//! What is known of the truth of the token endpoint.

use crate::fidelity::{Behaviour, Standing};

const FACTS: &str = "wire-failures 2.2";

const fn known(what: &'static str, standing: Standing, source: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing,
        source,
    }
}

pub(in crate::api) const BEHAVIOURS: &[Behaviour] = &[
    known(
        "a token request is a form that is posted; a JSON body is not read",
        Standing::Documented,
        "OAuth API request parameters",
    ),
    known(
        "parameters in the URL are not read where `glide.oauth.allow.parameters.in.post.body.only` is true, as on new instances, and the answer is `access_denied`",
        Standing::Documented,
        "wire-failures 2.2, OAuth token processor parameters",
    ),
    known(
        "client id and secret come in the form or as Basic credentials",
        Standing::Observed,
        "PySNC, password flow",
    ),
    known(
        "success has `access_token`, `refresh_token`, `scope`, `token_type` and `expires_in`, in that order; tokens have 86 characters",
        Standing::Documented,
        "wire-failures 2.2, REST OAuth example",
    ),
    known(
        "`expires_in` is what is left of the token, 1799 of 1800 s at once",
        Standing::Documented,
        "OAuth API response parameters",
    ),
    known(
        "access tokens live 1,800 s and refresh tokens 8,640,000 s unless the application says otherwise",
        Standing::Documented,
        FACTS,
    ),
    known(
        "the password grant gives the access token that is alive again and renews it",
        Standing::Documented,
        "OAuth API request parameters, KB0791140",
    ),
    known(
        "the password grant is refused to users who may only call web services, and where `glide.oauth.inbound.ropc.grant_type.disabled` is true",
        Standing::Documented,
        FACTS,
    ),
    known(
        "a wrong password of the password grant counts for the lockout as one of Basic credentials does",
        Standing::Assumed,
        "wire-failures 1.4",
    ),
    known(
        "a refresh gives a new access token and the same refresh token, whose life is not extended",
        Standing::Documented,
        "OAuth API request parameters, KB2132135",
    ),
    known(
        "a refresh leaves earlier access tokens alive",
        Standing::Assumed,
        FACTS,
    ),
    known(
        "client credentials give no refresh token, and need `glide.oauth.inbound.client.credential.grant_type.enabled` and an OAuth application user",
        Standing::Documented,
        "wire-failures 2.2, KB2058936",
    ),
    known(
        "an assertion (JWT) is verified by key id with RS256 to RS512, ES256 or ES384; `aud` must be the client id, `exp` must lie ahead, 300 s of clock skew are allowed, `sub` names a user",
        Standing::Documented,
        "Create an OAuth JWT API endpoint for external clients",
    ),
    known(
        "an assertion comes as `assertion` or in the header `Authentication`",
        Standing::Observed,
        "wire-failures 2.2, PySNC",
    ),
    known(
        "`iss` of an assertion must be the client id, one without `jti` is let through, and there is no refresh token",
        Standing::Assumed,
        "Create an OAuth JWT API endpoint for external clients",
    ),
    known(
        "a code lives for a minute, is bound to client and redirect URL, and is used up by any attempt",
        Standing::Assumed,
        "RFC 6749, 4.1.2",
    ),
    known(
        "a public client must use PKCE, has no secret and gets no refresh token",
        Standing::Assumed,
        "authorization code grant workflow",
    ),
    known(
        "locked and inactive accounts get no token and none by refresh",
        Standing::Observed,
        FACTS,
    ),
    known(
        "tokens of an application that was made inactive open nothing",
        Standing::Assumed,
        "wire-failures 2.2 names the application's own refusal alone",
    ),
    known(
        "almost every error is 401 `server_error`, `access_denied`; unknown and inactive clients are 401 `invalid_client`",
        Standing::Observed,
        FACTS,
    ),
    known(
        "bad codes are 401 `invalid_grant`, unknown grants 400 `unsupported_grant_type`, malformed requests 400 `invalid_request`; descriptions, content type and the absence of a challenge",
        Standing::Assumed,
        FACTS,
    ),
    known(
        "the endpoint stands in the queue of the API semaphores, and no rate limit rule counts it",
        Standing::Assumed,
        "wire-failures 5.1 and 5.2",
    ),
    known(
        "`/oauth_revoke_token.do?token=` ends a token, access or refresh, without authentication",
        Standing::Documented,
        "wire-failures 2.4, Revoke an OAuth token",
    ),
    known(
        "a revocation is answered 200 without a body, for a value that is no token too, and leaves other tokens of the grant alive",
        Standing::Assumed,
        "wire-failures 2.4",
    ),
    known(
        "a token is a record of `oauth_credential`, which administrators read and no answer shows the value of; a revocation marks it as expired",
        Standing::Documented,
        "wire-failures 2.4, Revoke an OAuth token, Manage tokens",
    ),
    known(
        "deleting the record or moving its `expires` into the past ends the token at once, moving it ahead revives the token; nothing else of the record is read, and one that somebody inserts is no token",
        Standing::Assumed,
        "Manage tokens",
    ),
    known(
        "tokens outlive a restart where the records are kept, sessions and authorization codes do not",
        Standing::Assumed,
        "Manage tokens",
    ),
    known(
        "an access token opens every API as its user while user and application are active; a dead one is 401",
        Standing::Observed,
        "wire-failures 2.3",
    ),
    known(
        "a session that a token began goes on after the token, unless `glide.authenticate.oauth.post.token.expiration.cookie_auth.disabled` is true",
        Standing::Documented,
        "wire-failures 1.3",
    ),
    known(
        "a dead token that comes with such a session's cookie is not looked at",
        Standing::Assumed,
        "wire-failures 1.3",
    ),
];
