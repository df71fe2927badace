//! A child process in its own group: started, signalled and swept as a whole.
//!
//! It knows nothing of connectors.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

/// What is started.
pub(super) struct Launch {
    /// Program and arguments; never empty.
    pub(super) command: Vec<String>,
    /// The whole environment.
    pub(super) environment: BTreeMap<String, OsString>,
    /// Working folder.
    pub(super) folder: PathBuf,
    /// Whether something is written to its stdin; otherwise that is empty.
    pub(super) talks: bool,
}

/// A running process group.
pub(super) struct Process {
    child: Child,
    group: Pid,
    swept: bool,
}

/// The ends of its pipes.
pub(super) struct Pipes {
    pub(super) stdin: Option<ChildStdin>,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
}

impl Process {
    /// Starts it. The error is the system's.
    pub(super) fn start(launch: &Launch) -> std::io::Result<(Self, Pipes)> {
        let missing = || std::io::Error::other("the command is empty");
        let (program, arguments) = launch.command.split_first().ok_or_else(missing)?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(&launch.environment)
            .current_dir(&launch.folder)
            .stdin(if launch.talks {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0);
        let mut child = command
            .spawn()
            .map_err(|error| std::io::Error::new(error.kind(), format!("`{program}`: {error}")))?;
        let no_pipe = || std::io::Error::other("a pipe is missing");
        let pipes = Pipes {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().ok_or_else(no_pipe)?,
            stderr: child.stderr.take().ok_or_else(no_pipe)?,
        };
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .map(Pid::from_raw)
            .ok_or_else(|| std::io::Error::other("the process has no id"))?;
        let process = Self {
            child,
            group,
            swept: false,
        };
        Ok((process, pipes))
    }

    /// Waits for the leader of the group.
    pub(super) async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the group to end.
    pub(super) fn terminate(&self) {
        let _ = killpg(self.group, Signal::SIGTERM);
    }

    /// Kills whatever is left of the group. Once the leader is reaped this is done at once, before
    /// its number can be given to another process.
    pub(super) fn sweep(&mut self) {
        if !self.swept {
            self.swept = true;
            let _ = killpg(self.group, Signal::SIGKILL);
        }
    }

    /// Kills the group while its leader still runs.
    pub(super) fn kill(&self) {
        let _ = killpg(self.group, Signal::SIGKILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.sweep();
    }
}
