//! `snowproof report`: what saved reports tell together.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Ended, Failure, exit, printing};
use crate::report::{Report, comparison, read_json};

/// Tell what saved reports show
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof report compare ours/ theirs/                    two connectors side by side, in Markdown
  snowproof report compare 2.3/ 2.4/ --write COMPARED.md    two versions of one, into a file")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Set reports side by side, in Markdown: a grid by profile, and what fails, with its evidence
    Compare(Compare),
}

#[derive(Debug, Args)]
struct Compare {
    /// The folders that `test --out` wrote, or their report.json, in the order to show them
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<PathBuf>,
    /// The title of the page
    #[arg(long, value_name = "TEXT", default_value = "Connectors side by side")]
    title: String,
    /// Markdown that stands under the title
    #[arg(long, value_name = "FILE")]
    introduction: Option<PathBuf>,
    /// Write it into this file in place of printing it
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// As many reports as a table has room for.
const REPORTS_AT_MOST: usize = 32;
/// The longest introduction, bytes.
const INTRODUCTION_AT_MOST: u64 = 64 * 1024;

pub(super) fn run(arguments: &Arguments) -> Ended {
    match &arguments.what {
        What::Compare(compare) => compare.run(),
    }
}

impl Compare {
    fn run(&self) -> Ended {
        if self.reports.len() > REPORTS_AT_MOST {
            return Err(Failure::usage(format!(
                "{} reports are given; a page has room for {REPORTS_AT_MOST}",
                self.reports.len()
            )));
        }
        let reports = self.reports.iter().map(|path| read(path));
        let reports: Vec<Report> = reports.collect::<Result<_, _>>()?;
        let introduction = self.introduction.as_deref().map(introduction).transpose()?;
        let text = comparison(&reports, &self.title, introduction.as_deref());
        match &self.write {
            None => printing::data(&text),
            Some(path) => std::fs::write(path, text).map_err(|error| {
                Failure::usage(format!("failed to write `{}`: {error}", path.display()))
            })?,
        }
        Ok(exit::CONFORMS)
    }
}

/// The report of a folder, or of the file itself.
fn read(path: &Path) -> Result<Report, Failure> {
    let file = if path.is_dir() {
        path.join("report.json")
    } else {
        path.to_owned()
    };
    read_json(&file).map_err(Failure::usage)
}

fn introduction(path: &Path) -> Result<String, Failure> {
    let unreadable = |why: String| Failure::usage(format!("`{}` {why}", path.display()));
    let size =
        std::fs::metadata(path).map_err(|error| unreadable(format!("cannot be read: {error}")))?;
    if size.len() > INTRODUCTION_AT_MOST {
        return Err(unreadable(format!(
            "is too long: at most {INTRODUCTION_AT_MOST} bytes are read"
        )));
    }
    std::fs::read_to_string(path).map_err(|error| unreadable(format!("cannot be read: {error}")))
}
