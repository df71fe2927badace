//! Asks a subject for its version.

use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

use crate::subject::Subject;
use crate::subject::template::Values;

/// The first line that the version command prints; none where there is no command, or where it
/// fails or takes longer than ten seconds.
pub(super) async fn ask(subject: &Subject) -> Option<String> {
    const WITHIN: Duration = Duration::from_secs(10);
    let values = Values {
        subject_dir: subject.folder.clone(),
        program: std::env::current_exe().ok()?,
        ..Values::default()
    };
    let command: Vec<String> = subject
        .file
        .version
        .as_ref()?
        .iter()
        .map(|argument| values.fill(argument))
        .collect();
    let (program, arguments) = command.split_first()?;
    let mut child = Command::new(program);
    child
        .args(arguments)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    let always = ["PATH", "HOME"].map(str::to_owned);
    for name in always.iter().chain(&subject.file.pass_env) {
        if let Some(value) = std::env::var_os(name) {
            child.env(name, value);
        }
    }
    let output = tokio::time::timeout(WITHIN, child.output())
        .await
        .ok()?
        .ok()?;
    first_line(output)
}

/// What a command that failed wrote is no version.
fn first_line(output: Output) -> Option<String> {
    const MAX_CHARS: usize = 200;
    if !output.status.success() {
        return None;
    }
    let text = [output.stdout, output.stderr]
        .into_iter()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .find(|text| !text.trim().is_empty())?;
    let line = text.trim().lines().next()?;
    Some(line.chars().take(MAX_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn line(status: i32, stdout: &str, stderr: &str) -> Option<String> {
        first_line(Output {
            status: ExitStatus::from_raw(status << 8),
            stdout: stdout.into(),
            stderr: stderr.into(),
        })
    }

    #[test]
    fn what_a_failing_command_says_is_no_version() {
        assert_eq!(line(127, "", "sh: no such program\n"), None);
        assert_eq!(line(1, "mysync 1.2\n", ""), None);
    }

    #[test]
    fn the_first_line_of_either_stream_is() {
        assert_eq!(
            line(0, "mysync 1.2\nbuilt\n", ""),
            Some("mysync 1.2".into())
        );
        assert_eq!(line(0, " \n", "mysync 1.2\n"), Some("mysync 1.2".into()));
        assert_eq!(line(0, "", ""), None);
    }
}
