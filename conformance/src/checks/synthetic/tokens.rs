//! Tokens in a told run.

use snowproof_simulator::journal::{Caller, TokenCall, TokenGiven};

use super::{Asked, Run};

impl Run {
    /// A read that shows the token of this number.
    pub(crate) fn shows(&mut self, token: u64, target: &str) -> Asked<'_> {
        self.get(target).edit(|request| {
            request.headers = vec![("authorization".into(), "Bearer <digest>".into())];
            request.scheme = Some("bearer".into());
            request.token = Some(token);
        })
    }

    /// A request for a token, which is the one of this number where it is granted.
    pub(crate) fn asks_for_token(&mut self, grant: &str, number: Option<u64>) -> Asked<'_> {
        let call = TokenCall {
            grant: grant.to_owned(),
            client: Some("app".into()),
            access_token: number.map(|number| TokenGiven {
                number,
                expires_ns: u64::MAX,
                again: false,
            }),
            refresh_token: (grant == "authorization_code").then_some(TokenGiven {
                number: 1_000,
                expires_ns: u64::MAX,
                again: false,
            }),
            ..TokenCall::default()
        };
        self.ask("POST", "/oauth_token.do", Some(""))
            .edit(|request| {
                request.headers = vec![(
                    "content-type".into(),
                    "application/x-www-form-urlencoded".into(),
                )];
                request.token_call = Some(Box::new(call));
            })
    }

    /// A person opens the page that the connector sent them to.
    pub(crate) fn person_opens(&mut self, query: &str) -> &mut Self {
        self.get(&format!("/oauth_auth.do?{query}"))
            .edit(|request| request.caller = Caller::Person)
            .ok();
        self
    }
}
