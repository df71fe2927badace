//! Holds a connection whose handshake is never answered, until the caller leaves.

use tokio::io::AsyncReadExt;

use super::serve::Site;
use super::socket::Socket;
use super::wire::Wire;
use crate::journal::{Cause, Event, HandshakeStalled};

/// Reads and says nothing. The first bytes are written down: the caller waits from then on.
pub(super) async fn hold(
    mut socket: Socket,
    connection: u64,
    wire: &Wire,
    site: &Site,
    cause: Option<Cause>,
) {
    let mut heard = [0; 4096];
    let mut waits = false;
    while let Ok(1..) = socket.read(&mut heard).await {
        if !std::mem::replace(&mut waits, true) {
            site.note_with(
                cause.clone(),
                Event::HandshakeStalled(HandshakeStalled { connection }),
            );
        }
    }
    wire.caller_gone();
}
