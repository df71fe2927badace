//! One instance: its records, policy, counters and conditions, behind the listeners that carry it.
//!
//! It knows who put each condition in force, so that an answer's cause can be told. It knows
//! nothing of sockets or of when conditions change.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustls::pki_types::CertificateDer;
use tokio::sync::watch;

use crate::clock::{Clock, Now};
use crate::connection::certificates::{Authority, CertificateError};
use crate::duration::ScaledDuration;
use crate::journal::{self, Actor, Cause, Event, Journal, Window};
use crate::pipeline::admission::{Admission, Mint, Notice, WindowState};
use crate::pipeline::stage::ClientCertificate;
use crate::policy::Policy;
use crate::setup::{
    Certificate, ExpectContinue, Gateway, Handshake, InstanceSetup, MissingApi, MutualTls,
    PlainHttp, Port, Proxy, Redirects, Rows, Setup, Switches,
};
use crate::store::Store;

mod causes;
mod credentials;
mod doors;
mod life;
mod presents;
mod query_time;
mod records;
pub(crate) mod session;
mod surroundings;
mod survey;
mod tokens;

pub(crate) use causes::{Answer, Causes, Subject};
pub(crate) use doors::{Doors, Turn};
use life::Life;
pub(crate) use presents::Presented;
use presents::{Names, Presents};
use query_time::QueryTime;
pub(crate) use records::{Records, RecordsError, USUAL_PAGE_SIZE};
pub(crate) use surroundings::Surroundings;

/// One instance.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) admission: Admission,
    pub(crate) switches: Switches,
    pub(crate) missing_apis: Vec<MissingApi>,
    pub(crate) plain_http: PlainHttp,
    pub(crate) mutual_tls: MutualTls,
    pub(crate) gateway: Option<Gateway>,
    /// Known once it listens.
    pub(crate) tls_port: OnceLock<u16>,
    /// Where it and its neighbours can be reached besides; known once all listen.
    pub(crate) surroundings: OnceLock<Surroundings>,
    pub(crate) expect_continue: ExpectContinue,
    /// Whether its port offers HTTP/2.
    pub(crate) http2: bool,
    pub(crate) seed: u64,
    /// Rows that a list can return before its query is cancelled.
    pub(crate) query_quota: Option<u32>,
    /// Writes that a batch has time for.
    pub(crate) batch_quota: Option<u32>,
    /// How long lists take.
    pub(crate) query_time: Option<QueryTime>,
    /// How long failed logins lock an account out, where the set-up says so.
    unlock_after: Option<ScaledDuration>,
    records: Records,
    journal: Journal,
    clock: Clock,
    authority: Arc<Authority>,
    extra_names: Vec<String>,
    /// How long it takes to wake up, where the set-up says so.
    wakes_in: Option<ScaledDuration>,
    life: Mutex<Life>,
    conditions: Mutex<Conditions>,
    /// Counts changes of the certificate and of the answer to handshakes, so that idle connections
    /// can be told to close.
    presented: watch::Sender<u64>,
    doors: Doors,
    /// Held while new secrets are told.
    telling: Mutex<()>,
}

#[derive(Debug)]
struct Conditions {
    presents: Presents,
    handshake: Handshake,
    proxy: Proxy,
    /// Tables on which a script throws.
    broken: BTreeSet<String>,
    redirects: Redirects,
}

/// What an instance is made with.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) name: &'a str,
    pub(crate) host: String,
    pub(crate) setup: &'a Setup,
    pub(crate) instance: &'a InstanceSetup,
    pub(crate) records: Records,
    pub(crate) journal: Journal,
    pub(crate) clock: Clock,
    pub(crate) authority: Arc<Authority>,
    pub(crate) extra_names: Vec<String>,
}

impl Instance {
    pub(crate) fn new(parts: Parts<'_>) -> Result<Self, CertificateError> {
        let mutual_tls = parts.instance.mutual_tls.unwrap_or_default();
        let names = Names {
            authority: &parts.authority,
            host: &parts.host,
            extra: &parts.extra_names,
            mutual_tls,
        };
        let presents = Presents::new(parts.instance, &names)?;
        let page = parts.setup.page_size.unwrap_or(USUAL_PAGE_SIZE);
        let query_quota = parts.instance.query_quota.map(|rows| rows.count(page));
        let made = Self {
            mutual_tls,
            name: parts.name.to_owned(),
            admission: Admission::new(parts.instance.semaphores.as_ref())
                .queueing(parts.instance.session_queue.as_ref())
                .committing(commits_every(parts.instance))
                .minting(Mint::keyed(rand::random()))
                .holding(parts.records.tokens()),
            switches: switches(parts.setup, parts.instance),
            missing_apis: parts.instance.missing_apis.clone().unwrap_or_default(),
            plain_http: parts.instance.plain_http.unwrap_or_default(),
            gateway: parts.instance.gateway.clone(),
            tls_port: OnceLock::new(),
            surroundings: OnceLock::new(),
            expect_continue: parts.instance.expect_continue.unwrap_or_default(),
            http2: parts.instance.http2.unwrap_or_default(),
            seed: parts.setup.seed,
            query_quota,
            batch_quota: parts.instance.batch_quota,
            query_time: parts
                .instance
                .query_time
                .as_ref()
                .zip(query_quota)
                .map(|(time, rows)| QueryTime::of(time, rows)),
            unlock_after: parts.instance.unlock_after,
            records: parts.records,
            journal: parts.journal,
            clock: parts.clock,
            authority: parts.authority,
            extra_names: parts.extra_names,
            wakes_in: parts.instance.wakes_in,
            life: Mutex::new(Life::beginning(parts.instance.state.unwrap_or_default())),
            conditions: Mutex::new(Conditions {
                presents,
                handshake: parts.instance.handshake.unwrap_or_default(),
                proxy: parts.instance.proxy.unwrap_or_default(),
                redirects: parts.instance.redirects.clone().unwrap_or_default(),
                broken: parts
                    .instance
                    .broken_tables
                    .iter()
                    .flatten()
                    .cloned()
                    .collect(),
            }),
            presented: watch::Sender::new(0),
            doors: Doors::new(parts.instance.port.unwrap_or_default()),
            host: parts.host,
            telling: Mutex::default(),
        };
        made.put_given_tokens(parts.instance, &parts.setup.given);
        Ok(made)
    }

    pub(crate) fn store(&self) -> &Store {
        self.records.store()
    }

    pub(crate) fn records(&self) -> &Records {
        &self.records
    }

    /// The policy in force.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        self.records.policy()
    }

    /// Tables on which a script throws when they are called.
    pub(crate) fn broken_tables(&self) -> BTreeSet<String> {
        self.conditions().broken.clone()
    }

    pub(crate) fn set_broken(&self, table: &str, broken: bool) {
        let tables = &mut self.conditions().broken;
        if broken {
            tables.insert(table.to_owned());
        } else {
            tables.remove(table);
        }
    }

    /// What the port presents to whoever asks for this name, and who put it there if that is worth
    /// telling.
    pub(crate) fn presents(&self, sni: Option<&str>) -> (Presented, Option<Cause>) {
        let cause = self.with_causes(|causes| causes.of(&Subject::Certificate));
        let presented = self.conditions().presents.to(sni).clone();
        let remarkable = cause != Cause::Setup || presented.certificate != Certificate::Valid;
        (presented, remarkable.then_some(cause))
    }

    /// Presents another certificate to handshakes from here on, but for names that have their own;
    /// idle connections close.
    pub(crate) fn present(&self, certificate: Certificate) -> Result<(), CertificateError> {
        let names = Names {
            authority: &self.authority,
            host: &self.host,
            extra: &self.extra_names,
            mutual_tls: self.mutual_tls,
        };
        self.conditions().presents.replace(certificate, &names)?;
        self.presented.send_modify(|times| *times += 1);
        Ok(())
    }

    /// How its port answers a handshake, and who made it so if that is worth telling.
    pub(crate) fn handshake(&self) -> (Handshake, Option<Cause>) {
        let cause = self.with_causes(|causes| causes.of(&Subject::Handshake));
        let handshake = self.conditions().handshake;
        let remarkable = cause != Cause::Setup || handshake != Handshake::Complete;
        (handshake, remarkable.then_some(cause))
    }

    /// Answers handshakes like this from here on; idle connections close.
    pub(crate) fn set_handshake(&self, handshake: Handshake) {
        self.conditions().handshake = handshake;
        self.presented.send_modify(|times| *times += 1);
    }

    /// What the edge makes of the certificates that a caller shows.
    pub(crate) fn client_certificate(&self, shown: &[CertificateDer<'_>]) -> ClientCertificate {
        self.authority.verdict(shown)
    }

    /// How the proxy treats calls for the instance, and who brought that about.
    pub(crate) fn proxy(&self) -> (Proxy, Cause) {
        let cause = self.with_causes(|causes| causes.of(&Subject::Proxy));
        (self.conditions().proxy, cause)
    }

    pub(crate) fn set_proxy(&self, proxy: Proxy) {
        self.conditions().proxy = proxy;
    }

    /// Changes when the port presents another certificate or answers handshakes otherwise.
    pub(crate) fn certificate_changes(&self) -> watch::Receiver<u64> {
        self.presented.subscribe()
    }

    /// The condition of its port, for those who stand on it.
    pub(crate) const fn doors(&self) -> &Doors {
        &self.doors
    }

    /// What its port does, and who made it so if that is worth telling.
    pub(crate) fn port(&self) -> (Port, Option<Cause>) {
        let cause = self.with_causes(|causes| causes.of(&Subject::Port));
        let port = self.doors.port();
        let remarkable = cause != Cause::Setup || port != Port::Open;
        (port, remarkable.then_some(cause))
    }

    pub(crate) fn with_causes<T>(&self, look: impl FnOnce(&mut Causes) -> T) -> T {
        self.records.with_causes(look)
    }

    /// Writes down what every user of the set-up may see of its tables.
    pub(crate) async fn survey(&self) {
        self.records.survey().await;
    }

    /// Acts upon what the counters noticed: writes windows down, and lockouts into the records.
    pub(crate) async fn heed(&self, notices: Vec<Notice>) {
        for notice in notices {
            match notice {
                Notice::WindowOpened(window) => self.write_window(window, Event::WindowOpened),
                Notice::WindowClosed(window) => self.write_window(window, Event::WindowClosed),
                Notice::LockedOut(user) => self.lock_out(&user).await,
                Notice::LockoutOver(user) => self.end_lockout(&user).await,
            }
        }
    }

    fn write_window(&self, window: WindowState, event: fn(Window) -> Event) {
        let cause = self.with_causes(|causes| causes.of(&Subject::RateRule(window.rule.clone())));
        self.note(
            Some(cause),
            event(Window {
                rule: window.rule,
                user: window.user,
                limit: window.limit,
                ends_ns: window.ends_ns,
                admitted: window.admitted,
            }),
        );
    }

    async fn lock_out(&self, user: &str) {
        // Whoever made the password wrong brought the lockout about.
        let cause = self.with_causes(|causes| {
            let cause = causes.of(&Subject::Password(user.to_lowercase()));
            causes.set(Subject::Lock(user.to_lowercase()), cause.clone(), false);
            cause
        });
        self.note(
            Some(cause.clone()),
            Event::ConditionChanged(journal::ConditionChanged {
                action: serde_json::json!({ "lock_user": user }).to_string(),
                what: format!("failed logins locked `{user}` out"),
                since_ns: None,
            }),
        );
        let _writing = self.records.writing(&cause).await;
        match self.records.set_locked_out(user, true).await {
            Ok(()) => {
                match self.policy().unlock_timeout() {
                    Some(lasts) => {
                        let lasts = self.unlock_after.map_or(lasts, |set| set.effective);
                        let ends = self.now().elapsed.saturating_add(lasts);
                        self.admission.lockout_ends(user, ends);
                    }
                    None => self.admission.lockout_stays(user),
                }
                let version = self.policy().version;
                self.admission.lock_recorded(user, version);
            }
            Err(error) => self.unmodelled(None, format!("lock `{user}` out: {error}")),
        }
    }

    /// The script action `SNC User Lockout Check with Auto Unlock` (wire-failures 1.4).
    async fn end_lockout(&self, user: &str) {
        let cause = self.with_causes(|causes| {
            let cause = causes.of(&Subject::Lock(user.to_lowercase()));
            causes.set(Subject::Lock(user.to_lowercase()), cause.clone(), true);
            cause
        });
        self.note(
            Some(cause.clone()),
            Event::ConditionChanged(journal::ConditionChanged {
                action: serde_json::json!({ "unlock_user": user }).to_string(),
                what: format!("the lockout of `{user}` is over"),
                since_ns: None,
            }),
        );
        let _writing = self.records.writing(&cause).await;
        match self.records.set_locked_out(user, false).await {
            Ok(()) => self.admission.forget_login(user),
            Err(error) => self.unmodelled(None, format!("unlock `{user}`: {error}")),
        }
    }

    /// Writes down something that is not modelled, so that nobody is judged by it.
    pub(crate) fn unmodelled(&self, request: Option<u64>, what: String) {
        self.note(
            None,
            Event::Unmodelled(journal::Unmodelled { request, what }),
        );
    }

    /// Appends an entry in which the instance itself acts.
    pub(crate) fn note(&self, cause: Option<Cause>, event: Event) {
        self.journal
            .append(Actor::Instance, &self.name, cause, event);
    }

    /// Its own clock.
    pub(crate) const fn clock(&self) -> Clock {
        self.clock
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    fn conditions(&self) -> MutexGuard<'_, Conditions> {
        self.conditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often its node commits what it counts for rate limit rules; at once where it is not said.
fn commits_every(instance: &InstanceSetup) -> Option<std::time::Duration> {
    let every = instance.switches.as_ref()?.rate_limit_commit?;
    Some(every.effective)
}

/// The switches with every number of rows absolute.
fn switches(setup: &Setup, instance: &InstanceSetup) -> Switches {
    let mut switches = instance.switches.clone().unwrap_or_default();
    let page = setup.page_size.unwrap_or(USUAL_PAGE_SIZE);
    switches.page_cap = switches
        .page_cap
        .map(|rows| Rows::Count(rows.count(page).max(1)));
    switches
}
