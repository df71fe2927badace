//! Random sequences of issues, uses, refreshes, revocations, expiries and new secrets, against a
//! model of what each token is worth.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::races::bearer;
use super::{Desk, PASSWORD, USER, desk, form, password};
use crate::journal::Condition;
use crate::pipeline::admission::{Ended, TokenKind};

/// Seconds that an access token lives.
const ACCESS: u64 = 1800;

#[derive(Debug, Clone)]
enum Move {
    AskByPassword,
    Refresh,
    Use(usize),
    Revoke(usize),
    RevokeRefresh,
    ExpireAll,
    NewSecret,
    Wait(u64),
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => Just(Move::AskByPassword),
        4 => Just(Move::Refresh),
        6 => (0_usize..8).prop_map(Move::Use),
        2 => (0_usize..8).prop_map(Move::Revoke),
        1 => Just(Move::RevokeRefresh),
        1 => Just(Move::ExpireAll),
        1 => Just(Move::NewSecret),
        3 => (1_u64..1000).prop_map(Move::Wait),
    ]
}

/// What is known of the tokens, in the order of their issue.
#[derive(Debug, Default)]
struct Model {
    now: u64,
    secret_changed: bool,
    /// Value, end of life, how it ended before.
    access: Vec<(String, u64, Option<Ended>)>,
    refresh: Option<String>,
    revoked: BTreeMap<String, ()>,
}

impl Model {
    fn is_alive(&self, index: usize) -> bool {
        let (_, expires, ended) = &self.access[index];
        ended.is_none() && self.now < *expires
    }

    fn expected(&self, index: usize) -> Option<Condition> {
        let (_, expires, ended) = &self.access[index];
        match ended {
            Some(Ended::Revoked) => Some(Condition::AccessTokenRevoked),
            Some(Ended::Expired) => Some(Condition::AccessTokenExpired),
            None if self.now >= *expires => Some(Condition::AccessTokenExpired),
            None => None,
        }
    }

    fn expire_all(&mut self) {
        for index in 0..self.access.len() {
            if self.is_alive(index) {
                self.access[index].2 = Some(Ended::Expired);
            }
        }
    }
}

fn take(desk: &mut Desk, model: &mut Model, one: &Move) -> Result<(), TestCaseError> {
    match one {
        Move::AskByPassword => {
            let answered = desk.post(model.now, &password(PASSWORD));
            if model.secret_changed {
                prop_assert_eq!(answered.condition, Some(Condition::ClientSecretRefused));
                return Ok(());
            }
            prop_assert_eq!(answered.status, 200);
            let value = answered.text("access_token");
            let newest = (0..model.access.len())
                .rev()
                .find(|index| model.is_alive(*index));
            match newest {
                Some(index) => {
                    prop_assert_eq!(&value, &model.access[index].0);
                    model.access[index].1 = model.now + ACCESS;
                }
                None => model.access.push((value, model.now + ACCESS, None)),
            }
            let refresh = answered.text("refresh_token");
            if let Some(known) = &model.refresh {
                prop_assert_eq!(*known == refresh, !model.revoked.contains_key(known));
            }
            model.refresh = Some(refresh);
        }
        Move::Refresh => {
            let Some(refresh) = model.refresh.clone() else {
                return Ok(());
            };
            let form = form("refresh_token", &format!("&refresh_token={refresh}"));
            let answered = desk.post(model.now, &form);
            let refused = if model.secret_changed {
                Some(Condition::ClientSecretRefused)
            } else if model.revoked.contains_key(&refresh) {
                Some(Condition::RefreshTokenRevoked)
            } else {
                None
            };
            prop_assert_eq!(answered.condition, refused);
            if refused.is_none() {
                prop_assert_eq!(answered.text("refresh_token"), refresh);
                let value = answered.text("access_token");
                prop_assert!(model.access.iter().all(|(known, _, _)| *known != value));
                model.access.push((value, model.now + ACCESS, None));
            }
        }
        Move::Use(index) if *index < model.access.len() => {
            let met = bearer(desk, &model.access[*index].0, model.now);
            prop_assert_eq!(met, model.expected(*index));
        }
        Move::Revoke(index) if *index < model.access.len() => {
            let alive = model.is_alive(*index);
            let value = model.access[*index].0.clone();
            let query = format!("token={value}");
            let told = desk
                .send(model.now, "/oauth_revoke_token.do", &query, "", &[])
                .told;
            let number = told.presented.unwrap();
            desk.admission
                .tokens
                .end(&[number], Ended::Revoked, super::at(model.now));
            if alive {
                model.access[*index].2 = Some(Ended::Revoked);
            }
        }
        Move::RevokeRefresh => {
            let tokens = &desk.admission.tokens;
            let alive = tokens.alive(TokenKind::Refresh, Some(USER), super::at(model.now));
            tokens.end(&alive, Ended::Revoked, super::at(model.now));
            model
                .revoked
                .extend(model.refresh.clone().map(|value| (value, ())));
        }
        Move::ExpireAll => {
            let tokens = &desk.admission.tokens;
            let alive = tokens.alive(TokenKind::Access, None, super::at(model.now));
            tokens.end(&alive, Ended::Expired, super::at(model.now));
            model.expire_all();
        }
        Move::NewSecret => {
            desk.regenerate_secret();
            model.secret_changed = true;
        }
        Move::Wait(secs) => model.now += secs,
        Move::Use(_) | Move::Revoke(_) => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_a_token_is_worth_follows_from_what_was_done(
        moves in prop::collection::vec(moves(), 1..50)
    ) {
        let mut desk = desk(&json!({}), &json!({}));
        let mut model = Model::default();
        for one in &moves {
            take(&mut desk, &mut model, one)?;
        }
        for index in 0..model.access.len() {
            let met = bearer(&desk, &model.access[index].0, model.now);
            prop_assert_eq!(met, model.expected(index));
        }
    }
}
