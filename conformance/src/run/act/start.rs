//! The start of an act's process.

use tokio::time::Instant;

use super::super::process::{Pipes, Process};
use super::super::workplace::{self, ActFolders};
use super::super::world::World;
use super::framework::{self, Step};
use super::page::Launcher;
use super::{ActDone, ActOrder};
use crate::evidence::{ActEvidence, ProcessProblem, Words};
use crate::subject::RunKey;
use crate::subject::template::Values;

/// A process that was started: its pipes, what it may start in place of a browser, and what its
/// templates were filled with.
pub(super) type Started = (Process, Pipes, Option<Launcher>, Values);

/// Starts a process of an act. The error is the system's.
pub(super) fn start(
    order: &ActOrder<'_>,
    folders: &ActFolders,
    step: Step,
    evidence: &mut ActEvidence,
) -> std::io::Result<Started> {
    let key = framework::key(&order.subject.file, order.act.verb);
    let further = framework::arguments(order, folders, step)?;
    let (mut launch, values) = workplace::launch(
        order.subject,
        (key, &further),
        order.parameters.clone(),
        folders,
        order.trust,
        order.way,
    )?;
    let mut launcher = None;
    if key == RunKey::Connect {
        let (made, command) = Launcher::make(&folders.files)?;
        launch
            .environment
            .insert("BROWSER".to_owned(), command.into());
        launcher = Some(made);
    }
    evidence.argv = launch
        .command
        .iter()
        .map(|argument| order.redactor.redact(argument).into_owned())
        .collect();
    evidence.environment = launch.environment.keys().cloned().collect();
    let (process, pipes) = Process::start(&launch)?;
    Ok((process, pipes, launcher, values))
}

/// An act whose process could not be started.
pub(super) fn not_started(
    order: &ActOrder<'_>,
    mut evidence: ActEvidence,
    error: &std::io::Error,
    world: &World,
) -> ActDone {
    evidence.exited_ns = world.ns(Instant::now());
    evidence.problems = vec![ProcessProblem::NotStarted {
        why: order.redactor.redact(&error.to_string()).into_owned(),
    }];
    ActDone {
        evidence,
        words: Words::default(),
        state: None,
        introduction: None,
    }
}
