//! The application that asks for consent: where a browser comes back to with the answer.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use url::Url;

/// An application that waits on loopback.
pub(crate) struct Application {
    pub(crate) redirect_url: String,
    came_back: Receiver<String>,
}

impl Application {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (tell, came_back) = channel();
        // It ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(target) = answer(stream)
                    && tell.send(target).is_err()
                {
                    break;
                }
            }
        });
        Self {
            redirect_url: format!("{origin}/callback"),
            came_back,
        }
    }

    /// The parameters that a browser came back with.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let target = self.came_back.recv_timeout(Duration::from_secs(60));
        let target = target.expect("the browser comes back");
        let url = Url::parse(&self.redirect_url).unwrap();
        let url = url.join(&target).unwrap();
        assert_eq!(url.path(), "/callback");
        url.query_pairs().into_owned().collect()
    }

    /// Whether nobody came back.
    pub(crate) fn is_alone(&self) -> bool {
        self.came_back.try_recv().is_err()
    }
}

fn answer(mut stream: TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let line = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    let body = "<!DOCTYPE html><title>Connected</title><link rel=\"icon\" href=\"data:,\">";
    let length = body.len();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
    write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}").ok()?;
    line.split(' ').nth(1).map(str::to_owned)
}
