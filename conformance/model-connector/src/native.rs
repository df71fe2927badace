//! The native protocol: `hello`, then a result for every `run`, until stdin ends or a signal asks
//! to stop.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;
use snowproof_protocol::{
    EXIT_NOT_IMPLEMENTED, LogLevel, Outcome, Parameter, Run, ToConnector, Verb,
};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::client::{Client, ListRequest, Rows};
use crate::diagnosis::{Failure, VERIFICATION_OFF};
use crate::ending::{self, Ended, Halt};
use crate::near_misses::NEAR_MISSES;
use crate::policy::{ExitStatus, OnFailure, PlainHttp, Policy};
use crate::settings::{self, Authentication, Settings};
use crate::sins::SINS;
use crate::stop::{Stop, Stopper};
use crate::voice::{self, Voice};
use crate::{
    EXIT_USAGE, Options, Variation, attach, check, connect, email, oauth, provision, sync, update,
    write,
};

mod stdin;

/// Before each request after the result.
const PAUSE_AFTER_RESULT: Duration = Duration::from_secs(1);

/// Speaks the native protocol on stdin and stdout.
///
/// Exit status: 0 when the last run was a success or a part of one, 1 when it failed or the
/// messages could not be read, 3 for a sin or near-miss that does not exist, 89 for something
/// that is not implemented.
pub async fn run(options: Options) -> ExitCode {
    if options.list {
        return print(&listing()).await;
    }
    let policy = match policy(&options) {
        Ok(policy) => policy,
        Err(unknown) => {
            complain(&unknown).await;
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let mut lines = stdin::lines();
    let mut stdout = tokio::io::stdout();
    match converse(&policy, &mut lines, &mut stdout, terminated()).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&error.to_string()).await;
            ExitCode::FAILURE
        }
    }
}

/// Why the conversation broke off.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("failed to read a message: {0}")]
    Message(String),
    #[error("failed to speak: {0}")]
    Output(#[from] io::Error),
}

async fn converse<W: AsyncWrite + Unpin>(
    policy: &Policy,
    lines: &mut mpsc::Receiver<Result<String, String>>,
    out: &mut W,
    terminated: impl Future<Output = ()>,
) -> Result<u8, Broken> {
    let mut terminated = std::pin::pin!(terminated);
    let mut code = 0;
    voice::hello(out).await?;
    loop {
        let line = tokio::select! {
            () = &mut terminated => return Ok(code),
            line = lines.recv() => line,
        };
        let run = match line {
            None => return Ok(code),
            Some(line) => match message(line)? {
                ToConnector::Run(run) => run,
                // Nothing is under way.
                ToConnector::Stop(_) => continue,
            },
        };
        if run
            .parameters
            .get(&Parameter::AuthMethod)
            .is_some_and(|method| !settings::is_known(method))
        {
            return Ok(u8::try_from(EXIT_NOT_IMPLEMENTED).unwrap_or(u8::MAX));
        }
        let stopper = Stopper::new();
        let stop = stopper.watch();
        let mut done = std::pin::pin!(one_run(policy, &run, out, &stop));
        let (mut open, mut ending) = (true, false);
        let outcome = loop {
            tokio::select! {
                outcome = &mut done => break outcome?,
                () = &mut terminated, if !ending => {
                    ending = true;
                    stopper.raise();
                }
                line = lines.recv(), if open => match line {
                    // The end of input is no wish to stop: the run may be the last one.
                    None => open = false,
                    Some(line) => match message(line)? {
                        ToConnector::Stop(wish) if wish.run_id == run.run_id => stopper.raise(),
                        ToConnector::Stop(_) => {}
                        ToConnector::Run(_) => {
                            return Err(Broken::Message("a run within a run".to_owned()));
                        }
                    },
                },
            }
        };
        let failed = outcome == Outcome::Failure;
        code = u8::from(failed || policy.exit_status == ExitStatus::AlwaysFailure);
        if ending || (failed && policy.on_failure == OnFailure::Vanish) {
            return Ok(code);
        }
    }
}

/// One run from its settings to its last word.
async fn one_run<W: AsyncWrite + Unpin>(
    policy: &Policy,
    run: &Run,
    out: &mut W,
    stop: &Stop,
) -> io::Result<Outcome> {
    let voice = Voice::new(out, &run.run_id, policy);
    let read = match Settings::read(&run.parameters, policy) {
        Ok(settings) if policy.plain_http == PlainHttp::Ask => over_https(settings, policy).await,
        read => read,
    };
    let mut settings = match read {
        Ok(settings) => settings,
        Err(failure) => return voice.result(Outcome::Failure, Some(failure)).await,
    };
    let state = run.state.as_ref().and_then(|state| {
        let application = match &mut settings.authentication {
            Authentication::Oauth(application) => Some(&mut **application),
            _ => None,
        };
        oauth::taken_out(state, application)
    });
    let client = match Client::new(&settings, policy).await {
        Ok(client) => client,
        Err(failure) => return voice.result(Outcome::Failure, Some(failure)).await,
    };
    conduct(run.verb, state.as_ref(), &client, &voice, stop).await
}

/// The settings with the URL over https to which one without TLS leads.
async fn over_https(settings: Settings, policy: &Policy) -> Result<Settings, Failure> {
    if settings.base.scheme() != "http" {
        return Ok(settings);
    }
    let base = Client::new(&settings, policy).await?.over_https().await?;
    Ok(Settings { base, ..settings })
}

/// Does what is asked and says how it went.
async fn conduct<W: AsyncWrite + Unpin>(
    verb: Verb,
    state: Option<&Value>,
    client: &Client<'_>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> io::Result<Outcome> {
    voice.settings(client.settings()).await?;
    if let Some(note) = &client.settings().put_right {
        voice.log(LogLevel::Warning, note.clone()).await?;
    }
    let ended = match verb {
        Verb::Check => check::run(client, voice, stop).await,
        Verb::Sync => sync::run(client, state, voice, stop).await,
        Verb::Write => write::run(client, state, voice, stop).await,
        Verb::Connect => connect::run(client, voice, stop).await,
        Verb::Provision => provision::run(client, voice, stop).await,
        Verb::Update => update::run(client, state, voice, stop).await,
        Verb::Attach => attach::run(client, state, voice, stop).await,
        Verb::Email => email::run(client, state, voice, stop).await,
    };
    voice.tokens(client).await?;
    let ended = match ended {
        Ok(ended) => ended,
        Err(Halt::Failed(failure)) => Ended {
            outcome: Outcome::Failure,
            told: Some(failure),
        },
        Err(Halt::Stopped) => ending::stopped(verb),
        Err(Halt::Output(error)) => return Err(error),
    };
    let ended = warning_of_no_checks(client, ended);
    if ended.told.is_some() {
        tokio::time::sleep(client.policy().tells_after).await;
    }
    let outcome = voice.result(ended.outcome, ended.told).await?;
    for _ in 0..client.policy().requests_after_result {
        let request = ListRequest {
            query: None,
            limit: 1,
            offset: 0,
            of: Rows::Configured,
        };
        tokio::time::sleep(PAUSE_AFTER_RESULT).await;
        // Its answer changes nothing: the final word is said.
        let _ = client.list(&request).await;
    }
    Ok(outcome)
}

/// With certificate checks switched off, every run says so, also a good one: a switch that was meant
/// for a day stays on for years.
fn warning_of_no_checks(client: &Client<'_>, mut ended: Ended) -> Ended {
    const WARNING: &str =
        "certificate checks are switched off: the password goes to whoever answers";
    if client.settings().verify || !client.policy().tells_verification_off {
        return ended;
    }
    ended.told = Some(match ended.told {
        Some(failure) => failure.adding(WARNING),
        None => Failure::permanent(VERIFICATION_OFF, WARNING),
    });
    ended
}

fn message(line: Result<String, String>) -> Result<ToConnector, Broken> {
    let line = line.map_err(Broken::Message)?;
    // The line may hold a password: the reason is told by position alone.
    serde_json::from_str(&line).map_err(|error| {
        Broken::Message(format!(
            "line {} column {} is no message of the protocol",
            error.line(),
            error.column()
        ))
    })
}

/// Ends when the process is asked to terminate.
async fn terminated() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut signals) = signal(SignalKind::terminate())
            && signals.recv().await.is_some()
        {
            return;
        }
    }
    std::future::pending::<()>().await;
}

fn policy(options: &Options) -> Result<Policy, String> {
    let mut policy = Policy::default();
    if options.patient {
        policy.be_patient();
    }
    for (kind, name, all) in [
        ("sin", &options.sin, SINS),
        ("near-miss", &options.near_miss, NEAR_MISSES),
    ] {
        let Some(name) = name else { continue };
        let Some(variation) = all.iter().find(|variation| variation.name == name) else {
            let names: Vec<&str> = all.iter().map(|variation| variation.name).collect();
            return Err(format!(
                "unknown {kind} `{name}`; one of: {}",
                names.join(", ")
            ));
        };
        (variation.edit)(&mut policy);
    }
    Ok(policy)
}

fn listing() -> String {
    let section = |title: &str, all: &[Variation]| {
        let lines = all
            .iter()
            .map(|variation| format!("  {:32}{}\n", variation.name, variation.about));
        format!("{title}\n{}", lines.collect::<String>())
    };
    format!(
        "{}\n{}",
        section("Sins (--sin NAME)", SINS),
        section("Near-misses (--near-miss NAME)", NEAR_MISSES)
    )
}

async fn print(text: &str) -> ExitCode {
    let mut stdout = tokio::io::stdout();
    let written = stdout.write_all(text.as_bytes()).await;
    if written.is_ok() && stdout.flush().await.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn complain(text: &str) {
    let mut stderr = tokio::io::stderr();
    // Where even stderr is gone, the exit status has to do.
    let _ = stderr
        .write_all(format!("error: {text}\n").as_bytes())
        .await;
    let _ = stderr.flush().await;
}

#[cfg(test)]
mod tests;
