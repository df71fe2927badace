//! `snowproof serve`: a fake instance to point anything at.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use clap::Args;
use snowproof_simulator::connection::certificates::Authority;
use snowproof_simulator::control::{ControlPlane, Token};
use snowproof_simulator::setup::{InstanceSetup, ProxyCredentials, Setup, UserSetup};
use snowproof_simulator::simulator::{Options, Running, Simulator};

use super::scenarios::{self, Timed};
use super::signals::Asked;
use super::{Ended, Failure, exit, printing};
use crate::instance;
use crate::run::{PROXY_USER, random_password};
use crate::scenario::{DEFAULT_USER, For, Scenario};
use crate::subject::{Declares, Tables};
use crate::yaml::{self, SourceFile};

mod demo_client;
mod developer_site;
mod filling;
mod judging;
mod ready;

use filling::Filling;
use ready::Ready;

/// The administrator of the demo instance.
const ADMINISTRATOR: &str = "admin";
/// Entries of the journal that stay in memory, so that an instance can run for weeks.
const KEPT_ENTRIES: usize = 100_000;
/// Where a password can be given unseen.
const PASSWORD_VARIABLE: &str = "SNOWPROOF_PASSWORD";
/// Where the authority's certificate stands in its folder.
const CA_FILE: &str = "ca.pem";
/// The table of the curl line.
const TABLE: &str = "cmdb_ci_server";

/// Run a fake instance, healthy or in the middle of a scenario, until Ctrl-C
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof serve                              a healthy instance with demo data, and the curl line that reads it
  snowproof serve --scenario SP-T01 --ready-json --ca-dir .ca
  snowproof serve --instance mine.yaml         an instance with your tables, users and rows
  snowproof serve --judge --scenario SP-T01    judge a connector that is already running somewhere

Whoever meets the instance asleep wakes it as in life: the button of its page leads to the developer site, whose address
is printed too; sign in there, and it is offline for 3 minutes, then awake. No call of the API wakes it.

With --judge, for scenarios of one act that checks or syncs: the settings for the connector are printed, POST /judge
of the control API says what the wire saw of it since the last POST /clear (or the start), as one run of report.json
does, and Ctrl-C prints it. What needs the connector's words, records or exit status does not apply; `needs_words`
names those checks. Judge when the connector is done: whoever has not yet come back looks like one who gave up.

The control API (--control) changes what an instance is by POST /conditions, with an action as scenarios write it:
  \"hibernate\"                         it sleeps, and no call wakes it
  \"sign_in\"                           its owner signs in to the developer site: offline for 3 minutes, then awake
  {\"enter\": \"down\"}                 it is in this state at once; {\"enter\": \"awake\"} ends it
  {\"fail_over\": {\"for\": \"2m\"}}       out of reach for so long, and every session is lost
  {\"upgrade\": {\"for\": \"10m\"}}       nodes fail one by one")]
pub(super) struct Arguments {
    /// Play this scenario, CODE or CODE/VARIANT; without it the instance is healthy
    #[arg(long, value_name = "CODE[/VARIANT]")]
    scenario: Option<String>,
    #[command(flatten)]
    sources: Timed,
    /// The instance as this file sets it up: its tables, users, rows and conditions
    #[arg(long, value_name = "FILE", conflicts_with = "scenario")]
    instance: Option<PathBuf>,
    /// The table that the connector reads
    #[arg(long, value_name = "NAME", default_value = TABLE)]
    table: String,
    /// Judge what connects, by the wire alone
    #[arg(long, requires = "scenario", conflicts_with = "data")]
    judge: bool,
    /// With --judge: folder for reports and evidence, `run-1`, `run-2` and so on
    #[arg(long, value_name = "DIR", default_value = "snowproof-report")]
    out: PathBuf,
    /// With --judge: fail where a check of severity `should` fails
    #[arg(long)]
    strict: bool,
    /// Where the instance listens with TLS
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Listen without TLS too
    #[arg(long, value_name = "ADDRESS")]
    http: Option<SocketAddr>,
    /// Listen as a forward proxy too: whatever host is asked for, the instance answers
    #[arg(long, value_name = "ADDRESS")]
    proxy: Option<SocketAddr>,
    /// Listen for the control API too; its token is printed
    #[arg(long, value_name = "ADDRESS")]
    control: Option<SocketAddr>,
    /// Keep the records in this file
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Names that the certificate covers beside localhost and the instance's own
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    san: Vec<String>,
    /// Folder of the certificate authority, which is made there if it is missing
    #[arg(long, value_name = "DIR")]
    ca_dir: Option<PathBuf>,
    /// Password of the users. Every process on this machine can read it here: rather set
    /// SNOWPROOF_PASSWORD in the environment. Without either, one is made
    #[arg(long, value_name = "TEXT")]
    password: Option<String>,
    /// Seed of the demo data
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Print one line of JSON on stdout once it answers
    #[arg(long)]
    ready_json: bool,
    /// Allow addresses that other machines can reach, with a warning for each
    #[arg(long)]
    expose: bool,
}

pub(super) async fn run(arguments: Arguments) -> Ended {
    check_exposure(&arguments)?;
    if arguments.judge {
        return judging::run(arguments).await;
    }
    let (setup, user) = setup(&arguments)?;
    let password = setup.passwords.get(&user).cloned().unwrap_or_default();
    let authority = authority(&arguments)?;
    let kept = tempfile::Builder::new()
        .prefix("snowproof-ca-")
        .tempdir()
        .map_err(Failure::harness)?;
    let ca_file = match &arguments.ca_dir {
        Some(folder) => folder.join(CA_FILE),
        None => kept.path().join(CA_FILE),
    };
    std::fs::write(&ca_file, authority.ca_pem()).map_err(Failure::harness)?;

    let options = Options {
        listen: Some(arguments.listen),
        listen_http: arguments.http,
        listen_proxy: arguments.proxy,
        extra_names: arguments.san.clone(),
        data: arguments.data.clone(),
        journal_kept: NonZeroUsize::new(KEPT_ENTRIES),
        ..Options::default()
    };
    let shown_to_proxy = setup.proxy_credentials.clone();
    let has_client = setup
        .instances
        .values()
        .any(|it| it.oauth_clients.is_some());
    let client = has_client.then(|| setup.given.clone());
    let mut asked = Asked::listen().map_err(Failure::harness)?;
    let Some(running) = started(setup, authority, options, &mut asked).await? else {
        printing::talk("stopped before the instance was filled");
        return Ok(exit::INTERRUPTED);
    };
    let token = random_password();
    let control = match arguments.control {
        Some(listen) => {
            let control = ControlPlane::start(&running, Some(listen), Token::new(token.clone()));
            Some(control.await.map_err(Failure::harness)?)
        }
        None => None,
    };
    running.start_act(1, "serve").await;
    let address = running
        .addresses
        .values()
        .next()
        .ok_or_else(|| Failure::harness("the simulator has no instance"))?;
    let ready = Ready {
        https: address.base_url(),
        http: address.http.map(|http| format!("http://{http}")),
        proxy: running.proxy.map(|proxy| format!("http://{proxy}")),
        shown_to_proxy: shown_to_proxy.filter(|_| running.proxy.is_some()),
        client,
        control: control
            .as_ref()
            .map(|control| format!("http://{}", control.address)),
        control_token: control.as_ref().map(|_| token),
        developer_site: developer_site::url(&running),
        ca_file: ca_file.display().to_string(),
        user,
        password,
        table: arguments.table.clone(),
        judged: None,
    };
    ready.tell(arguments.ready_json);
    asked.ended().await;
    running.shutdown().await.map_err(Failure::harness)?;
    Ok(exit::CONFORMS)
}

fn authority(arguments: &Arguments) -> Result<Authority, Failure> {
    match &arguments.ca_dir {
        Some(folder) => Authority::load_or_create(folder),
        None => Authority::generate(),
    }
    .map_err(Failure::harness)
}

/// The simulator, unless it is asked to end before it has started.
async fn started(
    setup: Setup,
    authority: Authority,
    mut options: Options,
    asked: &mut Asked,
) -> Result<Option<Running>, Failure> {
    let filling = Arc::new(Filling::default());
    options.watch = Some(filling.watch());
    let authority = Arc::new(authority);
    let mut starting = pin!(Simulator::start(setup, &authority, options));
    let (started, is_asked) = tokio::select! {
        started = &mut starting => (started, false),
        () = asked.ended() => {
            filling.stop();
            // What is half filled is removed before this ends.
            (starting.await, true)
        }
    };
    filling.end();
    match started {
        Ok(running) if is_asked => {
            running.shutdown().await.map_err(Failure::harness)?;
            Ok(None)
        }
        Err(_) if is_asked => Ok(None),
        started => started.map(Some).map_err(Failure::harness),
    }
}

/// A fake instance is full of holes by design.
fn check_exposure(arguments: &Arguments) -> Result<(), Failure> {
    let addresses = [
        Some(arguments.listen),
        arguments.http,
        arguments.proxy,
        arguments.control,
    ];
    for address in addresses.into_iter().flatten() {
        if let Some(warning) = exposure(address, arguments.expose)? {
            printing::talk(&warning);
        }
    }
    Ok(())
}

/// What is to be said before an address is listened on.
fn exposure(address: SocketAddr, allowed: bool) -> Result<Option<String>, Failure> {
    if address.ip().is_loopback() {
        return Ok(None);
    }
    let reached = format!("`{address}` can be reached from other machines");
    if allowed {
        return Ok(Some(format!(
            "warning: {reached}: whoever does can read and change this instance"
        )));
    }
    let remedy = "listen on 127.0.0.1 or [::1], or add --expose";
    Err(Failure::usage(format!("{reached}; {remedy}")))
}

/// The password that somebody chose; the command line goes before the environment.
fn chosen_password(arguments: &Arguments) -> Result<Option<String>, Failure> {
    let (source, chosen) = match &arguments.password {
        Some(password) => ("--password", Some(password.clone())),
        None => (PASSWORD_VARIABLE, environment(PASSWORD_VARIABLE)?),
    };
    match chosen {
        Some(password) if password.is_empty() => Err(Failure::usage(format!(
            "{source} is empty; give it a password, or leave it out to have one made"
        ))),
        chosen => Ok(chosen),
    }
}

fn environment(name: &str) -> Result<Option<String>, Failure> {
    use std::env::VarError;
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Failure::usage(format!("{name} is not UTF-8"))),
    }
}

/// The instance, and the user to sign in as.
fn setup(arguments: &Arguments) -> Result<(Setup, String), Failure> {
    let chosen = chosen_password(arguments)?;
    let secret = || chosen.clone().unwrap_or_else(random_password);
    let mut setup = Setup {
        seed: arguments.seed,
        ..Setup::default()
    };
    let user = match &arguments.scenario {
        Some(name) => {
            let scenario = scenario(arguments, name)?;
            if let Some(setting) = scenario.lies_in_settings() {
                printing::talk(&format!(
                    "{} lies in what the connector is told: {setting}; what is printed here is right",
                    scenario.name()
                ));
            }
            setup.instances = scenario.instances;
            setup.steps = scenario.steps;
            setup.page_size = scenario.subject.page_size;
            scenario
                .subject
                .user
                .unwrap_or_else(|| DEFAULT_USER.to_owned())
        }
        None => {
            let reader = UserSetup {
                roles: Some(vec!["itil".to_owned(), "cmdb_read".to_owned()]),
                ..UserSetup::default()
            };
            let mut instance = match &arguments.instance {
                Some(file) => read_instance(file)?,
                None => InstanceSetup::default(),
            };
            instance
                .users
                .get_or_insert_default()
                .entry(DEFAULT_USER.to_owned())
                .or_insert(reader);
            demo_client::add(&mut instance);
            setup.instances = [("main".to_owned(), instance)].into();
            ADMINISTRATOR.to_owned()
        }
    };
    let users = setup
        .instances
        .values()
        .flat_map(|instance| instance.users.iter().flatten())
        .map(|(name, _)| name.clone());
    let everyone: Vec<String> = users.chain([ADMINISTRATOR.to_owned()]).collect();
    setup.passwords = everyone.into_iter().map(|user| (user, secret())).collect();
    setup.passwords.entry(user.clone()).or_insert_with(secret);
    developer_site::add(&mut setup, &user);
    setup.given = demo_client::given(&user);
    setup.proxy_credentials = Some(ProxyCredentials {
        user: PROXY_USER.to_owned(),
        password: secret(),
    });
    Ok((setup, user))
}

/// The scenario as somebody meets it who declares nothing.
fn scenario(arguments: &Arguments, name: &str) -> Result<Scenario, Failure> {
    let set = arguments.sources.load()?;
    let declares = Declares::default();
    scenarios::named(&set, name)?
        .resolve(For {
            table: &arguments.table,
            write_table: &Tables::default().write,
            declares: &declares,
        })
        .map_err(Failure::harness)
}

fn read_instance(file: &Path) -> Result<InstanceSetup, Failure> {
    let text = yaml::text_of(file)
        .map_err(|error| Failure::usage(format!("failed to read `{}`: {error}", file.display())))?;
    let source = SourceFile {
        name: file.display().to_string(),
        text,
    };
    instance::read(&source).map_err(|error| Failure::new(exit::USAGE, error.rendered()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_others_can_reach_is_refused_or_warned_of() {
        let at = |address: &str, allowed| exposure(address.parse().unwrap(), allowed);
        for address in ["127.0.0.1:0", "[::1]:8443"] {
            assert_eq!(at(address, false).unwrap(), None);
        }
        for address in ["0.0.0.0:8443", "[::]:0", "192.0.2.7:80"] {
            let Err(refused) = at(address, false) else {
                panic!("{address} is listened on");
            };
            assert!(format!("{refused:?}").contains("--expose"), "{refused:?}");
            let warning = at(address, true).unwrap().unwrap();
            assert!(
                warning.starts_with(&format!("warning: `{address}`")),
                "{warning}"
            );
        }
    }
}
