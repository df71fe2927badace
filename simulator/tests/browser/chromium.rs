//! A Chromium with a profile of its own, which trusts the one certificate it is told of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::pipe::Pipe;

/// A running browser.
pub(crate) struct Chromium {
    pub(crate) pipe: Pipe,
    child: Child,
    _profile: TempDir,
}

/// Where it is installed, if it is.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file())
}

impl Chromium {
    /// Starts it; `pin` is the digest of the public key that it is to trust.
    pub(crate) fn start(program: &Path, pin: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let home = profile.path().join("home");
        fs::create_dir(&home).unwrap();
        // The protocol speaks over descriptors 3 and 4, which only a shell can name.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args([
                "--headless=new",
                "--remote-debugging-pipe",
                // Its sandbox needs rights that root in a container lacks; it sees our pages alone.
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
                "--password-store=basic",
                "--host-resolver-rules=MAP *.instance.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ])
            .arg(format!("--ignore-certificate-errors-spki-list={pin}"))
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .env("HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            pipe: Pipe::to(&mut child),
            child,
            _profile: profile,
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.pipe.call(None, "Browser.close", json!({}));
        self.child.wait().unwrap();
    }
}
