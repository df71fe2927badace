//! Answers a ClientHello otherwise than by a handshake, with bytes of our own (connection-faults
//! 1.1).

use std::sync::Arc;

use super::client_hello::Heard;
use super::farewell;
use super::serve::{self, Site};
use super::socket::Socket;
use super::wire::Wire;
use crate::journal::{Cause, Event, HandshakeBroken};
use crate::pipeline::stage::Ending;
use crate::setup::Handshake;

mod alert;
mod garbage;
mod plain_http;
mod server_hello;

/// Writes down what is done, and does it; gives the number of requests, which come only from who
/// speaks as plainly as the port does.
pub(super) async fn answer(
    mut socket: Socket,
    heard: Heard,
    connection: u64,
    wire: &Arc<Wire>,
    site: &Arc<Site>,
    (answer, cause): (Handshake, Option<Cause>),
) -> u32 {
    if heard.bytes.is_empty() {
        wire.caller_gone();
        return 0;
    }
    let speaks_tls = heard.speaks_tls();
    let hello = heard.hello.unwrap_or_default();
    site.note_with(
        cause,
        Event::HandshakeBroken(HandshakeBroken {
            connection,
            answer,
            sni: hello.sni,
            versions: hello.versions,
            alpn: hello.alpn,
        }),
    );
    if answer == Handshake::PlainHttp && !speaks_tls {
        return serve::serve(socket.after(heard.bytes), connection, wire, site, false).await;
    }
    wire.read(heard.bytes.len());
    match answer {
        Handshake::Reset => wire.end_with(Ending::Reset),
        // An end over a handshake that was read is an orderly one.
        Handshake::Close => wire.end_with(Ending::Close),
        _ => farewell::send_away(&mut socket, wire, site, &bytes(answer)).await,
    }
    0
}

/// What is sent; nothing where the connection ends without a word.
fn bytes(answer: Handshake) -> Vec<u8> {
    match answer {
        Handshake::Complete | Handshake::Reset | Handshake::Close => Vec::new(),
        Handshake::HandshakeFailure => alert::fatal(alert::HANDSHAKE_FAILURE),
        Handshake::AccessDenied => alert::fatal(alert::ACCESS_DENIED),
        Handshake::ProtocolVersion => alert::fatal(alert::PROTOCOL_VERSION),
        Handshake::InternalError => alert::fatal(alert::INTERNAL_ERROR),
        Handshake::UnrecognizedName => alert::fatal(alert::UNRECOGNIZED_NAME),
        Handshake::NoApplicationProtocol => alert::fatal(alert::NO_APPLICATION_PROTOCOL),
        Handshake::OldVersion => server_hello::old_version(),
        Handshake::UnofferedCipher => server_hello::unoffered_cipher(),
        Handshake::PlainHttp => plain_http::bad_request(),
        Handshake::Garbage => garbage::BANNER.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_but_an_end_has_bytes() {
        for answer in Handshake::BROKEN {
            let ends = matches!(answer, Handshake::Reset | Handshake::Close);
            assert_eq!(bytes(answer).is_empty(), ends, "{answer:?}");
        }
    }
}
