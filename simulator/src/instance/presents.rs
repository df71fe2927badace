//! What the port presents to handshakes, by the name that they ask for.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::ServerConfig;

use crate::connection::certificates::{Authority, CertificateError};
use crate::setup::{Certificate, InstanceSetup, MutualTls};

/// A certificate, and how TLS is spoken with it.
#[derive(Debug, Clone)]
pub(crate) struct Presented {
    pub(crate) certificate: Certificate,
    pub(crate) config: Arc<ServerConfig>,
}

/// What the port presents.
#[derive(Debug)]
pub(super) struct Presents {
    /// To whoever asks for none of the names below.
    usual: Presented,
    by_name: BTreeMap<String, Presented>,
}

/// For whom certificates are made, and by whom.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) authority: &'a Authority,
    pub(super) host: &'a str,
    pub(super) extra: &'a [String],
    pub(super) mutual_tls: MutualTls,
}

impl Names<'_> {
    fn usual(&self, certificate: Certificate) -> Result<Presented, CertificateError> {
        let names = Authority::usual_names(self.host, self.extra);
        self.covering(certificate, &names)
    }

    fn covering(
        &self,
        certificate: Certificate,
        names: &[String],
    ) -> Result<Presented, CertificateError> {
        let config = self
            .authority
            .present(certificate, names, self.mutual_tls)?;
        Ok(Presented {
            certificate,
            config,
        })
    }
}

impl Presents {
    pub(super) fn new(
        instance: &InstanceSetup,
        names: &Names<'_>,
    ) -> Result<Self, CertificateError> {
        let by_name = instance.certificates_by_name.iter().flatten();
        let by_name = by_name.map(|(name, certificate)| {
            let name = name.to_ascii_lowercase();
            let presented = names.covering(*certificate, std::slice::from_ref(&name))?;
            Ok((name, presented))
        });
        Ok(Self {
            usual: names.usual(instance.certificate.unwrap_or_default())?,
            by_name: by_name.collect::<Result<_, CertificateError>>()?,
        })
    }

    /// Presents another certificate for all but the names that have their own.
    pub(super) fn replace(
        &mut self,
        certificate: Certificate,
        names: &Names<'_>,
    ) -> Result<(), CertificateError> {
        self.usual = names.usual(certificate)?;
        Ok(())
    }

    /// What is presented to whoever asks for this name.
    pub(super) fn to(&self, sni: Option<&str>) -> &Presented {
        let own = sni.and_then(|name| self.by_name.get(&name.to_ascii_lowercase()));
        own.unwrap_or(&self.usual)
    }
}
