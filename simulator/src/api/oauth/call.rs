//! A token request of a client that has proved itself, and what it is given.

use http::StatusCode;
use serde_json::{Map, Value};

use super::errors::Refused;
use super::parameters::Asked;
use crate::clock::Now;
use crate::journal::{Condition, TokenCall, TokenGiven};
use crate::pipeline::admission::{Grantee, Issued, TokenKind};
use crate::pipeline::stage::{Exchange, View};
use crate::policy::{OauthClient, User};
use crate::reply::Reply;
use crate::setup::Grant;

/// What a grant works with.
pub(super) struct Call<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    pub(super) view: &'a View<'a>,
    pub(super) asked: &'a Asked<'a>,
    pub(super) client: &'a OauthClient,
    /// What the journal is told.
    pub(super) told: &'a mut TokenCall,
}

/// What a client is given.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) access: Issued,
    pub(super) refresh: Option<Issued>,
    pub(super) scope: String,
}

impl<'a> Call<'a> {
    pub(super) fn now(&self) -> Now {
        self.exchange.now
    }

    /// Fails unless the application's profiles allow the grant.
    pub(super) fn allowed(&self, grant: Grant) -> Result<(), Refused> {
        if self.client.grants.contains(&grant) {
            return Ok(());
        }
        Err(Refused::access_denied(
            Condition::GrantNotEnabled,
            format!(
                "no profile of `{}` allows {}",
                self.client.name,
                grant.type_name()
            ),
        ))
    }

    /// The user of this name, if the account is open. An inactive or locked account gets no token.
    pub(super) fn open_account(&mut self, user_name: &str) -> Result<&'a User, Refused> {
        self.told.user = Some(user_name.to_owned());
        let Some(user) = self.view.policy.user(user_name) else {
            return Err(Refused::access_denied(
                Condition::PasswordRefused,
                "no user has this name",
            ));
        };
        if !user.active {
            return Err(Refused::access_denied(
                Condition::AccountInactive,
                "the account is inactive",
            ));
        }
        if user.locked_out {
            return Err(Refused::access_denied(
                Condition::AccountLocked,
                "the account is locked out",
            ));
        }
        self.told.user_id = Some(user.sys_id.clone());
        Ok(user)
    }

    /// The scopes of a token: those that are asked for and that the application has, or else all of
    /// the application's (*assumed*).
    pub(super) fn scope(&self) -> String {
        let asked = self.asked.value("scope").unwrap_or_default();
        let asked: Vec<&str> = asked.split([' ', ',']).collect();
        let all = self.client.scopes.iter().map(String::as_str);
        let both: Vec<&str> = all.clone().filter(|scope| asked.contains(scope)).collect();
        if both.is_empty() {
            all.collect::<Vec<_>>().join(" ")
        } else {
            both.join(" ")
        }
    }

    pub(super) fn grantee(&self, user: &str, scope: &str) -> Grantee {
        Grantee {
            client: self.client.sys_id.clone(),
            user: user.to_owned(),
            scope: scope.to_owned(),
        }
    }

    /// A new access token.
    pub(super) fn new_access(&self, to: Grantee) -> Issued {
        let lifetime = self.client.access_token_lifetime.effective;
        let tokens = &self.view.admission.tokens;
        tokens.issue(TokenKind::Access, to, lifetime, self.now())
    }

    /// A new refresh token.
    pub(super) fn new_refresh(&self, to: Grantee) -> Issued {
        let lifetime = self.client.refresh_token_lifetime.effective;
        let tokens = &self.view.admission.tokens;
        tokens.issue(TokenKind::Refresh, to, lifetime, self.now())
    }
}

impl Given {
    /// Tells the journal the numbers.
    pub(super) fn tell(&self, told: &mut TokenCall) {
        told.access_token = Some(given(&self.access));
        told.refresh_token = self.refresh.as_ref().map(given);
    }

    /// The documented body, key by key (wire-failures 2.2).
    pub(super) fn reply(self) -> Reply {
        let mut body = Map::new();
        body.insert("access_token".to_owned(), Value::from(self.access.value));
        if let Some(refresh) = self.refresh {
            body.insert("refresh_token".to_owned(), Value::from(refresh.value));
        }
        body.insert("scope".to_owned(), Value::from(self.scope));
        body.insert("token_type".to_owned(), Value::from("Bearer"));
        let left = self.access.expires_in_secs;
        body.insert("expires_in".to_owned(), Value::from(left));
        let mut reply = Reply::json(StatusCode::OK, &Value::Object(body));
        reply.condition = self.access.again.then_some(Condition::TokenGivenAgain);
        reply
    }
}

fn given(issued: &Issued) -> TokenGiven {
    TokenGiven {
        number: issued.number,
        expires_ns: u64::try_from(issued.expires.as_nanos()).unwrap_or(u64::MAX),
        again: issued.again,
    }
}
