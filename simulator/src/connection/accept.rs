//! The accept loop of an instance's listener, and the life of its connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use super::client_hello::Heard;
use super::crowd::{Crowd, Newcomer};
use super::door::{self, Blocked, Door};
use super::serve::{self, Site};
use super::socket::Socket;
use super::wire::Wire;
use super::{handshake, mute, syn_watch, tls, turned_away};
use crate::instance::Turn;
use crate::journal::{Accepted, Cause, Closed, ClosedBy, Event, TlsFailed, TlsFinished};
use crate::pipeline::stage::{ClientCertificate, Ending};
use crate::setup::{Handshake, Port};

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
    let door = Door::hold(address)?;
    let address = door.address();
    let turns = site.instance.doors().follow();
    let stand = Stand::on(&door, site.instance.doors().port(), &site)?;
    let task = tokio::spawn(keep(door, stand, turns, site, speaks_tls));
    Ok(Listening { address, task })
}

/// What stands on a door.
#[derive(Debug)]
enum Stand {
    Listener(TcpListener),
    Nobody,
    /// The kernel drops SYNs, and somebody watches who tries.
    Blocked {
        blocked: Blocked,
        watch: JoinSet<()>,
    },
}

impl Stand {
    fn on(door: &Door, port: Port, site: &Arc<Site>) -> io::Result<Self> {
        Ok(match port {
            Port::Open | Port::Mute | Port::HangsUp | Port::Resets => {
                Self::Listener(door.listen()?)
            }
            Port::Closed => Self::Nobody,
            Port::Filtered => {
                let blocked = door.block()?;
                let mut watch = JoinSet::new();
                watch.spawn(syn_watch::watch(
                    Arc::clone(site),
                    door.address().port(),
                    blocked.own(),
                ));
                Self::Blocked { blocked, watch }
            }
        })
    }

    /// The same, or what else the port asks for. Two cannot stand on one door, so the one before
    /// leaves first.
    async fn turned(self, door: &Door, port: Port, site: &Arc<Site>) -> Self {
        let listens = !matches!(port, Port::Closed | Port::Filtered);
        if listens && matches!(self, Self::Listener(_)) {
            return self;
        }
        self.leave().await;
        Self::on(door, port, site).unwrap_or_else(|error| {
            let what = format!("the port as the step asks for: {error}");
            site.instance.unmodelled(None, what);
            Self::Nobody
        })
    }

    /// Leaves the door. Whoever watched has written everything down when this returns.
    async fn leave(self) {
        match self {
            Self::Listener(listener) => door::leave(&listener),
            Self::Nobody => {}
            Self::Blocked { blocked, mut watch } => {
                watch.shutdown().await;
                drop(blocked);
            }
        }
    }
}

async fn keep(
    door: Door,
    mut stand: Stand,
    mut turns: mpsc::UnboundedReceiver<Turn>,
    site: Arc<Site>,
    speaks_tls: bool,
) {
    let mut shutdown = site.shutdown.clone();
    let mut crowd = Crowd::default();
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut shutdown) => break,
            Some(turn) = turns.recv() => {
                // What holds by now: the orders of two changes at once arrive in any order.
                stand = stand.turned(&door, site.instance.doors().port(), &site).await;
                let _whoever_asked_has_left = turn.done.send(());
                continue;
            }
            accepted = accept(&stand, &crowd) => accepted,
        };
        let site = Arc::clone(&site);
        let carry = |stream, peer| async move { carry(stream, peer, &site, speaks_tls).await };
        crowd.take(accepted, carry).await;
    }
    stand.leave().await;
    drop(door);
    crowd.leave().await;
}

async fn accept(stand: &Stand, crowd: &Crowd) -> io::Result<Newcomer> {
    match stand {
        Stand::Listener(listener) => crowd.accept(listener).await,
        Stand::Nobody | Stand::Blocked { .. } => std::future::pending().await,
    }
}

async fn carry(stream: TcpStream, peer: SocketAddr, site: &Arc<Site>, speaks_tls: bool) {
    let connection = opened(site, peer, speaks_tls, false).await;
    // Answers are small and wanted at once.
    let _slower_but_right = stream.set_nodelay(true);
    let wire = Arc::new(Wire::default());
    wire.comes_from(peer.ip());
    let socket = Socket::new(stream, Arc::clone(&wire));
    let requests = if speaks_tls {
        carry_tls(socket, connection, &wire, site).await
    } else if let (Some(ending), cause) = turns_away(site) {
        turn_away(socket, connection, &wire, site, (ending, cause)).await
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
    mut socket: Socket,
    connection: u64,
    wire: &Arc<Wire>,
    site: &Arc<Site>,
) -> u32 {
    let mut shutdown = site.shutdown.clone();
    if let (Port::Mute, cause) = site.instance.port() {
        tokio::select! {
            () = stopped(&mut shutdown) => {}
            () = mute::hold(socket, connection, wire, site, cause) => {}
        }
        return 0;
    }
    if let (Some(ending), cause) = turns_away(site) {
        return turn_away(socket, connection, wire, site, (ending, cause)).await;
    }
    let heard = tokio::select! {
        () = stopped(&mut shutdown) => return 0,
        heard = tls::hear(&mut socket) => heard,
    };
    let broken = site.instance.handshake();
    let (heard, failed) = match heard {
        Ok(heard) if broken.0 != Handshake::Complete => {
            return handshake::answer(socket, heard, connection, wire, site, broken).await;
        }
        Ok(heard) => (heard, None),
        Err(failed) => (Heard::default(), Some(failed)),
    };
    let hello = heard.hello.unwrap_or_default();
    let (presents, cause) = site.instance.presents(hello.sni.as_deref());
    let handshake = async {
        match failed {
            Some(failed) => Err(failed),
            None => tls::accept(socket.after(heard.bytes), offered(presents.config, site)).await,
        }
    };
    let handshake = tokio::select! {
        () = stopped(&mut shutdown) => return 0,
        handshake = handshake => handshake,
    };
    match handshake {
        Ok(finished) => {
            let shown = site.instance.client_certificate(&finished.shown);
            let told = match &shown {
                ClientCertificate::None => None,
                ClientCertificate::Accepted { .. } => Some("accepted".to_owned()),
                ClientCertificate::Refused { why } => Some(format!("refused: {why}")),
            };
            wire.shows(shown);
            let by_http2 = finished.alpn.as_deref() == Some("h2");
            site.note_with(
                cause,
                Event::TlsFinished(TlsFinished {
                    connection,
                    version: finished.version,
                    sni: finished.sni,
                    alpn: finished.alpn,
                    certificate: presents.certificate,
                    client_certificate: told,
                }),
            );
            if by_http2 {
                serve::serve_http2(finished.stream, connection, wire, site).await
            } else {
                serve::serve(finished.stream, connection, wire, site, true).await
            }
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
                    sni: hello.sni,
                    versions: hello.versions,
                }),
            );
            0
        }
    }
}

/// What a handshake is answered with: the protocols too that the instance speaks.
fn offered(config: Arc<ServerConfig>, site: &Site) -> Arc<ServerConfig> {
    if !site.instance.http2 {
        return config;
    }
    let mut config = ServerConfig::clone(&config);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

/// How the port ends connections at once, if it does, and who had it do so.
fn turns_away(site: &Site) -> (Option<Ending>, Option<Cause>) {
    let (port, cause) = site.instance.port();
    (turned_away::ending(port), cause)
}

/// Ends the connection, which carried no request.
async fn turn_away(
    socket: Socket,
    connection: u64,
    wire: &Arc<Wire>,
    site: &Arc<Site>,
    (ending, cause): (Ending, Option<Cause>),
) -> u32 {
    let mut shutdown = site.shutdown.clone();
    tokio::select! {
        () = stopped(&mut shutdown) => {}
        () = turned_away::end(socket, connection, wire, site, ending, cause) => {}
    }
    0
}

/// Ends once the flag is raised, or whoever would raise it is gone.
pub(super) async fn stopped(shutdown: &mut tokio::sync::watch::Receiver<bool>) {
    let _gone_is_stopped_too = shutdown.wait_for(|stop| *stop).await;
}
