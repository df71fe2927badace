//! `snowproof service`: asks a connector that is a service to do one thing, and prints how that went.
//! The runner starts it for the adapter `http`. Where the service lives for this alone, it starts and
//! ends it, so that all processes are one act's.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use self::sink::Sink;
use super::{Ended, Failure, exit, printing};
use crate::run::talk::{PAUSE, READY_WITHIN, Talk};
use crate::subject::{Ask, JOB, LISTEN_PORT, Method, SINK_URL, ServiceOrder, Status};

mod sink;

/// Between TERM and KILL.
const GRACE: Duration = Duration::from_secs(1);

/// Ask a service to do one thing, started for that or running already, and print how it went
#[derive(Debug, Args)]
#[command(after_help = "The runner calls it for the adapter `http`.

Examples:
  snowproof service order.json
  snowproof service order.json check")]
pub(super) struct Arguments {
    /// What to start and to ask
    #[arg(value_name = "FILE")]
    order: PathBuf,
    /// The verb, for whoever lists processes
    #[arg(value_name = "VERB")]
    verb: Option<String>,
}

pub(super) async fn run(arguments: &Arguments) -> Ended {
    let mut order = read(&arguments.order)?;
    let sink = match &order.sink {
        Some(file) => Some(Sink::open(file).await?),
        None => None,
    };
    if let Some(sink) = &sink {
        order = filled(&order, SINK_URL, sink.url());
    }
    let went = match order.port {
        Some(port) => through(&order, port, None).await,
        None => started(&order).await,
    };
    // A service may hand over its last records as it ends.
    if let Some(sink) = sink {
        sink.close().await;
    }
    let (succeeded, document) = went?;
    printing::data(&document.to_string());
    Ok(if succeeded {
        exit::CONFORMS
    } else {
        exit::FAILS
    })
}

fn read(path: &Path) -> Result<ServiceOrder, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("failed to read `{}`: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(Failure::usage)
}

/// The order with a name between braces replaced.
fn filled(order: &ServiceOrder, name: &str, value: &str) -> ServiceOrder {
    let fill = |text: &String| text.replace(&format!("{{{name}}}"), value);
    ServiceOrder {
        command: order.command.iter().map(fill).collect(),
        ready: fill(&order.ready),
        ask: Ask {
            path: fill(&order.ask.path),
            body: order.ask.body.as_ref().map(|body| filled_json(body, &fill)),
            ..order.ask.clone()
        },
        status: order.status.as_ref().map(|status| Status {
            path: fill(&status.path),
            ..status.clone()
        }),
        ..order.clone()
    }
}

fn filled_json(body: &Value, fill: &impl Fn(&String) -> String) -> Value {
    match body {
        Value::String(text) => Value::String(fill(text)),
        Value::Array(items) => items.iter().map(|item| filled_json(item, fill)).collect(),
        Value::Object(fields) => {
            let filled = |(key, value): (&String, &Value)| (key.clone(), filled_json(value, fill));
            Value::Object(fields.iter().map(filled).collect())
        }
        other => other.clone(),
    }
}

/// Starts the service, asks it, and ends it.
async fn started(order: &ServiceOrder) -> Result<(bool, Value), Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::harness)?;
    let port = listener.local_addr().map_err(Failure::harness)?.port();
    // The service takes the port that is free again.
    drop(listener);
    let order = filled(order, LISTEN_PORT, &port.to_string());
    let (program, words) = order
        .command
        .split_first()
        .ok_or_else(|| Failure::usage("the command is empty"))?;
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::usage(format!("`{program}`: {error}")))?;
    let went = through(&order, port, Some(&mut child)).await;
    end(&mut child).await;
    went
}

/// Waits until it is ready, asks, and waits until that is done: whether it succeeded, and what it
/// says.
async fn through(
    order: &ServiceOrder,
    port: u16,
    mut child: Option<&mut Child>,
) -> Result<(bool, Value), Failure> {
    let talk = Talk::with(port).map_err(Failure::harness)?;
    // Whoever keeps a service has waited until it was ready.
    if child.is_some() {
        let until = Instant::now() + READY_WITHIN;
        while !talk.is_ready(&order.ready).await {
            still_runs(child.as_deref_mut())?;
            if Instant::now() > until {
                let within = READY_WITHIN.as_secs();
                let what = format!("the service did not answer {} in {within} s", order.ready);
                return Err(Failure::usage(what));
            }
            sleep(PAUSE).await;
        }
    }
    let answer = talk.ask(&order.ask).await.map_err(Failure::usage)?;
    let Some(status) = order.status.as_ref().filter(|_| answer.is_good()) else {
        return Ok((answer.is_good(), answer.document));
    };
    let job = status.job.as_ref();
    let job = job.and_then(|job| answer.document.pointer(job));
    let path = status
        .path
        .replace(&format!("{{{JOB}}}"), &job.map(text).unwrap_or_default());
    loop {
        let asked = Ask {
            method: Method::Get,
            path: path.clone(),
            body: None,
        };
        let answer = talk.ask(&asked).await.map_err(Failure::usage)?;
        let state = answer.document.pointer(&status.state).map(text);
        let state = state.unwrap_or_default();
        if status.success.contains(&state) {
            return Ok((true, answer.document));
        }
        if !answer.is_good() || status.failure.contains(&state) {
            return Ok((false, answer.document));
        }
        still_runs(child.as_deref_mut())?;
        sleep(PAUSE).await;
    }
}

/// Of one that runs already whoever keeps it says how it ended.
fn still_runs(child: Option<&mut Child>) -> Result<(), Failure> {
    match child.map(Child::try_wait) {
        Some(Ok(Some(status))) => Err(Failure::usage(format!("the service ended: {status}"))),
        _ => Ok(()),
    }
}

/// A state or a job may be a number.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

async fn end(child: &mut Child) {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(id) = id {
        let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        let _ = timeout(GRACE, child.wait()).await;
    }
    let _ = child.start_kill();
}
