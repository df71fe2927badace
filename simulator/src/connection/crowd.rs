//! The connections that one listener carries at a time, bounded.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// Connections at a time; further callers wait in the kernel's queue.
const MOST_CONNECTIONS: usize = 1024;

/// How long nobody is accepted when descriptors or memory ran out: connections that end meanwhile
/// give some back.
const BREATHER: Duration = Duration::from_millis(10);

/// Whoever was accepted, with a place to stay.
pub(super) type Newcomer = (TcpStream, SocketAddr, OwnedSemaphorePermit);

/// The connections of a listener.
#[derive(Debug)]
pub(super) struct Crowd {
    places: Arc<Semaphore>,
    connections: JoinSet<()>,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
            connections: JoinSet::new(),
        }
    }
}

impl Crowd {
    /// Accepts the next caller once there is a place.
    pub(super) async fn accept(&self, listener: &TcpListener) -> io::Result<Newcomer> {
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        let (stream, peer) = listener.accept().await?;
        Ok((stream, peer, place))
    }

    /// Carries whoever was accepted; waits a little where nobody could be.
    pub(super) async fn take<F>(
        &mut self,
        accepted: io::Result<Newcomer>,
        carry: impl FnOnce(TcpStream, SocketAddr) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        while self.connections.try_join_next().is_some() {}
        let Ok((stream, peer, place)) = accepted else {
            tokio::time::sleep(BREATHER).await;
            return;
        };
        let carried = carry(stream, peer);
        self.connections.spawn(async move {
            carried.await;
            drop(place);
        });
    }

    /// Waits until every connection has ended.
    pub(super) async fn leave(mut self) {
        while self.connections.join_next().await.is_some() {}
    }
}
