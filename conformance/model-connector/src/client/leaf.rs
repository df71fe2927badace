//! The certificate of the instance beside its verification: a connector that pins the one that it
//! met first stops where the instance has got a new one.

use std::sync::OnceLock;

use reqwest::Response;
use reqwest::tls::TlsInfo;

use super::Client;
use crate::diagnosis::{CERTIFICATE_UNTRUSTED, Failure, Kind};
use crate::policy::Leaf;

/// The certificate that was met first.
#[derive(Debug, Default)]
pub(super) struct First(OnceLock<Vec<u8>>);

impl Client<'_> {
    /// # Errors
    ///
    /// When the answer came under another certificate than the first one, and the policy minds.
    pub(super) fn recognises(&self, answer: &Response) -> Result<(), Failure> {
        if self.policy.leaf == Leaf::Any {
            return Ok(());
        }
        let shown = answer.extensions().get::<TlsInfo>();
        let Some(shown) = shown.and_then(TlsInfo::peer_certificate) else {
            return Ok(());
        };
        if self.first_leaf.0.get_or_init(|| shown.to_vec()) == shown {
            return Ok(());
        }
        let host = self.settings.base.host_str().unwrap_or_default();
        Err(Failure::new(
            CERTIFICATE_UNTRUSTED,
            Kind::Certificate,
            format!("`{host}` presents another certificate than before"),
        ))
    }
}
