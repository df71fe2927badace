//! What a Java virtual machine is told: by the one variable that every one of them reads.

use std::ffi::{OsStr, OsString};

use tokio::process::Command;

use super::{TRIAL_NAME, outcome, trial_folder, written_hosts};
use crate::run::process::Launch;

/// The variable. A machine that reads it says so on stderr, which is taken out of a subject's words.
pub(crate) const OPTIONS: &str = "JAVA_TOOL_OPTIONS";

/// A program that says what a name resolves to.
const TRIAL: &str = "class Trial { public static void main(String[] names) throws Exception { \
                     System.out.println(java.net.InetAddress.getByName(names[0]).getHostAddress()); } }\n";

/// Adds options to those that are set already; where two say different things the machine takes
/// the last.
pub(crate) fn add(launch: &mut Launch, options: &str) {
    let value = launch.environment.entry(OPTIONS.to_owned()).or_default();
    *value = joined(value, options);
}

/// Both options, in this order.
pub(crate) fn joined(first: &OsStr, then: impl AsRef<OsStr>) -> OsString {
    let mut all = first.to_owned();
    if !all.is_empty() {
        all.push(" ");
    }
    all.push(then);
    all
}

/// Tries whether the Java on the PATH resolves names by a hosts file of ours.
pub(super) async fn honours_a_hosts_file() -> Result<(), String> {
    let folder = trial_folder()?;
    let hosts = written_hosts(&folder)?;
    let program = folder.path().join("Trial.java");
    std::fs::write(&program, TRIAL).map_err(|error| error.to_string())?;
    let mut trial = Command::new("java");
    trial
        .arg(format!("-Djdk.net.hosts.file={}", hosts.display()))
        .args(["-Xshare:auto", "-XX:TieredStopAtLevel=1"])
        .arg(&program)
        .arg(TRIAL_NAME);
    let found = outcome(trial)
        .await
        .map_err(|why| format!("no Java could be tried (a JDK of 11 or later is needed): {why}"))?;
    if found.trim() == "127.0.0.1" {
        Ok(())
    } else {
        Err(format!("Java resolves the name to `{}`", found.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_joined_by_a_space() {
        assert_eq!(joined(OsStr::new(""), "-Da=b"), "-Da=b");
        assert_eq!(joined(OsStr::new("-Da=b"), "-Dc=d"), "-Da=b -Dc=d");
    }
}
