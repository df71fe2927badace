//! The two streams of a process, each read by its own task to the end.

use snowproof_simulator::redaction::Redactor;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::native::MAX_LINE_BYTES;
use super::super::output::Capture;

/// Something heard on stdout.
pub(super) enum Heard {
    /// A line, without its end.
    Line(Vec<u8>),
    /// The stream ended within a line of so many bytes.
    HalfLine(usize),
    /// A line too long to be read was skipped.
    LongLine,
    /// A line of stderr, without its end.
    ErrorLine(Vec<u8>),
}

/// The streams whose lines are told apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    pub(super) of_stdout: bool,
    pub(super) of_stderr: bool,
}

/// The readers of a process.
pub(super) struct Readers {
    stdout: Capture,
    stderr: Capture,
    lines: mpsc::Receiver<Heard>,
    open: bool,
    tasks: [JoinHandle<()>; 2],
}

impl Readers {
    pub(super) fn start(
        stdout: ChildStdout,
        stderr: ChildStderr,
        redactor: &Redactor,
        wanted: Lines,
    ) -> Self {
        // A connector that writes faster than its lines are judged is slowed down by its pipe.
        const LINES_WAITING: usize = 64;
        let (sender, lines) = mpsc::channel(LINES_WAITING);
        let kept = [Capture::new(redactor), Capture::new(redactor)];
        let [out, err] = kept.clone();
        let err_sender = sender.clone();
        let tasks = [
            tokio::spawn(async move {
                if wanted.of_stdout {
                    read_lines(stdout, &out, &sender, Heard::Line).await;
                } else {
                    out.drain(stdout).await;
                }
                drop(sender);
            }),
            tokio::spawn(async move {
                if wanted.of_stderr {
                    read_lines(stderr, &err, &err_sender, Heard::ErrorLine).await;
                } else {
                    err.drain(stderr).await;
                }
                drop(err_sender);
            }),
        ];
        let [stdout, stderr] = kept;
        Self {
            stdout,
            stderr,
            lines,
            open: true,
            tasks,
        }
    }

    /// What is heard next; never returns once both streams ended.
    pub(super) async fn next(&mut self) -> Heard {
        match self.next_or_end().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        }
    }

    /// What is heard next; none once both streams ended.
    pub(super) async fn next_or_end(&mut self) -> Option<Heard> {
        if !self.open {
            return None;
        }
        let heard = self.lines.recv().await;
        self.open = heard.is_some();
        heard
    }

    /// Stops reading, and gives what was kept.
    pub(super) fn stop(&mut self) -> (Capture, Capture) {
        for task in &self.tasks {
            task.abort();
        }
        self.stdout.finish();
        self.stderr.finish();
        (self.stdout.clone(), self.stderr.clone())
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn read_lines(
    mut stream: impl AsyncRead + Unpin,
    capture: &Capture,
    lines: &mpsc::Sender<Heard>,
    whole: fn(Vec<u8>) -> Heard,
) {
    let mut piece = vec![0; 64 * 1024];
    let mut line = Vec::new();
    let mut skipping = false;
    while let Ok(length @ 1..) = stream.read(&mut piece).await {
        capture.add(&piece[..length]);
        let mut rest = &piece[..length];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let heard = if std::mem::take(&mut skipping) || line.len() > MAX_LINE_BYTES {
                line.clear();
                Heard::LongLine
            } else {
                whole(std::mem::take(&mut line))
            };
            // Nobody listens once the act is over; the stream is drained all the same.
            let _ = lines.send(heard).await;
        }
        line.extend_from_slice(rest);
        if line.len() > MAX_LINE_BYTES {
            skipping = true;
            line.clear();
        }
    }
    capture.finish();
    if !line.is_empty() || skipping {
        let _ = lines.send(Heard::HalfLine(line.len())).await;
    }
}
