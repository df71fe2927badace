//! The tokens of a run, shared by its workers. Decides; sends nothing.
//!
//! A token that the instance refused is asked for anew once, by the first worker that met the
//! refusal; each request may lead to one new token, because one that is refused when it is new is
//! not too old (wire-failures 2.3).

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::answer::Granted;
use crate::diagnosis::{Failure, Kind, MALFORMED, REFUSED_WHEN_NEW, TOKEN_EXPIRED};
use crate::policy::{NoRefreshToken, Oauth, Renewal, RenewedBy};
use crate::settings::{Application, Secret};

/// The part of a token's life after which it is replaced before it is refused.
const USED_UP: f64 = 0.9;

/// An access token, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) token: Secret,
    /// Counts the tokens of the run.
    number: u32,
}

/// The tokens of a run.
#[derive(Debug)]
pub(crate) struct Tokens {
    policy: Oauth,
    held: Mutex<Held>,
}

/// What is held. Whoever holds it asks for what is missing, so that nobody else does meanwhile.
#[derive(Debug)]
pub(crate) struct Held {
    policy: Oauth,
    access: Option<Secret>,
    pub(crate) refresh: Option<Secret>,
    number: u32,
    since: Instant,
    lives: Option<Duration>,
    /// Why no token can be had any more.
    dead: Option<Failure>,
}

/// What to do after a request with a token failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Ask for a new token and send the request again.
    Renew,
    /// Tell this.
    Tell(Failure),
}

impl Tokens {
    /// What an application was given before the run.
    pub(crate) fn of(application: &Application, policy: Oauth) -> Self {
        Self {
            policy,
            held: Mutex::new(Held {
                policy,
                access: application.access_token.clone(),
                refresh: application.refresh_token.clone(),
                number: 0,
                since: Instant::now(),
                lives: None,
                dead: None,
            }),
        }
    }

    /// The tokens, for one worker at a time.
    pub(crate) async fn hold(&self) -> MutexGuard<'_, Held> {
        self.held.lock().await
    }

    /// A request that showed `bearer` failed, after so many new tokens.
    pub(crate) fn after(&self, failure: Failure, renewals: u32) -> Next {
        let refused = failure.kind == Kind::RefusedCredentials;
        let forbidden = self.policy.renews_after_403 && failure.kind == Kind::Forbidden;
        if !refused && !forbidden {
            return Next::Tell(failure);
        }
        let told = |cause, why: &str| {
            Failure {
                cause,
                ..failure.clone()
            }
            .adding(why)
        };
        if self.policy.renewal == Renewal::Never {
            return Next::Tell(told(
                TOKEN_EXPIRED,
                "the access token expired or was revoked",
            ));
        }
        if renewals < self.policy.renewals_per_request {
            return Next::Renew;
        }
        Next::Tell(if forbidden {
            failure
        } else {
            told(
                REFUSED_WHEN_NEW,
                "a token that was issued a moment ago was refused too, so that its age is not the \
                 reason: the account or an access policy is",
            )
        })
    }
}

impl Held {
    /// The token to show now; none where one is to be asked for.
    ///
    /// # Errors
    ///
    /// When none can be had any more.
    pub(crate) fn usable(&self, now: Instant) -> Result<Option<Bearer>, Failure> {
        if let Some(dead) = &self.dead {
            return Err(dead.clone());
        }
        let used_up = match self.policy.renewal {
            Renewal::EveryRequest => true,
            Renewal::BeforeExpiry => self
                .lives
                .is_some_and(|lives| now >= self.since + lives.mul_f64(USED_UP)),
            Renewal::OnRefusal | Renewal::Never => false,
        };
        let token = self.access.clone().filter(|_| !used_up);
        Ok(token.map(|token| Bearer {
            token,
            number: self.number,
        }))
    }

    /// The instance refused `bearer`.
    pub(crate) fn refused(&mut self, bearer: &Bearer) {
        if bearer.number == self.number || self.policy.renewed_by == RenewedBy::Each {
            self.access = None;
        }
    }

    /// Takes what was granted; `anew` where it was not for a refresh token.
    ///
    /// # Errors
    ///
    /// When the policy makes nothing of it.
    pub(crate) fn take(
        &mut self,
        granted: Granted,
        anew: bool,
        now: Instant,
    ) -> Result<Bearer, Failure> {
        if anew
            && granted.refresh.is_none()
            && self.policy.no_refresh_token == NoRefreshToken::Malformed
        {
            let why = "the answer of the token endpoint holds no `refresh_token`";
            return Err(Failure::permanent(MALFORMED, why));
        }
        self.number += 1;
        self.since = now;
        self.lives = granted.expires_in.map(Duration::from_secs);
        // It may be the same one again: the instance hands it out until it dies.
        self.access = Some(granted.access.clone());
        // A refresh token does not rotate; an answer may leave it out (wire-failures 2.2).
        self.refresh = granted.refresh.or(self.refresh.take());
        Ok(Bearer {
            token: granted.access,
            number: self.number,
        })
    }

    /// The access token.
    pub(crate) const fn access(&self) -> Option<&Secret> {
        self.access.as_ref()
    }

    /// What it has, the access token first.
    pub(crate) fn all(&self) -> Vec<Secret> {
        self.access.iter().chain(&self.refresh).cloned().collect()
    }

    /// No token was to be had.
    pub(crate) fn denied(&mut self, failure: &Failure) {
        let lasting = matches!(failure.kind, Kind::Permanent | Kind::RefusedGrant);
        if lasting && self.policy.attempts_at_refused_grant <= 1 {
            self.dead = Some(failure.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{REFRESH_REFUSED, REFUSED_CREDENTIALS, ROLE_MISSING};
    use crate::oauth::tests::application;
    use crate::settings::Grant;

    fn tokens(policy: Oauth) -> Tokens {
        Tokens::of(
            &application("https://i.example", Grant::RefreshToken),
            policy,
        )
    }

    fn granted(access: &str) -> Granted {
        Granted {
            access: Secret::of(access),
            refresh: None,
            expires_in: Some(10),
        }
    }

    #[tokio::test]
    async fn what_was_replaced_meanwhile_is_not_replaced_again() {
        for (renewed_by, replaced) in [(RenewedBy::OneForAll, false), (RenewedBy::Each, true)] {
            let tokens = tokens(Oauth {
                renewed_by,
                ..Oauth::default()
            });
            let now = Instant::now();
            let mut held = tokens.hold().await;
            held.take(granted("one"), false, now).unwrap();
            let shown = held.usable(now).unwrap().unwrap();
            held.refused(&shown);
            assert_eq!(held.usable(now).unwrap(), None);
            held.take(granted("two"), false, now).unwrap();
            held.refused(&shown);
            assert_eq!(held.usable(now).unwrap().is_none(), replaced);
        }
    }

    #[tokio::test]
    async fn a_dead_grant_is_told_to_everybody() {
        let tokens = tokens(Oauth::default());
        let mut held = tokens.hold().await;
        let passing = Failure::new(REFUSED_CREDENTIALS, Kind::Transient, "x");
        held.denied(&passing);
        assert!(held.usable(Instant::now()).is_ok());
        let refused = Failure::new(REFRESH_REFUSED, Kind::RefusedGrant, "x");
        held.denied(&refused);
        assert_eq!(held.usable(Instant::now()), Err(refused));
    }

    #[tokio::test]
    async fn a_token_is_replaced_before_its_time_is_up_where_the_policy_says_so() {
        let policy = Oauth {
            renewal: Renewal::BeforeExpiry,
            ..Oauth::default()
        };
        let tokens = tokens(policy);
        let mut held = tokens.hold().await;
        let now = Instant::now();
        held.take(granted("one"), false, now).unwrap();
        assert!(held.usable(now + Duration::from_secs(8)).unwrap().is_some());
        assert!(held.usable(now + Duration::from_secs(9)).unwrap().is_none());
    }

    #[test]
    fn a_new_token_that_is_refused_is_not_too_old() {
        let tokens = tokens(Oauth::default());
        let refused = || Failure::new(REFUSED_CREDENTIALS, Kind::RefusedCredentials, "x");
        assert_eq!(tokens.after(refused(), 0), Next::Renew);
        let Next::Tell(told) = tokens.after(refused(), 1) else {
            panic!("renews again")
        };
        assert_eq!(told.cause, REFUSED_WHEN_NEW);
        let forbidden = Failure::new(ROLE_MISSING, Kind::Forbidden, "x");
        assert_eq!(tokens.after(forbidden.clone(), 0), Next::Tell(forbidden));
    }
}
