//! What goes wrong with a browser.

use std::path::PathBuf;
use std::time::Duration;

use crate::program::NAMES;

/// Why a browser did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// None is installed, as far as was looked.
    #[error(
        "no browser is found: {} in PATH; install Chromium (Debian: `apt-get install chromium`), or name its program",
        match named {
            Some(named) => format!("`{}` is no program, neither as a path nor", named.display()),
            None => format!("none of {} is", NAMES.map(|name| format!("`{name}`")).join(", ")),
        }
    )]
    NotFound {
        /// The program that was named, if one was.
        named: Option<PathBuf>,
    },
    /// It could not be started, or fell silent at once.
    #[error("the browser `{program}` did not start: {why}")]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// The system's words, or the browser's last ones.
        why: String,
    },
    /// Its process has ended.
    #[error("the browser has ended")]
    Gone,
    /// It took too long.
    #[error("the browser did not get to {what} within {} s", within.as_secs())]
    Late {
        /// What was waited for.
        what: String,
        /// The longest that was waited.
        within: Duration,
    },
    /// It refused a call of the protocol.
    #[error("the browser refused {method}: {why}")]
    Refused {
        /// The method.
        method: String,
        /// Its words.
        why: String,
    },
    /// There is no such thing on the page, or more than one.
    #[error("the page has {count} of {role} `{name}`, not one")]
    NotOne {
        /// How many there are.
        count: usize,
        /// The role that was looked for.
        role: String,
        /// The name that was looked for.
        name: String,
    },
    /// A thing of the page is not where it could be clicked.
    #[error("{role} `{name}` is nowhere to be seen")]
    Unseen {
        /// Its role.
        role: String,
        /// Its name.
        name: String,
    },
}
