//! Ends a connection as soon as it has come about, by an orderly end or by a reset.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::farewell::LINGER;
use super::serve::Site;
use super::socket::Socket;
use super::wire::Wire;
use crate::journal::{Cause, Event, TurnedAway};
use crate::pipeline::stage::Ending;
use crate::setup::Port;

/// How this port ends connections at once, if it does.
pub(super) const fn ending(port: Port) -> Option<Ending> {
    match port {
        Port::HangsUp => Some(Ending::Close),
        Port::Resets => Some(Ending::Reset),
        Port::Open | Port::Closed | Port::Filtered | Port::Mute => None,
    }
}

/// Writes it down and ends the connection. Behind an orderly end whatever the caller sent is read:
/// bytes that are not would make a reset of it (connection-faults 2). Who stays for longer than a
/// second has had the end.
pub(super) async fn end(
    mut socket: Socket,
    connection: u64,
    wire: &Wire,
    site: &Site,
    ending: Ending,
    cause: Option<Cause>,
) {
    site.note_with(
        cause,
        Event::TurnedAway(TurnedAway {
            connection,
            by_reset: ending == Ending::Reset,
        }),
    );
    if ending == Ending::Close {
        let _already_gone = socket.shutdown().await;
        let mut unheard = [0; 4096];
        let left = async { while let Ok(1..) = socket.read(&mut unheard).await {} };
        let _enough_was_read = timeout(LINGER, left).await;
    }
    wire.end_with(ending);
}
