//! What is known of the ways in which callers show who they are, OAuth tokens apart.

use super::known;
use crate::fidelity::Behaviour;
use crate::fidelity::Standing::{Assumed, Documented, Observed};

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    known(
        "401 with one envelope and a challenge, in either spelling of its message (switch `unauthenticated_message`)",
        Observed,
        "wire-failures 1.1",
    ),
    known(
        "the scheme of the challenge is `Basic` from nodes that call themselves `snow_adc`, `BASIC` from older ones and under an access policy",
        Observed,
        "wire-failures 1.1, wire-core 2.2",
    ),
    known(
        "accounts that are locked or inactive, and passwords that expired or must be reset, get that very answer",
        Assumed,
        "wire-failures 1.2",
    ),
    known(
        "five failures in a row lock an account (`glide.user.max_unlock_attempts`), and it opens by itself after 15 minutes (`glide.user.unlock_timeout_in_mins`); a success counts from zero",
        Documented,
        "Specify lockout for failed login attempts",
    ),
    known(
        "where the script action `SNC User Lockout Check` is in force in place of the one `with Auto Unlock`, a locked account stays so until somebody opens it",
        Documented,
        "Specify lockout for failed login attempts",
    ),
    known(
        "failures over REST and in the login form count alike, the lockout is over at the first request after its time, and an administrator's lock stays",
        Assumed,
        "wire-failures 1.4",
    ),
    known(
        "a second factor is six digits behind the password; a missing or wrong code is 401 with `X-MFA_TOKEN: invalid`, a wrong password 401 without it",
        Documented,
        "REST API, Multi-factor authentication REST responses",
    ),
    known(
        "the code is that of RFC 6238 (SHA-1, six digits, 30 s) over a secret of the user, or the one before or after it, as often as it is shown (switch `mfa_codes`)",
        Assumed,
        "wire-failures 1.2 names codes of an authenticator; RFC 6238",
    ),
    known(
        "the password grant asks for no second factor",
        Documented,
        "wire-failures 1.2",
    ),
    known(
        "the user's own setting asks for the code, a right password without it ends a row of failures, and a code that nobody asks for makes the password wrong",
        Assumed,
        "wire-failures 1.2; since Yokohama Basic credentials are exempt by default",
    ),
    known(
        "a POST to the Attachment API without credentials is 401, or 403 without a challenge (switch `attachment_challenge`)",
        Observed,
        "KB3054410",
    ),
    known(
        "an API key comes as header or query parameter `x-sn-apikey`, is bound to a user, may expire, and needs an access policy of the API that lets keys in; a global one never does",
        Documented,
        "Configure API key - Token-based authentication",
    ),
    known(
        "the tables `api_key`, `http_key_auth`, `std_http_auth`, `sys_auth_profile_mapping`, `sys_token_auth_parameter` and `sys_api_access_policy`, an inactive `Table GET API Access Policy`, and that a policy refuses whatever is not mapped to it",
        Observed,
        "published set-up scripts",
    ),
    known(
        "the value of a key is never shown again; keys made over REST have none that anybody knows",
        Assumed,
        "published set-up scripts disagree",
    ),
    known(
        "the most specific access policy decides: method, resource and version, then method and resource, and so on through nine levels",
        Documented,
        "API access policy prioritization",
    ),
    known(
        "a policy of a version is for paths that name it, one that names nothing ranks before global ones, one that names tables before its equal, one without profiles restricts nothing and one whose profiles are all inactive lets nobody in, HEAD counts as GET",
        Assumed,
        "wire-failures 3",
    ),
    known(
        "a refusal advertises the scheme that was mapped last, or each in a header of its own (`glide.security.response.authenticate.header.auth_profile.first_scheme_only`, Advertise all auth schemes)",
        Documented,
        "Create an authentication profile, Create REST API access policy",
    ),
    known(
        "keys and certificates have no challenge, a session is judged by the scheme that began it and one of the login form by none, a batch meets its own alone, and what a policy keeps out is not looked at",
        Assumed,
        "wire-failures 1.2 and 3",
    ),
    known(
        "of several credentials the `Authorization` header counts first, then a key, then the client certificate, then a session",
        Assumed,
        "wire-core 4.11 knows of sessions alone",
    ),
    known(
        "a client certificate that the edge cannot verify is 400 with the page `The SSL certificate error`",
        Observed,
        "KB0960308",
    ),
    known(
        "a good one is the user to whom a record maps it",
        Documented,
        "Set up Certificate-based authentication",
    ),
    known(
        "the handshake asks for a certificate without naming authorities, a missing one is the same page in other words where one is required, one that is mapped to nobody is 401",
        Assumed,
        "wire-failures 3",
    ),
    known(
        "an ID token is taken as Bearer where a provider's record knows its issuer: signature, audience, 300 s of clock skew, a claim that names a column of `sys_user`; else 401",
        Documented,
        "Configure an OAuth OIDC provider for accepting third-party token",
    ),
    known(
        "RS256 and ES256 alone, the key as set up and never fetched, `exp` required, `jti` not looked at",
        Assumed,
        "wire-failures 3",
    ),
    known(
        "a role that is contained in a held one counts, and so does one of a group that passes it on",
        Documented,
        "Roles, Assign a role to a group",
    ),
    known(
        "users of web services alone inherit from groups as others do, or not (switch `web_service_roles`)",
        Assumed,
        "a connector's guide says that they do not",
    ),
];
