//! Codes: one use, one client, one redirect URL, one verifier, one minute.

use std::thread;

use super::*;

fn at(secs: u64) -> Now {
    Now {
        elapsed: Duration::from_secs(secs),
        unix: Duration::from_secs(1_782_907_200 + secs),
    }
}

fn consent(challenge: Option<Challenge>) -> Consent {
    Consent {
        grantee: Grantee {
            client: "c".to_owned(),
            user: "u".to_owned(),
            scope: "useraccount".to_owned(),
        },
        redirect_url: "https://client.test/callback".to_owned(),
        challenge,
    }
}

const REDIRECT: &str = "https://client.test/callback";
// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn a_code_is_good_once_for_what_it_was_issued_for() {
    let codes = Codes::default();
    let code = codes.issue(consent(None), at(0));
    assert_eq!(
        codes.redeem(&code, "c", REDIRECT, None, at(59)),
        Ok(consent(None))
    );
    let again = codes.redeem(&code, "c", REDIRECT, None, at(59));
    assert_eq!(again, Err(CodeRefusal::Used));
    let unknown = codes.redeem("nonsense", "c", REDIRECT, None, at(59));
    assert_eq!(unknown, Err(CodeRefusal::Unknown));
}

#[test]
fn a_code_can_be_made_old() {
    let codes = Codes::default();
    let [first, second, third] = [1, 2, 3].map(|secs| codes.issue(consent(None), at(secs)));
    assert!(codes.redeem(&first, "c", REDIRECT, None, at(4)).is_ok());
    assert_eq!(codes.alive(at(4)), [2, 3]);
    codes.expire(&[2]);
    assert_eq!(codes.alive(at(4)), [3]);
    let over = codes.redeem(&second, "c", REDIRECT, None, at(4));
    assert_eq!(over, Err(CodeRefusal::Expired));
    assert_eq!(codes.alive(at(63)), [0_u64; 0]);
    assert_eq!(codes.number(&third), Some(3));
    assert_eq!(codes.number("nonsense"), None);
}

#[test]
fn everything_it_is_bound_to_must_be_shown() {
    let verified = Challenge::of(Some("S256"), CHALLENGE);
    for (challenge, client, redirect, verifier, secs, expected) in [
        (None, "c", REDIRECT, None, 60, Err(CodeRefusal::Expired)),
        (None, "d", REDIRECT, None, 1, Err(CodeRefusal::OtherClient)),
        (
            None,
            "c",
            "https://client.test/callback/",
            None,
            1,
            Err(CodeRefusal::RedirectUrl),
        ),
        (
            None,
            "c",
            REDIRECT,
            Some("x"),
            1,
            Err(CodeRefusal::Verifier),
        ),
        (
            verified.clone(),
            "c",
            REDIRECT,
            None,
            1,
            Err(CodeRefusal::Verifier),
        ),
        (
            verified.clone(),
            "c",
            REDIRECT,
            Some("x"),
            1,
            Err(CodeRefusal::Verifier),
        ),
        (verified, "c", REDIRECT, Some(VERIFIER), 1, Ok(())),
        (
            Challenge::of(None, "x"),
            "c",
            REDIRECT,
            Some("x"),
            1,
            Ok(()),
        ),
    ] {
        let codes = Codes::default();
        let code = codes.issue(consent(challenge.clone()), at(0));
        let redeemed = codes.redeem(&code, client, redirect, verifier, at(secs));
        assert_eq!(
            redeemed.map(drop),
            expected,
            "{challenge:?} {client} {redirect} {verifier:?}"
        );
        let again = codes.redeem(&code, "c", REDIRECT, verifier, at(1));
        assert_eq!(again, Err(CodeRefusal::Used), "an attempt uses it up");
    }
    assert_eq!(Challenge::of(Some("S512"), "x"), None);
}

#[test]
fn a_redirect_url_that_was_not_named_need_not_be_shown() {
    let codes = Codes::default();
    let unnamed = Consent {
        redirect_url: String::new(),
        ..consent(None)
    };
    for (consent, expected) in [
        (unnamed, Ok(())),
        (consent(None), Err(CodeRefusal::RedirectUrl)),
    ] {
        let code = codes.issue(consent, at(0));
        let redeemed = codes.redeem(&code, "c", "", None, at(1));
        assert_eq!(redeemed.map(drop), expected);
    }
}

#[test]
fn a_code_is_redeemed_at_most_once_by_parallel_callers() {
    let codes = Codes::default();
    for _ in 0..50 {
        let code = codes.issue(consent(None), at(0));
        let redeemed: usize = thread::scope(|scope| {
            let running: Vec<_> = (0..8)
                .map(|_| {
                    let (codes, code) = (&codes, &code);
                    scope.spawn(move || codes.redeem(code, "c", REDIRECT, None, at(1)).is_ok())
                })
                .collect();
            running
                .into_iter()
                .map(|it| usize::from(it.join().unwrap()))
                .sum()
        });
        assert_eq!(redeemed, 1);
    }
}

#[test]
fn what_is_kept_is_bounded_and_shows_nothing() {
    let codes = Codes::default();
    let first = codes.issue(consent(None), at(0));
    for _ in 0..MOST {
        let _kept = codes.issue(consent(None), at(0));
    }
    assert_eq!(codes.held().by_value.len(), MOST);
    let gone = codes.redeem(&first, "c", REDIRECT, None, at(1));
    assert_eq!(gone, Err(CodeRefusal::Unknown));
    let last = codes.issue(consent(None), at(0));
    assert!(!format!("{codes:?}").contains(&last));
    let values = codes.values();
    let numbered = u64::try_from(values.len()).unwrap();
    assert_eq!(values.last(), Some(&(numbered, last)));
    assert_eq!(values[0], (1, first), "those that are forgotten too");
    let challenge = Challenge::of(Some("S256"), CHALLENGE);
    assert_eq!(format!("{challenge:?}"), "Some(S256)");
}
