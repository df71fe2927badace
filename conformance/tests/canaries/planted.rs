//! The search can fail: a secret that is put somewhere is found, in whatever encoding.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::search::Secrets;

const CANARY: &str = "uT0k-3n_ZZ9a~b5cDe7FgHiJkLmNoPqRsTu";

fn each(write: impl Fn(u8) -> String) -> String {
    CANARY.bytes().map(write).collect()
}

#[test]
fn a_canary_is_found_in_every_encoding() {
    let secrets = Secrets::of(&[("canary".to_owned(), CANARY.to_owned())]);
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    zipped.write_all(CANARY.repeat(2).as_bytes()).unwrap();
    let mut planted = vec![
        CANARY.to_owned().into_bytes(),
        [b"\0\x01 body ".to_vec(), zipped.finish().unwrap()].concat(),
    ];
    let lines = |width: usize, end: &str| {
        let digits = STANDARD.encode(format!("some.user:{CANARY}"));
        let lines = digits.as_bytes().chunks(width);
        let lines = lines.map(|line| String::from_utf8_lossy(line).into_owned());
        lines.collect::<Vec<_>>().join(end)
    };
    let texts = [
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("%25{byte:02X}")),
        CANARY
            .replace('-', "%2d")
            .replace('_', "%5F")
            .replace('~', "%7e"),
        each(|byte| format!("\\u{byte:04X}")),
        each(|byte| format!("\\\\u{byte:04x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("&#x{byte:x};")),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        STANDARD.encode(CANARY),
        URL_SAFE_NO_PAD.encode(CANARY),
        STANDARD.encode(format!("a:{CANARY}")),
        STANDARD.encode(format!("ab:{CANARY}")),
        format!("x{}", STANDARD.encode(format!("abc:{CANARY} and more"))),
        STANDARD
            .encode(CANARY)
            .replace('=', "%3D")
            .replace('/', "%2F"),
        lines(16, "\n"),
        lines(16, "\\r\\n"),
    ];
    planted.extend(texts.map(|text| format!("before {text} behind").into_bytes()));
    for bytes in &planted {
        let found = secrets.first_in(bytes);
        assert!(found.is_some(), "{}", String::from_utf8_lossy(bytes));
    }
    let other = CANARY.replace('Z', "z");
    assert_eq!(secrets.first_in(other.as_bytes()), None);
}
