//! The composition root: from a set-up to listening instances, a journal and a director.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::connection::certificates::Authority;
use crate::director::Director;
use crate::journal::Journal;
use crate::setup::Setup;

/// How a simulator listens and where it keeps things.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Address of the first instance's TLS listener. Default `127.0.0.1:0`.
    pub listen: Option<SocketAddr>,
    /// Address of a plain HTTP listener for the first instance. Default: none.
    pub listen_http: Option<SocketAddr>,
    /// Names that certificates cover beside the usual ones.
    pub extra_names: Vec<String>,
    /// Database file of the first instance, kept. Default: a temporary one.
    pub data: Option<PathBuf>,
    /// Write the journal to this file too, line by line.
    pub journal_file: Option<PathBuf>,
    /// Further secrets that must never appear in the journal, by name.
    pub secrets: Vec<(String, String)>,
}

/// A simulator that listens.
#[derive(Debug)]
pub struct Running {
    /// Where each instance listens, by name.
    pub addresses: IndexMap<String, Address>,
    /// What happens.
    pub journal: Journal,
    /// Changes conditions and fires steps.
    pub director: Director,
    // H2: private fields: tasks, shutdown handle, instances
}

/// Where an instance listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Host name the certificates are issued for, `devNNNNN.instance.test`.
    pub host: String,
    /// The TLS listener.
    pub https: SocketAddr,
    /// The plain listener, if there is one.
    pub http: Option<SocketAddr>,
}

impl Address {
    /// `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("https://{}", self.https)
    }
}
