//! A scenario's simulator as the runner sees it: acts, contact, fired steps, journal time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use snowproof_protocol::Verb;
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::journal::{Actor, Entry, Event, Header, Subscription};
use snowproof_simulator::setup::{Action, RedirectTo, Setup};
use snowproof_simulator::simulator::{Address, Options, Running, Simulator};
use tokio::net::TcpSocket;
use tokio::time::Instant;

use super::secrets::Secrets;
use crate::scenario::{self, MAIN, Scenario};
use crate::subject::Route;

/// Any free port, for this machine alone.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A running simulator.
pub(super) struct World {
    running: Running,
    closed: ClosedPort,
}

/// A port of this machine on which nobody listens, and nobody else can: it is taken.
struct ClosedPort {
    port: u16,
    _taken: TcpSocket,
}

impl ClosedPort {
    fn take() -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(ANY_PORT)?;
        Ok(Self {
            port: socket.local_addr()?.port(),
            _taken: socket,
        })
    }
}

/// What an act's watcher is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// The subject's first connection was accepted, or a SYN of it was seen, at this journal time.
    Contact(u64),
    /// A step fired.
    Fired(String),
}

impl World {
    /// Starts a scenario's instances.
    pub(super) async fn start(
        scenario: &Scenario,
        secrets: &Secrets,
        authority: &Arc<Authority>,
        seed: u64,
        route: Route,
    ) -> Result<Self, String> {
        let anywhere = Options::default();
        Self::start_at(scenario, secrets, authority, seed, route, anywhere).await
    }

    /// Starts them where the options say.
    pub(super) async fn start_at(
        scenario: &Scenario,
        secrets: &Secrets,
        authority: &Arc<Authority>,
        seed: u64,
        route: Route,
        mut options: Options,
    ) -> Result<Self, String> {
        let mut instances = scenario.instances.clone();
        if route == Route::Proxy {
            for (name, instance) in &mut instances {
                if name == MAIN || scenario.acts.iter().any(|act| act.points_at() == name) {
                    instance.proxy.get_or_insert_default();
                }
            }
        }
        let setup = Setup {
            instances,
            steps: scenario.steps.clone(),
            passwords: secrets.passwords.clone(),
            page_size: scenario.subject.page_size,
            seed: seed_of(seed, &scenario.name()),
            proxy_credentials: Some(secrets.proxy.clone()),
            given: secrets.given.clone(),
        };
        let in_clear = scenario.subject.address == Some(scenario::Address::Http)
            || leads_to_plain_http(scenario);
        options.listen_http = options.listen_http.or(in_clear.then_some(ANY_PORT));
        options.listen_person = scenario.acts.iter().any(|act| act.verb == Verb::Connect);
        let running = Simulator::start(setup, authority, options)
            .await
            .map_err(|error| error.to_string())?;
        let closed = ClosedPort::take().map_err(|error| format!("take a port: {error}"))?;
        Ok(Self { running, closed })
    }

    /// The simulator itself, for whoever controls it by hand.
    pub(super) const fn running(&self) -> &Running {
        &self.running
    }

    /// What was journalled so far.
    pub(super) fn so_far(&self) -> (Header, Vec<Entry>) {
        let journal = &self.running.journal;
        (journal.header().clone(), journal.entries())
    }

    /// A port on which nobody listens while the scenario runs.
    pub(super) fn closed_port(&self) -> u16 {
        self.closed.port
    }

    /// Where the subject is pointed at, by the instance's name.
    pub(super) fn address(&self, instance: &str) -> Option<&Address> {
        self.running.addresses.get(instance)
    }

    /// Where a person's browser finds the instance.
    pub(super) fn person(&self) -> Option<SocketAddr> {
        self.address(MAIN)?.person
    }

    /// Where the forward proxy listens, if there is one.
    pub(super) fn proxy(&self) -> Option<SocketAddr> {
        self.running.proxy
    }

    /// The tokens, codes and sessions that the instances have made so far, by name: secrets that
    /// nobody knew before the run.
    pub(super) fn secrets_made(&self) -> Vec<(String, String)> {
        self.running.secrets_made()
    }

    /// Begins an act; what follows is journalled under its number.
    pub(super) async fn start_act(&self, act: u32, verb: Verb) -> Signs {
        let signs = Signs {
            subscription: self.running.journal.subscribe(),
            met: false,
        };
        self.running.start_act(act, &verb.to_string()).await;
        signs
    }

    /// Ends the act.
    pub(super) async fn end_act(&self) {
        self.running.end_act().await;
    }

    /// The record of a table that an act may be asked to change: the one whose key comes first,
    /// whoever may see it. None where the table is empty.
    pub(super) async fn first_record(&self, table: &str) -> Result<Option<String>, String> {
        let found = self.running.matching(MAIN, table, "").await;
        let found = found.map_err(|error| format!("look for a record: {error}"))?;
        Ok(found.into_iter().next())
    }

    /// Whether the instance holds what a query finds, whoever may see it.
    pub(super) async fn holds(&self, table: &str, query: &str) -> Result<bool, String> {
        let found = self.running.matching(MAIN, table, query).await;
        let found = found.map_err(|error| format!("look into the records: {error}"))?;
        Ok(!found.is_empty())
    }

    /// Journal time of a moment.
    pub(super) fn ns(&self, moment: Instant) -> u64 {
        self.running.journal_ns(moment)
    }

    /// Stops the instances and gives all that was journalled.
    pub(super) async fn end(self) -> Result<(Header, Vec<Entry>), String> {
        let journal = self.running.journal.clone();
        let stopped = self.running.shutdown().await;
        stopped.map_err(|error| format!("the simulator did not stop cleanly: {error}"))?;
        Ok((journal.header().clone(), journal.entries()))
    }
}

/// Whether an instance sends its callers to a port without TLS, from the start or later.
fn leads_to_plain_http(scenario: &Scenario) -> bool {
    let set_up = scenario.instances.values();
    let set_up = set_up.filter_map(|instance| instance.redirects.as_ref());
    let actions = scenario.steps.values();
    let later = actions
        .flat_map(|step| step.actions.iter().flatten())
        .filter_map(|action| match action {
            Action::SetRedirects(redirects) => Some(redirects),
            _ => None,
        });
    set_up
        .chain(later)
        .any(|redirects| redirects.to == Some(RedirectTo::PlainHttp))
}

/// The signs of an act, as they come.
pub(super) struct Signs {
    subscription: Subscription,
    met: bool,
}

impl Signs {
    /// The next sign; never returns once the journal is closed.
    pub(super) async fn next(&mut self) -> Sign {
        while let Some(entry) = self.subscription.next().await {
            match &entry.event {
                // A connection that was kept from an earlier act is seen by what it carries.
                Event::Accepted(_) | Event::SynSeen(_) | Event::Request(_)
                    // A person whom the subject sent there came because of it.
                    if matches!(entry.actor, Actor::Subject | Actor::Person) && !self.met =>
                {
                    self.met = true;
                    return Sign::Contact(entry.at_ns);
                }
                Event::StepFired(fired) => return Sign::Fired(fired.step.clone()),
                _ => {}
            }
        }
        std::future::pending().await
    }
}

/// A scenario's own seed, so that its world does not depend on what else is run.
fn seed_of(seed: u64, scenario: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(scenario.as_bytes());
    hash.finalize()
        .iter()
        .take(8)
        .fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn a_closed_port_refuses_and_is_nobody_elses() {
        let closed = ClosedPort::take().unwrap();
        let address = SocketAddr::new(ANY_PORT.ip(), closed.port);
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
        TcpListener::bind(address).await.unwrap_err();
    }
}
