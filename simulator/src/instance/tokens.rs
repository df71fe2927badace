//! Tokens that were issued before the run, and tokens that somebody ends.

use std::sync::PoisonError;

use super::{Instance, Subject};
use crate::journal::{Cause, Event, TokenEnded};
use crate::pipeline::admission::{Ended, Found, Grantee, TokenKind};
use crate::setup::{Given, InstanceSetup, OauthClientSetup, TokenState};

impl Instance {
    /// Makes the tokens that the caller was given before the run what the set-up says of them.
    pub(super) fn put_given_tokens(&self, setup: &InstanceSetup, given: &Given) {
        let policy = self.policy();
        let first = setup.users.iter().flatten().map(|(name, _)| name.as_str());
        for (name, client) in setup.oauth_clients.iter().flatten() {
            let Some(known) = policy.oauth_client_named(name) else {
                continue;
            };
            let user = match client.token_user.as_deref() {
                Some(user) => user,
                None if !given.user.is_empty() => &given.user,
                None => first.clone().next().unwrap_or("admin"),
            };
            let to = Grantee {
                client: known.sys_id.clone(),
                user: policy
                    .user(user)
                    .map_or_else(|| user.to_owned(), |user| user.user_name.clone()),
                scope: known.scopes.join(" "),
            };
            for kind in [TokenKind::Access, TokenKind::Refresh] {
                let (lifetime, value) = match kind {
                    TokenKind::Access => (known.access_token_lifetime, &given.access_token),
                    TokenKind::Refresh => (known.refresh_token_lifetime, &given.refresh_token),
                };
                let state = state(client, kind);
                if state == TokenState::Absent || value.is_empty() {
                    continue;
                }
                let now = self.now();
                let tokens = &self.admission.tokens;
                if tokens.find(value, now) != Found::Unknown {
                    // Its record is in the file that was kept.
                    continue;
                }
                let number = tokens.put(kind, to.clone(), value, lifetime.effective, now);
                let how = match state {
                    TokenState::Expired => Ended::Expired,
                    TokenState::Revoked => Ended::Revoked,
                    TokenState::Absent | TokenState::Valid => continue,
                };
                tokens.end(&[number], how, now);
            }
        }
    }

    /// Has the journal know what was made since the last call, before any caller can send it.
    pub(crate) fn tell_new_secrets(&self) {
        // Whoever finds nothing new must not go on before it is known.
        let _one_at_a_time = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        let new = self.admission.take_new_secrets();
        self.journal.redactor().learn(&new);
    }

    /// Makes every authorization code old that could still be redeemed; what follows from it is put
    /// down to this cause.
    pub(crate) fn expire_codes(&self, cause: &Cause) {
        let codes = &self.admission.codes;
        let alive = codes.alive(self.now());
        self.with_causes(|causes| {
            for number in &alive {
                causes.set(Subject::Code(*number), cause.clone(), false);
            }
        });
        codes.expire(&alive);
    }

    /// Ends tokens that are alive; what follows from it is put down to this cause.
    pub(crate) fn end_tokens(
        &self,
        numbers: &[u64],
        how: Ended,
        cause: &Cause,
        request: Option<u64>,
    ) {
        let now = self.now();
        let tokens = &self.admission.tokens;
        let alive = numbers
            .iter()
            .copied()
            .filter(|number| tokens.ended(*number, now).is_none());
        let alive: Vec<u64> = alive.collect();
        self.with_causes(|causes| {
            for number in &alive {
                causes.set(Subject::Token(*number), cause.clone(), false);
            }
        });
        for token in tokens.end(&alive, how, now) {
            let ended = TokenEnded::of(&token, how, request);
            self.note(Some(cause.clone()), Event::TokenEnded(ended));
        }
    }
}

fn state(client: &OauthClientSetup, kind: TokenKind) -> TokenState {
    let set = match kind {
        TokenKind::Access => client.access_token,
        TokenKind::Refresh => client.refresh_token,
    };
    set.unwrap_or_default()
}
