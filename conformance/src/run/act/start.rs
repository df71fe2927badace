//! The start of an act's process.

use snowproof_simulator::redaction::Redactor;
use tokio::time::Instant;

use super::super::attendant::Notice;
use super::super::daemon::{Guest, Recipe, Stay, Unready};
use super::super::process::Launch;
use super::super::words;
use super::super::workplace::{self, ActFolders};
use super::super::world::World;
use super::framework::{self, Step};
use super::page::Launcher;
use super::{ActDone, ActOrder};
use crate::evidence::{ActEvidence, ProcessEnding, ProcessProblem, Words};
use crate::subject::RunKey;
use crate::subject::template::Values;

/// All that it takes to start a process of an act.
pub(super) struct Prepared {
    pub(super) launch: Launch,
    /// What it may start in place of a browser.
    pub(super) launcher: Option<Launcher>,
    /// What its templates were filled with.
    pub(super) values: Values,
}

/// Prepares a process of an act. The error is the system's.
pub(super) fn prepare(
    order: &ActOrder<'_>,
    folders: &ActFolders,
    (step, port): (Step, Option<u16>),
    evidence: &mut ActEvidence,
) -> std::io::Result<Prepared> {
    let key = framework::key(&order.subject.file, order.act.verb);
    let further = framework::arguments(order, folders, step)?;
    let (mut launch, values) = workplace::launch(
        order.subject,
        (key, &further),
        order.parameters.clone(),
        folders,
        (order.trust, order.way),
        port,
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
    Ok(Prepared {
        launch,
        launcher,
        values,
    })
}

impl Prepared {
    /// How it is started, for whoever debugs it.
    pub(super) fn notice(&self, order: &ActOrder<'_>) -> Notice {
        let clean = |text: &str| order.redactor.redact(text).into_owned();
        let environment = self.launch.environment.iter();
        Notice::Starts {
            act: order.number,
            command: self.launch.command.iter().map(|word| clean(word)).collect(),
            environment: environment
                .map(|(name, value)| (name.clone(), clean(&value.to_string_lossy())))
                .collect(),
            folder: self.launch.folder.clone(),
        }
    }
}

/// An act that was interrupted before its process was started.
pub(super) fn interrupted(mut evidence: ActEvidence, world: &World) -> ActDone {
    evidence.exited_ns = world.ns(Instant::now());
    evidence.ending = ProcessEnding::Interrupted;
    ActDone {
        evidence,
        words: Words::default(),
        state: None,
        introduction: None,
    }
}

/// Begins an act with the service that it shares with others: ready, and where it has served other
/// scenarios, reset. What stands in the way is the end of the act.
pub(super) async fn stay(
    order: &ActOrder<'_>,
    guest: &Guest,
    folders: &ActFolders,
    evidence: ActEvidence,
    world: &World,
) -> Result<Stay, ActDone> {
    let subject = order.subject;
    let prepared = || {
        let service = subject.file.service.as_ref();
        let service = service.ok_or_else(|| std::io::Error::other("there is no service"))?;
        let (told, at) = (&order.parameters, guest.folders());
        let recipe = Recipe::of(subject, told, at, order.trust, order.way)?;
        let reset = match &service.reset {
            Some(reset) => {
                let values = workplace::values(subject, told.clone(), folders)?;
                Some(workplace::asked(reset, &values))
            }
            None => None,
        };
        Ok((service, recipe, reset))
    };
    let (service, recipe, reset) = match prepared() {
        Ok(prepared) => prepared,
        Err(error) => return Err(not_started(order, evidence, &error, world)),
    };
    match guest.begin(recipe, service, reset).await {
        Ok((stay, started)) => {
            if let Some(attendant) = order.attendant.filter(|_| started) {
                let (pid, port) = (stay.id(), stay.port());
                attendant.tell(Notice::Serves { pid, port }).await;
            }
            Ok(stay)
        }
        Err(Unready { why, heard }) => {
            let mut done = not_started(order, evidence, &why, world);
            let issued = Redactor::new(world.secrets_made());
            let mut hits = heard.hits;
            if let Some(log) = heard.log {
                hits.extend(words::cover_stream(&log, "stderr", &issued));
                done.evidence.output.stderr = log.bytes();
                done.words.stderr = log.text();
            }
            done.evidence.secret_hits = hits.into_iter().collect();
            Err(done)
        }
    }
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
