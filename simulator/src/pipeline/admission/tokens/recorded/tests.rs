//! Tokens and their records, one by one and under random use.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::pipeline::admission::{Found, Grantee, Mint, TokenKind};
use crate::store::records::values;

const HOUR: Duration = Duration::from_secs(3600);

fn at(secs: u64) -> Now {
    Now {
        elapsed: Duration::from_secs(secs),
        unix: Duration::from_secs(1_782_907_200 + secs),
    }
}

fn grantee() -> Grantee {
    Grantee {
        client: "c".to_owned(),
        user: "u".to_owned(),
        scope: "useraccount".to_owned(),
    }
}

fn tokens() -> Tokens {
    Tokens::minted_by(Mint::keyed([7; 32]))
}

/// The table, as whoever keeps the records does.
#[derive(Default)]
struct Book(BTreeMap<String, Recorded>);

impl Book {
    fn catch_up(&mut self, tokens: &Tokens, now: Now) {
        let unwritten = tokens.take_unwritten();
        for sys_id in unwritten.forgotten {
            assert!(self.0.remove(&sys_id).is_some());
        }
        for number in unwritten.numbers {
            if let Some(recorded) = tokens.record(number, now) {
                tokens.written(&recorded);
                self.0.insert(recorded.sys_id.clone(), recorded);
            }
        }
    }

    fn set_expires(&mut self, sys_id: &str, expires: Option<u64>) {
        self.0
            .entry(sys_id.to_owned())
            .and_modify(|it| it.expires = expires);
    }
}

#[test]
fn a_life_of_any_length_can_be_written() {
    for lifetime in [
        Duration::ZERO,
        HOUR,
        Duration::from_secs(u64::MAX),
        Duration::MAX,
    ] {
        let tokens = tokens();
        let issued = tokens.issue(TokenKind::Access, grantee(), lifetime, at(1));
        let recorded = tokens.record(issued.number, at(1)).unwrap();
        let written = values::written(Duration::from_secs(recorded.expires.unwrap()));
        assert_eq!(values::unix(&written), recorded.expires, "{written}");
    }
}

#[test]
fn forgotten_tokens_leave_no_record() {
    let (tokens, mut book) = (tokens(), Book::default());
    for _ in 0..super::super::MOST + 3 {
        let _issued = tokens.issue(TokenKind::Access, grantee(), HOUR, at(1));
        book.catch_up(&tokens, at(1));
    }
    assert_eq!(book.0.len(), super::super::MOST);
}

#[derive(Debug, Clone)]
enum Move {
    Issue(bool),
    Ask,
    End(usize),
    Says(usize, Option<u64>),
    Delete(usize),
    Wait(u64),
    CatchUp,
}

fn moves() -> impl Strategy<Value = Move> {
    let expires = prop::option::of(1_782_900_000_u64..1_782_920_000);
    prop_oneof![
        any::<bool>().prop_map(Move::Issue),
        Just(Move::Ask),
        (0_usize..8).prop_map(Move::End),
        (0_usize..8, expires).prop_map(|(at, expires)| Move::Says(at, expires)),
        (0_usize..8).prop_map(Move::Delete),
        (1_u64..2000).prop_map(Move::Wait),
        Just(Move::CatchUp),
    ]
}

proptest! {
    /// What is restored from the records is what was, deleted ones are dead in both lives, and no
    /// value is made twice.
    #[test]
    fn a_later_life_agrees_with_the_earlier(moves in prop::collection::vec(moves(), 1..40)) {
        let (tokens, mut book) = (tokens(), Book::default());
        let (mut values, mut deleted) = (BTreeMap::new(), Vec::new());
        let mut now = 10;
        for one in moves {
            let nth = |which: usize, book: &Book| book.0.keys().nth(which).cloned();
            match one {
                Move::Issue(refresh) => {
                    let kind = if refresh { TokenKind::Refresh } else { TokenKind::Access };
                    let issued = tokens.issue(kind, grantee(), HOUR, at(now));
                    prop_assert!(values.insert(issued.value, issued.number).is_none());
                }
                Move::Ask => {
                    let issued = tokens.issue_unless_alive(TokenKind::Access, grantee(), HOUR, true, at(now));
                    let known = values.insert(issued.value, issued.number);
                    prop_assert_eq!(known.is_some(), issued.again);
                }
                Move::End(which) => {
                    let alive = tokens.alive(TokenKind::Access, None, at(now));
                    let number = alive.get(which).copied();
                    tokens.end(number.as_slice(), Ended::Revoked, at(now));
                }
                Move::Says(which, expires) => {
                    if let Some(sys_id) = nth(which, &book) {
                        // Whoever writes there waits for what is being written.
                        book.catch_up(&tokens, at(now));
                        tokens.record_says(&sys_id, expires, at(now));
                        book.set_expires(&sys_id, expires);
                    }
                }
                Move::Delete(which) => {
                    if let Some(sys_id) = nth(which, &book) {
                        let gone = book.0.remove(&sys_id).unwrap();
                        tokens.record_is_gone(&sys_id, at(now));
                        deleted.push(gone.token.number);
                    }
                }
                Move::Wait(secs) => now += secs,
                Move::CatchUp => book.catch_up(&tokens, at(now)),
            }
        }
        book.catch_up(&tokens, at(now));
        // The later life begins at this moment.
        let later = Now { elapsed: Duration::from_secs(1), unix: at(now).unix };
        let restored = Tokens::minted_by(Mint::keyed([7; 32]));
        let last = values.values().max().copied().unwrap_or_default();
        restored.restore(book.0.into_values().collect(), last, later);
        prop_assert_eq!(restored.take_unwritten(), Unwritten::default());
        for (value, number) in &values {
            let before = matches!(tokens.find(value, at(now)), Found::Alive(_));
            let after = restored.find(value, later);
            prop_assert_eq!(matches!(after, Found::Alive(_)), before, "{}: {:?}", number, after);
            if deleted.contains(number) {
                prop_assert_eq!(after, Found::Unknown);
            }
        }
        let fresh = restored.issue(TokenKind::Access, grantee(), HOUR, later);
        prop_assert!(!values.contains_key(&fresh.value));
    }
}
