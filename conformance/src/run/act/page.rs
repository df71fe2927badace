//! Where the page for a person is found: in what a command prints, or in what it has a browser open.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use regex::Regex;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;

use crate::subject::{Adapter, AuthorizeSource, Subject};

/// Longest URL that is taken, bytes.
const LONGEST: usize = 16 * 1024;

/// Finds the page in lines.
pub(super) enum PageFinder {
    /// In the lines of stdout.
    Stdout(Regex),
    /// In the lines of stderr.
    Stderr(Regex),
    /// At this JSON pointer in a line of stdout.
    Json(String),
    /// Nowhere.
    Nowhere,
}

impl PageFinder {
    pub(super) fn of(subject: &Subject) -> Self {
        if subject.file.adapter != Adapter::Command {
            return Self::Nowhere;
        }
        let compiled = |pattern: &str| Regex::new(pattern).ok();
        let finder = match &subject.file.authorize {
            Some(AuthorizeSource::StdoutRegex(pattern)) => compiled(pattern).map(Self::Stdout),
            Some(AuthorizeSource::StderrRegex(pattern)) => compiled(pattern).map(Self::Stderr),
            Some(AuthorizeSource::StdoutJson(pointer)) => Some(Self::Json(pointer.clone())),
            None => None,
        };
        finder.unwrap_or(Self::Nowhere)
    }

    /// Whether lines of stdout are looked at.
    pub(super) const fn reads_stdout(&self) -> bool {
        matches!(self, Self::Stdout(_) | Self::Json(_))
    }

    /// Whether lines of stderr are looked at.
    pub(super) const fn reads_stderr(&self) -> bool {
        matches!(self, Self::Stderr(_))
    }

    /// The page in a line of stdout.
    pub(super) fn in_stdout(&self, line: &[u8]) -> Option<String> {
        match self {
            Self::Stdout(pattern) => matched(pattern, line),
            Self::Json(pointer) => {
                let value: serde_json::Value = serde_json::from_slice(line).ok()?;
                value.pointer(pointer)?.as_str().map(str::to_owned)
            }
            Self::Stderr(_) | Self::Nowhere => None,
        }
    }

    /// The page in a line of stderr.
    pub(super) fn in_stderr(&self, line: &[u8]) -> Option<String> {
        match self {
            Self::Stderr(pattern) => matched(pattern, line),
            _ => None,
        }
    }
}

fn matched(pattern: &Regex, line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    let found = pattern.captures(&line)?;
    let text = found.get(1).or_else(|| found.get(0))?.as_str();
    (text.len() <= LONGEST).then(|| text.trim().to_owned())
}

/// A command that a program starts in place of a browser, and what it was asked to open.
pub(super) struct Launcher {
    opened: BufReader<pipe::Receiver>,
}

impl Launcher {
    /// Makes the command in a folder; also gives its path, the value of `BROWSER`.
    pub(super) fn make(folder: &Path) -> std::io::Result<(Self, PathBuf)> {
        let (fifo, command) = (folder.join("opened"), folder.join("browser"));
        nix::unistd::mkfifo(&fifo, Mode::S_IRUSR | Mode::S_IWUSR)?;
        // Held open for both, so that it does not end with whoever writes.
        let opened = pipe::OpenOptions::new()
            .read_write(true)
            .open_receiver(&fifo)?;
        let script = format!("#!/bin/sh\nprintf '%s\\n' \"$1\" > '{}'\n", fifo.display());
        std::fs::write(&command, script)?;
        std::fs::set_permissions(&command, std::fs::Permissions::from_mode(0o700))?;
        let opened = BufReader::new(opened);
        Ok((Self { opened }, command))
    }

    /// What is opened next; never returns where nothing can be opened any more.
    pub(super) async fn next(launcher: &mut Option<Self>) -> String {
        let mut line = String::new();
        if let Some(launcher) = launcher
            && matches!(launcher.opened.read_line(&mut line).await, Ok(1..=LONGEST))
        {
            return line.trim().to_owned();
        }
        *launcher = None;
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_in_the_lines_that_are_looked_at() {
        let pattern = Regex::new(r"^Open (\S+)").unwrap();
        let stdout = PageFinder::Stdout(pattern.clone());
        assert_eq!(
            stdout.in_stdout(b"Open https://i/x now").as_deref(),
            Some("https://i/x")
        );
        assert_eq!(stdout.in_stdout(b"Opening"), None);
        assert_eq!(stdout.in_stderr(b"Open https://i/x"), None);
        let stderr = PageFinder::Stderr(pattern);
        assert_eq!(
            stderr.in_stderr(b"Open https://i/x").as_deref(),
            Some("https://i/x")
        );
        let json = PageFinder::Json("/authorize/url".to_owned());
        let line = br#"{"authorize":{"url":"https://i/x"}}"#;
        assert_eq!(json.in_stdout(line).as_deref(), Some("https://i/x"));
        assert_eq!(json.in_stdout(b"{"), None);
    }

    #[tokio::test]
    async fn what_a_program_has_a_browser_open_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (launcher, command) = Launcher::make(folder.path()).unwrap();
        let mut launcher = Some(launcher);
        for url in ["https://i/x?a=b&c='d'", "https://i/y"] {
            let mut child = tokio::process::Command::new(&command)
                .arg(url)
                .spawn()
                .unwrap();
            assert_eq!(Launcher::next(&mut launcher).await, url);
            assert!(child.wait().await.unwrap().success());
        }
    }
}
