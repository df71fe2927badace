//! A caller on a thread of no runtime, with one connection that is kept.

use std::fmt;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// One connection.
pub struct Caller {
    stream: TcpStream,
    seen: Vec<u8>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

impl Caller {
    /// Connects, in plain HTTP.
    #[must_use]
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            seen: Vec::new(),
        }
    }

    /// Asks once and reads the answer to its end, which is that of a chunked body.
    pub fn get(&mut self, path: &str) {
        self.ask(path);
        self.seen.clear();
        let mut piece = [0; 64 * 1024];
        while !self.seen.ends_with(b"\r\n0\r\n\r\n") {
            self.read(&mut piece);
        }
    }

    /// Asks once and reads the first bytes of the answer, of which the others may never come.
    pub fn begin(&mut self, path: &str) {
        self.ask(path);
        self.seen.clear();
        self.read(&mut [0; 1024]);
    }

    fn read(&mut self, piece: &mut [u8]) {
        let read = self.stream.read(piece).unwrap();
        assert_ne!(read, 0, "the server hung up");
        self.seen.extend_from_slice(&piece[..read]);
    }

    fn ask(&mut self, path: &str) {
        // The credentials are `admin:bench-password`.
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: dev.instance.test\r\nAccept: application/json\r\n\
             Authorization: Basic YWRtaW46YmVuY2gtcGFzc3dvcmQ=\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).unwrap();
    }

    /// Head and body of the last answer.
    #[must_use]
    pub fn answer(&self) -> (String, Vec<u8>) {
        let text = String::from_utf8(self.seen.clone()).unwrap();
        let (head, mut rest) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{text}");
        let mut body = Vec::new();
        while let Some((size, chunks)) = rest.split_once("\r\n") {
            let size = usize::from_str_radix(size, 16).unwrap();
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunks.as_bytes()[..size]);
            rest = &chunks[size + 2..];
        }
        (head.replace("\r\n", "\n"), body)
    }
}
