//! One act: a process is started, watched, ended, and what it did becomes evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitStatus;
use std::time::Duration;

use snowproof_protocol::{Hello, Parameter, Run, ToConnector};
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::time::{Instant, sleep_until, timeout};

use super::attendant::{Attendant, Notice};
use super::daemon::{Guest, Stay};
use super::interrupt::{Interrupt, Interruption};
use super::kept::{Kept, Tenure};
use super::native::Then;
use super::person::{Person, Playing};
use super::places::StartPlace;
use super::process::{GRACE, Pipes, Process};
use super::way::Way;
use super::workplace::{ActFolders, Trust};
use super::world::{Sign, Signs, World};
use crate::evidence::{ActEvidence, ProcessEnding, ProcessProblem, SecretHit, Words};
use crate::scenario::Act;
use crate::subject::{Adapter, Subject};

mod closing;
mod framework;
mod keeping;
mod listener;
mod page;
mod readers;
mod start;

use framework::Step;
use listener::Listener;
use page::{Launcher, PageFinder};
use readers::{Heard, Lines, Readers};
use start::{Prepared, interrupted, not_started};

/// A start keeps its place this long at most.
const PLACE_KEPT: Duration = Duration::from_secs(5);
/// A native connector has this long to exit once it said its result.
pub(super) const LEAVE: Duration = Duration::from_secs(5);

/// What an act is given.
pub(super) struct ActOrder<'a> {
    pub(super) number: u32,
    pub(super) act: &'a Act,
    pub(super) subject: &'a Subject,
    pub(super) parameters: BTreeMap<Parameter, String>,
    pub(super) state: Option<serde_json::Value>,
    /// Whether something to resume from was handed over.
    pub(super) resumed: bool,
    pub(super) has_words: bool,
    pub(super) trust: &'a Trust,
    pub(super) way: &'a Way,
    pub(super) redactor: &'a snowproof_simulator::redaction::Redactor,
    /// The service that it shares with other acts.
    pub(super) guest: Option<&'a Guest>,
    /// The secrets that it replaces, by name.
    pub(super) known: Vec<(String, String)>,
    /// The processes that outlive their acts; none where each act has one of its own.
    pub(super) kept: Option<&'a Kept>,
    /// Whom it may send to the instance.
    pub(super) person: Option<Person>,
    /// Whoever debugs it.
    pub(super) attendant: Option<&'a Attendant>,
    /// From spawn to first contact.
    pub(super) contact_within: Duration,
    /// From first contact to the end.
    pub(super) budget: Duration,
}

/// What an act leaves behind.
pub(super) struct ActDone {
    pub(super) evidence: ActEvidence,
    pub(super) words: Words,
    /// The last state of a native connector.
    pub(super) state: Option<serde_json::Value>,
    /// Name and version, as a native connector gives them.
    pub(super) introduction: Option<String>,
}

/// Runs one act to its end. It ends in any case: every wait has a limit.
pub(super) async fn run(
    order: ActOrder<'_>,
    world: &World,
    mut signs: Signs,
    folders: &ActFolders,
    place: StartPlace,
    interruption: &mut Interruption,
) -> ActDone {
    if let Some(kept) = order.kept {
        return keeping::run(kept, order, world, signs, folders, place, interruption).await;
    }
    let mut evidence = blank(&order, world.ns(Instant::now()));
    let mut stay = None;
    if let Some(guest) = order.guest {
        let begun = tokio::select! {
            begun = start::stay(&order, guest, folders, evidence.clone(), world) => begun,
            _ = interruption.next() => return interrupted(evidence, world),
        };
        match begun {
            Ok(begun) => stay = Some(begun),
            Err(done) => return done,
        }
    }
    let port = stay.as_ref().map(Stay::port);
    let spawned = Instant::now();
    evidence.spawned_ns = world.ns(spawned);
    let mut step = Step::first(&order.subject.file, order.act.verb);
    let (mut place, mut earlier, mut began) = (Some(place), None, spawned);
    loop {
        let prepared = match start::prepare(&order, folders, (step, port), &mut evidence) {
            Ok(prepared) => prepared,
            Err(error) => return not_started(&order, evidence, &error, world),
        };
        if let Some(attendant) = order.attendant {
            tokio::select! {
                () = attendant.tell(prepared.notice(&order)) => {}
                _ = interruption.next() => return interrupted(evidence, world),
            }
            began = Instant::now();
            if earlier.is_none() {
                evidence.spawned_ns = world.ns(began);
            }
        }
        let Prepared {
            launch,
            launcher,
            values,
        } = prepared;
        let (process, pipes) = match Process::start(&launch) {
            Ok(started) => started,
            Err(error) => return not_started(&order, evidence, &error, world),
        };
        if let Some(attendant) = order.attendant {
            let pid = process.id();
            attendant.tell(Notice::Started { pid }).await;
        }
        let mut watch = Watch::new(&order, process, pipes, began, place.take(), step);
        watch.launcher = launcher;
        watch.stay = stay.take();
        watch.goes_on(earlier.take());
        let ending = watch.until_the_end(&order, &mut signs, interruption).await;
        watch.contact_at_the_last_moment(&mut signs).await;
        if step == Step::Discover && ending == ProcessEnding::Exited {
            watch.drain(order.redactor).await;
            let files = &folders.files;
            match framework::write_catalog(&order, &watch.listener, &values, files) {
                Ok(true) => {
                    (step, earlier, began) = (Step::Act, Some(watch), Instant::now());
                    continue;
                }
                // Whoever cannot say what there is to read may have said why.
                Ok(false) => {}
                Err(error) => return not_started(&order, evidence, &error, world),
            }
        }
        return watch
            .finish(order, evidence, ending, world, folders, &values)
            .await;
    }
}

fn blank(order: &ActOrder<'_>, spawned_ns: u64) -> ActEvidence {
    ActEvidence {
        resumed: order.resumed,
        host: host(&order.parameters),
        ..ActEvidence::begun(order.number, order.act.verb, spawned_ns)
    }
}

/// Where it is pointed at, as a URL would name it.
fn host(parameters: &BTreeMap<Parameter, String>) -> Option<String> {
    let host = parameters.get(&Parameter::Host)?;
    Some(match parameters.get(&Parameter::Port).map(String::as_str) {
        None | Some("443") => host.clone(),
        Some(port) => format!("{host}:{port}"),
    })
}

/// A process under watch.
struct Watch {
    process: Process,
    stdin: Option<ChildStdin>,
    readers: Readers,
    listener: Listener,
    run_message: Option<Vec<u8>>,
    run_id: String,
    result_at: Option<Instant>,
    contact: Option<(Instant, u64)>,
    place: Option<StartPlace>,
    spawned: Instant,
    status: Option<ExitStatus>,
    problems: Vec<ProcessProblem>,
    native: bool,
    step: Step,
    /// Whom it may send to the instance, until it does.
    person: Option<Person>,
    playing: Option<Playing>,
    finder: PageFinder,
    /// What a command may start in place of a browser.
    launcher: Option<Launcher>,
    /// Secrets in what an earlier process of the act wrote.
    earlier_hits: BTreeSet<SecretHit>,
    /// The service that it asks and shares with other acts.
    stay: Option<Stay>,
    /// What it keeps over its acts, where it is to outlive this one.
    tenure: Option<Tenure>,
    /// What it said of itself, once its words are evidence.
    hello: Option<Hello>,
    /// Whether the scenario kills it.
    is_to_be_killed: bool,
}

impl Watch {
    fn new(
        order: &ActOrder<'_>,
        process: Process,
        pipes: Pipes,
        spawned: Instant,
        place: Option<StartPlace>,
        step: Step,
    ) -> Self {
        let native = order.subject.file.adapter == Adapter::Native;
        let run_id = order
            .parameters
            .get(&Parameter::RunId)
            .cloned()
            .unwrap_or_default();
        let listener = Listener::of(order, &run_id, step);
        let finder = PageFinder::of(order.subject);
        let run = ToConnector::Run(Run {
            run_id: run_id.clone(),
            verb: order.act.verb,
            parameters: order.parameters.clone(),
            state: order.state.clone(),
        });
        Self {
            process,
            stdin: pipes.stdin,
            readers: Readers::start(
                pipes.stdout,
                pipes.stderr,
                order.redactor,
                Lines {
                    of_stdout: listener.wants_lines() || finder.reads_stdout(),
                    of_stderr: finder.reads_stderr(),
                },
            ),
            listener,
            run_message: native.then(|| line(&run)),
            run_id,
            result_at: None,
            contact: None,
            place,
            spawned,
            status: None,
            problems: Vec::new(),
            native,
            step,
            person: order.person.clone(),
            playing: None,
            finder,
            launcher: None,
            earlier_hits: BTreeSet::new(),
            stay: None,
            tenure: None,
            hello: None,
            is_to_be_killed: order.act.killed_at.is_some(),
        }
    }

    /// Goes on where an earlier process of the same act has ended.
    fn goes_on(&mut self, earlier: Option<Self>) {
        let Some(mut earlier) = earlier else { return };
        self.contact = earlier.contact;
        self.place = earlier.place.take();
        self.problems = std::mem::take(&mut earlier.problems);
        let (stdout, stderr) = earlier.readers.stop();
        self.earlier_hits = stdout.hits("stdout");
        self.earlier_hits.extend(stderr.hits("stderr"));
    }

    /// Watches until the process has exited or is to be ended.
    async fn until_the_end(
        &mut self,
        order: &ActOrder<'_>,
        signs: &mut Signs,
        interruption: &mut Interruption,
    ) -> ProcessEnding {
        loop {
            let deadline = self.deadline(order);
            let place_until = self.spawned + PLACE_KEPT;
            let settled_at = self.settled_at();
            tokio::select! {
                biased;
                interrupt = interruption.next() => {
                    self.end(order.redactor, interrupt == Interrupt::Kill, interruption).await;
                    return ProcessEnding::Interrupted;
                }
                sign = signs.next() => match sign {
                    Sign::Contact(ns) => {
                        self.contact = Some((Instant::now(), ns));
                        self.place = None;
                    }
                    Sign::Fired(step) if order.act.killed_at.as_ref() == Some(&step) => {
                        self.process.kill();
                        if let Some(stay) = &self.stay {
                            stay.kill().await;
                        }
                        self.reap().await;
                        return ProcessEnding::KilledAsPlanned;
                    }
                    Sign::Fired(_) => {}
                },
                heard = self.readers.next() => self.hear(heard, order.redactor).await,
                url = Launcher::next(&mut self.launcher) => self.open(url),
                status = self.process.wait() => {
                    self.status = status.ok();
                    return ProcessEnding::Exited;
                }
                () = sleep_until(settled_at.unwrap_or(deadline)), if settled_at.is_some() => {
                    return ProcessEnding::Answered;
                }
                () = sleep_until(place_until), if self.place.is_some() => self.place = None,
                () = sleep_until(deadline) => {
                    self.end(order.redactor, false, interruption).await;
                    return ProcessEnding::OverBudget;
                }
            }
        }
    }

    /// A process that connects and exits at once is gone before its connection is journalled.
    async fn contact_at_the_last_moment(&mut self, signs: &mut Signs) {
        const JOURNALLED_WITHIN: Duration = Duration::from_millis(100);
        if self.contact.is_none()
            && let Ok(Sign::Contact(ns)) = timeout(JOURNALLED_WITHIN, signs.next()).await
        {
            self.contact = Some((Instant::now(), ns));
        }
    }

    fn deadline(&self, order: &ActOrder<'_>) -> Instant {
        let by_contact = match self.contact {
            Some((at, _)) => at + order.budget,
            None => self.spawned + order.contact_within,
        };
        match self.result_at {
            Some(at) if order.attendant.is_none() => by_contact.min(at + LEAVE),
            _ => by_contact,
        }
    }

    async fn hear(&mut self, heard: Heard, redactor: &snowproof_simulator::redaction::Redactor) {
        let page = match &heard {
            Heard::Line(line) => self.finder.in_stdout(line),
            Heard::ErrorLine(line) => self.finder.in_stderr(line),
            Heard::HalfLine(_) | Heard::LongLine => None,
        };
        if let Some(url) = page {
            self.open(url);
        }
        match self.listener.hear(heard, redactor) {
            Then::Listen => {}
            Then::SendRun => {
                self.notice_single_run();
                self.send_run().await;
            }
            Then::Open(url) => self.open(url),
            Then::Finish => self.result_at = Some(Instant::now()),
        }
        if self.result_at.is_some() && !self.outlives_act() {
            self.stdin = None;
        }
    }

    /// Has a person open a page. One is opened: whoever opens many is a nuisance and no connector.
    fn open(&mut self, url: String) {
        if let Some(person) = self.person.take() {
            self.playing = Some(person.play(url));
        }
    }

    /// Says what is to be done, once.
    async fn send_run(&mut self) {
        if let Some(run) = self.run_message.take() {
            self.send(&run).await;
        }
    }

    /// Writes to a connector that may not read.
    async fn send(&mut self, message: &[u8]) {
        const WRITE_WITHIN: Duration = Duration::from_secs(1);
        if let Some(stdin) = &mut self.stdin {
            let _ = timeout(WRITE_WITHIN, async {
                stdin.write_all(message).await?;
                stdin.flush().await
            })
            .await;
        }
    }

    /// Asks the process to end, then ends it.
    async fn end(
        &mut self,
        redactor: &snowproof_simulator::redaction::Redactor,
        at_once: bool,
        interruption: &mut Interruption,
    ) {
        if !at_once {
            if matches!(self.listener, Listener::Native(_)) {
                let stop = ToConnector::Stop(snowproof_protocol::Stop {
                    run_id: self.run_id.clone(),
                });
                self.send(&line(&stop)).await;
            }
            self.process.terminate();
            let until = Instant::now() + GRACE;
            loop {
                tokio::select! {
                    heard = self.readers.next() => self.hear(heard, redactor).await,
                    status = self.process.wait() => {
                        self.status = status.ok();
                        return;
                    }
                    () = sleep_until(until) => break,
                    () = interruption.kill() => break,
                }
            }
            self.problems.push(ProcessProblem::IgnoredTerm);
        }
        self.process.kill();
        self.reap().await;
    }

    /// Waits for a process that was killed.
    async fn reap(&mut self) {
        const DEAD_WITHIN: Duration = Duration::from_secs(5);
        self.status = timeout(DEAD_WITHIN, self.process.wait())
            .await
            .ok()
            .and_then(Result::ok);
    }
}

fn line(message: &ToConnector) -> Vec<u8> {
    let mut line = serde_json::to_vec(message).unwrap_or_default();
    line.push(b'\n');
    line
}
