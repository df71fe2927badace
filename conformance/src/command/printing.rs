//! The only place that writes to the terminal: data to stdout, talk to stderr.
//!
//! A reader that has gone away is no error: what it did not want is not printed.

use std::io::Write;

/// Prints data.
pub(super) fn data(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush());
}

/// Prints talk.
pub(super) fn talk(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{}", text.trim_end_matches('\n'));
}
