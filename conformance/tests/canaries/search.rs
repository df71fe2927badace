//! Looks for secrets in bytes, by taking encodings away: the other way round from the redactor,
//! which puts them on, so that a mistake of one is not the other's too.

use std::collections::HashMap;
use std::io::Read;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Bytes by which a secret is looked up.
const BEGINNING: usize = 8;

/// Secrets by how they begin.
#[derive(Default)]
pub(crate) struct Secrets {
    by_beginning: HashMap<[u8; BEGINNING], Vec<(String, Vec<u8>)>>,
    /// Which pairs of bytes begin one.
    pairs: Vec<bool>,
}

impl Secrets {
    pub(crate) fn of(all: &[(String, String)]) -> Self {
        let mut secrets = Self {
            pairs: vec![false; 1 << 16],
            ..Self::default()
        };
        for (name, value) in all {
            // A key is looked for line by line; the lines around it are those of every key.
            let lines = value.lines().filter(|line| !line.starts_with("-----"));
            for line in lines {
                let line = line.as_bytes();
                let Some(beginning) = line.first_chunk::<BEGINNING>() else {
                    continue;
                };
                secrets.pairs[pair(line)] = true;
                let there = secrets.by_beginning.entry(*beginning).or_default();
                if there.iter().all(|(_, known)| known != line) {
                    there.push((name.clone(), line.to_vec()));
                }
            }
        }
        secrets
    }

    pub(crate) fn number(&self) -> usize {
        self.by_beginning.values().map(Vec::len).sum()
    }

    /// The first secret that these bytes hold, and how it is hidden there.
    pub(crate) fn first_in(&self, bytes: &[u8]) -> Option<(String, &'static str)> {
        views(bytes).into_iter().find_map(|(kind, view)| {
            let found = self.plainly_in(&view)?;
            Some((found.to_owned(), kind))
        })
    }

    fn plainly_in(&self, bytes: &[u8]) -> Option<&str> {
        for (at, window) in bytes.windows(BEGINNING).enumerate() {
            if !self.pairs[pair(window)] {
                continue;
            }
            let there = window
                .first_chunk()
                .and_then(|key| self.by_beginning.get(key));
            let found = there
                .into_iter()
                .flatten()
                .find(|(_, value)| bytes[at..].starts_with(value));
            if let Some((name, _)) = found {
                return Some(name);
            }
        }
        None
    }
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// The bytes as they are, and with each encoding taken away, also one within another.
fn views(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut views = vec![("raw", bytes.to_vec())];
    let members = gunzipped(bytes);
    views.extend(members.into_iter().map(|member| ("gzip", member)));
    for (kind, decode) in [
        ("percent", percent as fn(&[u8]) -> Vec<u8>),
        ("json", json),
        ("html", html),
    ] {
        // Escapes may be escaped again.
        let mut last = bytes.to_vec();
        for _ in 0..3 {
            let next = decode(&last);
            if next == last {
                break;
            }
            views.push((kind, next.clone()));
            last = next;
        }
    }
    let texts: Vec<Vec<u8>> = views.iter().map(|(_, view)| view.clone()).collect();
    for text in texts {
        views.push(("hex", of_hex(&text)));
        views.push(("base64", of_base64(&text)));
    }
    views
}

fn gunzipped(bytes: &[u8]) -> Vec<Vec<u8>> {
    let starts = bytes.windows(3).enumerate();
    let starts = starts.filter(|(_, three)| *three == [0x1f, 0x8b, 8]);
    starts
        .map(|(at, _)| {
            let mut member = Vec::new();
            // One that breaks off is read as far as it goes.
            let _ = flate2::read::GzDecoder::new(&bytes[at..]).read_to_end(&mut member);
            member
        })
        .collect()
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}

fn number(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    replaced(bytes, b'%', |rest| {
        let value = 16 * digit(*rest.get(1)?)? + digit(*rest.get(2)?)?;
        Some((vec![value], 3))
    })
}

fn json(bytes: &[u8]) -> Vec<u8> {
    replaced(bytes, b'\\', |rest| match rest.get(1)? {
        b'u' => {
            let found = char::from_u32(number(rest.get(2..6)?)?)?;
            Some((found.to_string().into_bytes(), 6))
        }
        b'n' => Some((b"\n".to_vec(), 2)),
        b'r' => Some((b"\r".to_vec(), 2)),
        mark if mark.is_ascii_punctuation() => Some((vec![*mark], 2)),
        _ => None,
    })
}

fn html(bytes: &[u8]) -> Vec<u8> {
    replaced(bytes, b'&', |rest| {
        let end = rest.iter().take(12).position(|byte| *byte == b';')?;
        let name = std::str::from_utf8(&rest[1..end]).ok()?;
        let found = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let number = match number.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(number)?
            }
        };
        Some((found.to_string().into_bytes(), end + 1))
    })
}

fn replaced(bytes: &[u8], mark: u8, read: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Vec<u8> {
    let mut clean = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at] == mark).then(|| read(&bytes[at..])).flatten() {
            Some((found, length)) => {
                clean.extend(found);
                at += length;
            }
            None => {
                clean.push(bytes[at]);
                at += 1;
            }
        }
    }
    clean
}

/// What runs of digits stand for, from either of their beginnings.
fn of_hex(bytes: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    for run in bytes.split(|byte| !byte.is_ascii_hexdigit()) {
        if run.len() < 2 * BEGINNING {
            continue;
        }
        for start in 0..2 {
            let pairs = run[start..].chunks_exact(2);
            found.extend(pairs.filter_map(|two| Some(16 * digit(two[0])? + digit(two[1])?)));
            found.push(0);
        }
    }
    found
}

/// The same in base64 of either alphabet, in one line or many, from each of four beginnings.
fn of_base64(bytes: &[u8]) -> Vec<u8> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&STANDARD, lenient);
    let one_alphabet = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    let mut found = Vec::new();
    let in_lines: Vec<u8> = bytes
        .iter()
        .filter(|byte| !matches!(byte, b'\r' | b'\n' | b' '))
        .map(one_alphabet)
        .collect();
    let as_it_is: Vec<u8> = bytes.iter().map(one_alphabet).collect();
    for text in [as_it_is, in_lines] {
        let is_foreign = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
        for run in text.split(is_foreign) {
            for start in 0..4 {
                let Some(run) = run.get(start..).filter(|run| run.len() > BEGINNING) else {
                    continue;
                };
                // A rest of one digit stands for nothing.
                let whole = run.len() - usize::from(run.len() % 4 == 1);
                found.extend(engine.decode(&run[..whole]).unwrap_or_default());
                found.push(0);
            }
        }
    }
    found
}
