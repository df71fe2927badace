//! A scenario that stands open for a connector which runs elsewhere: nobody here starts it, hears
//! it or ends it. What the wire saw of it can be judged at any time, and the scenario can begin
//! again, at the same address and with the same secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use snowproof_protocol::{Parameter, Verb};
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::{ActEnded, Actor, Entry, Event};
use snowproof_simulator::simulator::{Address, Options, Running};
use tokio::net::TcpSocket;
use tokio::time::{Instant, timeout};

use super::lag::LagSampler;
use super::parameters::Told;
use super::person::CallbackPort;
use super::secrets::{Secrets, client_certificate};
use super::workplace::{Trust, Workplace};
use super::world::World;
use crate::evidence::{ActEvidence, Evidence, ProcessEnding, SubjectFacts, Truth};
use crate::report::RunReport;
use crate::scenario::{Address as AddressForm, DEFAULT_USER, MAIN, Scenario};
use crate::subject::{Declares, Route};
use crate::verdict;

/// The number of the only act.
const ACT: u32 = 1;
/// What somebody elsewhere is called.
pub(crate) const NAME: &str = "a connector that runs elsewhere";
/// Whoever has its answer may ask for a verdict before the end of that answer is written down.
const SETTLES_WITHIN: Duration = Duration::from_secs(2);

/// Where a scenario stands, and what is chosen beforehand.
#[derive(Debug)]
pub(crate) struct Place {
    /// The TLS listener; port 0 is any free one.
    pub(crate) listen: SocketAddr,
    /// A listener without TLS.
    pub(crate) http: Option<SocketAddr>,
    /// A forward proxy.
    pub(crate) proxy: Option<SocketAddr>,
    /// Names that the certificate covers beside the usual ones.
    pub(crate) names: Vec<String>,
    /// The password of the user that the connector signs in as.
    pub(crate) password: Option<String>,
    /// Seed of everything that looks random, but the secrets.
    pub(crate) seed: u64,
}

/// See the module.
pub(crate) struct Standing {
    scenario: Scenario,
    authority: Arc<Authority>,
    secrets: Secrets,
    user: String,
    seed: u64,
    options: Options,
    world: World,
    told: BTreeMap<Parameter, String>,
    /// When the scenario began, last.
    began: Instant,
    lag: LagSampler,
    /// Files that the connector is told of.
    _workplace: Workplace,
    _certificates: tempfile::TempDir,
    _ports: Vec<TcpSocket>,
    _callback: CallbackPort,
}

/// Why a scenario cannot be met by somebody who runs elsewhere.
pub(crate) fn unsuited(scenario: &Scenario) -> Option<&'static str> {
    if scenario.acts.len() != 1 {
        return Some("it has several acts, between which the connector is ended and started");
    }
    if scenario.acts.iter().any(|act| act.killed_at.is_some()) {
        return Some("it kills the connector");
    }
    let asks = |act: &crate::scenario::Act| !matches!(act.verb, Verb::Check | Verb::Sync);
    if scenario.acts.iter().any(asks) {
        return Some("it asks for a deed that is named at the start of a process");
    }
    if scenario
        .subject
        .address
        .and_then(AddressForm::words)
        .is_some()
    {
        return Some("it lies in the URL that the connector is given");
    }
    None
}

impl Standing {
    /// Opens the scenario. The error is the harness's own, or a port that is taken.
    pub(crate) async fn open(
        scenario: Scenario,
        authority: Authority,
        place: Place,
    ) -> Result<Self, String> {
        let callback = CallbackPort::take().map_err(|error| format!("take a port: {error}"))?;
        let authority = Arc::new(authority);
        let user = scenario.subject.user.clone();
        let user = user.unwrap_or_else(|| DEFAULT_USER.to_owned());
        let workplace = Workplace::create().map_err(|error| error.to_string())?;
        let client = client_certificate(&scenario, &authority, &user)?;
        if let Some(leaf) = &client {
            let kept = workplace.keep(leaf);
            kept.map_err(|error| format!("write the client certificate: {error}"))?;
        }
        let secrets = Secrets::make_with(
            scenario.instances.values(),
            &user,
            &callback.url(),
            client,
            place.password,
        );
        let certificates = tempfile::Builder::new()
            .prefix("snowproof-ca-")
            .tempdir()
            .map_err(|error| error.to_string())?;
        let trust = Trust::write(&authority, certificates.path());
        let trust = trust.map_err(|error| format!("write the certificates: {error}"))?;

        let mut ports = Vec::new();
        let mut hold = |address| {
            let (address, socket) = held(address)?;
            ports.push(socket);
            Ok::<_, String>(address)
        };
        let options = Options {
            listen: Some(hold(place.listen)?),
            listen_http: place.http.map(&mut hold).transpose()?,
            listen_proxy: place.proxy.map(&mut hold).transpose()?,
            extra_names: place.names,
            ..Options::default()
        };
        let world = begin(&scenario, &secrets, &authority, place.seed, &options).await?;
        let folders = workplace.act(ACT).map_err(|error| error.to_string())?;
        let told = Told {
            scenario: &scenario,
            instance: MAIN,
            user: &user,
            trust: &trust,
            route: Route::Direct,
            world: &world,
            secrets: &secrets,
            workplace: &workplace,
            folders: &folders,
        }
        .parameters()?;
        let entered = scenario.acts.first().and_then(|act| act.credentials);
        let told = secrets.entered(
            entered.unwrap_or_default(),
            scenario.subject.auth_method.unwrap_or_default(),
            told,
        );
        Ok(Self {
            began: Instant::now(),
            lag: LagSampler::start(),
            scenario,
            authority,
            secrets,
            user,
            seed: place.seed,
            options,
            world,
            told,
            _workplace: workplace,
            _certificates: certificates,
            _ports: ports,
            _callback: callback,
        })
    }

    /// What the connector is to be told, as a subject would be.
    pub(crate) const fn told(&self) -> &BTreeMap<Parameter, String> {
        &self.told
    }

    /// Where the instance is.
    pub(crate) fn address(&self) -> Option<&Address> {
        self.world.address(MAIN)
    }

    /// The simulator itself.
    pub(crate) const fn running(&self) -> &Running {
        self.world.running()
    }

    /// Begins again: the instance is as at the start, nothing has been seen, the address and the
    /// secrets are the same.
    pub(crate) async fn begin_again(self) -> Result<Self, String> {
        let Self { world, .. } = self;
        world.end().await?;
        let world = begin(
            &self.scenario,
            &self.secrets,
            &self.authority,
            self.seed,
            &self.options,
        )
        .await?;
        Ok(Self {
            world,
            began: Instant::now(),
            ..self
        })
    }

    /// Judges what was seen since the scenario began, and saves the evidence below `out`. The
    /// scenario goes on.
    pub(crate) async fn judge(&self, strict: bool, out: &Path) -> Result<RunReport, String> {
        self.settle().await;
        let evidence = self.evidence();
        let relative = format!("evidence/{}", self.scenario.name());
        evidence
            .write(&out.join(&relative), &[])
            .map_err(|error| error.to_string())?;
        let judged = verdict::judge(&evidence, strict);
        Ok(RunReport::judged(&evidence, judged, Some(relative)))
    }

    /// Waits until no request is under way, for a while.
    async fn settle(&self) {
        let journal = &self.running().journal;
        let mut later = journal.subscribe();
        let _still_under_way = timeout(SETTLES_WITHIN, async {
            while under_way(journal.since(1).iter().map(|entry| &**entry)) {
                later.next().await;
            }
        })
        .await;
    }

    fn evidence(&self) -> Evidence {
        let (header, mut journal) = self.world.so_far();
        let now = self.world.ns(Instant::now());
        let act = act(&self.scenario, &journal, self.address(), now);
        if !under_way(&journal) {
            journal.push(end_of_act(&journal, now));
        }
        Evidence {
            scenario: self.scenario.clone(),
            subject: facts(),
            header,
            truth: Truth::of(&journal, MAIN, &self.user),
            journal,
            acts: vec![act],
            lag: self.lag.since(self.began),
        }
    }
}

/// Starts the instances, and the act that everything belongs to.
async fn begin(
    scenario: &Scenario,
    secrets: &Secrets,
    authority: &Arc<Authority>,
    seed: u64,
    options: &Options,
) -> Result<World, String> {
    let options = options.clone();
    let route = Route::Direct;
    let world = World::start_at(scenario, secrets, authority, seed, route, options).await?;
    let verb = scenario.acts.first().map_or(Verb::Sync, |act| act.verb);
    world.start_act(ACT, verb).await;
    Ok(world)
}

/// A port that nobody else is given while the scenario begins again: it is bound and never listened
/// on, which the listener's own socket may share.
fn held(address: SocketAddr) -> Result<(SocketAddr, TcpSocket), String> {
    let hold = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok::<_, std::io::Error>((socket.local_addr()?, socket))
    };
    hold().map_err(|error| format!("listen on `{address}`: {error}"))
}

/// Whether a request of the subject has no end yet.
fn under_way<'e>(journal: impl IntoIterator<Item = &'e Entry>) -> bool {
    let of_subject = journal
        .into_iter()
        .filter(|entry| entry.actor == Actor::Subject);
    let mut open = BTreeSet::new();
    for entry in of_subject {
        match &entry.event {
            Event::Request(request) => {
                open.insert(request.request);
            }
            Event::Outcome(outcome) => {
                open.remove(&outcome.request);
            }
            _ => {}
        }
    }
    !open.is_empty()
}

/// The act as far as the wire shows it.
fn act(scenario: &Scenario, journal: &[Entry], at: Option<&Address>, now: u64) -> ActEvidence {
    let began = journal
        .iter()
        .find(|entry| matches!(entry.event, Event::ActStarted(_)))
        .map_or(0, |entry| entry.at_ns);
    let contact = journal.iter().find(|entry| {
        matches!(entry.actor, Actor::Subject | Actor::Person)
            && matches!(entry.event, Event::Accepted(_) | Event::SynSeen(_))
    });
    let verb = scenario.acts.first().map_or(Verb::Sync, |act| act.verb);
    ActEvidence {
        host: at.map(|address| address.https.to_string()),
        first_contact_ns: contact.map(|entry| entry.at_ns),
        exited_ns: now,
        ending: ProcessEnding::Elsewhere,
        ..ActEvidence::begun(ACT, verb, began)
    }
}

/// The end of the act, as the journal would say it if the act ended now.
fn end_of_act(journal: &[Entry], now: u64) -> Entry {
    Entry {
        seq: journal.last().map_or(0, |entry| entry.seq) + 1,
        at_ns: now,
        act: ACT,
        actor: Actor::Runner,
        instance: MAIN.to_owned(),
        cause: None,
        event: Event::ActEnded(ActEnded { act: ACT }),
    }
}

fn facts() -> SubjectFacts {
    SubjectFacts {
        name: NAME.to_owned(),
        version: None,
        adapter: "none".to_owned(),
        capabilities: Vec::new(),
        declares: Declares::default(),
        has_words: false,
        has_records: false,
        route: Route::Direct,
        out_of_scope: Default::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::synthetic::Run;
    use crate::scenario::ScenarioSet;

    #[test]
    fn a_request_without_an_end_is_under_way() {
        let mut run = Run::sync();
        run.get("/api/now/table/t").ok();
        let mut journal = run.end().evidence().journal;
        assert!(!under_way(&journal));
        journal.retain(|entry| !matches!(entry.event, Event::Outcome(_)));
        assert!(under_way(&journal));
    }

    #[test]
    fn what_is_judged_late_ends_where_the_journal_ends() {
        let journal = Run::sync().evidence().journal;
        let end = end_of_act(&journal, 7);
        assert_eq!(end.seq, journal.last().unwrap().seq + 1);
    }

    #[test]
    fn what_takes_a_process_of_our_own_cannot_be_stood_open() {
        let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
        let declares = Declares::default();
        let why = |name: &str| {
            let scenario = set.find(name).unwrap().resolve(crate::scenario::For {
                table: "t",
                write_table: "w",
                declares: &declares,
            });
            unsuited(&scenario.unwrap())
        };
        assert_eq!(why("SP-T01"), None);
        assert_eq!(why("SP-A01"), None);
        let suited = set.scenarios().filter(|it| why(&it.name()).is_none());
        assert!(suited.count() > 200);
    }
}
