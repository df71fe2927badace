//! What is known of the answers to those who are not let in by tokens, keys and certificates.

use super::Fidelity;
use crate::journal::Condition;

const BEARER: &str = "401 `Required to provide Auth information` with `WWW-Authenticate: BEARER realm=\"Service-now\"`, the same for expired, revoked and unknown tokens";
const CATCH_ALL: &str = "401 `{\"error_description\":\"access_denied\",\"error\":\"server_error\"}` from the token endpoint";
const KNOWN_BODY: &str = "wire-failures 2.2";

/// What is known about the answer that follows from one of these conditions.
pub(super) const fn of(condition: Condition) -> Fidelity {
    match condition {
        Condition::AccessTokenExpired
        | Condition::AccessTokenRevoked
        | Condition::AccessTokenUnknown => Fidelity {
            wire: BEARER,
            source: "wire-failures 2.3",
            assumed: Some(
                "the body, which clients rely upon and no trace shows, and the challenge",
            ),
        },
        Condition::ClientUnknown | Condition::ClientInactive => Fidelity {
            wire: "401 `invalid_client` from the token endpoint",
            source: KNOWN_BODY,
            assumed: Some(
                "the description, and that a token of an inactive application opens nothing",
            ),
        },
        Condition::ClientSecretRefused | Condition::NoApplicationUser => Fidelity {
            wire: CATCH_ALL,
            source: KNOWN_BODY,
            assumed: None,
        },
        Condition::GrantNotEnabled => Fidelity {
            wire: CATCH_ALL,
            source: KNOWN_BODY,
            assumed: Some("that the password grant, where it is disabled, gets the same"),
        },
        Condition::NonInteractiveUser => Fidelity {
            wire: CATCH_ALL,
            source: "wire-failures 2.2, OAuth API request parameters",
            assumed: None,
        },
        Condition::RefreshTokenExpired | Condition::RefreshTokenRevoked => Fidelity {
            wire: CATCH_ALL,
            source: KNOWN_BODY,
            assumed: None,
        },
        Condition::RefreshTokenUnknown => Fidelity {
            wire: CATCH_ALL,
            source: KNOWN_BODY,
            assumed: Some("that a token of another client gets the same as one that is none"),
        },
        Condition::CodeRefused | Condition::CodeVerifierRefused => Fidelity {
            wire: "401 `invalid_grant` from the token endpoint, 400 where the switch `token_errors` says so",
            source: KNOWN_BODY,
            assumed: Some(
                "the status and the description; that a code lives for a minute and is used up by an attempt",
            ),
        },
        Condition::RedirectMismatch => Fidelity {
            wire: "an HTML page of the instance, and no redirect; 401 `invalid_grant` from the token endpoint",
            source: "wire-failures 2.1 and 2.2",
            assumed: Some("status and text of the page"),
        },
        Condition::StateMissing => Fidelity {
            wire: "`Missing State parameter in request.`, and no code",
            source: "wire-failures 2.1, OAuth state parameter",
            assumed: Some("the status and the markup"),
        },
        Condition::ConsentDenied => Fidelity {
            wire: "302 to the redirect URL with `error=access_denied`",
            source: "wire-failures 2.1, RFC 6749 4.1.2.1",
            assumed: Some("that an instance follows the standard there"),
        },
        Condition::ConsentAllowed => Fidelity {
            wire: "302 to the redirect URL with a `code`, and the `state` as it came",
            source: "wire-failures 2.1, RFC 6749 4.1.2",
            assumed: None,
        },
        Condition::TokenGivenAgain => Fidelity {
            wire: "200 to the password grant, with the access token that is alive in place of a new one",
            source: "wire-failures 2.2, OAuth API request parameters, KB0791140",
            assumed: None,
        },
        Condition::SignedIn => Fidelity {
            wire: "302 from `POST /login.do` to the page that was asked for, in a new session",
            source: "wire-core 4.10",
            assumed: None,
        },
        Condition::ScopeRefused => Fidelity {
            wire: "403 `User Not Authorized`, `Access to unscoped api is not allowed`, although the token was issued",
            source: "wire-failures 2.3 and 4.2",
            assumed: Some("that a session which a token began reaches no further than the token"),
        },
        Condition::AssertionRefused => Fidelity {
            wire: CATCH_ALL,
            source: "wire-failures 2.2, Create an OAuth JWT API endpoint",
            assumed: Some("that a bad assertion gets the catch-all"),
        },
        Condition::ParametersInUrl => Fidelity {
            wire: CATCH_ALL,
            source: "wire-failures 2.2, OAuth token processor parameters",
            assumed: None,
        },
        Condition::ApiKeyRefused => Fidelity {
            wire: "401 as for a wrong password",
            source: "wire-failures 3",
            assumed: Some(
                "that inactive and expired keys look like unknown ones, and that nothing counts them",
            ),
        },
        Condition::PolicyExcludesScheme => Fidelity {
            wire: "401 as for a wrong password; `WWW-Authenticate` names the scheme that the policy let in last, in capital letters, or each of them",
            source: "wire-failures 1.1, 1.2 and 3",
            assumed: Some(
                "that the credentials are not looked at, that a session is judged by the scheme that began it and one of the login form by none, and that policies for keys and certificates alone challenge nobody",
            ),
        },
        Condition::ClientCertificateRefused => Fidelity {
            wire: "400 text/html `The SSL certificate error` from the edge, whatever is asked for; 401 where a good certificate stands for nobody",
            source: "wire-failures 3, KB0960308",
            assumed: Some(
                "that it comes before the page of a sleeping instance, the page for a missing certificate, and the 401",
            ),
        },
        Condition::IdTokenRefused => Fidelity {
            wire: "401 `User Not Authenticated`, `Required to provide Auth information`",
            source: "wire-failures 3, Configure an OAuth OIDC provider",
            assumed: None,
        },
        Condition::MfaRequired => Fidelity {
            wire: "401 as for a wrong password, and `X-MFA_TOKEN: invalid`",
            source: "wire-failures 1.2, wire-core 2.2",
            assumed: Some(
                "that the user's own setting decides alone (since Yokohama Basic credentials are exempt by default), and that no failure is counted",
            ),
        },
        // The table that asks names the conditions above alone.
        _ => Fidelity {
            wire: "",
            source: "",
            assumed: None,
        },
    }
}
