//! `snowproof connector`: the bundled connector, right or with one sin.

use std::process::ExitCode;

use clap::Args;

/// Be the bundled connector: speak the native protocol on stdin and stdout
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snowproof connector --list-sins        show what it can do wrong, and what only looks wrong
  snowproof connector --sin hot-loop     be a connector that retries without a pause")]
pub(super) struct Arguments {
    /// Commit this sin
    #[arg(long, value_name = "NAME")]
    sin: Option<String>,
    /// Behave in this way that looks wrong and is right
    #[arg(long, value_name = "NAME", conflicts_with = "sin")]
    near_miss: Option<String>,
    /// Wait as long as an instance documents: hours for a rate limit, minutes for an outage
    #[arg(long)]
    patient: bool,
    /// List the sins and near-misses and exit
    #[arg(long, alias = "list")]
    list_sins: bool,
}

pub(super) async fn run(arguments: Arguments) -> ExitCode {
    snowproof_connector::run(snowproof_connector::Options {
        sin: arguments.sin,
        near_miss: arguments.near_miss,
        patient: arguments.patient,
        list: arguments.list_sins,
    })
    .await
}
