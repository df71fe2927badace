//! By what the instance knows who asks: a password, a key, or a token that is replaced when it dies.

use reqwest::RequestBuilder;
use reqwest::header::COOKIE;
use serde_json::Value;
use tokio::time::Instant;

use super::Client;
use super::cookies::Jar;
use crate::answer::{self, Granted};
use crate::diagnosis::{
    API_KEY, BAD_SETTING, Failure, Kind, NO_CREDENTIALS, REFUSED_CREDENTIALS, SCHEME_NOT_ALLOWED,
    TOKEN_EXPIRED,
};
use crate::oauth::{self, Ask, Bearer, Form, Next};
use crate::policy::{ApiKeyIn, LostSession, RefusedRequest, RenewsWith};
use crate::settings::{Application, Authentication, Grant, Secret};

/// The header, and the query parameter, of an API key (wire-failures 3).
const API_KEY_NAME: &str = "x-sn-apikey";

impl Client<'_> {
    /// Makes a call, with a new token, or without the cookies, and a second time where the first one is
    /// refused.
    pub(super) async fn authorized<T>(
        &self,
        attempt: impl AsyncFn(Option<&Bearer>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Some(tokens) = &self.tokens else {
            let answer = match (self.session_shown(), attempt(None).await) {
                (Some(session), Err(failure)) if failure.kind == Kind::RefusedCredentials => {
                    session.forget();
                    attempt(None).await
                }
                (_, answer) => answer,
            };
            return answer.map_err(|failure| self.told(failure));
        };
        let mut renewals = 0;
        loop {
            let bearer = self.bearer().await?;
            let failure = match attempt(Some(&bearer)).await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let refused = failure.clone();
            match tokens.after(failure, renewals) {
                Next::Tell(failure) => return Err(failure),
                Next::Renew => tokens.hold().await.refused(&bearer),
            }
            if self.policy.oauth.refused_request == RefusedRequest::TakenForTheEnd {
                self.bearer().await?;
                return Err(refused);
            }
            renewals += 1;
        }
    }

    /// The cookies that the next call sends along, where a refusal of it may be theirs.
    fn session_shown(&self) -> Option<&Jar> {
        let signs_in_again = self.policy.lost_session == LostSession::SignInAgain;
        let jar = self.cookies.as_ref().filter(|_| signs_in_again);
        jar.filter(|jar| jar.header().is_some())
    }

    /// A request with what the instance is to know the caller by.
    pub(super) fn signed(
        &self,
        request: RequestBuilder,
        bearer: Option<&Bearer>,
    ) -> RequestBuilder {
        let settings = self.settings;
        let cookies = self.cookies.as_ref().and_then(Jar::header);
        let request = match cookies {
            Some(cookies) => request.header(COOKIE, cookies),
            None => request,
        };
        match (&settings.authentication, bearer) {
            (_, Some(bearer)) => request.bearer_auth(bearer.token.reveal()),
            (Authentication::ApiKey(key), _) => match self.policy.oauth.api_key {
                ApiKeyIn::Header => request.header(API_KEY_NAME, key.reveal()),
                ApiKeyIn::Url => request.query(&[(API_KEY_NAME, key.reveal())]),
            },
            (Authentication::Basic, _) => {
                request.basic_auth(&settings.user, Some(settings.password.reveal()))
            }
            (Authentication::Certificate | Authentication::Oauth(_), _) => request,
        }
    }

    /// The token of the run, asked for where there is none.
    async fn bearer(&self) -> Result<Bearer, Failure> {
        let (Some(tokens), Authentication::Oauth(application)) =
            (&self.tokens, &self.settings.authentication)
        else {
            return Err(Failure::permanent(
                BAD_SETTING,
                "no OAuth application is configured",
            ));
        };
        let mut held = tokens.hold().await;
        if let Some(bearer) = held.usable(Instant::now())? {
            return Ok(bearer);
        }
        let refresh = held.refresh.clone();
        let taken = match self.obtained(application, refresh.as_ref()).await {
            Ok((granted, anew)) => held.take(granted, anew, Instant::now()),
            Err(failure) => Err(failure),
        };
        taken.inspect_err(|failure| held.denied(failure))
    }

    /// A new token, and whether it came by a grant of its own.
    async fn obtained(
        &self,
        application: &Application,
        refresh: Option<&Secret>,
    ) -> Result<(Granted, bool), Failure> {
        let needs_person = matches!(
            application.grant,
            Grant::AuthorizationCode | Grant::RefreshToken
        );
        let refreshes = needs_person || self.policy.oauth.renews_with == RenewsWith::RefreshToken;
        if let Some(token) = refresh.filter(|_| refreshes) {
            match self.granted(application, &Ask::Refresh(token)).await {
                Ok(granted) => return Ok((granted, false)),
                Err(failure) if needs_person || failure.kind != Kind::RefusedGrant => {
                    return Err(failure);
                }
                // What granted the first one may grant another.
                Err(_) => {}
            }
        }
        let settings = self.settings;
        let granted = match application.grant {
            Grant::AuthorizationCode | Grant::RefreshToken => {
                return Err(match application.access_token {
                    Some(_) => Failure::permanent(
                        TOKEN_EXPIRED,
                        "the access token was refused and there is no refresh token",
                    ),
                    None => Failure::permanent(
                        NO_CREDENTIALS,
                        "there is no token: connect first, so that a person consents",
                    ),
                });
            }
            Grant::Password => {
                let ask = Ask::Password {
                    user: &settings.user,
                    password: &settings.password,
                };
                self.granted(application, &ask).await?
            }
            Grant::ClientCredentials => self.granted(application, &Ask::ClientCredentials).await?,
            Grant::Assertion => {
                let assertion = oauth::signed_assertion(application, &settings.user).await?;
                self.granted(application, &Ask::Assertion(&assertion))
                    .await?
            }
        };
        Ok((granted, true))
    }

    /// What a later run needs: where this one stands and, where a person had to consent, what that
    /// brought.
    pub(crate) async fn checkpoint(&self, state: Value) -> Value {
        match (&self.tokens, &self.settings.authentication) {
            (Some(tokens), Authentication::Oauth(application))
                if application.grant == Grant::AuthorizationCode
                    && self.policy.oauth.keeps_consent =>
            {
                let held = tokens.hold().await;
                oauth::with_tokens(state, held.access(), held.refresh.as_ref())
            }
            _ => state,
        }
    }

    /// The tokens it has now.
    pub(crate) async fn tokens_held(&self) -> Vec<Secret> {
        match &self.tokens {
            Some(tokens) => tokens.hold().await.all(),
            None => Vec::new(),
        }
    }

    /// Exchanges a code for tokens.
    ///
    /// # Errors
    ///
    /// When none are granted.
    pub(crate) async fn exchange(
        &self,
        application: &Application,
        code: &Secret,
        verifier: Option<&Secret>,
    ) -> Result<(), Failure> {
        let granted = self
            .granted(application, &Ask::Code { code, verifier })
            .await?;
        if let Some(tokens) = &self.tokens {
            tokens.hold().await.take(granted, true, Instant::now())?;
        }
        Ok(())
    }

    /// Uses the refresh token once, so that it is known to work.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub(crate) async fn try_refresh_token(&self, application: &Application) -> Result<(), Failure> {
        let Some(tokens) = &self.tokens else {
            return Ok(());
        };
        let mut held = tokens.hold().await;
        let Some(token) = held.refresh.clone() else {
            return Ok(());
        };
        let granted = self.granted(application, &Ask::Refresh(&token)).await?;
        held.take(granted, false, Instant::now())?;
        Ok(())
    }

    /// Asks the token endpoint once.
    async fn granted(&self, application: &Application, ask: &Ask<'_>) -> Result<Granted, Failure> {
        let url = application.token_url.clone();
        let shown = url.to_string();
        let form = Form::of(application, ask);
        let response = form
            .into_request(self.http.post(url), self.policy.oauth.parameters)
            .send()
            .await
            .map_err(|error| self.no_answer(&error, false))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        self.body(response, status, &mut body).await?;
        answer::granted(status, &headers, &body, ask.shown(), &shown)
    }

    /// What a refusal means for a caller without a token.
    fn told(&self, failure: Failure) -> Failure {
        if failure.cause != REFUSED_CREDENTIALS {
            return failure;
        }
        let offers = |scheme: &str| {
            failure.challenges.is_empty()
                || failure
                    .challenges
                    .iter()
                    .any(|one| one.eq_ignore_ascii_case(scheme))
        };
        let (cause, why) = match self.settings.authentication {
            // One that works elsewhere is refused here: which instance it was is half of the answer.
            Authentication::Basic if !offers("basic") => (
                SCHEME_NOT_ALLOWED,
                format!(
                    "`{}` takes no user name and password here",
                    self.settings.base.authority()
                ),
            ),
            Authentication::Basic => (
                failure.cause,
                format!(
                    "that is user name and password at `{}`",
                    self.settings.base.authority()
                ),
            ),
            Authentication::ApiKey(_) => (
                API_KEY,
                "the API key was refused, or no access policy takes it here".to_owned(),
            ),
            _ => return failure,
        };
        Failure { cause, ..failure }.adding(&why)
    }
}
