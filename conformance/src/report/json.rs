//! `report.json`: the report itself.

use std::io;
use std::path::Path;

use super::Report;

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
        let read: Report = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(read, report());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_json(&report(), &folder.path().join("no/report.json")).is_err());
    }
}
