//! The page that a person is sent to: state against forged callbacks (RFC 6749, 10.12), a proof
//! key against codes that somebody slipped in (RFC 7636).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Url;
use sha2::{Digest, Sha256};

use crate::policy::{Oauth, Proof, StateParameter};
use crate::settings::{Application, Secret};

/// One request for a person's consent.
#[derive(Debug)]
pub(crate) struct Authorization {
    /// Where the person is sent.
    pub(crate) url: Url,
    /// What the callback must bring back.
    pub(crate) state: Option<Secret>,
    /// What the exchange of the code shows.
    pub(crate) verifier: Option<Secret>,
}

impl Authorization {
    /// A new one; `random` are 64 bytes that nobody can guess.
    pub(crate) fn new(
        application: &Application,
        redirect: &str,
        policy: Oauth,
        random: &[u8; 64],
    ) -> Self {
        let (one, other) = random.split_at(32);
        let text = |bytes: &[u8]| Secret::of(&BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let state = (policy.state != StateParameter::Absent).then(|| text(one));
        let verifier = (policy.proof == Proof::S256).then(|| text(other));
        let mut url = application.authorize_url.clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", "code");
            query.append_pair("client_id", &application.client_id);
            query.append_pair("redirect_uri", redirect);
            if let Some(state) = &state {
                query.append_pair("state", state.reveal());
            }
            if let Some(verifier) = &verifier {
                query.append_pair("code_challenge", &challenge(verifier));
                query.append_pair("code_challenge_method", "S256");
            }
        }
        Self {
            url,
            state,
            verifier,
        }
    }
}

fn challenge(verifier: &Secret) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.reveal().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::tests::application;
    use crate::settings::Grant;

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = Secret::of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(
            challenge(&verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn the_page_shows_what_the_callback_is_held_against() {
        let application = application("https://i.example", Grant::AuthorizationCode);
        let redirect = "http://127.0.0.1:1/cb";
        let whole = Authorization::new(&application, redirect, Oauth::default(), &[7; 64]);
        let pairs: Vec<(String, String)> = whole.url.query_pairs().into_owned().collect();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "response_type",
                "client_id",
                "redirect_uri",
                "state",
                "code_challenge",
                "code_challenge_method"
            ]
        );
        assert_eq!(pairs[3].1, whole.state.unwrap().reveal());
        assert!((43..=128).contains(&whole.verifier.unwrap().reveal().len()));
        let bare = Oauth {
            state: StateParameter::Absent,
            proof: Proof::SecretAlone,
            ..Oauth::default()
        };
        let bare = Authorization::new(&application, redirect, bare, &[7; 64]);
        assert_eq!(bare.url.query_pairs().count(), 3);
    }

    #[test]
    fn the_verifier_is_in_no_debug_output() {
        let application = application("https://i.example", Grant::AuthorizationCode);
        let random = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let whole = Authorization::new(&application, "http://x/", Oauth::default(), &random);
        let verifier = whole.verifier.clone().unwrap();
        assert!(!format!("{whole:?}").contains(verifier.reveal()));
    }
}
