//! The composition root: from a set-up to listening instances, a journal and a director.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::connection::certificates::{Authority, CertificateError};
use crate::connection::{Counters, Gate, Listening, Salt, Site, listen, listen_as_proxy};
use crate::director::{Director, InvalidStep};
use crate::instance::{Instance, Parts};
use crate::journal::{ActEnded, ActStarted, Actor, Caller, Event, Header, Journal, VERSION};
use crate::redaction::Redactor;
use crate::setup::{ProxyCredentials, Setup};
use crate::store::StoreError;
use crate::store::seed::Watch;

mod looking;
mod opening;
mod surroundings;

use opening::Place;

/// How a simulator listens and where it keeps things.
#[derive(Clone, Default)]
pub struct Options {
    /// Address of the first instance's TLS listener. Default `127.0.0.1:0`.
    pub listen: Option<SocketAddr>,
    /// Address of a plain HTTP listener for the first instance. Default: none.
    pub listen_http: Option<SocketAddr>,
    /// Whether the first instance also listens for a person's browser. Default: no.
    pub listen_person: bool,
    /// Address of the forward proxy. Default `127.0.0.1:0` where an instance is set up with a
    /// proxy, else none.
    pub listen_proxy: Option<SocketAddr>,
    /// Names that certificates cover beside the usual ones.
    pub extra_names: Vec<String>,
    /// Database file of the first instance, kept. Default: a temporary one.
    pub data: Option<PathBuf>,
    /// Write the journal to this file too, line by line.
    pub journal_file: Option<PathBuf>,
    /// Entries of the journal that stay in memory, the newest ones; the file has all. Default: all,
    /// as a judge needs them.
    pub journal_kept: Option<NonZeroUsize>,
    /// Is told how far the instances are filled, and can stop that. Default: nobody is.
    pub watch: Option<Watch>,
    /// Further secrets that must never appear in the journal, by name.
    pub secrets: Vec<(String, String)>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets: Vec<_> = self.secrets.iter().map(|(name, _)| name).collect();
        f.debug_struct("Options")
            .field("listen", &self.listen)
            .field("listen_http", &self.listen_http)
            .field("listen_person", &self.listen_person)
            .field("listen_proxy", &self.listen_proxy)
            .field("extra_names", &self.extra_names)
            .field("data", &self.data)
            .field("journal_file", &self.journal_file)
            .field("journal_kept", &self.journal_kept)
            .field("watch", &self.watch)
            .field("secrets", &secrets)
            .finish()
    }
}

/// Makes simulators.
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

/// A simulator that listens. Dropping it stops it; [`Running::shutdown`] also waits.
#[derive(Debug)]
pub struct Running {
    /// Where each instance listens, by name.
    pub addresses: IndexMap<String, Address>,
    /// Where the forward proxy listens, if there is one.
    pub proxy: Option<SocketAddr>,
    /// What happens.
    pub journal: Journal,
    /// Changes conditions and fires steps.
    pub director: Director,
    clock: Clock,
    instances: Vec<Arc<Instance>>,
    listeners: Vec<Listening>,
    shutdown: watch::Sender<bool>,
}

/// Where an instance listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Host name the certificates are issued for, `devNNNNN.instance.test`.
    pub host: String,
    /// The TLS listener.
    pub https: SocketAddr,
    /// The plain listener, if there is one.
    pub http: Option<SocketAddr>,
    /// The TLS listener for a person's browser, if there is one.
    pub person: Option<SocketAddr>,
}

impl Address {
    /// `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("https://{}", self.https)
    }
}

/// Why a simulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no instance to start.
    #[error("the set-up names no instance; name at least one, such as `main`")]
    NoInstance,
    /// A step makes no sense.
    #[error(transparent)]
    Step(#[from] InvalidStep),
    /// An instance leads its callers to nowhere.
    #[error("instance `{instance}`: {why}")]
    LeadsNowhere {
        /// The instance.
        instance: String,
        /// What is missing.
        why: String,
    },
    /// A certificate could not be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// An instance's records could not be made.
    #[error("instance `{instance}`: {error}")]
    Store {
        /// The instance.
        instance: String,
        /// What went wrong.
        error: StoreError,
    },
    /// An address cannot be listened on.
    #[error("listen on `{address}`: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What went wrong.
        error: io::Error,
    },
    /// The journal's file cannot be written.
    #[error("write the journal to `{file}`: {error}")]
    Journal {
        /// The file.
        file: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
}

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

impl Simulator {
    /// Starts every instance of a set-up.
    ///
    /// # Errors
    /// When the set-up makes no sense, or something it needs cannot be made.
    pub async fn start(
        setup: Setup,
        authority: &Arc<Authority>,
        options: Options,
    ) -> Result<Running, StartError> {
        if setup.instances.is_empty() {
            return Err(StartError::NoInstance);
        }
        let setup = Arc::new(setup);
        let clock = Clock::start();
        let hosts = host_names(&setup);
        let journal = open_journal(clock, &setup, &hosts, &options)?;
        let mut instances = IndexMap::new();
        let mut data = options.data.clone();
        for (name, instance) in &setup.instances {
            let clock = instance
                .clock
                .iter()
                .fold(clock, |clock, it| it.read(clock));
            let place = Place {
                host: &hosts[name],
                data: data.take(),
                watch: options.watch.clone(),
            };
            let records = opening::open(&setup, name, place, &journal, clock).await?;
            let made = Instance::new(Parts {
                name,
                host: hosts[name].clone(),
                setup: &setup,
                instance,
                records,
                journal: journal.clone(),
                clock,
                authority: Arc::clone(authority),
                extra_names: options.extra_names.clone(),
            })?;
            made.records().write_tokens().await;
            instances.insert(name.clone(), Arc::new(made));
        }
        let director = Director::new(journal.clone(), instances.clone(), &setup.steps)?;
        let (shutdown, stopped) = watch::channel(false);
        let mut running = Running {
            addresses: IndexMap::new(),
            proxy: None,
            journal: journal.clone(),
            director: director.clone(),
            clock,
            instances: instances.values().cloned().collect(),
            listeners: Vec::new(),
            shutdown,
        };
        let counters = Arc::new(Counters::default());
        let salt = Salt::random();
        let mut https = options.listen;
        let mut http = options.listen_http;
        let mut wants_person = options.listen_person;
        let mut sites = Vec::new();
        for (name, instance) in instances {
            let site = Arc::new(Site {
                clock: instance.clock(),
                instance,
                director: director.clone(),
                journal: journal.clone(),
                caller: Caller::Subject,
                counters: Arc::clone(&counters),
                salt,
                shutdown: stopped.clone(),
            });
            let https = running
                .listen(&site, https.take().unwrap_or(LOOPBACK), true)
                .await?;
            site.instance.tls_port.get_or_init(|| https.port());
            let http = match http.take() {
                Some(address) => Some(running.listen(&site, address, false).await?),
                None => None,
            };
            let person = match std::mem::take(&mut wants_person) {
                true => {
                    let site = Arc::new(site.of(Caller::Person));
                    Some(running.listen(&site, LOOPBACK, true).await?)
                }
                false => None,
            };
            let host = site.instance.host.clone();
            let address = Address {
                host,
                https,
                http,
                person,
            };
            running.addresses.insert(name, address);
            sites.push(site);
        }
        surroundings::tell(&running)?;
        let wants_proxy = setup.instances.values().any(|it| it.proxy.is_some());
        if let Some(address) = options
            .listen_proxy
            .or_else(|| wants_proxy.then_some(LOOPBACK))
        {
            running
                .open_proxy(sites, setup.proxy_credentials.clone(), address)
                .await?;
        }
        Ok(running)
    }
}

impl Running {
    /// Journal nanoseconds of a moment, on the clock that stamps the entries; 0 for one before the
    /// journal began.
    #[must_use]
    pub fn journal_ns(&self, moment: Instant) -> u64 {
        u64::try_from(self.clock.elapsed_at(moment).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Every OAuth token, authorization code and session that the instances have made so far, by a
    /// name of its own, with its value: secrets that were not known when the journal began.
    #[must_use]
    pub fn secrets_made(&self) -> Vec<(String, String)> {
        let all = self.instances.iter();
        all.flat_map(|instance| instance.admission.secrets())
            .collect()
    }

    /// Begins an act: entries belong to it from here on, and what is counted per act starts over.
    pub async fn start_act(&self, act: u32, verb: &str) {
        self.journal.enter_act(act);
        self.note(Event::ActStarted(ActStarted {
            act,
            verb: verb.to_owned(),
        }));
        self.director.enter_act(act).await;
        self.survey().await;
    }

    /// Ends the act.
    pub async fn end_act(&self) {
        self.director.stop_timers();
        for instance in &self.instances {
            instance.admission.close_windows(instance.now(), false);
            instance.heed(instance.admission.take_notices()).await;
            instance.state();
        }
        self.survey().await;
        self.note(Event::ActEnded(ActEnded {
            act: self.journal.act(),
        }));
    }

    /// Stops: listeners close, every open exchange and connection is written down as ended, the
    /// journal is closed and written out, temporary files are removed.
    ///
    /// # Errors
    /// When the journal's file could not be written whole.
    pub async fn shutdown(mut self) -> io::Result<()> {
        self.director.stop_timers();
        self.shutdown.send_replace(true);
        for listening in self.listeners.drain(..) {
            let _ended_one_way_or_another = listening.task.await;
        }
        for instance in &self.instances {
            instance.admission.close_windows(instance.now(), true);
            instance.heed(instance.admission.take_notices()).await;
        }
        self.journal.close()
    }

    async fn listen(
        &mut self,
        site: &Arc<Site>,
        address: SocketAddr,
        speaks_tls: bool,
    ) -> Result<SocketAddr, StartError> {
        let listening = listen(Arc::clone(site), address, speaks_tls)
            .await
            .map_err(|error| StartError::Listen { address, error })?;
        let address = listening.address;
        self.listeners.push(listening);
        Ok(address)
    }

    async fn open_proxy(
        &mut self,
        sites: Vec<Arc<Site>>,
        credentials: Option<ProxyCredentials>,
        address: SocketAddr,
    ) -> Result<(), StartError> {
        let Some(gate) = Gate::new(sites, credentials) else {
            return Ok(());
        };
        let listening = listen_as_proxy(gate, address)
            .await
            .map_err(|error| StartError::Listen { address, error })?;
        self.proxy = Some(listening.address);
        self.listeners.push(listening);
        Ok(())
    }

    /// Writes down what every user of the set-up may see.
    async fn survey(&self) {
        for instance in &self.instances {
            instance.survey().await;
        }
    }

    fn note(&self, event: Event) {
        let main = self.addresses.keys().next().map_or("", String::as_str);
        self.journal.append(Actor::Runner, main, None, event);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.director.stop_timers();
        // Tasks end by themselves once the flag is raised.
        self.shutdown.send_replace(true);
    }
}

/// `devNNNNN.instance.test` for each instance: different ones, the same for the same seed.
fn host_names(setup: &Setup) -> IndexMap<String, String> {
    let mut random = StdRng::seed_from_u64(setup.seed);
    let mut taken = Vec::new();
    setup
        .instances
        .keys()
        .map(|name| {
            let number = loop {
                let number: u32 = random.random_range(10_000..1_000_000);
                if !taken.contains(&number) {
                    break number;
                }
            };
            taken.push(number);
            (name.clone(), format!("dev{number}.instance.test"))
        })
        .collect()
}

fn open_journal(
    clock: Clock,
    setup: &Setup,
    hosts: &IndexMap<String, String>,
    options: &Options,
) -> Result<Journal, StartError> {
    let started = Timestamp::from_nanosecond(
        i128::try_from(clock.started_unix().as_nanos()).unwrap_or_default(),
    )
    .unwrap_or_default();
    let header = Header {
        journal: VERSION.to_owned(),
        started: started.to_string(),
        seed: setup.seed,
        instances: hosts
            .iter()
            .map(|(name, host)| (name.clone(), host.clone()))
            .collect::<BTreeMap<_, _>>(),
    };
    let proxy = setup.proxy_credentials.iter();
    let proxy = proxy.map(|given| ("proxy_password".to_owned(), given.password.clone()));
    let secrets = options.secrets.iter().cloned().chain(passwords(setup));
    let secrets = secrets.chain(setup.given.secrets());
    let redactor = Redactor::new(secrets.chain(proxy));
    let file = options.journal_file.as_deref();
    let kept = options.journal_kept;
    Journal::open(clock, header, redactor, file, kept).map_err(|error| StartError::Journal {
        file: options.journal_file.clone().unwrap_or_default(),
        error,
    })
}

/// Passwords as secrets: `password`, or `password of USER` where there are several.
fn passwords(setup: &Setup) -> Vec<(String, String)> {
    let mut users: Vec<_> = setup.passwords.iter().collect();
    users.sort();
    let single = users.len() == 1;
    users
        .into_iter()
        .map(|(user, password)| {
            let name = if single {
                "password".to_owned()
            } else {
                format!("password of {user}")
            };
            (name, password.clone())
        })
        .collect()
}
