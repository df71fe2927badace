//! How a run is told to stop: once, politely; twice, at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    by_hand: Arc<AtomicBool>,
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
            by_hand: Arc::default(),
        }
    }
}

impl Interrupter {
    /// Stops the run; a second call kills.
    pub fn interrupt(&self) {
        self.by_hand.store(true, Ordering::Relaxed);
        self.sender.send_modify(|interrupt| {
            *interrupt = match interrupt {
                Interrupt::None => Interrupt::Stop,
                Interrupt::Stop | Interrupt::Kill => Interrupt::Kill,
            };
        });
    }

    /// Stops the run because its time is over. That is no interruption, and a run that is already
    /// told to stop is not hurried by it.
    pub fn stop(&self) {
        self.sender.send_modify(|interrupt| {
            *interrupt = (*interrupt).max(Interrupt::Stop);
        });
    }

    /// Whether somebody interrupted the run.
    #[must_use]
    pub fn was_interrupted(&self) -> bool {
        self.by_hand.load(Ordering::Relaxed)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_deadline_stops_and_neither_kills_nor_counts_as_an_interruption() {
        let interrupter = Interrupter::default();
        let mut interruption = interrupter.subscribe();
        interrupter.stop();
        interrupter.stop();
        assert_eq!(interruption.next().await, Interrupt::Stop);
        assert!(!interrupter.was_interrupted());
        interrupter.interrupt();
        assert_eq!(interruption.next().await, Interrupt::Kill);
        assert!(interrupter.was_interrupted());
    }

    #[tokio::test]
    async fn a_deadline_after_an_interruption_changes_nothing() {
        let interrupter = Interrupter::default();
        interrupter.interrupt();
        interrupter.stop();
        let mut interruption = interrupter.subscribe();
        assert_eq!(interruption.next().await, Interrupt::Stop);
        assert!(interruption.is_due() && interrupter.was_interrupted());
    }
}
