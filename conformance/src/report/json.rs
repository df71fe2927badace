//! `report.json`: the report itself.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Report;

/// The largest report that is read, bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Why a saved report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It cannot be read.
    #[error("failed to read `{path}`: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        why: io::Error,
    },
    /// It is larger than 64 MiB.
    #[error("`{path}` is too large: at most {MAX_BYTES} bytes are read")]
    TooLarge {
        /// The file.
        path: String,
    },
    /// It is no report.
    #[error("{path}: {why}")]
    Broken {
        /// The file.
        path: String,
        /// What is wrong, with line and column.
        why: serde_json::Error,
    },
}

/// Reads a saved `report.json`.
///
/// # Errors
///
/// It cannot be read, is too large, or is no report.
pub fn read_json(path: &Path) -> Result<Report, ReportError> {
    let name = || path.display().to_string();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    read.map_err(|why| ReportError::Unreadable { path: name(), why })?;
    if text.len() as u64 > MAX_BYTES {
        return Err(ReportError::TooLarge { path: name() });
    }
    serde_json::from_str(&text).map_err(|why| ReportError::Broken { path: name(), why })
}

/// The report as a JSON document that ends with a line break.
///
/// # Errors
///
/// A report always serializes; the error is that of the serializer.
pub fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// Writes `report.json`, whole or not at all: into a file beside it first.
///
/// # Errors
///
/// The folder does not exist or cannot be written to.
pub fn write_json(report: &Report, path: &Path) -> io::Result<()> {
    let beside = path.with_extension("json.partial");
    std::fs::write(&beside, to_json(report)?)?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::super::assembly::tests::report;
    use super::*;

    #[test]
    fn looks_as_agreed() {
        insta::assert_snapshot!(to_json(&report()).unwrap());
    }

    #[test]
    fn reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        write_json(&report(), &path).unwrap();
        assert_eq!(read_json(&path).unwrap(), report());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_json(&report(), &folder.path().join("no/report.json")).is_err());
    }
}
