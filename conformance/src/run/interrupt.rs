//! How a run is told to stop: once, politely; twice, at once.

use tokio::sync::watch;

/// How urgently a run is to stop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interrupt {
    /// It goes on.
    #[default]
    None,
    /// Processes are asked to end; the report is written.
    Stop,
    /// Processes are killed at once; the report is written.
    Kill,
}

/// Tells a run to stop.
#[derive(Debug, Clone)]
pub struct Interrupter {
    sender: watch::Sender<Interrupt>,
}

/// Waits for a run to be told to stop; each waiter has its own.
#[derive(Debug, Clone)]
pub struct Interruption {
    receiver: watch::Receiver<Interrupt>,
}

impl Default for Interrupter {
    fn default() -> Self {
        Self {
            sender: watch::Sender::new(Interrupt::None),
        }
    }
}

impl Interrupter {
    /// Stops the run; a second call kills.
    pub fn interrupt(&self) {
        self.sender.send_modify(|interrupt| {
            *interrupt = match interrupt {
                Interrupt::None => Interrupt::Stop,
                Interrupt::Stop | Interrupt::Kill => Interrupt::Kill,
            };
        });
    }

    /// Someone who waits for it.
    #[must_use]
    pub fn subscribe(&self) -> Interruption {
        Interruption {
            receiver: self.sender.subscribe(),
        }
    }
}

impl Interruption {
    /// Whether the run is to stop.
    #[must_use]
    pub fn is_due(&self) -> bool {
        *self.receiver.borrow() != Interrupt::None
    }

    /// Returns when the run is to stop, at once if it was told so already.
    pub async fn next(&mut self) -> Interrupt {
        self.reaches(Interrupt::Stop).await
    }

    /// Returns when processes are to be killed.
    pub async fn kill(&mut self) {
        self.reaches(Interrupt::Kill).await;
    }

    async fn reaches(&mut self, least: Interrupt) -> Interrupt {
        match self
            .receiver
            .wait_for(|interrupt| *interrupt >= least)
            .await
        {
            Ok(interrupt) => *interrupt,
            // Nobody is left who could interrupt.
            Err(_) => std::future::pending().await,
        }
    }
}
