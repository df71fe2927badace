//! Where an answer leads in place of data. The connector done right does not go there: it would
//! show its credentials to whoever is named.

use reqwest::header::LOCATION;
use reqwest::{Response, Url};

use super::Client;
use crate::diagnosis::Failure;
use crate::oauth::Bearer;
use crate::policy::Redirects;

/// Hops after which whoever follows gives up.
const MOST_HOPS: u32 = 10;

impl Client<'_> {
    /// The answer, or the one that it leads to where the policy goes there.
    pub(super) async fn led_on(
        &self,
        mut answer: Response,
        bearer: Option<&Bearer>,
    ) -> Result<Response, Failure> {
        let mut hops = 0;
        while hops < MOST_HOPS || self.policy.redirects == Redirects::FollowWithoutEnd {
            hops = hops.saturating_add(1);
            let Some(target) = target(&answer) else {
                break;
            };
            match self.policy.redirects {
                Redirects::Tell => break,
                Redirects::AskThere => {
                    if target.scheme() == "https" {
                        let _said_anyway = self.http.get(target).send().await;
                    }
                    break;
                }
                Redirects::Follow | Redirects::FollowWithoutEnd | Redirects::TakeForDone => {
                    let next = self.signed(self.http.get(target), bearer).send().await;
                    answer = next.map_err(|error| self.no_answer(&error, false))?;
                }
            }
        }
        Ok(answer)
    }
}

/// Where an answer leads, if it does.
fn target(answer: &Response) -> Option<Url> {
    if !answer.status().is_redirection() {
        return None;
    }
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    answer.url().join(location).ok()
}
