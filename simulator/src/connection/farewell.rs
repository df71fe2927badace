//! The last bytes of a connection that is not served further: they are sent, and arrive.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::accept::stopped;
use super::serve::Site;
use super::socket::Socket;
use super::wire::Wire;
use crate::pipeline::stage::Ending;

/// How long what a caller still sends is read.
pub(super) const LINGER: Duration = Duration::from_secs(1);

pub(super) async fn send(socket: &mut Socket, wire: &Wire, bytes: &[u8]) {
    let sent = async {
        socket.write_all(bytes).await?;
        socket.flush().await
    };
    match sent.await {
        Ok(()) => wire.wrote(bytes.len()),
        Err(_) => wire.caller_gone(),
    }
}

/// Sends a last answer and ends the connection. What the caller still sends is read first: to
/// close over unread bytes is a reset, which can overtake the answer (connection-faults 0.7).
pub(super) async fn send_away(socket: &mut Socket, wire: &Wire, site: &Site, bytes: &[u8]) {
    send(socket, wire, bytes).await;
    wire.end_with(Ending::Close);
    if socket.shutdown().await.is_ok() {
        let left = until_caller_leaves(socket, wire, site);
        let _enough_was_read = timeout(LINGER, left).await;
    }
}

pub(super) async fn until_caller_leaves(socket: &mut Socket, wire: &Wire, site: &Site) {
    let mut shutdown = site.shutdown.clone();
    let mut piece = [0; 1024];
    loop {
        tokio::select! {
            () = stopped(&mut shutdown) => return,
            read = socket.read(&mut piece) => match read {
                Ok(read) if read > 0 => {}
                _ => return wire.caller_gone(),
            },
        }
    }
}
