//! What comes before any request in a told run: tunnels, handshakes, knocks.

use snowproof_simulator::journal::{
    Cause, Closed, ClosedBy, Condition, Connect, Event, HandshakeBroken, HandshakeStalled, SynGone,
    SynSeen, TlsFailed, TlsFinished,
};
use snowproof_simulator::setup::{Certificate, Handshake};

use super::Run;

impl Run {
    /// A call at the proxy; with a handshake in the tunnel where it lets the caller through.
    pub(crate) fn through_proxy(&mut self, condition: Option<Condition>) -> &mut Self {
        let connection = self.accepted(false, true);
        self.log(
            condition.map(|_| Cause::Setup),
            Event::Connect(Connect {
                connection,
                method: "CONNECT".into(),
                target: "dev1.instance.test:443".into(),
                user: None,
                answer: condition.is_none().then_some(200),
                condition,
            }),
        );
        if condition.is_none() {
            self.log(
                None,
                Event::TlsFinished(TlsFinished {
                    connection,
                    version: "TLSv1_3".into(),
                    sni: None,
                    alpn: None,
                    certificate: Certificate::Valid,
                    client_certificate: None,
                }),
            );
        }
        self
    }

    pub(crate) fn handshake(&mut self, certificate: Certificate, finished: bool) -> &mut Self {
        let connection = self.connect(true);
        let event = if finished {
            Event::TlsFinished(TlsFinished {
                connection,
                version: "TLSv1_3".into(),
                sni: None,
                alpn: None,
                certificate,
                client_certificate: None,
            })
        } else {
            Event::TlsFailed(TlsFailed {
                connection,
                certificate,
                alert: Some("CertificateExpired".into()),
                error: "alert".into(),
                sni: None,
                versions: vec![],
            })
        };
        self.wait(3);
        self.log(Some(Cause::Setup), event);
        self.wait(2)
    }

    /// A handshake that is answered like this.
    pub(crate) fn broken_handshake(&mut self, answer: Handshake) -> &mut Self {
        let connection = self.connect(true);
        let broken = HandshakeBroken {
            connection,
            answer,
            sni: None,
            versions: vec!["TLSv1_3".into()],
            alpn: vec![],
        };
        self.log(Some(Cause::Setup), Event::HandshakeBroken(broken));
        self.wait(5)
    }

    /// An attempt to connect that is given up after a while: at a port that answers no SYN, or at
    /// one that answers no handshake.
    pub(crate) fn knock(&mut self, mute: bool, millis: u64) -> &mut Self {
        let attempt = if mute {
            self.connect(true)
        } else {
            self.connection += 1;
            self.connection
        };
        let (seen, gone) = if mute {
            (
                Event::HandshakeStalled(HandshakeStalled {
                    connection: attempt,
                }),
                Event::Closed(Closed {
                    connection: attempt,
                    bytes_in: 0,
                    bytes_out: 0,
                    by: ClosedBy::Caller,
                    requests: 0,
                }),
            )
        } else {
            (
                Event::SynSeen(SynSeen {
                    attempt,
                    peer: "127.0.0.1:50001".into(),
                }),
                Event::SynGone(SynGone { attempt }),
            )
        };
        self.log(Some(Cause::Setup), seen);
        self.wait(millis);
        self.log(None, gone);
        self
    }
}
