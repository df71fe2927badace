//! The binary: everything is in the library, the command line in [`snowproof::command`].

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    snowproof::command::main().await
}
