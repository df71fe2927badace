//! Runs a plan: many scenarios at once, each with its own instance, secrets and processes, and
//! every one of them to an end.
//!
//! It collects evidence and asks the judge; it decides nothing itself.

use std::cmp::Reverse;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use snowproof_browser::{BrowserError, Chromium, Launch};
use snowproof_protocol::Verb;
use snowproof_simulator::connection::certificates::Authority;
use tokio::time::Instant;

use crate::plan::{Plan, PlannedRun};
use crate::report::{Frame, Report, RunReport};
use crate::scenario::Scenario;
use crate::subject::{Lifetime, Subject};
use crate::verdict::Verdict;

mod act;
mod airbyte;
mod asked;
mod attendant;
mod blank;
mod daemon;
mod folder;
mod harvest;
mod interrupt;
mod kept;
mod lag;
mod messages;
mod native;
mod observer;
mod output;
mod parameters;
mod person;
mod places;
mod process;
mod secrets;
mod singer;
mod stage;
pub(crate) mod standing;
pub(crate) mod talk;
mod version;
pub(crate) mod way;
mod words;
mod workplace;
mod world;

pub use attendant::{Attendant, Notice};
pub(crate) use folder::{Held, prepare};
pub use interrupt::{Interrupt, Interrupter, Interruption};
pub use observer::Observer;
pub use places::DEFAULT_JOBS;
pub(crate) use secrets::{PROXY_USER, random_password};

use daemon::RunHost;
use kept::Kept;
use lag::LagSampler;
use places::Places;
use stage::Stage;
use way::Way;
use workplace::Trust;

/// How a plan is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Scenarios at once.
    pub jobs: usize,
    /// Seed of everything that looks random, but the secrets.
    pub seed: u64,
    /// Folder for evidence.
    pub out: PathBuf,
    /// Folder in which the run's certificate authority is kept. Default: none is kept.
    pub ca_dir: Option<PathBuf>,
    /// Whether a failed check of severity `should` fails.
    pub strict: bool,
    /// Whether nothing is started after the first failure.
    pub fail_fast: bool,
    /// The longest the whole run may take.
    pub deadline: Option<Duration>,
    /// Whether the subject's words can be read.
    pub has_words: bool,
    /// The command line that repeats one scenario; see [`Report::command`].
    pub command: Vec<String>,
    /// The longest from a process's start to its first contact, on an idle machine.
    pub contact_within: Duration,
    /// The program of the Chromium in which people act whom a connector sends to its instance.
    /// Default: they act by HTTP.
    pub browser: Option<PathBuf>,
    /// Whoever debugs the subject; then there is no budget. Default: nobody.
    pub attendant: Option<Attendant>,
    /// Who is told the secrets.
    pub observer: Option<Observer>,
}

/// What happens while a plan is run.
#[derive(Debug, Clone)]
pub enum Progress {
    /// A scenario began.
    Started(String),
    /// A scenario ended.
    Finished(Box<RunReport>),
}

/// Why a plan cannot be run at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The folder for evidence or a file in it cannot be written.
    #[error("failed to write to `{path}`: {why}")]
    Unwritable {
        /// The folder or file.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// The folder for evidence holds what no run has written.
    #[error("`{path}` holds no evidence of an earlier run; remove it, or choose another folder")]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// Another run writes to the folder.
    #[error("another run writes to `{path}`; wait for it, or choose another folder")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The certificate authority cannot be made or read.
    #[error("failed to prepare the certificate authority: {0}")]
    Authority(String),
    /// The browser does not start.
    #[error(transparent)]
    Browser(#[from] BrowserError),
}

/// Why a scenario was left out.
const INTERRUPTED: &str = "the run was interrupted before it ended";
const TOO_LATE: &str = "the run's deadline passed before it ended";
const FAILED_BEFORE: &str = "left out after the first failure";
const NO_WAY: &str = "could not run";
/// The longest that the browser may take over anything.
const BROWSER_PATIENCE: Duration = Duration::from_secs(30);
/// How much longer than by HTTP a person may take in it, on a busy machine.
const BROWSER_TAKES: Duration = Duration::from_secs(10);
const PANICKED: &str = "the harness panicked; its words are on stderr";

/// What all scenarios of a run share.
struct Shared {
    subject: Subject,
    settings: Settings,
    /// What its version command printed, or else what it first said of itself.
    version: OnceLock<String>,
    authority: Arc<Authority>,
    trust: Trust,
    places: Places,
    /// The service that all scenarios ask, where it lives as long as the run.
    service: Option<RunHost>,
    /// The subject's processes, where they are kept throughout the run.
    kept: Option<Kept>,
    /// How the subject is brought to the simulator, or why it cannot be on this machine.
    way: Result<Way, String>,
    lag: LagSampler,
    failed: AtomicBool,
    /// In which people act, where it is not by HTTP.
    chromium: Option<Arc<Chromium>>,
    /// Keeps other runs out of the folder.
    _folder: Held,
    /// Keeps the certificate files.
    _certificates: tempfile::TempDir,
}

/// Runs a plan. Every planned run is in the report, in plan order, also when it was interrupted.
///
/// # Errors
///
/// Nothing could be started: no folder for evidence, no certificate authority, no browser.
pub async fn run(
    mut plan: Plan,
    subject: Subject,
    settings: Settings,
    interrupter: &Interrupter,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Report, RunError> {
    let began = Instant::now();
    let started = jiff::Timestamp::now().to_string();
    let mut sends_people = false;
    for planned in plan.runs.iter_mut().filter(|it| it.inapplicable.is_none()) {
        if sends_person(&planned.scenario) {
            sends_people = true;
            if settings.browser.is_some() {
                allow_for_a_browser(&mut planned.scenario);
            }
        }
    }
    let shared = Shared::prepare(subject, settings, sends_people).await?;
    let deadline = shared.settings.deadline;
    let late = AtomicBool::new(false);

    let mut runs: Vec<Option<RunReport>> = plan.runs.iter().map(|_| None).collect();
    {
        let mut longest_first: Vec<_> = plan.runs.iter().enumerate().collect();
        longest_first.sort_by_key(|(_, planned)| Reverse(planned.expected_wait()));
        let mut waiting: FuturesUnordered<_> = longest_first
            .into_iter()
            .map(|(at, planned)| {
                let interruption = interrupter.subscribe();
                let (shared, late) = (&shared, &late);
                async move {
                    let why_stopped = || {
                        if late.load(Ordering::Relaxed) {
                            TOO_LATE
                        } else {
                            INTERRUPTED
                        }
                    };
                    (
                        at,
                        shared
                            .one(planned, interruption, progress, &why_stopped)
                            .await,
                    )
                }
            })
            .collect();
        let ends = deadline.map(|deadline| began + deadline);
        loop {
            let timer = async {
                match ends {
                    Some(ends) if !late.load(Ordering::Relaxed) => {
                        tokio::time::sleep_until(ends).await;
                    }
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                done = waiting.next() => match done {
                    Some((at, report)) => {
                        progress(Progress::Finished(Box::new(report.clone())));
                        runs[at] = Some(report);
                    }
                    None => break,
                },
                () = timer => {
                    late.store(true, Ordering::Relaxed);
                    interrupter.stop();
                }
            }
        }
    }
    if let Some(service) = &shared.service {
        service.end(&mut interrupter.subscribe()).await;
    }
    shared
        .leave(shared.kept.as_ref(), &interrupter.subscribe())
        .await;
    let runs = runs.into_iter().flatten().collect();
    let report = Report::assemble(
        Frame {
            plan_hash: plan.hash,
            seed: shared.settings.seed,
            subject: shared.reported(),
            command: shared.settings.command.clone(),
            started,
            wall_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            interrupted: interrupter.was_interrupted(),
            strict: shared.settings.strict,
        },
        runs,
    );
    // A browser that ends by itself leaves nothing behind.
    if let Some(chromium) = shared.chromium.and_then(Arc::into_inner) {
        chromium.close().await;
    }
    Ok(report)
}

impl Shared {
    async fn prepare(
        subject: Subject,
        settings: Settings,
        sends_people: bool,
    ) -> Result<Self, RunError> {
        let folder = prepare(&settings.out)?;
        let authority = match &settings.ca_dir {
            Some(folder) => Authority::load_or_create(folder),
            None => Authority::generate(),
        }
        .map_err(|error| RunError::Authority(error.to_string()))?;
        let chromium = match &settings.browser {
            Some(program) if sends_people => {
                let launch = Launch {
                    program: program.clone(),
                    pin: authority.leaf_pin(),
                    patience: BROWSER_PATIENCE,
                };
                Some(Arc::new(Chromium::start(&launch).await?))
            }
            _ => None,
        };
        let certificates = tempfile::Builder::new()
            .prefix("snowproof-ca-")
            .tempdir()
            .map_err(|error| folder::unwritable(&std::env::temp_dir(), &error))?;
        let trust = Trust::write(&authority, certificates.path())
            .map_err(|error| folder::unwritable(certificates.path(), &error))?;
        Ok(Self {
            version: version::ask(&subject)
                .await
                .map(OnceLock::from)
                .unwrap_or_default(),
            places: Places::new(settings.jobs),
            service: RunHost::of(&subject.file)
                .map_err(|error| folder::unwritable(&std::env::temp_dir(), &error))?,
            way: match subject.file.cannot_be_led() {
                Some(why) => Err(why),
                None => Way::for_run(subject.file.route).await,
            },
            kept: Kept::of(&subject, Lifetime::Run, settings.jobs),
            lag: LagSampler::start(),
            _folder: folder,
            failed: AtomicBool::new(false),
            chromium,
            authority: Arc::new(authority),
            trust,
            subject,
            settings,
            _certificates: certificates,
        })
    }

    /// Ends processes that outlived their acts.
    async fn leave(&self, kept: Option<&Kept>, interruption: &Interruption) {
        let debugged = self.settings.attendant.is_some();
        if let Some(kept) = kept {
            let patience = if debugged {
                attendant::PATIENCE
            } else {
                act::LEAVE
            };
            kept.leave(patience, interruption).await;
        }
    }

    async fn one(
        &self,
        planned: &PlannedRun,
        mut interruption: Interruption,
        progress: &(dyn Fn(Progress) + Send + Sync),
        why_stopped: &(dyn Fn() -> &'static str + Send + Sync),
    ) -> RunReport {
        let scenario = &planned.scenario;
        if let Some(reason) = &planned.inapplicable {
            let verdict = Verdict::NotApplicable;
            return RunReport::unjudged(scenario, verdict, Some(reason.clone()));
        }
        if let Err(why) = &self.way {
            let route = self.subject.file.route.name();
            let reason = format!("{NO_WAY}: route `{route}`: {why}; see `snowproof doctor`");
            return RunReport::unjudged(scenario, Verdict::Inconclusive, Some(reason));
        }
        let place = tokio::select! {
            biased;
            _ = interruption.next() => None,
            place = self.places.scenario() => Some(place),
        };
        let seat = match &self.service {
            Some(service) => tokio::select! {
                biased;
                _ = interruption.next() => None,
                seat = service.seat(scenario) => Some(seat),
            },
            None => None,
        };
        let left_out = if place.is_none() || interruption.is_due() {
            Some(why_stopped())
        } else if self.settings.fail_fast && self.failed.load(Ordering::Relaxed) {
            Some(FAILED_BEFORE)
        } else {
            None
        };
        if let Some(reason) = left_out {
            let verdict = Verdict::Inconclusive;
            return RunReport::unjudged(scenario, verdict, Some(reason.to_owned()));
        }
        progress(Progress::Started(scenario.name()));
        let played = async {
            match Stage::new(self, scenario)
                .run(seat, &mut interruption)
                .await
            {
                Ok(staged) => staged.report(self, scenario, why_stopped),
                Err(why) => RunReport::unjudged(scenario, Verdict::HarnessError, Some(why)),
            }
        };
        // One scenario's bug must not take the others' results with it.
        let report = AssertUnwindSafe(played).catch_unwind().await;
        let report = report.unwrap_or_else(|_| {
            RunReport::unjudged(scenario, Verdict::HarnessError, Some(PANICKED.to_owned()))
        });
        if report.verdict >= Verdict::Fail {
            self.failed.store(true, Ordering::Relaxed);
        }
        report
    }

    fn reported(&self) -> crate::report::ReportedSubject {
        crate::report::ReportedSubject {
            name: self.subject.file.subject.clone(),
            about: self.subject.file.about.clone(),
            version: self.version.get().cloned(),
            has_words: self.settings.has_words,
        }
    }

    /// Takes note of what a native connector says of itself, unless its version is known.
    fn introduced(&self, introduction: String) {
        self.version.get_or_init(|| introduction);
    }
}

/// Whoever waits for a person waits longer for one with a browser.
fn allow_for_a_browser(scenario: &mut Scenario) {
    let subject = &mut scenario.subject;
    let limits = [&mut subject.timeout, &mut subject.budget];
    for limit in limits.into_iter().flatten() {
        limit.nominal += BROWSER_TAKES;
        limit.effective += BROWSER_TAKES;
    }
}

/// Whether a person is sent to the instance in it.
fn sends_person(scenario: &Scenario) -> bool {
    scenario.acts.iter().any(|act| act.verb == Verb::Connect)
}
