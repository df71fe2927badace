//! A PKCS #12 file (RFC 7292) that holds one certificate to trust, for Java.
//!
//! It is neither encrypted nor sealed: what it holds is public, and no password is asked for. The
//! attribute by which Java tells a certificate to trust from one that merely lies there is Oracle's.

const DATA: &[u32] = &[1, 2, 840, 113_549, 1, 7, 1];
const CERTIFICATE_BAG: &[u32] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
const X509_CERTIFICATE: &[u32] = &[1, 2, 840, 113_549, 1, 9, 22, 1];
const FRIENDLY_NAME: &[u32] = &[1, 2, 840, 113_549, 1, 9, 20];
const TRUSTED_KEY_USAGE: &[u32] = &[2, 16, 840, 1, 113_894, 746_875, 1, 1];
const ANY_USAGE: &[u32] = &[2, 5, 29, 37, 0];

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTF16: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const EXPLICIT: u8 = 0xa0;

/// The file that trusts this certificate (DER) under this name.
pub(super) fn holding(certificate: &[u8], name: &str) -> Vec<u8> {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let attribute = |kind, value: Vec<u8>| node(SEQUENCE, &[object(kind), node(SET, &[value])]);
    let bag = node(
        SEQUENCE,
        &[
            object(CERTIFICATE_BAG),
            node(
                EXPLICIT,
                &[node(
                    SEQUENCE,
                    &[
                        object(X509_CERTIFICATE),
                        node(EXPLICIT, &[node(OCTETS, &[certificate])]),
                    ],
                )],
            ),
            node(
                SET,
                &[
                    attribute(FRIENDLY_NAME, node(UTF16, &[name])),
                    attribute(TRUSTED_KEY_USAGE, object(ANY_USAGE)),
                ],
            ),
        ],
    );
    let safe = node(SEQUENCE, &[data(&node(SEQUENCE, &[bag]))]);
    node(SEQUENCE, &[node(INTEGER, &[[3]]), data(&safe)])
}

/// Content that is plain data.
fn data(content: &[u8]) -> Vec<u8> {
    node(
        SEQUENCE,
        &[object(DATA), node(EXPLICIT, &[node(OCTETS, &[content])])],
    )
}

/// One DER node with its parts.
fn node<P: AsRef<[u8]>>(tag: u8, parts: &[P]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.as_ref().len()).sum();
    let mut bytes = vec![tag];
    if let Ok(short @ 0..=127) = u8::try_from(length) {
        bytes.push(short);
    } else {
        let digits: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|byte| *byte == 0)
            .collect();
        bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
        bytes.extend(digits);
    }
    for part in parts {
        bytes.extend_from_slice(part.as_ref());
    }
    bytes
}

/// An object identifier: the first two arcs share a number, each number is base 128.
fn object(arcs: &[u32]) -> Vec<u8> {
    let (first, rest) = match arcs {
        [first, second, rest @ ..] => (first * 40 + second, rest),
        _ => (0, arcs),
    };
    let mut bytes = Vec::new();
    for number in std::iter::once(first).chain(rest.iter().copied()) {
        for shift in [28, 21, 14, 7, 0] {
            let digit = (number >> shift) & 0x7f;
            if shift == 0 || number >> shift > 0 {
                let more = if shift == 0 { 0 } else { 0x80 };
                bytes.extend(u8::try_from(digit | more));
            }
        }
    }
    node(OBJECT, &[bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_base_128() {
        assert_eq!(object(ANY_USAGE), [0x06, 4, 0x55, 0x1d, 0x25, 0]);
        assert_eq!(
            object(TRUSTED_KEY_USAGE),
            [
                0x06, 12, 0x60, 0x86, 0x48, 1, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 1, 1
            ]
        );
    }

    #[test]
    fn lengths_are_short_or_long() {
        assert_eq!(node(OCTETS, &[[0; 127]])[1], 127);
        assert_eq!(node(OCTETS, &[[0; 128]])[1..3], [0x81, 128]);
        assert_eq!(node(OCTETS, &[[0; 300]])[1..4], [0x82, 1, 44]);
    }

    #[test]
    fn it_holds_the_certificate() {
        let certificate = [7; 400];
        let file = holding(&certificate, "ca");
        assert!(file.windows(400).any(|part| part == certificate));
        assert_eq!(file[0], SEQUENCE);
    }
}
