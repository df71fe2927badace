//! The lines of stdin, bounded.

use std::io::{self, BufRead, Read};

use tokio::sync::mpsc;

/// Longest line that is read.
const LONGEST_LINE: u64 = 4 << 20;

/// The lines of stdin. They are read by a thread of their own: a runtime waits for its blocking
/// tasks when it ends, and stdin may never say another word.
pub(super) fn lines() -> mpsc::Receiver<Result<String, String>> {
    let (sender, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            let read = stdin
                .by_ref()
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut line);
            let line = match read {
                Ok(0) => return,
                Ok(_) if line.len() as u64 == LONGEST_LINE => {
                    Err("the line is too long".to_owned())
                }
                Ok(_) => String::from_utf8(line).map_err(|_| "the line is not UTF-8".to_owned()),
                Err(error) => Err(error.to_string()),
            };
            let last = line.is_err();
            let blank = line.as_ref().is_ok_and(|line| line.trim().is_empty());
            if (!blank && sender.blocking_send(line).is_err()) || last {
                return;
            }
        }
    });
    receiver
}
