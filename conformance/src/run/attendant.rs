//! Whoever debugs a connector: is told how each process is about to be started, lets it start when
//! it is ready, and learns its number. Nothing then ends the process but itself or an interrupt.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

/// As long as somebody may look at one process.
pub(super) const PATIENCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

type Told = dyn Fn(Notice) -> BoxFuture<'static, ()> + Send + Sync;

/// See the module.
#[derive(Clone)]
pub struct Attendant(Arc<Told>);

/// What whoever debugs is told. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A process is started as soon as this has been taken note of.
    Starts {
        /// The act, from 1.
        act: u32,
        /// Program and arguments, secrets replaced.
        command: Vec<String>,
        /// The whole environment, secrets replaced.
        environment: Vec<(String, String)>,
        /// The working folder.
        folder: PathBuf,
    },
    /// The service runs that acts are about to ask.
    Serves {
        /// The number of its process.
        pid: i32,
        /// Where it listens on this machine.
        port: u16,
    },
    /// It runs.
    Started {
        /// The number of the process.
        pid: i32,
    },
}

impl Attendant {
    /// Calls this, and goes on when its future is done.
    pub fn new(told: impl Fn(Notice) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    pub(super) async fn tell(&self, notice: Notice) {
        (self.0)(notice).await;
    }
}

impl fmt::Debug for Attendant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attendant")
    }
}
