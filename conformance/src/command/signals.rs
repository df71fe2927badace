//! The signals that ask the command line to end: Ctrl-C, and what a CI system sends.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for SIGINT, SIGTERM and SIGHUP. Children have process groups of their own, so that
/// nobody but this process can end them.
pub(super) struct Asked {
    signals: [Signal; 3],
}

impl Asked {
    /// Listens from here on. The error is the system's.
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            signals: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ],
        })
    }

    /// Returns when one of them arrives.
    pub(super) async fn ended(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
