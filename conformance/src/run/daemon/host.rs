//! Who shares a service: the acts of a scenario, or all scenarios of a run, so many at a time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use snowproof_simulator::redaction::Redactor;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::log::Audience;
use super::{Daemon, Recipe};
use crate::evidence::{ProcessEnding, SecretHit};
use crate::run::interrupt::Interruption;
use crate::run::output::Capture;
use crate::run::talk::{READY_WITHIN, Talk};
use crate::run::workplace::{ActFolders, Workplace};
use crate::scenario::Scenario;
use crate::subject::{Adapter, Ask, Lifetime, Service, SubjectFile};

/// Characters of an answer that are told.
const ANSWER_CHARS: usize = 200;

/// The service of a run, where it has one for all scenarios, and the places at it.
pub(in crate::run) struct RunHost {
    host: Arc<Host>,
    places: Arc<Semaphore>,
    at_once: u32,
}

/// A scenario's place at the service of a run.
pub(in crate::run) struct Seat {
    host: Arc<Host>,
    /// Whether nobody else has one meanwhile.
    alone: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A service that is shared, or where it will be.
pub(in crate::run) struct Host {
    running: Mutex<Option<Arc<Daemon>>>,
    folders: ActFolders,
    audience: Audience,
    /// Keeps the folders.
    _workplace: Option<Workplace>,
}

/// A scenario that asks a shared service.
pub(in crate::run) struct Guest {
    host: Arc<Host>,
    number: u64,
    /// Whether the service is this scenario's until it leaves.
    alone: bool,
    /// Whether the service has served others, and serves others later.
    of_a_run: bool,
    was_reset: AtomicBool,
    _seat: Option<Seat>,
}

/// An act with a service that runs.
pub(in crate::run) struct Stay {
    host: Arc<Host>,
    number: u64,
    alone: bool,
    daemon: Arc<Daemon>,
}

/// What an act has heard of its service.
pub(in crate::run) struct HeardOfIt {
    /// What it wrote, where that is this act's.
    pub(in crate::run) log: Option<Capture>,
    pub(in crate::run) hits: BTreeSet<SecretHit>,
}

/// Why an act cannot be begun with a service.
pub(in crate::run) struct Unready {
    pub(in crate::run) why: std::io::Error,
    pub(in crate::run) heard: HeardOfIt,
}

impl RunHost {
    /// Of a subject whose service lives as long as the run; none for others. The error is the
    /// system's.
    pub(in crate::run) fn of(subject: &SubjectFile) -> std::io::Result<Option<Self>> {
        let of_a_run = subject.adapter == Adapter::Http && subject.lifetime == Lifetime::Run;
        let Some(service) = subject.service.as_ref().filter(|_| of_a_run) else {
            return Ok(None);
        };
        let workplace = Workplace::create()?;
        let folders = workplace.of_service()?;
        let at_once = service.scenarios_at_once;
        Ok(Some(Self {
            host: Arc::new(Host::new(folders, Some(workplace))),
            places: Arc::new(Semaphore::new(at_once as usize)),
            at_once,
        }))
    }

    /// Waits for a place. A scenario that kills the connector has all of them: others would be hit.
    pub(in crate::run) async fn seat(&self, scenario: &Scenario) -> Seat {
        let kills = scenario.acts.iter().any(|act| act.killed_at.is_some());
        let places = if kills { self.at_once } else { 1 };
        let permit = Arc::clone(&self.places).acquire_many_owned(places).await;
        Seat {
            host: Arc::clone(&self.host),
            alone: places == self.at_once,
            // The semaphore is never closed, so that a permit always comes.
            _permit: permit.ok(),
        }
    }

    /// Ends the service, in the end.
    pub(in crate::run) async fn end(&self, interruption: &mut Interruption) {
        self.host.end(interruption).await;
    }
}

impl Host {
    fn new(folders: ActFolders, workplace: Option<Workplace>) -> Self {
        Self {
            running: Mutex::new(None),
            folders,
            audience: Audience::default(),
            _workplace: workplace,
        }
    }

    /// The service, ready: the one that runs, or where there is none, or one that was told something
    /// else, a new one. Also whether it is new.
    async fn ready(&self, recipe: Recipe, path: &str) -> Result<(Arc<Daemon>, bool), String> {
        let mut running = self.running.lock().await;
        if let Some(daemon) = running.take() {
            if daemon.ended().await.is_none() && daemon.recipe == recipe {
                *running = Some(Arc::clone(&daemon));
                return Ok((daemon, false));
            }
            daemon.end(std::future::pending()).await;
            daemon.log.settle().await;
        }
        recipe
            .write(&self.folders)
            .map_err(|error| format!("write the files of the service: {error}"))?;
        let daemon = Daemon::start(recipe, &self.audience);
        let daemon = Arc::new(daemon.map_err(|error| error.to_string())?);
        if let Err(why) = daemon.get_ready(path).await {
            daemon.kill().await;
            daemon.log.settle().await;
            return Err(why);
        }
        *running = Some(Arc::clone(&daemon));
        Ok((daemon, true))
    }

    /// Hears all that was written so far.
    async fn settle(&self) {
        let running = self.running.lock().await.clone();
        if let Some(daemon) = running {
            daemon.log.settle().await;
        }
    }

    async fn end(&self, interruption: &mut Interruption) {
        let daemon = self.running.lock().await.take();
        if let Some(daemon) = daemon {
            daemon.end(interruption.kill()).await;
            daemon.log.settle().await;
        }
    }
}

impl Guest {
    /// A scenario with a seat at the service of the run.
    pub(in crate::run) fn of_run(
        seat: Seat,
        redactor: &Redactor,
        secrets: Vec<(String, String)>,
    ) -> Self {
        let (host, alone) = (Arc::clone(&seat.host), seat.alone);
        let number = host.audience.enter(redactor, secrets);
        Self {
            host,
            number,
            alone,
            of_a_run: true,
            was_reset: AtomicBool::new(false),
            _seat: Some(seat),
        }
    }

    /// A scenario with a service of its own. The error is the system's.
    pub(in crate::run) fn of_scenario(
        workplace: &Workplace,
        redactor: &Redactor,
        secrets: Vec<(String, String)>,
    ) -> std::io::Result<Self> {
        let host = Arc::new(Host::new(workplace.of_service()?, None));
        Ok(Self {
            number: host.audience.enter(redactor, secrets),
            host,
            alone: true,
            of_a_run: false,
            was_reset: AtomicBool::new(true),
            _seat: None,
        })
    }

    /// The folders of the service.
    pub(in crate::run) fn folders(&self) -> &ActFolders {
        &self.host.folders
    }

    /// Begins an act: the service runs, is ready, and before the first act was asked to forget the
    /// scenarios before. Also whether it was started for this act.
    pub(in crate::run) async fn begin(
        &self,
        recipe: Recipe,
        service: &Service,
        reset: Option<Ask>,
    ) -> Result<(Stay, bool), Unready> {
        self.host.settle().await;
        self.host.audience.begin_act(self.number);
        let begun = self.begun(recipe, service, reset).await;
        let (daemon, new) = match begun {
            Ok(begun) => begun,
            Err(why) => {
                self.host.settle().await;
                let everyone = self.host.audience.everyone();
                let why = std::io::Error::other(everyone.redact(&why).into_owned());
                let heard = heard(&self.host, self.number, self.alone);
                return Err(Unready { why, heard });
            }
        };
        let stay = Stay {
            host: Arc::clone(&self.host),
            number: self.number,
            alone: self.alone,
            daemon,
        };
        Ok((stay, new))
    }

    async fn begun(
        &self,
        recipe: Recipe,
        service: &Service,
        reset: Option<Ask>,
    ) -> Result<(Arc<Daemon>, bool), String> {
        let (daemon, new) = self.host.ready(recipe, &service.ready).await?;
        if let Some(reset) = reset
            && !self.was_reset.load(Ordering::Relaxed)
        {
            let (method, path) = (reset.method.name(), &reset.path);
            let talk = Talk::with(daemon.port())?;
            let answer = timeout(READY_WITHIN, talk.ask(&reset)).await;
            let answer = answer.map_err(|_| {
                let within = READY_WITHIN.as_secs();
                format!("the service did not answer its reset `{method} {path}` in {within} s")
            })?;
            let answer = answer.map_err(|why| format!("the reset failed: {why}"))?;
            if !answer.is_good() {
                let said: String = answer.document.to_string();
                let said: String = said.chars().take(ANSWER_CHARS).collect();
                return Err(format!(
                    "the service answered its reset `{method} {path}` with {} and not with 2xx: {said}",
                    answer.status
                ));
            }
            self.was_reset.store(true, Ordering::Relaxed);
        }
        Ok((daemon, new))
    }

    /// The scenario is over, during which these secrets were made. One that had a service of its own
    /// ends it. Gives the secrets that were found since the last act.
    pub(in crate::run) async fn leave(
        self,
        made: Vec<(String, String)>,
        interruption: &mut Interruption,
    ) -> BTreeSet<SecretHit> {
        if self.of_a_run {
            self.host.settle().await;
        } else {
            self.host.end(interruption).await;
        }
        self.host.audience.leave(self.number, made)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // One that did not come to its end takes its secrets with it all the same.
        self.host.audience.leave(self.number, Vec::new());
    }
}

impl Stay {
    /// Where the service listens.
    pub(in crate::run) fn port(&self) -> u16 {
        self.daemon.port()
    }

    /// The number of its process.
    pub(in crate::run) fn id(&self) -> i32 {
        self.daemon.id
    }

    /// The folders of the service.
    pub(in crate::run) fn folders(&self) -> &ActFolders {
        &self.host.folders
    }

    /// Knows the secrets of every scenario that has asked the service, as those of another one.
    pub(in crate::run) fn everyone(&self) -> Redactor {
        self.host.audience.everyone()
    }

    /// Kills the service at once, as a machine that goes down would.
    pub(in crate::run) async fn kill(&self) {
        self.daemon.kill().await;
    }

    /// The act is over. A service that went over its budget is ended, unless others ask it too. One
    /// that ended by itself says so in what was heard.
    pub(in crate::run) async fn end(self, ending: ProcessEnding, succeeded: bool) -> HeardOfIt {
        let ended = match ending {
            ProcessEnding::KilledAsPlanned => None,
            ProcessEnding::OverBudget if self.alone => {
                let ended = self.daemon.ended().await;
                self.daemon.end(std::future::pending()).await;
                ended
            }
            ProcessEnding::Exited if !succeeded => self.daemon.ended_silently().await,
            _ => self.daemon.ended().await,
        };
        self.daemon.log.settle().await;
        let mut heard = heard(&self.host, self.number, self.alone);
        if let Some(how) = ended {
            let log = heard
                .log
                .get_or_insert_with(|| Capture::new(&Redactor::default()));
            log.say(&format!("the service ended: {how}"));
        }
        heard
    }
}

/// What was written during an act is its own where nobody else asks the service.
fn heard(host: &Host, number: u64, alone: bool) -> HeardOfIt {
    let (log, hits) = host.audience.end_act(number);
    HeardOfIt {
        log: log.filter(|_| alone),
        hits,
    }
}
