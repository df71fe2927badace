//! A request, and what becomes of it where the port speaks no TLS.

use reqwest::{RequestBuilder, Response};

use super::Client;
use crate::diagnosis::{Failure, NOT_TLS};
use crate::policy::WithoutTls;

impl Client<'_> {
    /// Sends a request, and once more without TLS where the policy has it so.
    pub(super) async fn answered(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let in_clear = match self.policy.without_tls {
            WithoutTls::Stop => None,
            WithoutTls::SendAllTheSame => request.try_clone(),
        };
        let failure = match request.send().await {
            Ok(response) => return Ok(response),
            Err(error) => self.no_answer(&error, false),
        };
        let Some(Ok(mut request)) = in_clear.map(RequestBuilder::build) else {
            return Err(failure);
        };
        if failure.cause != NOT_TLS || request.url_mut().set_scheme("http").is_err() {
            return Err(failure);
        }
        let sent = self.http.execute(request).await;
        sent.map_err(|error| self.no_answer(&error, false))
    }
}
