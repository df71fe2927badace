//! Live progress on stderr: a bar on a terminal, a line per scenario elsewhere.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use super::printing;
use crate::report::RunReport;
use crate::run::Progress;
use crate::verdict::Verdict;

/// Shows a run while it goes on.
pub(super) struct Console {
    bar: Option<ProgressBar>,
    running: Mutex<BTreeSet<String>>,
}

impl Console {
    pub(super) fn new(runs: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(u64::try_from(runs).unwrap_or(u64::MAX)).with_style(style)
        });
        Self {
            bar,
            running: Mutex::default(),
        }
    }

    /// Takes note of what happened.
    pub(super) fn note(&self, progress: Progress) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Started(name) => {
                running.insert(name);
            }
            Progress::Finished(report) => {
                running.remove(&report.name());
                self.finished(&report);
            }
        }
        if let Some(bar) = &self.bar {
            let names: Vec<&str> = running.iter().map(String::as_str).take(6).collect();
            bar.set_message(names.join(" "));
        }
    }

    /// Ends the bar.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn finished(&self, report: &RunReport) {
        let line = format!(
            "{:<14} {:<22} {:>6} ms  {}",
            report.verdict.word(),
            report.name(),
            report.wall_ms,
            report.reason.as_deref().unwrap_or(&report.title)
        );
        match &self.bar {
            Some(bar) => {
                bar.inc(1);
                if report.verdict >= Verdict::Inconclusive {
                    bar.println(line);
                }
            }
            None => printing::talk(&line),
        }
    }
}
