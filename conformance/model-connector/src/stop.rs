//! The wish to stop, and waiting for something unless it is uttered.

use std::pin::pin;

use tokio::sync::watch;

/// Raises the wish to stop.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// Sees the wish to stop. Output is never cut short by it: only waiting is.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// The wish was uttered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

impl Stopper {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(crate) fn raise(&self) {
        self.0.send_replace(true);
    }

    pub(crate) fn watch(&self) -> Stop {
        Stop(self.0.subscribe())
    }
}

impl Stop {
    /// Waits for `future`, but no longer than until the wish is uttered.
    pub(crate) async fn or<F: Future>(&self, future: F) -> Result<F::Output, Stopped> {
        let mut wish = self.0.clone();
        let wished = async move {
            // Without a stopper nobody can wish anything any more.
            if wish.wait_for(|wished| *wished).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let (future, wished) = (pin!(future), pin!(wished));
        tokio::select! {
            biased;
            () = wished => Err(Stopped),
            output = future => Ok(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wish_ends_waiting_and_nothing_else_does() {
        let stopper = Stopper::new();
        let stop = stopper.watch();
        assert_eq!(stop.or(async { 7 }).await, Ok(7));
        stopper.raise();
        assert_eq!(stop.or(std::future::pending::<()>()).await, Err(Stopped));
        let orphan = Stopper::new().watch();
        assert_eq!(orphan.or(async { 7 }).await, Ok(7));
    }
}
