//! A port's number, held for as long as its listener exists, and what stands on it: a listener,
//! nobody, or a queue so full that the kernel drops every SYN.
//!
//! The number is held by a socket that is bound and never listens: the kernel refuses who
//! connects to it, and gives the number to nobody else. A SYN is dropped while the queue of
//! connections to be accepted is full (connection-faults 2): with a backlog of 0 one connection
//! of our own fills it. Linux does so; elsewhere the port may behave differently.

use std::io;
use std::net::{Shutdown, SocketAddr};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::TcpListener;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// A port's number.
#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    /// Bound, never listening.
    _hold: Socket,
}

/// A port on which every SYN is dropped.
#[derive(Debug)]
pub(super) struct Blocked {
    listener: Socket,
    filler: Socket,
}

impl Door {
    /// Holds a port; number 0 means one that is free.
    pub(super) fn hold(address: SocketAddr) -> io::Result<Self> {
        let hold = bound(address)?;
        Ok(Self {
            address: local(&hold)?,
            _hold: hold,
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens on it. Must be called within a runtime.
    pub(super) fn listen(&self) -> io::Result<TcpListener> {
        let socket = bound(self.address)?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        TcpListener::from_std(socket.into())
    }

    /// Lets the kernel drop every SYN to it.
    pub(super) fn block(&self) -> io::Result<Blocked> {
        let listener = bound(self.address)?;
        listener.listen(0)?;
        let filler = stream(self.address)?;
        filler.set_nonblocking(true)?;
        // On loopback it is there at once; if somebody else came first, the queue is full too.
        let _in_progress = filler.connect(&self.address.into());
        Ok(Blocked { listener, filler })
    }
}

impl Blocked {
    /// The address of our own connection.
    pub(super) fn own(&self) -> Option<SocketAddr> {
        local(&self.filler).ok()
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        leave(&self.listener);
    }
}

/// Ends listening at once. Closing alone does not: a process that is being started holds a copy of
/// every descriptor for a moment, and the port would stay taken as long.
pub(super) fn leave<'s>(listener: impl Into<SockRef<'s>>) {
    let _it_listens_no_more_in_any_case = listener.into().shutdown(Shutdown::Both);
}

fn stream(address: SocketAddr) -> io::Result<Socket> {
    Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = stream(address)?;
    // Lets a listener and the socket that holds the number share it; two listeners cannot.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn local(socket: &Socket) -> io::Result<SocketAddr> {
    socket
        .local_addr()?
        .as_socket()
        .ok_or_else(|| io::Error::other("the socket has no internet address"))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};
    use std::time::Duration;

    use super::*;

    const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    #[tokio::test]
    async fn a_held_port_refuses_and_is_nobody_else_s() {
        let door = Door::hold(ANY).unwrap();
        let refused = TcpStream::connect(door.address()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        for _ in 0..2 {
            let listener = door.listen().unwrap();
            assert_eq!(listener.local_addr().unwrap(), door.address());
            TcpStream::connect(door.address()).unwrap();
            assert!(door.listen().is_err(), "two listeners on one port");
        }
        TcpStream::connect(door.address()).unwrap_err();
    }

    #[tokio::test]
    async fn a_copy_of_a_listener_does_not_keep_the_port() {
        let door = Door::hold(ANY).unwrap();
        let blocked = door.block().unwrap();
        let _copy = blocked.listener.try_clone().unwrap();
        drop(blocked);
        let listener = door.listen().unwrap();
        let _copy = SockRef::from(&listener).try_clone().unwrap();
        leave(&listener);
        drop(listener);
        let _listener = door.listen().unwrap();
    }

    #[tokio::test]
    async fn a_blocked_port_answers_no_syn_until_it_listens() {
        let door = Door::hold(ANY).unwrap();
        let blocked = door.block().unwrap();
        for _ in 0..3 {
            let dropped =
                TcpStream::connect_timeout(&door.address(), Duration::from_millis(50)).unwrap_err();
            assert_eq!(dropped.kind(), io::ErrorKind::TimedOut);
        }
        assert_ne!(blocked.own().unwrap().port(), door.address().port());
        drop(blocked);
        let _listener = door.listen().unwrap();
        TcpStream::connect(door.address()).unwrap();
    }
}
