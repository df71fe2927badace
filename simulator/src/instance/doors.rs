//! The condition of an instance's port, and the listeners that follow it.
//!
//! A change is over when every listener has followed, so that whoever sees an effect of the change
//! meets the port as it now is.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot, watch};

use crate::setup::Port;

/// The port of one instance.
#[derive(Debug)]
pub(crate) struct Doors {
    port: watch::Sender<Port>,
    followers: Mutex<Vec<mpsc::UnboundedSender<Turn>>>,
}

/// A listener is to do what the port now asks for, and says when it does.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) done: oneshot::Sender<()>,
}

impl Doors {
    pub(crate) fn new(port: Port) -> Self {
        Self {
            port: watch::Sender::new(port),
            followers: Mutex::default(),
        }
    }

    pub(crate) fn port(&self) -> Port {
        *self.port.borrow()
    }

    /// Changes when the port does, so that idle connections can be told to close.
    pub(crate) fn changes(&self) -> watch::Receiver<Port> {
        self.port.subscribe()
    }

    /// A listener's orders from here on.
    pub(crate) fn follow(&self) -> mpsc::UnboundedReceiver<Turn> {
        let (orders, turns) = mpsc::unbounded_channel();
        self.followers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(orders);
        turns
    }

    /// Changes the port; returns once every listener follows. One that has stopped is left out.
    pub(crate) async fn set(&self, port: Port) {
        self.port.send_replace(port);
        let followers = self
            .followers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for follower in followers {
            let (done, turned) = oneshot::channel();
            if follower.send(Turn { done }).is_ok() {
                let _stopped_meanwhile = turned.await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_waits_for_listeners_that_follow_and_for_no_other() {
        let doors = Doors::new(Port::Open);
        let mut turns = doors.follow();
        drop(doors.follow());
        let (_, seen) = tokio::join!(doors.set(Port::Closed), async {
            let turn = turns.recv().await.unwrap();
            let seen = doors.port();
            turn.done.send(()).unwrap();
            seen
        });
        assert_eq!(seen, Port::Closed);
    }
}
