//! The way to the simulator that a subject's route asks for: whether it works on this machine, and
//! what it does to a process before it starts.

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::process::Launch;
use crate::subject::Route;

pub(super) mod java;

/// How long a trial may take.
const TRIAL_WITHIN: Duration = Duration::from_secs(20);

/// The name that trials look up; `.test` is reserved (RFC 6761), so that nobody else knows it.
const TRIAL_NAME: &str = "route.snowproof.test";

/// Domains under which an instance is known beside its own.
const INSTANCE_DOMAINS: [&str; 3] = ["service-now.com", "servicenowservices.com", "instance.test"];

/// Where the C library's hosts file is.
const HOSTS: &str = "/etc/hosts";

/// Folders in which nss_wrapper is looked for, one level of subfolders included.
const LIBRARIES: [&str; 4] = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib"];

/// A way that works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing is done.
    Direct,
    /// Variables name the proxy.
    Proxy,
    /// This command, a hosts file and the process's own command make one command line.
    Hosts(Vec<String>),
    /// A Java property names a hosts file.
    JavaHosts,
    /// This library is preloaded.
    NssWrapper(PathBuf),
}

/// What a way leads to.
pub(super) struct Goal<'a> {
    /// First label of the instance's host name.
    pub(super) instance: &'a str,
    /// The proxy's URL, and the credentials to put into it where it wants some.
    pub(super) proxy: Option<(&'a str, Option<(&'a str, &'a str)>)>,
    /// Where a hosts file may be written.
    pub(super) hosts_file: &'a Path,
}

impl Way {
    /// Tries whether a route works on this machine. The error says why not.
    pub(crate) async fn find(route: Route) -> Result<Self, String> {
        match route {
            Route::Direct => Ok(Self::Direct),
            Route::Proxy => Ok(Self::Proxy),
            Route::Hosts => namespaces().await,
            Route::JavaHosts => java::honours_a_hosts_file().await.map(|()| Self::JavaHosts),
            Route::NssWrapper => wrapper().await,
        }
    }

    /// The same, without a trial of what only the subject itself has, such as its own Java.
    pub(super) async fn for_run(route: Route) -> Result<Self, String> {
        match route {
            Route::JavaHosts => Ok(Self::JavaHosts),
            other => Self::find(other).await,
        }
    }

    /// Changes what is started so that it takes this way.
    pub(super) fn lead(&self, launch: &mut Launch, goal: &Goal<'_>) -> std::io::Result<()> {
        match self {
            Self::Direct => {}
            Self::Proxy => lead_by_proxy(launch, goal),
            Self::Hosts(enter) => {
                write_hosts(goal)?;
                let own = std::mem::take(&mut launch.command);
                launch.command = enter
                    .iter()
                    .cloned()
                    .chain([goal.hosts_file.display().to_string()])
                    .chain(own)
                    .collect();
            }
            Self::JavaHosts => {
                write_hosts(goal)?;
                let property = format!("-Djdk.net.hosts.file={}", goal.hosts_file.display());
                java::add(launch, &property);
            }
            Self::NssWrapper(library) => {
                write_hosts(goal)?;
                let mut set = |name: &str, value: OsString| {
                    launch.environment.insert(name.to_owned(), value);
                };
                set("LD_PRELOAD", library.clone().into());
                set("NSS_WRAPPER_HOSTS", goal.hosts_file.into());
            }
        }
        Ok(())
    }
}

/// The variables that the common clients read; lower case is what curl and Python prefer
/// (connection-faults 1.3).
fn lead_by_proxy(launch: &mut Launch, goal: &Goal<'_>) {
    let Some((url, credentials)) = goal.proxy else {
        return;
    };
    let authority = url.strip_prefix("http://").unwrap_or(url);
    let with_credentials = match credentials {
        Some((user, password)) => format!("http://{user}:{password}@{authority}"),
        None => url.to_owned(),
    };
    for name in ["HTTPS_PROXY", "https_proxy"] {
        let value = with_credentials.clone().into();
        launch.environment.insert(name.to_owned(), value);
    }
    if let Some((host, port)) = authority.rsplit_once(':') {
        java::add(
            launch,
            &format!("-Dhttps.proxyHost={host} -Dhttps.proxyPort={port}"),
        );
    }
}

/// The system's own lines, and the instance's names.
fn write_hosts(goal: &Goal<'_>) -> std::io::Result<()> {
    let names: Vec<String> = INSTANCE_DOMAINS
        .iter()
        .map(|domain| format!("{}.{domain}", goal.instance))
        .collect();
    std::fs::write(goal.hosts_file, hosts(&names.join(" ")))
}

fn hosts(names: &str) -> String {
    let own = std::fs::read_to_string(HOSTS).unwrap_or_default();
    format!("{}\n{} {names}\n", own.trim_end(), Ipv4Addr::LOCALHOST)
}

/// The command that enters a mount namespace of its own and puts a hosts file over the system's.
/// Every program in it replaces itself by the next, so that signals and exit statuses pass.
fn enter(with_user_namespace: bool) -> Vec<String> {
    const BIND: &str = "mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"";
    let user: &[&str] = if with_user_namespace {
        &["--user", "--map-root-user"]
    } else {
        &[]
    };
    ["unshare", "--mount"]
        .iter()
        .chain(user)
        .chain(&["--", "sh", "-c", BIND, "hosts-route"])
        .map(|word| (*word).to_owned())
        .collect()
}

async fn namespaces() -> Result<Way, String> {
    if !cfg!(target_os = "linux") {
        return Err("mount namespaces are Linux's own".to_owned());
    }
    let folder = trial_folder()?;
    let file = written_hosts(&folder)?;
    let mut refusal = String::new();
    // Whoever may not make a mount namespace may often make one within a user namespace.
    for with_user_namespace in [false, true] {
        let enter = enter(with_user_namespace);
        let mut trial = Command::new(&enter[0]);
        trial
            .args(&enter[1..])
            .arg(&file)
            .args(["grep", "-q", TRIAL_NAME, HOSTS]);
        match outcome(trial).await {
            Ok(_) => return Ok(Way::Hosts(enter)),
            Err(why) => refusal = why,
        }
    }
    Err(format!("no private mount namespace can be made: {refusal}"))
}

async fn wrapper() -> Result<Way, String> {
    let library = library().ok_or_else(|| {
        format!(
            "the library nss_wrapper is not in {}; it comes with the package libnss-wrapper",
            LIBRARIES.join(", ")
        )
    })?;
    let folder = trial_folder()?;
    let file = written_hosts(&folder)?;
    let mut trial = Command::new("getent");
    trial
        .args(["hosts", TRIAL_NAME])
        .env("LD_PRELOAD", &library)
        .env("NSS_WRAPPER_HOSTS", &file);
    let found = outcome(trial)
        .await
        .map_err(|why| format!("nss_wrapper does not work: {why}"))?;
    if found.contains(&Ipv4Addr::LOCALHOST.to_string()) {
        Ok(Way::NssWrapper(library))
    } else {
        Err(format!(
            "nss_wrapper does not work: it gives `{}`",
            found.trim()
        ))
    }
}

fn library() -> Option<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let read = std::fs::read_dir(folder).into_iter().flatten().flatten();
        read.map(|entry| entry.path()).collect()
    };
    let is_it = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("libnss_wrapper.so"))
            && std::fs::metadata(path).is_ok_and(|about| about.is_file())
    };
    LIBRARIES.iter().map(Path::new).find_map(|root| {
        let here = entries(root);
        let below = here.iter().filter(|path| path.is_dir());
        let below: Vec<PathBuf> = below.flat_map(|folder| entries(folder)).collect();
        here.iter().chain(&below).find(|path| is_it(path)).cloned()
    })
}

fn trial_folder() -> Result<tempfile::TempDir, String> {
    let made = tempfile::Builder::new()
        .prefix("snowproof-route-")
        .tempdir();
    made.map_err(|error| format!("no temporary folder: {error}"))
}

fn written_hosts(folder: &tempfile::TempDir) -> Result<PathBuf, String> {
    let file = folder.path().join("hosts");
    let written = std::fs::write(&file, hosts(TRIAL_NAME))
        .and_then(|()| std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)));
    written.map_err(|error| error.to_string())?;
    Ok(file)
}

/// What a trial prints; the error is the end of its complaint.
async fn outcome(mut trial: Command) -> Result<String, String> {
    let program = trial.as_std().get_program().display().to_string();
    trial.stdin(Stdio::null()).kill_on_drop(true);
    let done = timeout(TRIAL_WITHIN, trial.output())
        .await
        .map_err(|_| format!("`{program}` took longer than {} s", TRIAL_WITHIN.as_secs()))?
        .map_err(|error| format!("`{program}`: {error}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    let last = complaint.lines().rev().find(|line| !line.trim().is_empty());
    Err(last.map_or_else(
        || format!("`{program}` ended with {}", done.status),
        |line| line.trim().to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch() -> Launch {
        Launch {
            command: vec!["client".to_owned(), "--flag".to_owned()],
            environment: [("JAVA_TOOL_OPTIONS".to_owned(), "-Dx=y".into())].into(),
            folder: PathBuf::from("/"),
            talks: false,
        }
    }

    fn led(way: &Way) -> (Launch, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hosts");
        let goal = Goal {
            instance: "dev12345",
            proxy: Some(("http://127.0.0.1:9", Some(("u", "p")))),
            hosts_file: &file,
        };
        let mut launch = launch();
        way.lead(&mut launch, &goal).unwrap();
        (launch, std::fs::read_to_string(file).unwrap_or_default())
    }

    #[test]
    fn a_proxy_is_named_for_every_kind_of_client() {
        let (launch, _) = led(&Way::Proxy);
        assert_eq!(launch.environment["https_proxy"], "http://u:p@127.0.0.1:9");
        assert_eq!(launch.environment["HTTPS_PROXY"], "http://u:p@127.0.0.1:9");
        assert_eq!(
            launch.environment["JAVA_TOOL_OPTIONS"],
            "-Dx=y -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=9"
        );
    }

    #[test]
    fn a_hosts_file_keeps_the_systems_lines_and_the_command_its_own_words() {
        let (launch, hosts) = led(&Way::Hosts(enter(true)));
        assert_eq!(launch.command[0], "unshare");
        assert!(
            launch
                .command
                .ends_with(&["client".to_owned(), "--flag".to_owned()])
        );
        let own = std::fs::read_to_string(HOSTS).unwrap_or_default();
        assert!(hosts.starts_with(own.trim_end()));
        assert!(hosts.ends_with(
            "127.0.0.1 dev12345.service-now.com dev12345.servicenowservices.com dev12345.instance.test\n"
        ));
    }

    #[test]
    fn the_direct_way_changes_nothing() {
        let (launch, hosts) = led(&Way::Direct);
        assert_eq!((launch.command.len(), launch.environment.len()), (2, 1));
        assert_eq!(hosts, "");
    }
}
