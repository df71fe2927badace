//! Masks what differs from run to run in what a stack says, so that the atlas stays as it is.

use std::sync::LazyLock;

use regex::Regex;

use crate::faults::PASSWORD;

/// What differs, and what stands for it.
const MASKS: [(&str, &str); 9] = [
    // curl's advice, the same behind every certificate.
    (r" More details here: .*", ""),
    (
        r"(127\.0\.0\.1|localhost|\[::1\])(:|', port=| port |', )\d+",
        "$1${2}PORT",
    ),
    (r"\b0x[0-9a-f]{6,}", "0xADDRESS"),
    // Whom Go asked for a name.
    (r" on \d{1,3}(\.\d{1,3}){3}:\d+:", " on RESOLVER:"),
    // The thread that OpenSSL puts before its error.
    (r"\b[0-9A-F]{8,16}:error:", "THREAD:error:"),
    (r"\b\d+ (ms|milliseconds)\b", "N $1"),
    (
        r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} \d+ [\d:]{8} \w+ \d{4}",
        "TIME",
    ),
    (r"\b\d{4}-\d\d-\d\dT[\d:.]{8,}(Z|[+-]\d\d:\d\d)", "TIME"),
    // Seconds since 1970, and since a certificate has ended.
    (r"\b\d{9,10}\b|\b\d+ seconds (ago|in (the )?future)", "TIME"),
];

/// The text in one line of a table, without what differs from run to run.
pub(crate) fn masked(text: &str) -> String {
    static COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let compiled = MASKS
            .iter()
            .map(|(mask, with)| (Regex::new(mask).unwrap(), *with));
        compiled.collect()
    });
    assert!(
        !text.contains(PASSWORD),
        "a stack told the password: {text}"
    );
    // What would be no text in a page.
    let plain = |sign: char| match sign.is_control() {
        true => sign.escape_unicode().to_string(),
        false => sign.to_string(),
    };
    let mut masked: String = text.replace('`', "'").chars().map(plain).collect();
    for (mask, with) in COMPILED.iter() {
        masked = mask.replace_all(&masked, *with).into_owned();
    }
    // A cause that only wraps itself.
    let mut causes: Vec<&str> = masked.split(" <- ").collect();
    causes.dedup();
    causes.join(" <- ")
}

#[test]
fn what_differs_from_run_to_run_is_masked() {
    for (said, kept) in [
        (
            "HTTPSConnectionPool(host='127.0.0.1', port=41235): Max retries",
            "HTTPSConnectionPool(host='127.0.0.1', port=PORT): Max retries",
        ),
        ("status line: \u{1}not", r"status line: \u{1}not"),
        (
            "read tcp 127.0.0.1:5123->127.0.0.1:41235: i/o timeout",
            "read tcp 127.0.0.1:PORT->127.0.0.1:PORT: i/o timeout",
        ),
        (
            "lookup nosuch.invalid on 192.0.2.1:53: no such host",
            "lookup nosuch.invalid on RESOLVER: no such host",
        ),
        ("A: x <- A: x <- B: y <- A: x", "A: x <- B: y <- A: x"),
        (
            "Failed to connect to 127.0.0.1 port 41235 after 12 ms",
            "Failed to connect to 127.0.0.1 port PORT after N ms",
        ),
        (
            "<urllib3.HTTPSConnection object at 0x7fcf40b2e0d0>",
            "<urllib3.HTTPSConnection object at 0xADDRESS>",
        ),
        (
            "00C7F4FAB27F0000:error:0A000410:SSL routines",
            "THREAD:error:0A000410:SSL routines",
        ),
        ("NotAfter: Fri Nov 20 20:00:01 UTC 2026", "NotAfter: TIME"),
        (
            "current time 2026-11-22T20:00:01Z is after 2026-11-20T20:00:01Z",
            "current time TIME is after TIME",
        ),
        (
            "verification time 1795377600 (UNIX), but certificate is not valid after 1795204800 (172800 seconds ago)",
            "verification time TIME (UNIX), but certificate is not valid after TIME (TIME)",
        ),
    ] {
        assert_eq!(masked(said), kept);
    }
}
