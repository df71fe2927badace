//! What is known of the truth of the pages.

use crate::fidelity::Behaviour;
use crate::fidelity::Standing::{self, Assumed, Documented, Observed};

const fn known(what: &'static str, standing: Standing, source: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing,
        source,
    }
}

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    known(
        "the login page's form goes to `/login.do` with `user_name`, `user_password` and `sys_action=sysverb_login`",
        Observed,
        "wire-core 4.10, wire-failures 7",
    ),
    known(
        "a login leads back to where one came from by `sysparm_goto_url`, and so does a logout",
        Observed,
        "what clients send to `/login.do` and `/logout.do`",
    ),
    known(
        "only paths of the instance are followed, and never one to a login or a logout",
        Assumed,
        "RFC 9700, 4.11",
    ),
    known(
        "a login begins a new session, unless `glide.ui.rotate_sessions` is false",
        Documented,
        "Rotate HTTP session identifiers",
    ),
    known(
        "the session's token changes with it; a token that a login form shows must be its session's, and none need be shown",
        Assumed,
        "wire-core 4.10",
    ),
    known(
        "`/login_redirect.do` leads a person who is signed in to the home page",
        Observed,
        "wire-core 4.10, what clients read `g_ck` from",
    ),
    known(
        "an account with `web_service_access_only` cannot sign in to pages",
        Documented,
        "Non-interactive sessions",
    ),
    known(
        "it is shown the login page as for a wrong password, and the words of that",
        Assumed,
        "wire-failures 1.2",
    ),
    known(
        "`/logout.do` ends the session, by link or form, and leads to `/login.do`",
        Assumed,
        "wire-failures 2.1 (wrong user signed in)",
    ),
    known(
        "`/oauth_auth.do` sends whoever is not signed in to the login, then shows Allow and Deny",
        Documented,
        "Authorization code grant workflow, OAuth authorization code grant flow",
    ),
    known(
        "a missing, empty or blank `state` is refused with `Missing State parameter in request.`, before the login, where `glide.oauth.state.parameter.required` is true, as on a new instance",
        Documented,
        "Authorization code flow state parameter requirement",
    ),
    known(
        "an unknown or inactive application and another redirect URL than a registered one, byte for byte, are pages of the instance and never lead back",
        Documented,
        "wire-failures 2.1",
    ),
    known(
        "those pages are 400, come before the login, and their words",
        Assumed,
        "wire-failures 2.1",
    ),
    known(
        "a `redirect_uri` that is left out is the registered one",
        Documented,
        "Authorization code flow state parameter requirement",
    ),
    known(
        "Allow is 302 to the redirect URL with `code` and `state`",
        Observed,
        "wire-failures 2.1, Authorization code grant workflow",
    ),
    known(
        "Deny is 302 with `error=access_denied`; other errors of a request go back the same way",
        Assumed,
        "RFC 6749, 4.1.2.1",
    ),
    known(
        "a public client must send a `code_challenge`",
        Documented,
        "Authorization code grant workflow",
    ),
    known(
        "what a challenge must look like, and that one without a method is `plain`",
        Assumed,
        "RFC 7636, 4",
    ),
    known(
        "scopes that the application has not are passed over; where none is left it is told `invalid_scope`",
        Assumed,
        "RFC 6749, 3.3",
    ),
    known(
        "whoever is signed in grants for the account that is signed in",
        Observed,
        "wire-failures 2.1",
    ),
    known(
        "the fields of the consent's form, its token and what a wrong one shows",
        Assumed,
        "wire-failures 2.1",
    ),
    known(
        "`X-Frame-Options`, `Content-Security-Policy` and `Referrer-Policy` of the pages, and their markup",
        Assumed,
        "RFC 9700, 4.16",
    ),
    known(
        "a form larger than 64 KiB, of a page or of a revocation, is 400 and not carried out",
        Assumed,
        "none",
    ),
];
