//! `snowproof judge`: judges saved evidence again, without running anything.

use std::path::{Path, PathBuf};

use clap::Args;

use super::gate::Gate;
use super::{Ended, Failure, exit, printing};
use crate::edition::Edition;
use crate::evidence::{Evidence, evidence_folders};
use crate::report::{Frame, Report, ReportedSubject, RunReport, read_json, to_json};
use crate::verdict;

/// Judge saved evidence again and print the report
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof judge snowproof-report                  the same report again, from its evidence
  snowproof judge snowproof-report/evidence/SP-A01  one scenario and its variants")]
pub(super) struct Arguments {
    /// The folder that `test --out` wrote, or an evidence folder
    #[arg(value_name = "EVIDENCE_DIR")]
    folder: PathBuf,
    /// Fail where a check of severity `should` fails
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(arguments: &Arguments) -> Ended {
    let report = judge_again(&arguments.folder, arguments.strict)?;
    let text = to_json(&report).map_err(Failure::harness)?;
    printing::data(&text);
    Ok(exit::of(&report, &Gate::default()))
}

/// The report of a folder: as it was saved beside the evidence, every scenario judged anew.
fn judge_again(folder: &Path, strict: bool) -> Result<Report, Failure> {
    let file = folder.join("report.json");
    if file.is_file() {
        let saved = read_json(&file).map_err(Failure::usage)?;
        return again(folder, saved, strict);
    }
    let folders = evidence_folders(folder).map_err(Failure::usage)?;
    if folders.is_empty() {
        return Err(Failure::new(
            exit::NOTHING_SELECTED,
            format!("error: `{}` holds no evidence", folder.display()),
        ));
    }
    let mut runs = Vec::new();
    let mut subject = None;
    let mut seed = 0;
    for path in folders {
        let evidence = Evidence::read(&path).map_err(Failure::usage)?;
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        let relative = relative.display().to_string();
        runs.push(judged(&evidence, strict, relative));
        seed = evidence.header.seed;
        subject.get_or_insert(ReportedSubject {
            name: evidence.subject.name,
            about: None,
            version: evidence.subject.version,
            has_words: evidence.subject.has_words,
        });
    }
    let head = Frame {
        plan_hash: String::new(),
        seed,
        subject: subject.unwrap_or_else(|| ReportedSubject {
            name: String::new(),
            about: None,
            version: None,
            has_words: true,
        }),
        command: Vec::new(),
        started: String::new(),
        wall_ms: runs.iter().map(|run| run.wall_ms).sum(),
        interrupted: false,
        strict,
    };
    Ok(Report::assemble(head, runs))
}

fn again(folder: &Path, saved: Report, strict: bool) -> Result<Report, Failure> {
    let mut runs = Vec::new();
    for run in saved.runs {
        match run.evidence.clone() {
            None => runs.push(run),
            Some(relative) => {
                let path = inside(folder, &relative)?;
                let evidence = Evidence::read(&path).map_err(Failure::usage)?;
                runs.push(judged(&evidence, strict, relative));
            }
        }
    }
    let head = Frame {
        plan_hash: saved.plan_hash,
        seed: saved.seed,
        subject: saved.subject,
        command: saved.command,
        started: saved.started,
        wall_ms: saved.wall_ms,
        interrupted: saved.interrupted,
        strict,
    };
    let mut report = Report::assemble(head, runs);
    report.claims = saved.claims;
    report.agreement = saved.agreement;
    if let Some(name) = &saved.edition {
        let edition = Edition::named(name).map_err(Failure::usage)?;
        edition.apply(&mut report, strict);
    }
    if let Some(applied) = &saved.baseline {
        let unknown = |name: &str| applied.stood_unknown(name);
        let baseline = applied.baseline();
        baseline.apply(&mut report, &applied.file, applied.as_of, strict, |name| {
            !unknown(name)
        });
    }
    Ok(report)
}

fn judged(evidence: &Evidence, strict: bool, relative: String) -> RunReport {
    RunReport::judged(evidence, verdict::judge(evidence, strict), Some(relative))
}

/// A report from anywhere must not lead out of its folder.
fn inside(folder: &Path, relative: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(relative);
    let stays = path
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    if stays {
        Ok(folder.join(path))
    } else {
        Err(Failure::usage(format!(
            "the report names evidence outside its folder: `{relative}`"
        )))
    }
}
