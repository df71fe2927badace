//! `serve --judge`: a scenario stands open, and the control API says what was seen of whoever came.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use snowproof_protocol::Parameter;
use snowproof_simulator::control::{Call, ControlPlane, Further, Token};
use tokio::sync::mpsc;

use super::ready::{Judged, Ready};
use super::{Arguments, Asked, CA_FILE, Ended, Failure, authority, chosen_password, scenario};
use crate::checks::{Axis, CheckResult, about};
use crate::command::driving::{conclude_in, write};
use crate::command::gate::Gate;
use crate::command::printing;
use crate::report::{Frame, Report, ReportedSubject, RunReport};
use crate::run::standing::{self, Place, Standing};
use crate::run::{Held, prepare, random_password};

/// What the control API answers beside its own: a verdict, and a new beginning.
const CALLS: &[&str] = &["judge", "clear"];
/// Parameters that are of use to a process that is started here, and to nobody else.
const OF_A_PROCESS: [Parameter; 3] = [Parameter::RunId, Parameter::StateFile, Parameter::OutDir];

/// Everything seen between two beginnings, and where it is written.
struct Round {
    number: u32,
    out: PathBuf,
    started: jiff::Timestamp,
    _held: Held,
}

impl Round {
    fn begin(number: u32, below: &Path) -> Result<Self, Failure> {
        let out = below.join(format!("run-{number}"));
        let held = prepare(&out).map_err(|error| {
            Failure::usage(format!("{error}\nchoose the folder with --out DIR"))
        })?;
        Ok(Self {
            number,
            out,
            started: jiff::Timestamp::now(),
            _held: held,
        })
    }
}

pub(super) async fn run(arguments: Arguments) -> Ended {
    let name = arguments.scenario.as_deref().unwrap_or_default();
    let scenario = scenario(&arguments, name)?;
    if let Some(why) = standing::unsuited(&scenario) {
        return Err(Failure::usage(format!(
            "`serve --judge` cannot play {}: {why}; `snowproof exec` and `snowproof test` can",
            scenario.name()
        )));
    }
    let about = format!("{}: {}", scenario.name(), scenario.title);
    let mut asked = Asked::listen().map_err(Failure::harness)?;
    let mut round = Round::begin(1, &arguments.out)?;
    let place = Place {
        listen: arguments.listen,
        http: arguments.http,
        proxy: arguments.proxy,
        names: arguments.san.clone(),
        password: chosen_password(&arguments)?,
        seed: arguments.seed,
    };
    let standing = Standing::open(scenario, authority(&arguments)?, place).await;
    let mut standing = standing.map_err(Failure::harness)?;

    let (calls, mut called) = mpsc::channel(1);
    let further = Further {
        names: CALLS,
        calls,
    };
    let token = random_password();
    let control = ControlPlane::start_with(
        standing.running(),
        arguments.control,
        Token::new(token.clone()),
        Some(further),
    );
    let control = control.await.map_err(Failure::harness)?;
    ready(&arguments, &standing, about, &control, token)?.tell(arguments.ready_json);

    loop {
        let call: Call = tokio::select! {
            () = asked.ended() => break,
            call = called.recv() => match call {
                Some(call) => call,
                None => break,
            },
        };
        if call.name == "judge" {
            match judged(&arguments, &standing, &round).await {
                Ok(report) => call.grant(answer(&report)),
                Err(failure) => call.fail(failure.message),
            }
            continue;
        }
        let began = match Round::begin(round.number + 1, &arguments.out) {
            Ok(next) => standing
                .begin_again()
                .await
                .map(|standing| (standing, next))
                .map_err(Failure::harness),
            Err(failure) => Err(failure),
        };
        match began {
            Ok(began) => {
                (standing, round) = began;
                control.turn_to(standing.running());
                call.grant(json!({ "run": round.number, "out": round.out }));
            }
            Err(failure) => {
                call.fail(failure.message.clone());
                return Err(failure);
            }
        }
    }
    let report = judged(&arguments, &standing, &round).await?;
    let needing: Vec<&str> = report.runs.iter().flat_map(needing_words).collect();
    let status = conclude_in(&report, &round.out, &Gate::default())?;
    if !needing.is_empty() {
        printing::talk(&format!(
            "hint: {} need more than the wire: the connector's words, its outcome or its output; `snowproof test` \
             with a manifest has them",
            needing.join(", ")
        ));
    }
    Ok(status)
}

fn ready(
    arguments: &Arguments,
    standing: &Standing,
    scenario: String,
    control: &ControlPlane,
    token: String,
) -> Result<Ready, Failure> {
    let address = standing
        .address()
        .ok_or_else(|| Failure::harness("the simulator has no instance"))?;
    let mut told = standing.told().clone();
    told.retain(|parameter, _| !OF_A_PROCESS.contains(parameter));
    if let Some(folder) = &arguments.ca_dir {
        let file = folder.join(CA_FILE).display().to_string();
        told.insert(Parameter::CaFile, file);
    }
    let of = |parameter| told.get(&parameter).cloned().unwrap_or_default();
    Ok(Ready {
        https: address.base_url(),
        http: address.http.map(|http| format!("http://{http}")),
        proxy: standing
            .running()
            .proxy
            .map(|proxy| format!("http://{proxy}")),
        shown_to_proxy: None,
        client: None,
        control: Some(format!("http://{}", control.address)),
        control_token: Some(token),
        developer_site: None,
        ca_file: of(Parameter::CaFile),
        user: of(Parameter::User),
        password: of(Parameter::Password),
        table: of(Parameter::Table),
        judged: Some(Judged { scenario, told }),
    })
}

/// The report of what was seen in this round, written down.
async fn judged(
    arguments: &Arguments,
    standing: &Standing,
    round: &Round,
) -> Result<Report, Failure> {
    let run = standing.judge(arguments.strict, &round.out).await;
    let run = run.map_err(Failure::harness)?;
    let mut command = ["snowproof", "serve", "--judge", "--scenario", "{scenario}"]
        .map(str::to_owned)
        .to_vec();
    command.extend(arguments.sources.repeating());
    let report = Report::assemble(
        Frame {
            plan_hash: String::new(),
            seed: arguments.seed,
            subject: ReportedSubject {
                name: standing::NAME.to_owned(),
                about: None,
                version: None,
                has_words: false,
            },
            command,
            started: round.started.to_string(),
            wall_ms: run.wall_ms,
            interrupted: false,
            strict: arguments.strict,
        },
        vec![run],
    );
    write(&report, &round.out)?;
    Ok(report)
}

/// One run of `report.json`, and the checks that the wire alone cannot decide.
fn answer(report: &Report) -> Value {
    let Some(run) = report.runs.first() else {
        return Value::Null;
    };
    let mut answer = serde_json::to_value(run).unwrap_or_default();
    if let Some(object) = answer.as_object_mut() {
        object.insert("needs_words".to_owned(), json!(needing_words(run)));
    }
    answer
}

/// The checks that do not apply because nothing was heard of the connector.
fn needing_words(run: &RunReport) -> Vec<&str> {
    let silent = run.checks.iter().filter(|check| {
        check.ruling.result == CheckResult::NotApplicable
            && about(&check.id)
                .is_some_and(|about| about.axis == Axis::Diagnosis || about.of_the_process)
    });
    silent.map(|check| check.id.as_str()).collect()
}
