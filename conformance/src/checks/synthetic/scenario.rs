//! The scenario of a told run, before a test adds what it is about.

use indexmap::IndexMap;

use crate::checks::Checks;
use crate::scenario::{
    ExpectedDiagnosis, ExpectedOutcome, Level, Profile, Scenario, Source, SubjectSettings, Witness,
};

pub(super) fn empty() -> Scenario {
    Scenario {
        code: "SP-T01".into(),
        variant: None,
        id: "test/synthetic".into(),
        title: "A synthetic run".into(),
        covers: Vec::new(),
        profile: Profile::Core,
        level: Level::Recover,
        why: String::new(),
        source: Source {
            document: String::new(),
            says: String::new(),
        },
        acts: Vec::new(),
        parameters: Vec::new(),
        table: "t".into(),
        write_table: "t".into(),
        subject: SubjectSettings::default(),
        instances: IndexMap::new(),
        steps: IndexMap::new(),
        outcome: ExpectedOutcome::Any,
        met: IndexMap::new(),
        witness: Witness::Request,
        diagnosis: ExpectedDiagnosis::default(),
        checks: Checks::default(),
    }
}
