//! Processes that outlive an act: idle ones, each of which is used by one act at a time.
//!
//! Nothing of one act may reach the next: a process that wrote something or exited while nothing was
//! asked of it is ended, and never used again.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::AsFd;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use nix::errno::Errno;
use snowproof_protocol::{Hello, Parameter};
use tokio::io::{copy, sink};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::interrupt::{Interrupt, Interruption};
use super::process::{Pipes, Process};
use super::workplace::{ActFolders, Workplace};
use crate::subject::template::Values;
use crate::subject::{Adapter, Lifetime, Route, Subject};

/// Secrets of earlier runs that are looked for in what a process says later, those of some six runs; the oldest are
/// forgotten, as each act learns them anew.
const MOST_SECRETS: usize = 64;

/// The processes of a run, or of a scenario, that go on after an act. Dropping it kills them.
pub(super) struct Kept {
    idle: Mutex<Vec<IdleProcess>>,
    seats: Arc<Semaphore>,
    /// Told of each process that becomes idle: it keeps its seat, and whoever needs one can end it.
    freed: Notify,
}

/// A process that waits for its next run.
pub(super) struct IdleProcess {
    pub(super) process: Process,
    pub(super) pipes: Pipes,
    pub(super) tenure: Tenure,
}

/// What a process keeps from act to act, and what it has behind it.
pub(super) struct Tenure {
    given: Given,
    /// Its HOME, its folder for temporary files, and the files of the manifest.
    pub(super) folders: ActFolders,
    /// Who it said it is; none until it did.
    pub(super) hello: Option<Hello>,
    /// The ids of its runs, in order.
    pub(super) runs: Vec<String>,
    /// Its command, secrets replaced, and the names of its variables.
    pub(super) started_with: (Vec<String>, Vec<String>),
    /// What its runs were given.
    pub(super) given_secrets: Earlier,
    /// What instances issued to its runs: it may be kept where nobody else can read it.
    pub(super) issued: Earlier,
    /// Keeps its folders.
    _workplace: Workplace,
    _seat: Option<OwnedSemaphorePermit>,
}

/// What of a process's start depends on what an act is told: two that were given the same are alike.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Given(Vec<String>);

impl Given {
    /// Command, variables and files are filled, and where its route leads is added.
    pub(super) fn of(subject: &Subject, parameters: &BTreeMap<Parameter, String>) -> Self {
        let file = &subject.file;
        let values = Values {
            parameters: parameters.clone(),
            ..Values::default()
        };
        let texts = file.run.values().flatten().chain(file.env.values());
        let mut given: Vec<String> = texts.map(|text| values.fill(text)).collect();
        let files = file.files.values();
        given.extend(files.map(|file| values.fill_json(&file.template).to_string()));
        if file.route != Route::Direct {
            let leads = [
                Parameter::InstanceName,
                Parameter::ProxyUrl,
                Parameter::ProxyUser,
                Parameter::ProxyPassword,
            ];
            given.extend(leads.map(|name| parameters.get(&name).cloned().unwrap_or_default()));
        }
        Self(given)
    }
}

impl Tenure {
    /// That of a process which is about to be started.
    pub(super) fn begin(given: Given, seat: Option<OwnedSemaphorePermit>) -> std::io::Result<Self> {
        let workplace = Workplace::create()?;
        Ok(Self {
            given,
            folders: workplace.act(1)?,
            hello: None,
            runs: Vec::new(),
            started_with: Default::default(),
            given_secrets: Earlier::default(),
            issued: Earlier::default(),
            _workplace: workplace,
            _seat: seat,
        })
    }
}

/// Secrets of earlier runs, by name.
#[derive(Default)]
pub(super) struct Earlier(Vec<(String, String)>);

impl Earlier {
    /// Remembers those of a run.
    pub(super) fn remember(&mut self, secrets: impl IntoIterator<Item = (String, String)>) {
        let known: BTreeSet<&String> = self.0.iter().map(|(_, value)| value).collect();
        let new: Vec<_> = secrets
            .into_iter()
            .filter(|(_, value)| !value.is_empty() && !known.contains(value))
            .collect();
        self.0.extend(new);
        let excess = self.0.len().saturating_sub(MOST_SECRETS);
        self.0.drain(..excess);
    }

    /// Those that are none of this run's, by names that say so.
    pub(super) fn but(&self, of_this: &[(String, String)]) -> Vec<(String, String)> {
        let of_this: BTreeSet<&String> = of_this.iter().map(|(_, value)| value).collect();
        self.0
            .iter()
            .filter(|(_, value)| !of_this.contains(value))
            .map(|(name, value)| (format!("{name} of an earlier run"), value.clone()))
            .collect()
    }
}

impl Kept {
    /// Those of a native connector that live so long; none where they do not. A service is kept by whoever
    /// asks it.
    pub(super) fn of(subject: &Subject, lifetime: Lifetime, at_most: usize) -> Option<Self> {
        let file = &subject.file;
        let keeps = file.adapter == Adapter::Native && file.lifetime == lifetime;
        keeps.then(|| Self::new(at_most))
    }

    /// For at most so many processes, idle or not.
    fn new(at_most: usize) -> Self {
        Self {
            idle: Mutex::default(),
            seats: Arc::new(Semaphore::new(at_most.clamp(1, 1024))),
            freed: Notify::new(),
        }
    }

    /// An idle process that was given the same; the one that was used last, so that few are needed.
    pub(super) async fn take(&self, given: &Given) -> Option<IdleProcess> {
        loop {
            let mut found = self.remove(|idle| idle.tenure.given == *given)?;
            if found.has_kept_silent() {
                return Some(found);
            }
            found.end().await;
        }
    }

    /// A place for one more process; where there is none an idle one makes room, now or once it is idle.
    pub(super) async fn seat(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            let mut freed = pin!(self.freed.notified());
            freed.as_mut().enable();
            if let Ok(seat) = Arc::clone(&self.seats).try_acquire_owned() {
                return Some(seat);
            }
            if let Some(idle) = self.remove(|_| true) {
                idle.end().await;
                continue;
            }
            tokio::select! {
                // The semaphore is never closed, so that a permit comes.
                seat = Arc::clone(&self.seats).acquire_owned() => return seat.ok(),
                () = freed => {}
            }
        }
    }

    /// Keeps a process for the next act.
    pub(super) fn put_back(&self, idle: IdleProcess) {
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(idle);
        drop(all);
        self.freed.notify_waiters();
    }

    /// Ends all: their stdin is closed, and after `patience` they are asked, and then made, to end. Whoever
    /// is interrupted does not wait for them.
    pub(super) async fn leave(&self, patience: Duration, interruption: &Interruption) {
        let all = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *idle)
        };
        let leaving = all.into_iter();
        join_all(leaving.map(|idle| idle.leave(patience, interruption.clone()))).await;
    }

    fn remove(&self, is_wanted: impl Fn(&IdleProcess) -> bool) -> Option<IdleProcess> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.iter().rposition(is_wanted)?;
        Some(idle.remove(at))
    }
}

impl IdleProcess {
    /// Whether it runs, and has said nothing since its last act: what it wrote is in its pipes.
    fn has_kept_silent(&mut self) -> bool {
        let silent = is_empty(&self.pipes.stdout) && is_empty(&self.pipes.stderr);
        silent && self.process.runs()
    }

    /// Asks it to end, and ends it.
    pub(super) async fn end(self) {
        let Self {
            mut process,
            pipes,
            tenure,
        } = self;
        drop(pipes);
        process.end().await;
        // Its folders go when it is gone.
        drop(tenure);
    }

    async fn leave(mut self, patience: Duration, mut interruption: Interruption) {
        self.pipes.stdin = None;
        let Pipes { stdout, stderr, .. } = &mut self.pipes;
        let until = Instant::now() + patience;
        let (mut out, mut err) = (sink(), sink());
        // One that says good-bye must not be held up by a full pipe.
        let listen = async {
            let _ = tokio::join!(copy(stdout, &mut out), copy(stderr, &mut err));
            std::future::pending::<()>().await;
        };
        let hurry = tokio::select! {
            _ = self.process.wait() => Interrupt::None,
            () = listen => Interrupt::None,
            () = sleep_until(until) => Interrupt::None,
            hurry = interruption.next() => hurry,
        };
        if hurry == Interrupt::Kill {
            // Dropping it kills its group.
            return;
        }
        tokio::select! {
            () = self.process.end() => {}
            () = interruption.kill() => {}
        }
    }
}

/// Whether nothing is in a pipe whose other end is open.
fn is_empty(pipe: &impl AsFd) -> bool {
    matches!(nix::unistd::read(pipe, &mut [0]), Err(Errno::EAGAIN))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::super::interrupt::Interrupter;
    use super::super::process::Launch;
    use super::*;
    use crate::yaml::SourceFile;

    fn given(what: &str) -> Given {
        Given(vec![what.to_owned()])
    }

    async fn idle(kept: &Kept, what: &str, script: &str) -> IdleProcess {
        let launch = Launch {
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            environment: [("PATH".to_owned(), std::env::var_os("PATH").unwrap())].into(),
            folder: std::env::temp_dir(),
            talks: true,
        };
        let (process, pipes) = Process::start(&launch).unwrap();
        let seat = kept.seat().await;
        assert!(seat.is_some());
        IdleProcess {
            process,
            pipes,
            tenure: Tenure::begin(given(what), seat).unwrap(),
        }
    }

    fn lives(id: i32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[tokio::test]
    async fn only_a_process_that_was_given_the_same_is_taken() {
        let kept = Kept::new(4);
        let one = idle(&kept, "a", "read line").await;
        let id = one.process.id();
        kept.put_back(one);
        assert!(kept.take(&given("b")).await.is_none());
        let taken = kept.take(&given("a")).await.unwrap();
        assert_eq!(taken.process.id(), id);
        assert!(kept.take(&given("a")).await.is_none());
    }

    #[tokio::test]
    async fn one_that_spoke_or_left_while_it_was_idle_is_never_used_again() {
        let kept = Kept::new(4);
        // What it says on stderr shows that it has written to stdout before.
        let script = "echo late; echo said >&2; read line";
        let mut spoke = idle(&kept, "a", script).await;
        let mut said = String::new();
        BufReader::new(&mut spoke.pipes.stderr)
            .read_line(&mut said)
            .await
            .unwrap();
        assert_eq!(said, "said\n");
        let mut left = idle(&kept, "a", "exit 0").await;
        left.process.wait().await.unwrap();
        let ids = [spoke.process.id(), left.process.id()];
        kept.put_back(spoke);
        kept.put_back(left);
        assert!(kept.take(&given("a")).await.is_none());
        assert!(ids.into_iter().all(|id| !lives(id)));
    }

    #[tokio::test]
    async fn one_that_becomes_idle_makes_room_for_whoever_waits() {
        const HANGS: Duration = Duration::from_secs(60);
        let kept = Kept::new(1);
        let busy = idle(&kept, "a", "read line").await;
        let id = busy.process.id();
        let waits = async {
            // The one that waits was asked first.
            tokio::task::yield_now().await;
            kept.put_back(busy);
        };
        let (seat, ()) = tokio::join!(tokio::time::timeout(HANGS, kept.seat()), waits);
        assert!(seat.unwrap().is_some() && !lives(id));
    }

    #[tokio::test]
    async fn an_idle_process_makes_room_for_one_that_is_needed() {
        let kept = Kept::new(1);
        let one = idle(&kept, "a", "read line").await;
        let id = one.process.id();
        kept.put_back(one);
        let other = idle(&kept, "b", "read line").await;
        assert!(!lives(id) && lives(other.process.id()));
    }

    #[tokio::test]
    async fn all_have_time_to_leave_and_none_remains() {
        let kept = Kept::new(4);
        let folder = tempfile::tempdir().unwrap();
        let good_bye = folder.path().join("bye");
        let polite = format!("read line; echo bye > {}", good_bye.display());
        let mut ids = Vec::new();
        for script in [polite.as_str(), "trap '' TERM; while :; do sleep 60; done"] {
            let one = idle(&kept, "a", script).await;
            ids.push(one.process.id());
            kept.put_back(one);
        }
        let interrupter = Interrupter::default();
        let patience = Duration::from_secs(5);
        kept.leave(patience, &interrupter.subscribe()).await;
        assert_eq!(std::fs::read_to_string(good_bye).unwrap(), "bye\n");
        assert!(ids.into_iter().all(|id| !lives(id)));
    }

    #[tokio::test]
    async fn who_is_interrupted_does_not_wait_for_them() {
        let kept = Kept::new(4);
        let stays = idle(&kept, "a", "sleep 600").await;
        let id = stays.process.id();
        kept.put_back(stays);
        let interrupter = Interrupter::default();
        interrupter.interrupt();
        let began = Instant::now();
        kept.leave(Duration::from_secs(600), &interrupter.subscribe())
            .await;
        assert!(began.elapsed() < Duration::from_secs(60) && !lives(id));
    }

    #[test]
    fn secrets_of_earlier_runs_are_those_that_are_none_of_this_one() {
        let secret = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut earlier = Earlier::default();
        earlier.remember([secret("password", "first"), secret("token 1", "")]);
        earlier.remember([secret("password", "second"), secret("again", "first")]);
        let of_this = [secret("password", "second")];
        assert_eq!(
            earlier.but(&of_this),
            [secret("password of an earlier run", "first")]
        );
        let many = (0..2 * MOST_SECRETS).map(|at| secret("token", &format!("value {at}")));
        earlier.remember(many);
        assert_eq!(earlier.0.len(), MOST_SECRETS);
    }

    #[test]
    fn what_a_process_is_given_is_its_templates_and_where_its_route_leads() {
        let subject = |more: &str| {
            let source = SourceFile {
                name: "subject.yaml".to_owned(),
                text: format!(
                    "schema: snowproof.subject/1\nsubject: x\nadapter: native\nrun: {{ native: [a, \"{{user}}\"] }}\n\
                     capabilities: [check, multi-run]\nlifetime: scenario\n{more}\n"
                ),
            };
            Subject::read(&source, std::path::PathBuf::from("/"))
                .unwrap_or_else(|error| panic!("{}", error.rendered()))
        };
        let told = |user: &str, proxy: &str| {
            BTreeMap::from([
                (Parameter::User, user.to_owned()),
                (Parameter::ProxyUrl, proxy.to_owned()),
                (Parameter::RunId, user.len().to_string()),
            ])
        };
        let direct = subject("files: { config: { template: \"{table}\" } }");
        let of =
            |subject: &Subject, user: &str, proxy: &str| Given::of(subject, &told(user, proxy));
        assert!(of(&direct, "u", "p") == of(&direct, "u", "q"));
        assert!(of(&direct, "u", "p") != of(&direct, "v", "p"));
        let by_proxy = subject("route: proxy");
        assert!(of(&by_proxy, "u", "p") != of(&by_proxy, "u", "q"));
    }
}
