//! The two streams of a process, each read by its own task to the end.

use std::os::fd::AsFd;

use nix::errno::Errno;
use snowproof_simulator::redaction::Redactor;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::{mpsc, watch};
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
    /// Tells the tasks to let go of their streams.
    let_go: watch::Sender<bool>,
    of_stdout: JoinHandle<Option<ChildStdout>>,
    of_stderr: JoinHandle<Option<ChildStderr>>,
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
        let (let_go, asked) = watch::channel(false);
        let kept = [Capture::new(redactor), Capture::new(redactor)];
        let [out, err] = kept.clone();
        let told = |of_stream: bool, whole: fn(Vec<u8>) -> Heard| {
            Telling::new(sender.clone(), of_stream.then_some(whole))
        };
        let of_stdout = (out, told(wanted.of_stdout, Heard::Line), asked.clone());
        let of_stderr = (err, told(wanted.of_stderr, Heard::ErrorLine), asked);
        let [kept_stdout, kept_stderr] = kept;
        Self {
            stdout: kept_stdout,
            stderr: kept_stderr,
            lines,
            open: true,
            let_go,
            of_stdout: tokio::spawn(read(stdout, of_stdout)),
            of_stderr: tokio::spawn(read(stderr, of_stderr)),
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

    /// Has both streams read as far as they are written, and no further; what is heard then ends.
    pub(super) fn let_go(&self) {
        self.let_go.send_replace(true);
    }

    /// The streams, once they were let go of and all was heard. None where either has ended.
    pub(super) async fn streams(&mut self) -> Option<(ChildStdout, ChildStderr)> {
        let stdout = (&mut self.of_stdout).await.ok().flatten();
        let stderr = (&mut self.of_stderr).await.ok().flatten();
        stdout.zip(stderr)
    }

    /// Bytes that were written to stdout and to stderr.
    pub(super) fn bytes(&self) -> (u64, u64) {
        (self.stdout.bytes(), self.stderr.bytes())
    }

    /// Stops reading, and gives what was kept.
    pub(super) fn stop(&mut self) -> (Capture, Capture) {
        self.abort();
        self.stdout.finish();
        self.stderr.finish();
        (self.stdout.clone(), self.stderr.clone())
    }

    fn abort(&self) {
        self.of_stdout.abort();
        self.of_stderr.abort();
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.abort();
    }
}

/// What a reader works with beside its stream.
type With = (Capture, Telling, watch::Receiver<bool>);

/// Reads a stream to its end, or until it is to let go of it: then it is handed back.
async fn read<S: AsyncRead + AsFd + Unpin>(mut stream: S, with: With) -> Option<S> {
    /// What is read of a stream that is let go of, at most: the largest pipe that the system makes.
    const LEFT_IN_PIPE: usize = 1024 * 1024;
    let (capture, mut telling, mut asked) = with;
    let mut piece = vec![0; 64 * 1024];
    let mut goes_on = false;
    loop {
        let length = tokio::select! {
            biased;
            read = stream.read(&mut piece) => match read {
                Ok(length @ 1..) => length,
                Ok(0) | Err(_) => break,
            },
            true = let_go(&mut asked) => {
                goes_on = true;
                break;
            }
        };
        take(&piece[..length], &capture, &mut telling).await;
    }
    let mut left = LEFT_IN_PIPE;
    while goes_on {
        // What was written before is in the pipe by now, whether or not the runtime knows of it.
        match nix::unistd::read(&stream, &mut piece) {
            Ok(length @ 1..) if length <= left => {
                left -= length;
                take(&piece[..length], &capture, &mut telling).await;
            }
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => break,
            // It ended, or never stops.
            Ok(_) | Err(_) => goes_on = false,
        }
    }
    capture.finish();
    telling.finish(goes_on).await;
    goes_on.then_some(stream)
}

/// Whether the stream is to be let go of; where nobody is left who could ask for it, never returns.
async fn let_go(asked: &mut watch::Receiver<bool>) -> bool {
    if asked.wait_for(|asked| *asked).await.is_err() {
        std::future::pending::<()>().await;
    }
    true
}

async fn take(piece: &[u8], capture: &Capture, telling: &mut Telling) {
    capture.add(piece);
    telling.take(piece).await;
}

/// Tells the lines of a stream apart, where they are wanted. Whoever listens hears the end once this is
/// gone from both streams, so that it is held until they are read.
struct Telling {
    lines: mpsc::Sender<Heard>,
    whole: Option<fn(Vec<u8>) -> Heard>,
    line: Vec<u8>,
    skipping: bool,
}

impl Telling {
    const fn new(lines: mpsc::Sender<Heard>, whole: Option<fn(Vec<u8>) -> Heard>) -> Self {
        Self {
            lines,
            whole,
            line: Vec::new(),
            skipping: false,
        }
    }

    async fn take(&mut self, piece: &[u8]) {
        let Some(whole) = self.whole else { return };
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let skipped = std::mem::take(&mut self.skipping);
            let heard = if skipped || self.line.len() > MAX_LINE_BYTES {
                self.line.clear();
                Heard::LongLine
            } else {
                whole(std::mem::take(&mut self.line))
            };
            // Nobody listens once the act is over; the stream is drained all the same.
            let _ = self.lines.send(heard).await;
        }
        self.line.extend_from_slice(rest);
        if self.line.len() > MAX_LINE_BYTES {
            self.skipping = true;
            self.line.clear();
        }
    }

    /// The stream ended, or is let go of. White space at the end of one that goes on is no line.
    async fn finish(self, goes_on: bool) {
        let blank = goes_on && self.line.iter().all(u8::is_ascii_whitespace);
        if self.skipping || !(self.line.is_empty() || blank) {
            let _ = self.lines.send(Heard::HalfLine(self.line.len())).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[tokio::test]
    async fn the_end_is_heard_when_both_streams_were_read() {
        for wanted in [(false, false), (true, false), (false, true)] {
            let script = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2";
            let mut child = tokio::process::Command::new("sh")
                .args(["-c", script])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
            let lines = Lines {
                of_stdout: wanted.0,
                of_stderr: wanted.1,
            };
            let mut readers = Readers::start(stdout, stderr, &Redactor::default(), lines);
            while readers.next_or_end().await.is_some() {}
            assert_eq!(readers.bytes(), (300_000, 300_000), "{wanted:?}");
            child.wait().await.unwrap();
        }
    }
}
