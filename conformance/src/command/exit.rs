//! The exit status of the command line.

use crate::report::Report;

/// The subject conforms.
pub const CONFORMS: u8 = 0;
/// A scenario fails.
pub const FAILS: u8 = 1;
/// Nothing fails, but something could not be decided.
pub const INCONCLUSIVE: u8 = 2;
/// The command line, a scenario or a manifest is wrong.
pub const USAGE: u8 = 3;
/// Nothing was selected.
pub const NOTHING_SELECTED: u8 = 4;
/// The harness itself failed.
pub const HARNESS_ERROR: u8 = 5;
/// The run was interrupted; the report is written.
pub const INTERRUPTED: u8 = 130;

/// The exit status of a run. A run in which nothing could be judged conforms to nothing.
#[must_use]
pub const fn of(report: &Report) -> u8 {
    let totals = &report.totals;
    if report.interrupted {
        INTERRUPTED
    } else if totals.harness_error > 0 {
        HARNESS_ERROR
    } else if totals.fail > 0 {
        FAILS
    } else if totals.inconclusive > 0 || totals.pass + totals.warn + totals.flaky == 0 {
        INCONCLUSIVE
    } else {
        CONFORMS
    }
}
