//! The catalogue of known failures: what each means, what it may be taken for, who covers it.
//!
//! `scenarios/catalogue.tsv` is the list. Every row is covered by a scenario or says why it is
//! not; a test holds this and keeps `covered_by` equal to the scenario files.

use std::sync::LazyLock;

use crate::diagnosis::Class;
use crate::scenario::{ExpectedDiagnosis, Level};

const TEXT: &str = include_str!("../../scenarios/catalogue.tsv");

/// The word in `classes` that means: saying nothing is right once the run has recovered.
const QUIET: &str = "none";

/// One known failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub id: String,
    /// What it belongs to.
    pub family: String,
    /// What brings it about.
    pub trigger: String,
    /// Right as the primary class.
    pub classes: Vec<Class>,
    /// Whether saying nothing is right too.
    pub quiet_is_right: bool,
    /// What the wire cannot rule out.
    pub candidates: Vec<Class>,
    /// False leads.
    pub never: Vec<Class>,
    /// How demanding it is.
    pub level: Level,
    /// The verbs that meet it.
    pub verbs: Vec<String>,
    /// Codes of the scenarios that cover it.
    pub covered_by: Vec<String>,
    /// Why none does, or what of it none does.
    pub reason: String,
}

impl Row {
    /// What a connector may say of this failure.
    #[must_use]
    pub fn expected(&self) -> ExpectedDiagnosis {
        ExpectedDiagnosis {
            any_of: Some(self.classes.clone()),
            candidates: Some(self.candidates.clone()),
            never: Some(self.never.clone()),
            quiet_is_right: Some(self.quiet_is_right),
        }
    }
}

/// Why the catalogue cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the catalogue: {what}")]
pub struct CatalogueError {
    line: usize,
    what: String,
}

/// Every known failure, in the order of the file.
pub fn rows() -> &'static [Row] {
    // The text is part of the binary, and a test reads it whole.
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| read(TEXT).unwrap_or_default());
    &ROWS
}

/// The failure of this name.
#[must_use]
pub fn row(id: &str) -> Option<&'static Row> {
    rows().iter().find(|row| row.id == id)
}

fn read(text: &str) -> Result<Vec<Row>, CatalogueError> {
    text.lines()
        .enumerate()
        .skip(1)
        .map(|(at, line)| read_row(line).map_err(|what| CatalogueError { line: at + 1, what }))
        .collect()
}

fn read_row(line: &str) -> Result<Row, String> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [
        id,
        family,
        trigger,
        classes,
        candidates,
        never,
        level,
        verbs,
        covered_by,
        reason,
    ] = columns.as_slice()
    else {
        return Err(format!("`{}` columns; there are 10", columns.len()));
    };
    Ok(Row {
        id: (*id).to_owned(),
        family: (*family).to_owned(),
        trigger: (*trigger).to_owned(),
        classes: read_classes(classes)?,
        quiet_is_right: names(classes).any(|name| name == QUIET),
        candidates: read_classes(candidates)?,
        never: read_classes(never)?,
        level: match *level {
            "diagnose" => Level::Diagnose,
            "recover" => Level::Recover,
            "protect" => Level::Protect,
            other => return Err(format!("`{other}` is not diagnose, recover or protect")),
        },
        verbs: names(verbs).map(str::to_owned).collect(),
        covered_by: names(covered_by).map(str::to_owned).collect(),
        reason: (*reason).to_owned(),
    })
}

fn read_classes(column: &str) -> Result<Vec<Class>, String> {
    names(column)
        .filter(|name| *name != QUIET)
        .map(|name| name.parse::<Class>().map_err(|error| error.to_string()))
        .collect()
}

fn names(column: &str) -> impl Iterator<Item = &str> {
    column
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_reads_and_is_covered_or_says_why_not() {
        let rows = read(TEXT).unwrap();
        assert_eq!(rows.len(), TEXT.lines().count() - 1);
        assert!(rows.len() > 150);
        for row in &rows {
            let part = row.reason.starts_with("covered for");
            assert_eq!(
                row.covered_by.is_empty(),
                !row.reason.is_empty() && !part,
                "{} is covered, whole or for what it says, or says why not",
                row.id
            );
            assert!(!row.verbs.is_empty(), "{}", row.id);
            assert!(row.quiet_is_right || !row.classes.is_empty(), "{}", row.id);
        }
    }

    #[test]
    fn names_of_rows_are_unique() {
        let mut ids: Vec<_> = rows().iter().map(|row| &row.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn a_broken_row_is_named_by_its_line() {
        let error = read("id\nx\ty").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2 of the catalogue: `2` columns; there are 10"
        );
        let row = "a\tb\tc\tauth.nonsense\t\t\tdiagnose\tcheck\t\twhy";
        assert!(
            read(&format!("h\n{row}"))
                .unwrap_err()
                .to_string()
                .contains("auth.nonsense")
        );
    }
}
