//! The accept loop of one listener.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::serve::{self, Site};
use super::socket::Socket;
use super::tls;
use super::wire::Wire;
use crate::journal::{Accepted, Closed, ClosedBy, Event, TlsFailed, TlsFinished};

/// Connections that one listener carries at a time; further callers wait in the kernel's queue.
const MOST_CONNECTIONS: usize = 1024;

/// How long nobody is accepted when descriptors or memory ran out: connections that end meanwhile
/// give some back.
const BREATHER: Duration = Duration::from_millis(10);

/// A listener at work.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    /// Ends, with every connection, once the site shuts down.
    pub(crate) task: JoinHandle<()>,
}

/// Listens, and serves whoever connects until the site shuts down.
pub(crate) async fn listen(
    site: Arc<Site>,
    address: SocketAddr,
    speaks_tls: bool,
) -> io::Result<Listening> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(accept_all(listener, site, speaks_tls));
    Ok(Listening { address, task })
}

async fn accept_all(listener: TcpListener, site: Arc<Site>, speaks_tls: bool) {
    let mut shutdown = site.shutdown.clone();
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut shutdown) => break,
            accepted = accept(&listener, &places) => accepted,
        };
        while connections.try_join_next().is_some() {}
        let Ok((stream, peer, place)) = accepted else {
            tokio::time::sleep(BREATHER).await;
            continue;
        };
        let site = Arc::clone(&site);
        connections.spawn(async move {
            carry(stream, peer, &site, speaks_tls).await;
            drop(place);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

async fn carry(stream: TcpStream, peer: SocketAddr, site: &Arc<Site>, speaks_tls: bool) {
    let connection = site.next_connection();
    site.note(Event::Accepted(Accepted {
        connection,
        peer: peer.to_string(),
        tls: speaks_tls,
    }));
    site.director.accepted(site.caller).await;
    // Answers are small and wanted at once.
    let _slower_but_right = stream.set_nodelay(true);
    let wire = Arc::new(Wire::default());
    wire.comes_from(peer.ip());
    let socket = Socket::new(stream, Arc::clone(&wire));
    let requests = if speaks_tls {
        carry_tls(socket, connection, &wire, site).await
    } else {
        serve::serve(socket, connection, &wire, site, false).await
    };
    wire.closed();
    let by = if wire.ended() {
        ClosedBy::Instance
    } else if *site.shutdown.borrow() {
        ClosedBy::Shutdown
    } else if wire.is_caller_gone() {
        ClosedBy::Caller
    } else {
        ClosedBy::Instance
    };
    let (bytes_in, bytes_out) = wire.bytes();
    site.note(Event::Closed(Closed {
        connection,
        bytes_in,
        bytes_out,
        by,
        requests,
    }));
}

async fn carry_tls(socket: Socket, connection: u64, wire: &Arc<Wire>, site: &Arc<Site>) -> u32 {
    let (presents, cause) = site.instance.presents();
    let mut shutdown = site.shutdown.clone();
    let handshake = tokio::select! {
        () = stopped(&mut shutdown) => return 0,
        handshake = tls::accept(socket, presents.config) => handshake,
    };
    match handshake {
        Ok(finished) => {
            site.note_with(
                cause,
                Event::TlsFinished(TlsFinished {
                    connection,
                    version: finished.version,
                    sni: finished.sni,
                    alpn: finished.alpn,
                    certificate: presents.certificate,
                }),
            );
            serve::serve(finished.stream, connection, wire, site, true).await
        }
        Err(failed) => {
            // Whatever ended the handshake came from the caller: an alert, garbage or its leaving.
            wire.caller_gone();
            site.note_with(
                cause,
                Event::TlsFailed(TlsFailed {
                    connection,
                    certificate: presents.certificate,
                    alert: failed.alert,
                    error: failed.error,
                }),
            );
            0
        }
    }
}

/// Ends once the flag is raised, or whoever would raise it is gone.
pub(super) async fn stopped(shutdown: &mut tokio::sync::watch::Receiver<bool>) {
    let _gone_is_stopped_too = shutdown.wait_for(|stop| *stop).await;
}
