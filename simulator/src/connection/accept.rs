//! The accept loop of one listener.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
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
    let shutdown = site.shutdown.clone();
    listen_with(address, shutdown, move |stream, peer| {
        let site = Arc::clone(&site);
        async move { carry(stream, peer, &site, speaks_tls).await }
    })
    .await
}

/// Listens, and hands whoever connects to `carry` until the flag is raised.
pub(super) async fn listen_with<C, F>(
    address: SocketAddr,
    shutdown: watch::Receiver<bool>,
    carry: C,
) -> io::Result<Listening>
where
    C: Fn(TcpStream, SocketAddr) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(accept_all(listener, shutdown, carry));
    Ok(Listening { address, task })
}

async fn accept_all<C, F>(listener: TcpListener, mut shutdown: watch::Receiver<bool>, carry: C)
where
    C: Fn(TcpStream, SocketAddr) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
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
        let carried = carry(stream, peer);
        connections.spawn(async move {
            carried.await;
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
    let connection = opened(site, peer, speaks_tls, false).await;
    // Answers are small and wanted at once.
    let _slower_but_right = stream.set_nodelay(true);
    let wire = Arc::new(Wire::default());
    let socket = Socket::new(stream, Arc::clone(&wire));
    let requests = if speaks_tls {
        carry_tls(socket, connection, &wire, site).await
    } else {
        serve::serve(socket, connection, &wire, site, false).await
    };
    closed(site, connection, &wire, requests);
}

/// Writes down that a connection was accepted, and gives it its number.
pub(super) async fn opened(site: &Site, peer: SocketAddr, tls: bool, proxy: bool) -> u64 {
    let connection = site.next_connection();
    site.note(Event::Accepted(Accepted {
        connection,
        peer: peer.to_string(),
        tls,
        proxy,
    }));
    site.director.accepted(site.caller).await;
    connection
}

/// Writes down that a connection ended.
pub(super) fn closed(site: &Site, connection: u64, wire: &Wire, requests: u32) {
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

/// Shakes hands and serves; gives the number of requests.
pub(super) async fn carry_tls(
    socket: Socket,
    connection: u64,
    wire: &Arc<Wire>,
    site: &Arc<Site>,
) -> u32 {
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
pub(super) async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _gone_is_stopped_too = shutdown.wait_for(|stop| *stop).await;
}
