//! An act in a process that outlives it: an idle one where there is one, else one that is started and
//! kept.

use std::time::Duration;

use snowproof_simulator::redaction::Redactor;
use tokio::time::Instant;

use super::super::attendant::Notice;
use super::super::interrupt::Interruption;
use super::super::kept::{Given, IdleProcess, Kept, Tenure};
use super::super::places::StartPlace;
use super::super::process::{Pipes, Process};
use super::super::workplace::ActFolders;
use super::super::world::{Signs, World};
use super::framework::Step;
use super::listener::Listener;
use super::start::{self, Prepared, interrupted, not_started};
use super::{ActDone, ActOrder, Watch, blank};
use crate::evidence::{ActEvidence, ProcessEnding, ProcessProblem};
use crate::subject::template::Values;

/// After a result its process is listened to for this long: whatever it adds belongs to the act.
const SETTLES: Duration = Duration::from_millis(20);

/// Runs one act to its end, and hands its process on if that is fit for another one.
pub(super) async fn run(
    kept: &Kept,
    order: ActOrder<'_>,
    world: &World,
    mut signs: Signs,
    folders: &ActFolders,
    place: StartPlace,
    interruption: &mut Interruption,
) -> ActDone {
    let given = Given::of(order.subject, &order.parameters);
    let mut place = Some(place);
    if let Some(idle) = kept.take(&given).await {
        let began = Instant::now();
        let mut evidence = blank(&order, world.ns(began));
        let earlier = idle.tenure.given_secrets.but(&order.known);
        order.redactor.learn(&earlier);
        let mut watch = Watch::again(&order, idle, began, place.take(), &mut evidence);
        watch.send_run().await;
        let ending = watch.until_the_end(&order, &mut signs, interruption).await;
        watch.contact_at_the_last_moment(&mut signs).await;
        if !watch.left_before(ending, order.redactor).await {
            let values = Values {
                parameters: order.parameters.clone(),
                ..Values::default()
            };
            return watch
                .finish(order, evidence, ending, world, folders, &values)
                .await;
        }
        place = watch.place.take();
    }
    let seat = kept.seat().await;
    let mut evidence = blank(&order, world.ns(Instant::now()));
    let mut tenure = match Tenure::begin(given, seat) {
        Ok(tenure) => tenure,
        Err(error) => return not_started(&order, evidence, &error, world),
    };
    let prepared = start::prepare(&order, &tenure.folders, (Step::Act, None), &mut evidence);
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return not_started(&order, evidence, &error, world),
    };
    tenure.started_with = (evidence.argv.clone(), evidence.environment.clone());
    if let Some(attendant) = order.attendant {
        tokio::select! {
            () = attendant.tell(prepared.notice(&order)) => {}
            _ = interruption.next() => return interrupted(evidence, world),
        }
    }
    let began = Instant::now();
    evidence.spawned_ns = world.ns(began);
    let Prepared { launch, values, .. } = prepared;
    let (process, pipes) = match Process::start(&launch) {
        Ok(started) => started,
        Err(error) => return not_started(&order, evidence, &error, world),
    };
    if let Some(attendant) = order.attendant {
        let pid = process.id();
        attendant.tell(Notice::Started { pid }).await;
    }
    let mut watch = Watch::new(&order, process, pipes, began, place, Step::Act);
    watch.tenure = Some(tenure);
    let ending = watch.until_the_end(&order, &mut signs, interruption).await;
    watch.contact_at_the_last_moment(&mut signs).await;
    watch
        .finish(order, evidence, ending, world, folders, &values)
        .await
}

impl Watch {
    /// Watches a process that has done other runs.
    fn again(
        order: &ActOrder<'_>,
        idle: IdleProcess,
        began: Instant,
        place: Option<StartPlace>,
        evidence: &mut ActEvidence,
    ) -> Self {
        let IdleProcess {
            process,
            pipes,
            tenure,
        } = idle;
        evidence.earlier_runs = u32::try_from(tenure.runs.len()).unwrap_or(u32::MAX);
        (evidence.argv, evidence.environment) = tenure.started_with.clone();
        let mut watch = Self::new(order, process, pipes, began, place, Step::Act);
        if let Listener::Native(conversation) = &mut watch.listener {
            conversation.follows(tenure.hello.clone(), &tenure.runs);
        }
        watch.tenure = Some(tenure);
        watch
    }

    /// Whether the process is to outlive the act, as far as can be told by now: it says that it can, it
    /// has kept to the protocol, and nobody means to kill it.
    pub(super) fn outlives_act(&self) -> bool {
        let sound = match &self.listener {
            Listener::Native(conversation) => {
                conversation.problems.is_empty() && conversation.takes_many_runs()
            }
            _ => false,
        };
        self.tenure.is_some() && sound && !self.is_to_be_killed
    }

    /// When an act is over whose process goes on.
    pub(super) fn settled_at(&self) -> Option<Instant> {
        let result_at = self.result_at.filter(|_| self.outlives_act())?;
        Some(result_at + SETTLES)
    }

    /// Takes note of a process that its manifest keeps and that is good for one run.
    pub(super) fn notice_single_run(&mut self) {
        if let Listener::Native(conversation) = &self.listener
            && self.tenure.is_some()
            && !conversation.takes_many_runs()
        {
            self.problems.push(ProcessProblem::SingleRun);
        }
    }

    /// Whether the process was leaving when it was given the act, as one may whose last run was over: it
    /// has done nothing, said nothing and has nothing to complain of.
    async fn left_before(&mut self, ending: ProcessEnding, redactor: &Redactor) -> bool {
        let well = self.status.is_some_and(|status| status.success());
        if ending != ProcessEnding::Exited || self.contact.is_some() || !well {
            return false;
        }
        self.drain(redactor).await;
        self.readers.bytes() == (0, 0)
    }

    /// Hears what the process has written so far. Its pipes, if it is fit for another act; else it is
    /// ended.
    pub(super) async fn release(&mut self, redactor: &Redactor) -> Option<Pipes> {
        self.readers.let_go();
        while let Some(heard) = self.readers.next_or_end().await {
            self.hear(heard, redactor).await;
        }
        let streams = self.readers.streams().await;
        let fit = streams
            .filter(|_| self.outlives_act())
            .zip(self.stdin.take());
        if fit.is_none() {
            self.process.end().await;
        }
        fit.map(|((stdout, stderr), stdin)| Pipes {
            stdin: Some(stdin),
            stdout,
            stderr,
        })
    }

    /// Hands the process on.
    pub(super) fn hand_on(mut self, order: &ActOrder<'_>, pipes: Pipes, world: &World) {
        let (Some(kept), Some(mut tenure)) = (order.kept, self.tenure.take()) else {
            return;
        };
        if let Some(hello) = self.hello.take() {
            tenure.hello = Some(hello);
        }
        tenure.runs.push(self.run_id);
        tenure.given_secrets.remember(order.known.iter().cloned());
        tenure.issued.remember(world.secrets_made());
        kept.put_back(IdleProcess {
            process: self.process,
            pipes,
            tenure,
        });
    }
}
