//! A child process in its own group: started, signalled and swept as a whole.
//!
//! It knows nothing of connectors.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::PipeWriter;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Between TERM and KILL.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Marks a process and whatever it starts, in whatever group that is.
pub(super) const ACT_VARIABLE: &str = "SNOWPROOF_ACT";

/// What is started.
#[derive(Clone, PartialEq)]
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
    /// The value of [`ACT_VARIABLE`] in its environment.
    mark: String,
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
        let mut process = Self::spawn(launch, Stdio::piped(), Stdio::piped())?;
        let child = &mut process.child;
        let no_pipe = || std::io::Error::other("a pipe is missing");
        let pipes = Pipes {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().ok_or_else(no_pipe)?,
            stderr: child.stderr.take().ok_or_else(no_pipe)?,
        };
        Ok((process, pipes))
    }

    /// Starts it with both of its streams in one pipe, so that they stay in order. The error is the
    /// system's.
    pub(super) fn start_into(launch: &Launch, output: PipeWriter) -> std::io::Result<Self> {
        let stdout = output.try_clone()?;
        Self::spawn(launch, stdout.into(), output.into())
    }

    fn spawn(launch: &Launch, stdout: Stdio, stderr: Stdio) -> std::io::Result<Self> {
        let missing = || std::io::Error::other("the command is empty");
        let mark = format!("{:032x}", rand::random::<u128>());
        let (program, arguments) = launch.command.split_first().ok_or_else(missing)?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(&launch.environment)
            .env(ACT_VARIABLE, &mark)
            .current_dir(&launch.folder)
            .stdin(if launch.talks {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(stdout)
            .stderr(stderr)
            .kill_on_drop(true)
            .process_group(0);
        let child = command
            .spawn()
            .map_err(|error| std::io::Error::new(error.kind(), format!("`{program}`: {error}")))?;
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .map(Pid::from_raw)
            .ok_or_else(|| std::io::Error::other("the process has no id"))?;
        Ok(Self {
            child,
            group,
            mark,
            swept: false,
        })
    }

    /// The number of the leader, and of the group.
    pub(super) fn id(&self) -> i32 {
        self.group.as_raw()
    }

    /// Waits for the leader of the group.
    pub(super) async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// How the leader ended; none while it runs.
    pub(super) fn try_wait(&mut self) -> std::io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Whether the leader runs.
    pub(super) fn runs(&mut self) -> bool {
        matches!(self.try_wait(), Ok(None))
    }

    /// Asks the group to end, and kills what is left of it after [`GRACE`].
    pub(super) async fn end(&mut self) {
        if self.runs() {
            self.terminate();
            let _ = timeout(GRACE, self.wait()).await;
        }
        self.sweep();
        let _ = timeout(GRACE, self.wait()).await;
    }

    /// Asks the group to end.
    pub(super) fn terminate(&self) {
        let _ = killpg(self.group, Signal::SIGTERM);
    }

    /// Kills whatever is left of the group, and whoever left it. Once the leader is reaped this is done at once, before
    /// its number can be given to another process.
    pub(super) fn sweep(&mut self) {
        if !self.swept {
            self.swept = true;
            let _ = killpg(self.group, Signal::SIGKILL);
            kill_marked(&self.mark);
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

/// Kills the processes that carry the mark: what a process starts inherits its environment, also
/// where it leaves the group (`setsid`). Linux only; elsewhere those are left.
fn kill_marked(mark: &str) {
    let entry = format!("{ACT_VARIABLE}={mark}");
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes {
        let id = process.file_name().to_str().and_then(|id| id.parse().ok());
        let Some(id) = id else { continue };
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        if environment
            .split(|&byte| byte == 0)
            .any(|held| held == entry.as_bytes())
        {
            let _ = nix::sys::signal::kill(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}
