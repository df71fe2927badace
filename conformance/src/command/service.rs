//! `snowproof service`: starts a connector that is a service, asks it to do one thing, and prints how
//! that went. The runner starts it for the adapter `http`, so that all processes are one act's.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::{Ended, Failure, exit, printing};
use crate::subject::{Ask, JOB, LISTEN_PORT, Method, ServiceOrder, Status};

/// The longest that a service may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(50);
/// Between TERM and KILL.
const GRACE: Duration = Duration::from_secs(1);

/// Start a service, ask it to do one thing, and print how that went
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
    let order = read(&arguments.order)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::harness)?;
    let port = listener.local_addr().map_err(Failure::harness)?.port();
    // The service takes the port that is free again.
    drop(listener);
    let order = filled(&order, LISTEN_PORT, &port.to_string());
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
    let http = reqwest::Client::builder().no_proxy().build();
    let talk = Talk {
        http: http.map_err(Failure::harness)?,
        base: format!("http://{}:{port}", Ipv4Addr::LOCALHOST),
    };
    let went = talk.through(&order, &mut child).await;
    end(&mut child).await;
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
            ..order.ask.clone()
        },
        status: order.status.as_ref().map(|status| Status {
            path: fill(&status.path),
            ..status.clone()
        }),
    }
}

/// A conversation with a service.
struct Talk {
    http: reqwest::Client,
    base: String,
}

impl Talk {
    /// Waits until it is ready, asks, and waits until that is done: whether it succeeded, and what
    /// it says.
    async fn through(
        &self,
        order: &ServiceOrder,
        child: &mut Child,
    ) -> Result<(bool, Value), Failure> {
        let until = Instant::now() + READY_WITHIN;
        while !self.is_ready(&order.ready).await {
            still_runs(child)?;
            if Instant::now() > until {
                let within = READY_WITHIN.as_secs();
                let what = format!("the service did not answer {} in {within} s", order.ready);
                return Err(Failure::usage(what));
            }
            sleep(PAUSE).await;
        }
        let (good, answer) = self.ask(&order.ask).await?;
        let Some(status) = order.status.as_ref().filter(|_| good) else {
            return Ok((good, answer));
        };
        let job = status.job.as_ref().and_then(|job| answer.pointer(job));
        let path = status
            .path
            .replace(&format!("{{{JOB}}}"), &job.map(text).unwrap_or_default());
        loop {
            let asked = Ask {
                method: Method::Get,
                path: path.clone(),
                body: None,
            };
            let (good, document) = self.ask(&asked).await?;
            let state = document.pointer(&status.state).map(text);
            let state = state.unwrap_or_default();
            if status.success.contains(&state) {
                return Ok((true, document));
            }
            if !good || status.failure.contains(&state) {
                return Ok((false, document));
            }
            still_runs(child)?;
            sleep(PAUSE).await;
        }
    }

    async fn is_ready(&self, path: &str) -> bool {
        let asked = self.http.get(format!("{}{path}", self.base)).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    /// Whether it answered well, and what.
    async fn ask(&self, ask: &Ask) -> Result<(bool, Value), Failure> {
        let url = format!("{}{}", self.base, ask.path);
        let mut request = match ask.method {
            Method::Post => self.http.post(url),
            Method::Put => self.http.put(url),
            Method::Get => self.http.get(url),
        };
        if let Some(body) = &ask.body {
            let json = HeaderValue::from_static("application/json");
            request = request.header(CONTENT_TYPE, json).body(body.to_string());
        }
        let lost = |error: reqwest::Error| {
            Failure::usage(format!("the service did not answer {}: {error}", ask.path))
        };
        let answer = request.send().await.map_err(lost)?;
        let good = answer.status().is_success();
        let text = answer.text().await.map_err(lost)?;
        let document = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok((good, document))
    }
}

fn still_runs(child: &mut Child) -> Result<(), Failure> {
    match child.try_wait() {
        Ok(Some(status)) => Err(Failure::usage(format!("the service ended: {status}"))),
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
