//! The end of an act: the group is swept, the pipes are drained, what was seen becomes evidence.

use std::collections::BTreeSet;
use std::time::Duration;

use snowproof_protocol::EXIT_NOT_IMPLEMENTED;
use snowproof_simulator::redaction::Redactor;
use tokio::time::{Instant, sleep};

use super::super::daemon::Stay;
use super::super::messages::Messages;
use super::super::output::{Capture, FLOOD_BYTES};
use super::super::words;
use super::super::workplace::ActFolders;
use super::super::world::World;
use super::framework::Step;
use super::listener::{Listener, RecordLines};
use super::{ActDone, ActOrder, Watch};
use crate::evidence::{ActEvidence, OutputSizes, ProcessEnding, ProcessProblem, SecretHit, Words};
use crate::subject::{RecordsSource, Subject};

/// After the group is swept its pipes end at once, unless something escaped from it. That is told
/// by so many turns in which nothing came: on a machine that is late the readers are late as well,
/// so that the clock alone would accuse the subject.
const IDLE_TURNS: u32 = 15;

/// Length of such a turn.
const TURN: Duration = Duration::from_millis(20);

/// The longest that something which never stops writing is listened to.
const LISTENED_TO: Duration = Duration::from_secs(2);

impl Watch {
    /// Sweeps the group, drains the pipes and puts the evidence together.
    pub(super) async fn finish(
        mut self,
        order: ActOrder<'_>,
        mut evidence: ActEvidence,
        ending: ProcessEnding,
        world: &World,
        folders: &ActFolders,
        values: &crate::subject::template::Values,
    ) -> ActDone {
        let exited = Instant::now();
        let pipes = if ending == ProcessEnding::Answered {
            self.release(order.redactor).await
        } else {
            self.drain(order.redactor).await;
            None
        };
        let (stdout, mut stderr) = self.readers.stop();
        let mut made = world.secrets_made();
        let earlier = self.tenure.as_ref().map(|tenure| tenure.issued.but(&made));
        made.extend(earlier.into_iter().flatten());
        let issued = Redactor::new(made);
        let mut hits: BTreeSet<SecretHit> = stdout.hits("stdout");
        hits.extend(stderr.hits("stderr"));
        let everyone = self.stay.as_ref().map(Stay::everyone);
        if let Some(stay) = self.stay.take() {
            let folders = [stay.folders()];
            hits.extend(words::hits_in_files(
                &folders,
                values,
                order.redactor,
                &issued,
            ));
            let succeeded = self.status.is_some_and(|status| status.success());
            let heard = stay.end(ending, succeeded).await;
            hits.extend(heard.hits);
            if let Some(log) = heard.log {
                hits.extend(words::cover_stream(&log, "stderr", &issued));
                hits.extend(words::cover_stream(&stderr, "stderr", &issued));
                stderr = Capture::joined(&log, &stderr);
            }
        }
        if let Some(playing) = self.playing.take() {
            evidence.person = playing.end().await;
        }
        evidence.first_contact_ns = self.contact.map(|(_, ns)| ns);
        evidence.exited_ns = world.ns(exited);
        evidence.ending = ending;
        evidence.exit_code = self.status.and_then(|status| status.code());
        evidence.signal = self
            .status
            .and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status));
        evidence.output = OutputSizes {
            stdout: stdout.bytes(),
            stderr: stderr.bytes(),
        };
        hits.append(&mut self.earlier_hits);
        hits.extend(words::cover_output(&stdout, &stderr, &issued));
        if let Some(everyone) = &everyone {
            hits.extend(words::cover_output(&stdout, &stderr, everyone));
        }
        self.flooded(&stdout, &stderr, order.subject);

        let (mut state, mut introduction) = (None, None);
        // Whoever ends with its discovery has nothing that it could read.
        let found = self.step == Step::Act;
        let blank;
        match std::mem::replace(&mut self.listener, Listener::Nothing) {
            Listener::Native(mut conversation) => {
                blank = std::mem::take(&mut conversation.blank);
                introduction = conversation.introduction(&order.subject.file.subject);
                self.hello = conversation.hello.take();
                let (said, last_state) = words::native(
                    *conversation,
                    &mut evidence,
                    &mut self.problems,
                    order.redactor,
                );
                evidence.said = said;
                evidence.said.at_ns = self.result_at.map(|at| world.ns(at));
                state = last_state;
            }
            Listener::Airbyte(source) => {
                let verb = order.act.verb;
                let heard = Messages {
                    failed: if found {
                        source.failed(verb)
                    } else {
                        Some(true)
                    },
                    words: source.words(),
                    warnings: source.harvest.warnings.clone(),
                };
                let silent = heard.failed.is_none() || !found;
                if silent && evidence.exit_code == Some(0) {
                    self.problems.push(ProcessProblem::NoResult);
                }
                evidence.said = heard.said(order.subject, evidence.exit_code, order.has_words);
                evidence.said.at_ns = Some(world.ns(stdout.last_at().unwrap_or(exited)));
                state = source.state();
                blank = source.harvest.hand_over(&mut evidence, &mut self.problems);
            }
            Listener::Singer(tap) => {
                let mut heard = Messages::of_log(&stderr);
                if !found {
                    heard.failed = Some(true);
                }
                evidence.said = heard.said(order.subject, evidence.exit_code, order.has_words);
                evidence.said.at_ns = Some(world.ns(stderr.last_at().unwrap_or(exited)));
                state = tap.state().cloned();
                blank = tap.harvest.hand_over(&mut evidence, &mut self.problems);
            }
            listener => {
                let last = stdout.last_at().max(stderr.last_at());
                evidence.said = words::command(
                    order.subject,
                    &stdout,
                    &stderr,
                    evidence.exit_code,
                    order.has_words,
                );
                let at = last.unwrap_or(exited);
                evidence.said.at_ns = Some(world.ns(at));
                let records = match listener {
                    Listener::Records(lines) => lines,
                    _ => RecordLines::from_file(order.subject, values, folders),
                };
                blank = records.hand_over(&mut evidence, &mut self.problems);
            }
        }
        if let Some(state) = &state {
            let found = order.redactor.find(&state.to_string());
            hits.extend(words::hits_of(&found, "state"));
        }
        let of_process = self.tenure.as_ref().map(|tenure| &tenure.folders);
        let folders: Vec<_> = [Some(folders), of_process].into_iter().flatten().collect();
        hits.extend(words::hits_in_files(
            &folders,
            values,
            order.redactor,
            &issued,
        ));
        if !matches!(ending, ProcessEnding::Exited | ProcessEnding::Answered) {
            // Whoever is killed may be within a line.
            self.problems
                .retain(|problem| !matches!(problem, ProcessProblem::HalfLine { .. }));
        }
        hits.extend(words::clean_records(
            &mut evidence.delivered,
            order.redactor,
        ));
        hits.extend(words::clean_records(&mut evidence.deleted, order.redactor));
        evidence.blank = blank.without_secrets(&[order.redactor, &issued]);
        hits.extend(words::cover_evidence(&mut evidence, &issued));
        if let Some(everyone) = &everyone {
            hits.extend(words::cover_evidence(&mut evidence, everyone));
        }
        let clean =
            |text: &str| -> String { issued.redact(&order.redactor.redact(text)).into_owned() };
        for note in &mut evidence.person {
            *note = clean(note);
        }
        for problem in &mut self.problems {
            if let ProcessProblem::BadLine { why, .. } = problem {
                *why = clean(why);
            }
        }
        evidence.secret_hits = hits.into_iter().collect();
        self.ended_early(&evidence);
        evidence.problems = std::mem::take(&mut self.problems);
        if let Some(pipes) = pipes {
            self.hand_on(&order, pipes, world);
        }
        ActDone {
            words: Words {
                stdout: stdout.text(),
                stderr: stderr.text(),
            },
            evidence,
            state,
            introduction: introduction.map(|text| clean(&text)),
        }
    }

    /// Sweeps the group and listens until its pipes have ended.
    pub(super) async fn drain(&mut self, redactor: &Redactor) {
        let began = Instant::now();
        self.process.sweep();
        let (mut ended, mut turns) = (false, IDLE_TURNS);
        while !ended && turns > 0 && began.elapsed() < LISTENED_TO {
            tokio::select! {
                biased;
                heard = self.readers.next_or_end() => match heard {
                    Some(heard) => self.hear(heard, redactor).await,
                    None => ended = true,
                },
                () = sleep(TURN) => turns -= 1,
            }
        }
        if !ended && !self.problems.contains(&ProcessProblem::OutputHeldOpen) {
            self.problems.push(ProcessProblem::OutputHeldOpen);
        }
    }

    /// Stdout that carries records or the protocol may be long.
    fn flooded(&mut self, stdout: &Capture, stderr: &Capture, subject: &Subject) {
        let carries_data = subject.file.adapter.has_messages()
            || subject
                .file
                .records
                .as_ref()
                .is_some_and(RecordsSource::on_stdout);
        let streams = [("stdout", stdout, carries_data), ("stderr", stderr, false)];
        for (stream, capture, may_be_long) in streams {
            if !may_be_long && capture.bytes() > FLOOD_BYTES {
                self.problems.push(ProcessProblem::Flooded {
                    stream: stream.to_owned(),
                    bytes: capture.bytes(),
                });
            }
        }
    }

    fn ended_early(&mut self, evidence: &ActEvidence) {
        if !matches!(
            evidence.ending,
            ProcessEnding::Exited | ProcessEnding::Answered
        ) {
            return;
        }
        if evidence.exit_code == Some(EXIT_NOT_IMPLEMENTED) {
            self.problems.push(ProcessProblem::NotImplemented);
            return;
        }
        if self.result_at.is_none() && self.native {
            self.problems.push(ProcessProblem::NoResult);
        }
        if evidence.first_contact_ns.is_none() {
            self.problems.push(ProcessProblem::NeverConnected);
        }
    }
}
