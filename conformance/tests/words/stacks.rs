//! The stacks, and how the tiny client of each is started.

use std::io::Write;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::faults::{PASSWORD, USER, World};

/// An HTTP stack.
pub(crate) struct Stack {
    /// Its name in the atlas.
    pub(crate) name: &'static str,
    /// The dialect that reads it; several stacks may share one.
    pub(crate) dialect: &'static str,
    runtime: Runtime,
    /// Beginnings of the names of faults that it cannot meet, or that say nothing about it.
    leaves_out: &'static [&'static str],
}

enum Runtime {
    /// A program, its first arguments, and the client's file.
    Program(&'static str, &'static str),
    /// The Python of the subjects' environment.
    Python(&'static str),
    /// Node, with the CA in its environment and the folder of packages as argument.
    Node(&'static str),
    /// A Go program, built where it is kept; none of the subjects, so that it is never required.
    Go(&'static str),
    /// This process.
    Here,
}

/// What only a parser of JSON says something of, or an unpacker of gzip.
const BODIES: &[&str] = &[
    "hibernating",
    "bad-json",
    "no-gzip",
    "half-gzip",
    "no-utf8",
    "almost-json",
    "html-instead",
];

/// curl and Java parse no JSON and unpack no gzip here, and Node's fetch knows no proxy
/// (connection-faults 1.3).
pub(crate) const STACKS: [Stack; 7] = [
    Stack {
        name: "curl",
        dialect: "curl",
        runtime: Runtime::Program("bash", "curl.sh"),
        leaves_out: BODIES,
    },
    Stack {
        name: "requests",
        dialect: "python-requests",
        runtime: Runtime::Python("requests_client.py"),
        leaves_out: &[],
    },
    Stack {
        name: "httpx",
        dialect: "httpx",
        runtime: Runtime::Python("httpx_client.py"),
        leaves_out: &[],
    },
    Stack {
        name: "Node fetch",
        dialect: "node-fetch",
        runtime: Runtime::Node("node_fetch.mjs"),
        // At a body that is no gzip its process ends without a word.
        leaves_out: &["proxy-", "no-gzip"],
    },
    Stack {
        name: "axios",
        dialect: "axios",
        runtime: Runtime::Node("axios_client.mjs"),
        leaves_out: &[],
    },
    Stack {
        name: "Java HttpClient",
        dialect: "java-httpclient",
        runtime: Runtime::Program("java", "HttpClientWords.java"),
        leaves_out: BODIES,
    },
    Stack {
        name: "reqwest",
        dialect: "reqwest",
        runtime: Runtime::Here,
        leaves_out: &[],
    },
];

/// Stacks that mostly speak as another does; `expected_further.rs` has what is different.
pub(crate) const FURTHER: [Stack; 4] = [
    Stack {
        name: "urllib3",
        dialect: "python-requests",
        runtime: Runtime::Python("urllib3_client.py"),
        leaves_out: &[],
    },
    Stack {
        name: "aiohttp",
        dialect: "aiohttp",
        runtime: Runtime::Python("aiohttp_client.py"),
        leaves_out: &[],
    },
    Stack {
        name: "undici",
        dialect: "node-fetch",
        runtime: Runtime::Node("undici_client.mjs"),
        leaves_out: &[],
    },
    Stack {
        name: "Go net/http",
        dialect: "go-http",
        runtime: Runtime::Go("net_http.go"),
        // It tries a refused stream again until its time is over.
        leaves_out: &["stream-refused"],
    },
];

/// Every stack, in the order of the atlas.
pub(crate) fn all() -> impl Iterator<Item = &'static Stack> {
    STACKS.iter().chain(&FURTHER)
}

impl Stack {
    pub(crate) fn meets(&self, fault: &str) -> bool {
        !self.leaves_out.iter().any(|start| fault.starts_with(start))
    }

    /// Whether it needs no process of its own.
    pub(crate) const fn is_here(&self) -> bool {
        matches!(self.runtime, Runtime::Here)
    }

    /// How its client is started; none where something is not installed.
    pub(crate) fn command(&self, world: &World) -> Option<Command> {
        let ca_file = world.folder.path().join("ca.pem");
        let packages = environment().join("node/node_modules");
        let (program, file) = match self.runtime {
            Runtime::Program(program, file) => (found(program)?, file),
            Runtime::Python(file) => (found_at(environment().join("bin/python"))?, file),
            Runtime::Node(file) => (found("node")?, file),
            Runtime::Go(file) => (built(file)?, file),
            Runtime::Here => return None,
        };
        if self.dialect == "curl" {
            found("curl")?;
        }
        if matches!(self.name, "axios" | "undici") {
            found_at(packages.join(self.name))?;
        }
        let mut command = Command::new(program);
        if !matches!(self.runtime, Runtime::Go(_)) {
            command.arg(clients().join(file));
        }
        if matches!(self.runtime, Runtime::Node(_)) {
            command.arg(packages);
        } else {
            command.arg(&ca_file);
        }
        alone(&mut command, &ca_file);
        Some(command)
    }

    /// Says by name that it is skipped, or fails where it is required.
    pub(crate) fn is_missing(&self) {
        missing(self.name, !matches!(self.runtime, Runtime::Go(_)));
    }
}

/// Gives a client nothing of the machine's own trust or proxies.
fn alone(command: &mut Command, ca_file: &Path) {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", ca_file.with_file_name(""))
        .env("LANG", "C.UTF-8")
        .env("NODE_EXTRA_CA_CERTS", ca_file)
        .env("SYNC_USER", USER)
        .env("SYNC_PASSWORD", PASSWORD);
}

#[expect(
    clippy::explicit_write,
    reason = "the test harness swallows what `eprintln` writes"
)]
pub(crate) fn missing(name: &str, is_required_of_subjects: bool) {
    let why = "run `conformance/subjects/install`, or install its runtime";
    assert!(
        std::env::var_os("SNOWPROOF_REQUIRE_SUBJECTS").is_none() || !is_required_of_subjects,
        "the stack {name} is not installed: {why}"
    );
    writeln!(
        std::io::stderr(),
        "SKIPPED the words of {name}: it is not installed; {why}"
    )
    .unwrap();
}

/// A client that asks before it sends a body; none where something is not installed.
pub(crate) fn asking(file: &str, ca_file: &Path, url: &str) -> Option<Command> {
    let extension = Path::new(file).extension()?.to_str()?;
    let program = match extension {
        "py" => found_at(environment().join("bin/python"))?,
        "mjs" => found("node")?,
        _ => found("curl").and_then(|_| found("bash"))?,
    };
    let mut command = Command::new(program);
    command.arg(clients().join(file)).arg(ca_file).arg(url);
    alone(&mut command, ca_file);
    Some(command)
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn environment() -> PathBuf {
    std::env::var_os("SNOWPROOF_SUBJECTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(".venv-subjects"),
        PathBuf::from,
    )
}

/// Go's compiler needs seconds for what the client imports, so that what it makes is kept.
fn built(file: &str) -> Option<PathBuf> {
    let go = found("go")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go");
    let program = folder.join(file).with_extension("");
    let built = std::process::Command::new(go)
        .args(["build", "-o"])
        .arg(&program)
        .arg(clients().join(file))
        .env("GOCACHE", folder.join("cache"))
        .env("GOFLAGS", "-mod=mod")
        .status();
    assert!(built.unwrap().success(), "{file} does not compile");
    Some(program)
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn found_at(path: PathBuf) -> Option<PathBuf> {
    path.exists().then_some(path)
}
