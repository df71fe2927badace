//! A service that lives longer than an act: one process group, started, asked whether it is ready,
//! and ended as a whole.
//!
//! It knows nothing of acts; `host` says who shares it, `log` hears what it writes.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::process::{Launch, Process};
use super::talk::{PAUSE, READY_WITHIN, Talk};
use crate::subject::LISTEN_PORT;

mod host;
mod log;
mod recipe;

pub(super) use host::{Guest, RunHost, Seat, Stay, Unready};
use log::{Audience, Log};
pub(super) use recipe::Recipe;

/// Between TERM and KILL.
const GRACE: Duration = Duration::from_secs(2);

/// A running service.
pub(super) struct Daemon {
    port: u16,
    recipe: Recipe,
    process: Mutex<Process>,
    id: i32,
    log: Log,
}

impl Daemon {
    /// Starts one on a free port. The error says what the system said.
    fn start(recipe: Recipe, audience: &Audience) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        // The service takes the port that is free again.
        drop(listener);
        let (reader, writer) = std::io::pipe()?;
        let log = Log::read(reader, audience.clone())?;
        let name = format!("{{{LISTEN_PORT}}}");
        let command = recipe.launch.command.iter();
        let launch = Launch {
            command: command
                .map(|word| word.replace(&name, &port.to_string()))
                .collect(),
            ..recipe.launch.clone()
        };
        let process = Process::start_into(&launch, writer)?;
        Ok(Self {
            port,
            recipe,
            id: process.id(),
            process: Mutex::new(process),
            log,
        })
    }

    /// Waits until it answers this path with 2xx. The error says why it does not.
    async fn get_ready(&self, path: &str) -> Result<(), String> {
        let talk = Talk::with(self.port)?;
        let until = Instant::now() + READY_WITHIN;
        while !talk.is_ready(path).await {
            if let Some(how) = self.ended().await {
                return Err(format!("the service ended before it was ready: {how}"));
            }
            if Instant::now() > until {
                let within = READY_WITHIN.as_secs();
                return Err(format!(
                    "the service did not answer {path} with 2xx in {within} s"
                ));
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Where it listens.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// How it ended; none while it runs. What it left behind is swept.
    async fn ended(&self) -> Option<String> {
        let mut process = self.process.lock().await;
        let status = process.try_wait().ok().flatten()?;
        process.sweep();
        Some(status.to_string())
    }

    /// The same for one that somebody got no answer from: where its port is closed it is about to
    /// end, and is waited for.
    async fn ended_silently(&self) -> Option<String> {
        if let Some(how) = self.ended().await {
            return Some(how);
        }
        let answers = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await;
        if answers.is_ok() {
            return None;
        }
        let mut process = self.process.lock().await;
        let status = timeout(GRACE, process.wait()).await.ok()?.ok()?;
        process.sweep();
        Some(status.to_string())
    }

    /// Kills it and whatever it started.
    pub(super) async fn kill(&self) {
        let mut process = self.process.lock().await;
        process.sweep();
        let _dead_or_stuck = timeout(GRACE, process.wait()).await;
    }

    /// Asks it to end, and kills whatever is left once it has or `hurry` is done.
    async fn end(&self, hurry: impl Future<Output = ()>) {
        let mut process = self.process.lock().await;
        if !matches!(process.try_wait(), Ok(Some(_))) {
            process.terminate();
            tokio::select! {
                _ = timeout(GRACE, process.wait()) => {}
                () = hurry => {}
            }
        }
        process.sweep();
        let _dead_or_stuck = timeout(GRACE, process.wait()).await;
    }
}
