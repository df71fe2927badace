//! Clips the heads of requests that are larger than an instance reads, so that such a request is
//! still parsed, answered in the instance's words and journalled.
//!
//! It sits under HTTP and passes bytes on as they come, but for the rest of a request line or of a
//! header section that is too large: of the line, the middle of its target is left out; of the
//! headers, everything from the limit on. The answer to a clipped head ends the connection, for
//! what framed its body may be among what is missing.

/// Bytes of a request line before its target is clipped; well over the 8192 that the edge accepts
/// (wire-core 1.6), so that whether a target is too long is decided by its own length.
const LONGEST_LINE: usize = 12 * 1024;

/// Bytes of a header section that are read. That a large one is refused is observed
/// (wire-failures 4.19); where the limit lies is *assumed*.
const LARGEST_SECTION: usize = 32 * 1024;

/// Lines of a header section that are read (*assumed*).
const MOST_LINES: usize = 96;

/// Bytes of one head after which the caller is hung up on.
const PATIENCE: usize = 16 * 1024 * 1024;

/// Where in a request the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    RequestLine,
    Headers,
    /// Behind the head: not looked at.
    Behind,
}

/// Follows the bytes of one connection.
#[derive(Debug)]
pub(super) struct HeadClip {
    place: Place,
    /// Bytes of the head so far.
    seen: usize,
    /// Bytes of the header section so far.
    section: usize,
    lines: usize,
    /// Bytes of the line so far, without its end.
    line: usize,
    /// Whether the line's name is over.
    named: bool,
    /// The line's rest is left out; its end too where `whole` says so.
    dropping: bool,
    whole: bool,
    clipped: Clipped,
}

/// What was left out of a head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clipped {
    pub(super) line: bool,
    pub(super) headers: bool,
}

/// A head without an end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endless;

impl Default for HeadClip {
    fn default() -> Self {
        Self {
            place: Place::RequestLine,
            seen: 0,
            section: 0,
            lines: 0,
            line: 0,
            named: false,
            dropping: false,
            whole: false,
            clipped: Clipped::default(),
        }
    }
}

impl HeadClip {
    /// The head was parsed: what follows belongs to its request. Gives what was left out of it.
    pub(super) fn head_read(&mut self) -> Clipped {
        self.place = Place::Behind;
        std::mem::take(&mut self.clipped)
    }

    /// The request was read whole: a head follows.
    pub(super) fn request_read(&mut self) {
        let clipped = self.clipped;
        *self = Self {
            clipped,
            ..Self::default()
        };
    }

    /// Leaves out what is too much, in place; gives how many bytes remain.
    pub(super) fn clip(&mut self, bytes: &mut [u8]) -> Result<usize, Endless> {
        let mut kept = 0;
        for at in 0..bytes.len() {
            if self.place == Place::Behind {
                bytes.copy_within(at.., kept);
                return Ok(kept + bytes.len() - at);
            }
            let byte = bytes[at];
            if self.keeps(byte) {
                bytes[kept] = byte;
                kept += 1;
            }
            if self.seen > PATIENCE {
                return Err(Endless);
            }
        }
        Ok(kept)
    }

    fn keeps(&mut self, byte: u8) -> bool {
        self.seen += 1;
        match self.place {
            Place::RequestLine => self.keeps_of_line(byte),
            Place::Headers => self.keeps_of_headers(byte),
            Place::Behind => true,
        }
    }

    fn keeps_of_line(&mut self, byte: u8) -> bool {
        match byte {
            // Empty lines before a request are allowed (RFC 9112, 2.2).
            b'\n' if self.line == 0 => {}
            b'\n' => {
                self.place = Place::Headers;
                self.line = 0;
                self.dropping = false;
                return true;
            }
            b'\r' => {}
            // The version follows the target.
            b' ' => {
                self.line += 1;
                self.dropping = false;
            }
            _ => {
                self.line += 1;
                if self.line > LONGEST_LINE && !self.clipped.line {
                    self.clipped.line = true;
                    self.dropping = true;
                }
            }
        }
        !self.dropping || byte == b'\r'
    }

    fn keeps_of_headers(&mut self, byte: u8) -> bool {
        self.section += 1;
        if byte == b'\n' {
            let ends = self.line == 0;
            let keeps = ends || !self.whole;
            self.lines += 1;
            self.line = 0;
            self.named = false;
            let full = self.section > LARGEST_SECTION || self.lines > MOST_LINES;
            self.dropping = full;
            self.whole = full;
            if ends {
                self.place = Place::Behind;
            }
            return keeps;
        }
        if byte == b'\r' {
            return self.line == 0 || !self.whole;
        }
        self.line += 1;
        self.named |= byte == b':';
        if self.whole {
            self.clipped.headers = true;
        } else if self.section > LARGEST_SECTION && self.named && byte != b':' {
            self.clipped.headers = true;
            self.dropping = true;
        }
        !self.dropping
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The bytes as they come out when they come in pieces of this size.
    fn out(clip: &mut HeadClip, sent: &[u8], piece: usize) -> String {
        let mut out = Vec::new();
        for piece in sent.chunks(piece) {
            let mut piece = piece.to_vec();
            let kept = clip.clip(&mut piece).unwrap();
            out.extend_from_slice(&piece[..kept]);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn of_a_long_line_the_middle_of_the_target_is_missing() {
        for length in [8192, LONGEST_LINE + 1, 1_000_000] {
            let target = format!("/api?x={}", "a".repeat(length));
            let sent = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
            let mut clip = HeadClip::default();
            let got = out(&mut clip, sent.as_bytes(), 1000);
            let clipped = clip.head_read();
            assert_eq!(clipped.line, length > 8192, "{length}");
            assert!(got.starts_with("GET /api?x=aaa"));
            assert!(got.ends_with("aaa HTTP/1.1\r\nHost: h\r\n\r\n"), "{length}");
            assert!(got.len() <= LONGEST_LINE + 40);
        }
    }

    #[test]
    fn of_large_headers_the_rest_is_missing() {
        let many = "X: y\r\n".repeat(2000);
        let large = format!("X: {}\r\nY: z\r\n", "y".repeat(1_000_000));
        let several = format!("X: {}\r\n", "y".repeat(9000)).repeat(5);
        for headers in [many, large, several] {
            let sent = format!("GET / HTTP/1.1\r\nHost: h\r\n{headers}\r\nBODY\r\n\r\n");
            let mut clip = HeadClip::default();
            let got = out(&mut clip, sent.as_bytes(), 777);
            assert!(got.starts_with("GET / HTTP/1.1\r\nHost: h\r\nX: y"));
            assert!(
                got.ends_with("y\r\n\r\nBODY\r\n\r\n"),
                "{}",
                &got[got.len() - 40..]
            );
            assert!(got.len() < LARGEST_SECTION + 100);
            assert_eq!(got.matches("\r\n\r\n").count(), 2);
            assert!(clip.head_read().headers);
        }
    }

    #[test]
    fn each_request_is_measured_by_itself_and_bodies_are_not() {
        let mut clip = HeadClip::default();
        let body = "b".repeat(100_000);
        for _ in 0..3 {
            let head = format!("\r\nPOST / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000));
            assert_eq!(out(&mut clip, head.as_bytes(), 4096), head);
            assert_eq!(clip.head_read(), Clipped::default());
            assert_eq!(out(&mut clip, body.as_bytes(), 4096), body);
            clip.request_read();
        }
    }

    #[test]
    fn a_head_without_an_end_is_not_read_for_ever() {
        let mut clip = HeadClip::default();
        let piece = vec![b'a'; 1024 * 1024];
        let ended = (0..32).find(|_| clip.clip(&mut piece.clone()).is_err());
        assert!(ended.is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn what_is_small_enough_passes_unchanged(sent in "[a-zA-Z0-9:;,/ \r\n]{0,400}", piece in 1_usize..60) {
            let mut clip = HeadClip::default();
            prop_assert_eq!(out(&mut clip, sent.as_bytes(), piece), sent);
        }
    }
}
