//! Tokens one by one, and against a model under random use.

use std::collections::BTreeMap;
use std::thread;

use proptest::prelude::*;

use super::*;

const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

fn at(secs: u64) -> Now {
    Now {
        elapsed: Duration::from_secs(secs),
        unix: Duration::from_secs(1_782_907_200 + secs),
    }
}

fn grantee(user: &str) -> Grantee {
    Grantee {
        client: "c".to_owned(),
        user: user.to_owned(),
        scope: "useraccount".to_owned(),
    }
}

fn access(tokens: &Tokens, user: &str, secs: u64) -> Issued {
    tokens.issue(TokenKind::Access, grantee(user), HALF_AN_HOUR, at(secs))
}

#[test]
fn a_token_lives_to_the_moment_it_says() {
    let tokens = Tokens::default();
    let issued = access(&tokens, "u", 0);
    assert_eq!((issued.number, issued.expires_in_secs), (1, 1799));
    assert_eq!(issued.value.len(), 86);
    let Found::Alive(token) = tokens.find(&issued.value, at(1799)) else {
        panic!("it lives");
    };
    assert_eq!((token.number, &token.grantee), (1, &grantee("u")));
    let ended = tokens.find(&issued.value, at(1800));
    assert!(
        matches!(ended, Found::Ended(_, Ended::Expired)),
        "{ended:?}"
    );
    assert_eq!(tokens.find("another", at(0)), Found::Unknown);
    assert_eq!(tokens.find("", at(0)), Found::Unknown);
}

#[test]
fn the_live_token_comes_again_and_is_renewed() {
    let tokens = Tokens::default();
    let ask = |renewed, secs| {
        tokens.issue_unless_alive(
            TokenKind::Access,
            grantee("u"),
            HALF_AN_HOUR,
            renewed,
            at(secs),
        )
    };
    let first = ask(true, 0);
    let second = ask(true, 1000);
    assert_eq!((&first.value, first.number), (&second.value, second.number));
    assert!(second.again && !first.again);
    assert_eq!(second.expires_in_secs, 1799);
    assert_eq!(ask(false, 2000).expires_in_secs, 799);
    assert_ne!(ask(true, 2800).value, first.value, "it is over");
}

#[test]
fn another_user_or_kind_is_another_token() {
    let tokens = Tokens::default();
    let first = access(&tokens, "u", 0);
    for (kind, user) in [(TokenKind::Access, "v"), (TokenKind::Refresh, "u")] {
        let other = tokens.issue_unless_alive(kind, grantee(user), HALF_AN_HOUR, true, at(1));
        assert!(!other.again && other.value != first.value);
    }
}

#[test]
fn a_given_token_is_found_and_comes_again() {
    let tokens = Tokens::default();
    let number = tokens.put(
        TokenKind::Access,
        grantee("u"),
        "g1ven",
        HALF_AN_HOUR,
        at(0),
    );
    assert!(matches!(tokens.find("g1ven", at(1)), Found::Alive(_)));
    let again =
        tokens.issue_unless_alive(TokenKind::Access, grantee("u"), HALF_AN_HOUR, true, at(1));
    assert_eq!((again.number, again.value.as_str()), (number, "g1ven"));
    assert_eq!(tokens.values(), [(number, "g1ven".to_owned())]);
    assert!(!format!("{tokens:?} {again:?}").contains("g1ven"));
}

#[test]
fn only_what_is_alive_ends() {
    let tokens = Tokens::default();
    let (a, b) = (access(&tokens, "A.user", 0), access(&tokens, "b", 0));
    assert_eq!(
        tokens.alive(TokenKind::Access, Some("a.USER"), at(1)),
        [a.number]
    );
    assert_eq!(
        tokens.alive(TokenKind::Access, None, at(1)),
        [a.number, b.number]
    );
    assert_eq!(tokens.alive(TokenKind::Refresh, None, at(1)), [0; 0]);
    assert_eq!(tokens.end(&[a.number, 99], Ended::Revoked, at(1)).len(), 1);
    assert_eq!(tokens.end(&[a.number], Ended::Expired, at(1)).len(), 0);
    assert_eq!(tokens.ended(a.number, at(1)), Some(Ended::Revoked));
    assert_eq!(tokens.ended(b.number, at(1)), None);
    assert_eq!(tokens.ended(99, at(1)), Some(Ended::Expired));
}

#[test]
fn what_is_kept_is_bounded_and_the_dead_go_first() {
    let tokens = Tokens::default();
    let first = access(&tokens, "u", 0);
    let second = access(&tokens, "u", 0);
    tokens.end(&[second.number], Ended::Revoked, at(0));
    for _ in 2..MOST {
        let _kept = access(&tokens, "u", 1);
    }
    let _one_too_many = access(&tokens, "u", 1);
    assert!(matches!(tokens.find(&first.value, at(2)), Found::Alive(_)));
    assert_eq!(tokens.find(&second.value, at(2)), Found::Unknown);
    let _another = access(&tokens, "u", 1);
    assert_eq!(tokens.find(&first.value, at(2)), Found::Unknown);
    assert_eq!(tokens.held().by_number.len(), MOST);
    assert_eq!(tokens.held().by_value.len(), MOST);
}

#[test]
fn threads_that_use_a_token_while_it_dies_agree_on_what_it_was() {
    let tokens = Tokens::default();
    let issued = access(&tokens, "u", 0);
    let ends: usize = thread::scope(|scope| {
        let running: Vec<_> = (0..32)
            .map(|index| {
                let (tokens, issued) = (&tokens, &issued);
                scope.spawn(move || {
                    let mut seen_dead = false;
                    let mut ends = 0;
                    for round in 0..200 {
                        match tokens.find(&issued.value, at(1)) {
                            Found::Alive(_) => assert!(!seen_dead, "it came back"),
                            Found::Ended(token, Ended::Revoked) => {
                                seen_dead = true;
                                assert_eq!(token.number, issued.number);
                            }
                            other => panic!("{other:?}"),
                        }
                        if round == 100 && index % 4 == 0 {
                            ends += tokens.end(&[issued.number], Ended::Revoked, at(1)).len();
                        }
                        if index == 1 {
                            let _more = access(tokens, "v", 1);
                        }
                    }
                    ends
                })
            })
            .collect();
        running.into_iter().map(|it| it.join().unwrap()).sum()
    });
    assert_eq!(ends, 1, "it dies once");
    assert_eq!(tokens.alive(TokenKind::Access, Some("v"), at(1)).len(), 200);
}

#[test]
fn parallel_password_grants_share_one_token() {
    let tokens = Tokens::default();
    let numbers: Vec<u64> = thread::scope(|scope| {
        let running: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(|| {
                    let kind = TokenKind::Access;
                    tokens
                        .issue_unless_alive(kind, grantee("u"), HALF_AN_HOUR, true, at(1))
                        .number
                })
            })
            .collect();
        running.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(numbers, [1; 32]);
}

#[derive(Debug, Clone)]
enum Move {
    Issue {
        refresh: bool,
        user: u8,
    },
    Again {
        refresh: bool,
        user: u8,
        renewed: bool,
    },
    Present(usize),
    End(usize, bool),
    EndOfUser(bool, u8),
    Wait(u64),
}

fn moves() -> impl Strategy<Value = Move> {
    let user = 0_u8..3;
    prop_oneof![
        (any::<bool>(), user.clone()).prop_map(|(refresh, user)| Move::Issue { refresh, user }),
        (any::<bool>(), user.clone(), any::<bool>()).prop_map(|(refresh, user, renewed)| {
            Move::Again {
                refresh,
                user,
                renewed,
            }
        }),
        (0_usize..20).prop_map(Move::Present),
        (0_usize..20, any::<bool>()).prop_map(|(at, revoked)| Move::End(at, revoked)),
        (any::<bool>(), user).prop_map(|(refresh, user)| Move::EndOfUser(refresh, user)),
        (0_u64..900).prop_map(Move::Wait),
    ]
}

/// What a token is in the model: kind, user, end of life, how it ended before.
type Modelled = (TokenKind, u8, u64, Option<Ended>);

fn alive(token: &Modelled, now: u64) -> bool {
    token.3.is_none() && now < token.2
}

fn kind(refresh: bool) -> TokenKind {
    if refresh {
        TokenKind::Refresh
    } else {
        TokenKind::Access
    }
}

proptest! {
    #[test]
    fn random_use_agrees_with_a_model(moves in prop::collection::vec(moves(), 1..60)) {
        let tokens = Tokens::default();
        let mut model: BTreeMap<u64, Modelled> = BTreeMap::new();
        let mut values: Vec<(u64, String)> = Vec::new();
        let mut now = 0;
        for one in moves {
            match one {
                Move::Issue { refresh, user } => {
                    let to = grantee(&user.to_string());
                    let issued = tokens.issue(kind(refresh), to, HALF_AN_HOUR, at(now));
                    prop_assert!(model.insert(issued.number, (kind(refresh), user, now + 1800, None)).is_none());
                    prop_assert!(values.iter().all(|(_, value)| *value != issued.value));
                    values.push((issued.number, issued.value));
                }
                Move::Again { refresh, user, renewed } => {
                    let to = grantee(&user.to_string());
                    let issued = tokens.issue_unless_alive(kind(refresh), to, HALF_AN_HOUR, renewed, at(now));
                    let known = model
                        .iter_mut()
                        .rev()
                        .find(|(_, it)| it.0 == kind(refresh) && it.1 == user && alive(it, now));
                    match known {
                        Some((number, token)) => {
                            prop_assert!(issued.again && issued.number == *number);
                            if renewed {
                                token.2 = now + 1800;
                            }
                            prop_assert_eq!(issued.expires_in_secs, token.2 - now - 1);
                        }
                        None => {
                            prop_assert!(!issued.again);
                            model.insert(issued.number, (kind(refresh), user, now + 1800, None));
                            values.push((issued.number, issued.value));
                        }
                    }
                }
                Move::Present(which) => {
                    let Some((number, value)) = values.get(which) else { continue };
                    let token = &model[number];
                    let found = tokens.find(value, at(now));
                    let agrees = match (&found, token.3) {
                        (Found::Alive(it), None) => it.number == *number && now < token.2,
                        (Found::Ended(it, Ended::Expired), None) => it.number == *number && now >= token.2,
                        (Found::Ended(it, how), Some(ended)) => it.number == *number && *how == ended,
                        _ => false,
                    };
                    prop_assert!(agrees, "{:?} is not {:?}", found, token);
                }
                Move::End(which, revoked) => {
                    let Some((number, _)) = values.get(which) else { continue };
                    let how = if revoked { Ended::Revoked } else { Ended::Expired };
                    let was_alive = alive(&model[number], now);
                    let ended = tokens.end(&[*number], how, at(now));
                    prop_assert_eq!(ended.len(), usize::from(was_alive));
                    if was_alive && let Some(token) = model.get_mut(number) {
                        token.3 = Some(how);
                    }
                }
                Move::EndOfUser(refresh, user) => {
                    let numbers = tokens.alive(kind(refresh), Some(&user.to_string()), at(now));
                    let expected: Vec<u64> = model
                        .iter()
                        .filter(|(_, it)| it.0 == kind(refresh) && it.1 == user && alive(it, now))
                        .map(|(number, _)| *number)
                        .collect();
                    prop_assert_eq!(&numbers, &expected);
                    tokens.end(&numbers, Ended::Revoked, at(now));
                    for number in numbers {
                        model.entry(number).and_modify(|token| token.3 = Some(Ended::Revoked));
                    }
                }
                Move::Wait(secs) => now += secs,
            }
        }
    }
}
