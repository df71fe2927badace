//! The browser's process: a group of its own, with a profile that goes when it does.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::json;
use tempfile::TempDir;

use crate::error::BrowserError;
use crate::pipe::Pipe;
use crate::tab::Tab;

/// What it is told at its start.
const ARGUMENTS: [&str; 21] = [
    "--headless=new",
    "--remote-debugging-pipe",
    // Its sandbox needs rights that root in a container lacks; it sees pages of this machine alone.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    // Several tabs are used at once, and one of them alone is in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--password-store=basic",
    "--use-mock-keychain",
    "--no-proxy-server",
    // No name leads to another machine, and none is looked up.
    "--host-resolver-rules=MAP *.instance.test 127.0.0.1, MAP * ~NOTFOUND, \
     EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE [::1]",
];

/// How a browser is started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program; see [`crate::find`].
    pub program: PathBuf,
    /// The SHA-256 digest, in base64, of the public key (SubjectPublicKeyInfo) whose certificates
    /// it trusts.
    pub pin: String,
    /// The longest that it may take over anything.
    pub patience: Duration,
}

/// A running browser. Whoever drops it ends it.
#[derive(Debug)]
pub struct Chromium {
    pipe: Arc<Pipe>,
    child: Child,
    product: String,
    _profile: TempDir,
}

impl Chromium {
    /// Starts it, and waits until it answers.
    ///
    /// # Errors
    ///
    /// It does not start, or does not answer in time.
    pub async fn start(launch: &Launch) -> Result<Self, BrowserError> {
        let failed = |why: String| BrowserError::NotStarted {
            program: launch.program.clone(),
            why,
        };
        let (mut child, profile) = spawn(launch).map_err(|error| failed(error.to_string()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed("a pipe is missing".to_owned()));
        };
        let mut browser = Self {
            pipe: Arc::new(Pipe::new(input, output, launch.patience)),
            child,
            product: String::new(),
            _profile: profile,
        };
        let version = browser.pipe.call(None, "Browser.getVersion", json!({}));
        match version.await {
            Ok(version) => {
                let product = version["product"].as_str();
                browser.product = product.unwrap_or_default().to_owned();
                Ok(browser)
            }
            Err(error) => {
                let words = fs::read_to_string(browser._profile.path().join(WORDS));
                let words = words.unwrap_or_default();
                let last = words.lines().rfind(|line| !line.trim().is_empty());
                Err(failed(
                    last.map_or_else(|| error.to_string(), str::to_owned),
                ))
            }
        }
    }

    /// Name and version, as it gives them.
    #[must_use]
    pub fn product(&self) -> &str {
        &self.product
    }

    /// The process that it is; it leads a group of the same number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A new tab that knows no cookies.
    ///
    /// # Errors
    ///
    /// The browser has ended, or is late.
    pub async fn tab(&self) -> Result<Tab, BrowserError> {
        Tab::open_in(Arc::clone(&self.pipe)).await
    }

    /// Asks it to end, and waits until it did.
    pub async fn close(self) {
        const WITHIN: Duration = Duration::from_secs(5);
        self.pipe.tell(None, "Browser.close", json!({}));
        self.pipe.is_over(WITHIN).await;
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Its number is nobody else's until it is waited for.
        if let Ok(group) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

/// The file in the profile that takes what it says on stderr.
const WORDS: &str = "words";

fn spawn(launch: &Launch) -> std::io::Result<(Child, TempDir)> {
    let profile = tempfile::Builder::new()
        .prefix("snowproof-browser-")
        .tempdir()?;
    let home = profile.path().join("home");
    fs::create_dir(&home)?;
    let words = File::create(profile.path().join(WORDS))?;
    // The protocol speaks over descriptors 3 and 4, which only a shell can name.
    let child = Command::new("sh")
        .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
        .arg(&launch.program)
        .args(ARGUMENTS)
        .arg(format!(
            "--ignore-certificate-errors-spki-list={}",
            launch.pin
        ))
        .arg(format!(
            "--user-data-dir={}",
            profile.path().join("data").display()
        ))
        .arg("about:blank")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", &home)
        .env("TMPDIR", profile.path())
        .current_dir(&home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(words)
        .process_group(0)
        .spawn()?;
    Ok((child, profile))
}
