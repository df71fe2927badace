//! What a process writes: drained to the end, secrets replaced, the middle of a flood left out.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use snowproof_simulator::redaction::{Redactor, StreamRedactor};
use tokio::time::Instant;

use crate::evidence::SecretHit;

/// Bytes kept from the beginning of a stream.
const HEAD_BYTES: usize = 64 * 1024;
/// Bytes kept from its end, where the final words are.
const TAIL_BYTES: usize = 192 * 1024;
/// A stream longer than this is a flood.
pub(super) const FLOOD_BYTES: u64 = 8 * 1024 * 1024;

/// What was kept of a stream; shared between its reader and whoever judges it.
#[derive(Clone)]
pub(super) struct Capture {
    kept: Arc<Mutex<Kept>>,
}

struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// Bytes of clean text that fell between head and tail.
    left_out: u64,
    /// Bytes read, before secrets were replaced.
    bytes: u64,
    redactor: StreamRedactor,
    last_at: Option<Instant>,
}

impl Capture {
    pub(super) fn new(redactor: &Redactor) -> Self {
        Self {
            kept: Arc::new(Mutex::new(Kept {
                head: Vec::new(),
                tail: VecDeque::new(),
                left_out: 0,
                bytes: 0,
                redactor: redactor.stream(),
                last_at: None,
            })),
        }
    }

    /// Takes a piece.
    pub(super) fn add(&self, piece: &[u8]) {
        let mut kept = self.lock();
        kept.bytes += piece.len() as u64;
        kept.last_at = Some(Instant::now());
        let clean = kept.redactor.push(piece);
        kept.keep(&clean);
    }

    /// Adds a line of our own, in which there is no secret.
    pub(super) fn say(&self, line: &str) {
        let mut kept = self.lock();
        let clean = kept.redactor.finish();
        kept.keep(&clean);
        if kept
            .tail
            .back()
            .or(kept.head.last())
            .is_some_and(|last| *last != b'\n')
        {
            kept.keep(b"\n");
        }
        kept.keep(line.as_bytes());
        kept.keep(b"\n");
        kept.last_at = Some(Instant::now());
    }

    /// Two streams as one, the one behind the other. Both are over.
    pub(super) fn joined(first: &Self, then: &Self) -> Self {
        let joined = Self::new(&Redactor::default());
        {
            let mut kept = joined.lock();
            kept.keep(&first.text());
            kept.keep(&then.text());
            kept.bytes = first.bytes() + then.bytes();
            kept.last_at = first.last_at().max(then.last_at());
        }
        joined
    }

    /// Gives up waiting for the rest of a secret that may be cut by the end.
    pub(super) fn finish(&self) {
        let mut kept = self.lock();
        let clean = kept.redactor.finish();
        kept.keep(&clean);
    }

    /// Bytes written in all.
    pub(super) fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// When something was written last.
    pub(super) fn last_at(&self) -> Option<Instant> {
        self.lock().last_at
    }

    /// What is kept, with a line in place of what is left out.
    pub(super) fn text(&self) -> Vec<u8> {
        let kept = self.lock();
        let mut text = kept.head.clone();
        if kept.left_out > 0 {
            text.extend(format!("\n[{} bytes left out]\n", kept.left_out).into_bytes());
        }
        text.extend(&kept.tail);
        text
    }

    /// What is kept, without the lines that were cut where something is left out.
    pub(super) fn whole_lines(&self) -> String {
        let kept = self.lock();
        let tail: Vec<u8> = kept.tail.iter().copied().collect();
        let (mut head, mut rest) = (kept.head.as_slice(), tail.as_slice());
        if kept.left_out > 0 {
            let is_end = |byte: &u8| *byte == b'\n';
            head = &head[..head.iter().rposition(is_end).map_or(0, |at| at + 1)];
            rest = &rest[rest.iter().position(is_end).map_or(rest.len(), |at| at + 1)..];
        }
        String::from_utf8_lossy(&[head, rest].concat()).into_owned()
    }

    /// The secrets found so far.
    pub(super) fn hits(&self, found_in: &str) -> BTreeSet<SecretHit> {
        hits_of(self.lock().redactor.hits(), found_in)
    }

    /// Replaces secrets that were not known when the stream was read, in what is kept of it.
    pub(super) fn cover(&self, late: &Redactor) {
        let mut kept = self.lock();
        let mut stream = late.stream();
        let mut head = stream.push(&std::mem::take(&mut kept.head));
        let mut tail: Vec<u8> = std::mem::take(&mut kept.tail).into();
        if kept.left_out > 0 {
            // One that was cut where something is left out is not recognised.
            head.extend(stream.finish());
            let seam = late.longest();
            let cut = (seam.min(head.len()), seam.min(tail.len()));
            head.truncate(head.len() - cut.0);
            tail.drain(..cut.1);
            kept.left_out += (cut.0 + cut.1) as u64;
        }
        let mut clean = stream.push(&tail);
        clean.extend(stream.finish());
        kept.head = head;
        kept.tail = clean.into();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, clean: &[u8]) {
        // What is covered late moves from the head's end into the tail, and nothing may overtake it.
        let room = if self.tail.is_empty() {
            HEAD_BYTES.saturating_sub(self.head.len()).min(clean.len())
        } else {
            0
        };
        let (head, tail) = clean.split_at(room);
        self.head.extend(head);
        self.tail.extend(tail);
        let excess = self.tail.len().saturating_sub(TAIL_BYTES);
        self.tail.drain(..excess);
        self.left_out += excess as u64;
    }
}

/// The hits of a redactor as evidence.
pub(super) fn hits_of(
    hits: &snowproof_simulator::redaction::Hits,
    found_in: &str,
) -> BTreeSet<SecretHit> {
    hits.keys()
        .map(|(secret, form)| SecretHit {
            secret: secret.clone(),
            form: form.name().to_owned(),
            found_in: found_in.to_owned(),
        })
        .collect()
}

/// The text without the lines that a Java virtual machine adds about its options.
pub(super) fn without_runtime_noise(text: &str) -> String {
    text.split_inclusive('\n')
        .filter(|line| {
            !line.starts_with("Picked up JAVA_TOOL_OPTIONS")
                && !line.starts_with("Picked up _JAVA_OPTIONS")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream from its beginning to its end.
    fn feed(capture: &Capture, stream: &[u8]) {
        for piece in stream.chunks(16 * 1024) {
            capture.add(piece);
        }
        capture.finish();
    }

    #[tokio::test]
    async fn a_flood_keeps_its_ends_and_its_size() {
        let capture = Capture::new(&Redactor::default());
        let mut flood = b"first".to_vec();
        flood.resize(1024 * 1024, b'x');
        flood.extend(b"last");
        feed(&capture, &flood);
        let text = capture.text();
        assert!(text.starts_with(b"first") && text.ends_with(b"last"));
        assert!(text.len() < HEAD_BYTES + TAIL_BYTES + 64);
        assert_eq!(capture.bytes(), flood.len() as u64);
    }

    #[tokio::test]
    async fn a_secret_across_a_seam_is_replaced_and_reported() {
        let capture = Capture::new(&Redactor::new([("password", "correct-horse-battery")]));
        capture.add(b"login with correct-hor");
        capture.add(b"se-battery failed");
        capture.finish();
        let text = String::from_utf8(capture.text()).unwrap();
        assert_eq!(text, "login with <secret:password> failed");
        let hits = capture.hits("stderr");
        assert_eq!(hits.len(), 1);
        assert!(
            hits.iter().all(|hit| hit.secret == "password"
                && hit.form == "raw"
                && hit.found_in == "stderr")
        );
    }

    #[tokio::test]
    async fn a_secret_that_is_known_late_is_replaced_even_where_head_and_tail_meet() {
        let late = Redactor::new([("token 1", "minted-after-the-run-began")]);
        let capture = Capture::new(&Redactor::default());
        let mut text = vec![b'x'; HEAD_BYTES - 10];
        text.extend(b"minted-after-the-run-began and the rest");
        feed(&capture, &text);
        capture.cover(&late);
        let text = String::from_utf8(capture.text()).unwrap();
        assert!(
            text.ends_with("xx<secret:token 1> and the rest"),
            "{}",
            text.len()
        );
        capture.cover(&late);
        assert_eq!(String::from_utf8(capture.text()).unwrap(), text);
    }

    #[tokio::test]
    async fn a_secret_that_is_known_late_leaves_no_half_where_something_is_left_out() {
        let secret = "minted-after-the-run-began".repeat(4);
        let capture = Capture::new(&Redactor::default());
        let mut text = vec![b'x'; HEAD_BYTES - 40];
        text.extend(secret.as_bytes());
        text.resize(1024 * 1024, b'x');
        text.extend(secret.as_bytes());
        text.resize(text.len() + TAIL_BYTES - 40, b'x');
        feed(&capture, &text);
        capture.cover(&Redactor::new([("token 1", secret)]));
        let kept = String::from_utf8(capture.text()).unwrap();
        assert!(!kept.contains("minted") && !kept.contains("began"));
    }

    #[test]
    fn two_streams_are_one_behind_the_other() {
        let redactor = Redactor::new([("password", "correct-horse-battery")]);
        let [first, then] = [(); 2].map(|()| Capture::new(&redactor));
        first.add(b"login with correct-horse-battery");
        first.finish();
        first.cover(&Redactor::new([("token 1", "minted-during-the-run")]));
        first.say("the service ended: exit status: 3");
        then.add(b"error: no answer\n");
        then.finish();
        let joined = Capture::joined(&first, &then);
        assert_eq!(
            String::from_utf8(joined.text()).unwrap(),
            "login with <secret:password>\nthe service ended: exit status: 3\nerror: no answer\n"
        );
        assert_eq!(joined.bytes(), first.bytes() + then.bytes());
        assert_eq!(joined.last_at(), then.last_at());
    }

    #[test]
    fn virtual_machine_noise_is_no_diagnosis() {
        assert_eq!(
            without_runtime_noise("Picked up JAVA_TOOL_OPTIONS: -Dx\nrefused\n"),
            "refused\n"
        );
    }
}
