//! Reading a baseline strictly.

use std::path::Path;

use super::{Baseline, SCHEMA};
use crate::checks::{Axis, Checks, about};
use crate::yaml::{self, FileError, Positions, SourceFile};

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read.
    #[error("failed to read the baseline `{path}`: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        why: String,
    },
    /// It is broken.
    #[error(transparent)]
    Broken(#[from] Box<FileError>),
}

impl BaselineError {
    /// What the reader of a terminal sees.
    #[must_use]
    pub fn rendered(&self) -> String {
        match self {
            Self::Broken(error) => error.rendered(),
            Self::Unreadable { .. } => format!("error: {self}"),
        }
    }
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is broken: see [`Baseline::read`].
    pub fn open(path: &Path) -> Result<Self, BaselineError> {
        let text = yaml::text_of(path).map_err(|error| BaselineError::Unreadable {
            path: path.display().to_string(),
            why: error.to_string(),
        })?;
        let name = path.display().to_string();
        Ok(Self::read(&SourceFile { name, text })?)
    }

    /// Reads a baseline from its text.
    ///
    /// # Errors
    ///
    /// It does not fit the type, names a check that there is not or that cannot be accepted, gives
    /// no reason, or has two entries for the same.
    pub fn read(source: &SourceFile) -> Result<Self, Box<FileError>> {
        let baseline: Self = yaml::read(source)?;
        let positions = Positions::read(source)?;
        let error =
            |path: &[&str], message: String| FileError::at(source, positions.of(path), message);
        if baseline.schema != SCHEMA {
            return Err(
                error(&["schema"], format!("unknown schema `{}`", baseline.schema))
                    .legal(&baseline.schema, [SCHEMA])
                    .into(),
            );
        }
        for (index, known) in baseline.entries.iter().enumerate() {
            let at = index.to_string();
            let check = &known.check;
            let Some(about) = about(check) else {
                return Err(error(
                    &["entries", &at, "check"],
                    format!("no check is called `{check}`"),
                )
                .legal(check, Checks::ALL.iter().map(|about| about.id))
                .into());
            };
            if about.axis == Axis::Harness {
                return Err(error(
                    &["entries", &at, "check"],
                    format!("`{check}` cannot be accepted"),
                )
                .hint("where a failure was not met, nothing was judged")
                .into());
            }
            if known.reason.trim().is_empty() {
                return Err(error(
                    &["entries", &at, "reason"],
                    "it is accepted without a reason".to_owned(),
                )
                .hint("say why, such as \"fixed in 2.4, released in March\"")
                .into());
            }
            let before = &baseline.entries[..index];
            if before
                .iter()
                .any(|other| other.code == known.code && other.check == *check)
            {
                return Err(error(
                    &["entries", &at],
                    format!("`{}` and `{check}` have an entry already", known.code),
                )
                .into());
            }
        }
        Ok(baseline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entries: &str) -> Result<Baseline, String> {
        let text = format!("schema: snowproof.baseline/1\nentries:\n{entries}");
        let name = "b.yaml".to_owned();
        Baseline::read(&SourceFile { name, text }).map_err(|error| error.rendered())
    }

    const GOOD: &str =
        "  - { code: SP-T01, check: backoff-floor, reason: known, expires: 2027-01-31 }\n";

    #[test]
    fn an_entry_says_what_why_and_until_when() {
        let baseline = read(GOOD).unwrap();
        let known = &baseline.entries[0];
        assert_eq!(
            (known.code.as_str(), known.check.as_str()),
            ("SP-T01", "backoff-floor")
        );
        assert_eq!(known.expires.to_string(), "2027-01-31");
        assert_eq!(
            read("  []\n").unwrap_or_default().entries,
            Vec::new(),
            "an empty one is one"
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (entries, told) in [
            (
                GOOD.replace("backoff-floor", "backof-floor"),
                "did you mean `backoff-floor`?",
            ),
            (
                GOOD.replace("backoff-floor", "fault-was-exercised"),
                "cannot be accepted",
            ),
            (GOOD.replace("known", "' '"), "without a reason"),
            (GOOD.replace("2027-01-31", "soon"), "soon"),
            (GOOD.replace("reason", "because"), "because"),
            (GOOD.repeat(2), "have an entry already"),
        ] {
            let error = read(&entries).unwrap_err();
            assert!(error.contains(told), "{error}");
            assert!(error.contains("b.yaml"), "{error}");
        }
    }
}
