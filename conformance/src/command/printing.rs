//! The only place that writes to the terminal: data to stdout, talk to stderr.
//!
//! A reader that has gone away is no error: what it did not want is not printed.

use std::io::{IsTerminal, Write, stderr};

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

/// Says how far something is: on a terminal in one line that is written over, elsewhere in lines.
pub(super) fn progress(text: &str) {
    let line = if stderr().is_terminal() {
        ["\r", text, "\x1b[K"].concat()
    } else {
        [text, "\n"].concat()
    };
    let mut err = stderr().lock();
    let _ = err.write_all(line.as_bytes()).and_then(|()| err.flush());
}

/// Removes the line that was written over.
pub(super) fn progress_ends() {
    if stderr().is_terminal() {
        let mut err = stderr().lock();
        let _ = err.write_all(b"\r\x1b[K").and_then(|()| err.flush());
    }
}
