//! A ServerHello that picks what nobody offered (RFC 5246, 7.4.1.3).

const TLS_1_1: [u8; 2] = [3, 2];
const TLS_1_2: [u8; 2] = [3, 3];
/// `TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA`, which TLS 1.1 knows.
const USUAL_CIPHER: [u8; 2] = [0xc0, 0x13];
/// `TLS_RSA_WITH_RC4_128_SHA`.
const RC4: [u8; 2] = [0x00, 0x05];
/// `renegotiation_info`, empty (RFC 5746): without it some clients complain about that instead.
const RENEGOTIATION_INFO: [u8; 5] = [0xff, 0x01, 0, 1, 0];

/// It picks TLS 1.1.
pub(super) fn old_version() -> Vec<u8> {
    hello(TLS_1_1, USUAL_CIPHER)
}

/// It picks RC4.
pub(super) fn unoffered_cipher() -> Vec<u8> {
    hello(TLS_1_2, RC4)
}

fn hello(version: [u8; 2], cipher: [u8; 2]) -> Vec<u8> {
    const SERVER_HELLO: u8 = 2;
    const HANDSHAKE: u8 = 22;
    /// It means nothing: the handshake goes no further.
    const RANDOM: [u8; 32] = [0x5a; 32];
    let body = [
        &version[..],
        &RANDOM,
        &[0], // no session
        &cipher,
        &[0], // no compression
        &[0, RENEGOTIATION_INFO.len() as u8],
        &RENEGOTIATION_INFO,
    ]
    .concat();
    let length = |bytes: usize| [(bytes >> 8) as u8, bytes as u8];
    let message = [&[SERVER_HELLO, 0], &length(body.len())[..], &body].concat();
    [&[HANDSHAKE], &version[..], &length(message.len()), &message].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_add_up() {
        let bytes = old_version();
        assert_eq!(usize::from(bytes[4]), bytes.len() - 5);
        assert_eq!(usize::from(bytes[8]), bytes.len() - 9);
        assert_eq!(bytes[1..3], TLS_1_1);
        assert_eq!(unoffered_cipher()[44..46], RC4);
    }
}
