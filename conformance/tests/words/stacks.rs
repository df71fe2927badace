//! The stacks, and how the tiny client of each is started.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::faults::{PASSWORD, USER, World};
use crate::reqwest_client;

/// An HTTP stack.
pub(crate) struct Stack {
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
        dialect: "curl",
        runtime: Runtime::Program("bash", "curl.sh"),
        leaves_out: BODIES,
    },
    Stack {
        dialect: "python-requests",
        runtime: Runtime::Python("requests_client.py"),
        leaves_out: &[],
    },
    Stack {
        dialect: "httpx",
        runtime: Runtime::Python("httpx_client.py"),
        leaves_out: &[],
    },
    Stack {
        dialect: "node-fetch",
        runtime: Runtime::Node("node_fetch.mjs"),
        // At a body that is no gzip its process ends without a word.
        leaves_out: &["proxy-", "no-gzip"],
    },
    Stack {
        dialect: "axios",
        runtime: Runtime::Node("axios_client.mjs"),
        leaves_out: &[],
    },
    Stack {
        dialect: "java-httpclient",
        runtime: Runtime::Program("java", "HttpClientWords.java"),
        leaves_out: BODIES,
    },
    Stack {
        dialect: "reqwest",
        runtime: Runtime::Here,
        leaves_out: &[],
    },
];

impl Stack {
    pub(crate) fn meets(&self, fault: &str) -> bool {
        !self.leaves_out.iter().any(|start| fault.starts_with(start))
    }

    /// What it says of each fault, by name; nothing where it is not installed.
    pub(crate) async fn meet(&self, world: &World) -> Option<Vec<(String, String)>> {
        if matches!(self.runtime, Runtime::Here) {
            return Some(self.meet_here(world).await);
        }
        let mut client = self.command(world)?;
        let mut child = client
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines: String = world
            .faults
            .iter()
            .filter(|fault| self.meets(fault.name))
            .map(|fault| {
                let proxy = fault.proxy.as_deref().unwrap_or("-");
                let (name, url, seconds) = (fault.name, &fault.url, fault.seconds);
                format!("{name}\t{url}\t{proxy}\t{seconds}\n")
            })
            .collect();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(lines.as_bytes()).await.unwrap();
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let pairs = text.lines().filter_map(|line| line.split_once('\t'));
        Some(
            pairs
                .map(|(name, words)| (name.to_owned(), words.to_owned()))
                .collect(),
        )
    }

    async fn meet_here(&self, world: &World) -> Vec<(String, String)> {
        let mut heard = Vec::new();
        for fault in world.faults.iter().filter(|fault| self.meets(fault.name)) {
            let words = reqwest_client::words(
                world.authority.ca_pem(),
                (USER, PASSWORD),
                &fault.url,
                fault.proxy.as_deref(),
                fault.seconds,
            );
            heard.push((fault.name.to_owned(), words.await));
        }
        heard
    }

    /// How its client is started; none where something is not installed.
    fn command(&self, world: &World) -> Option<Command> {
        let ca_file = world.folder.path().join("ca.pem");
        let packages = environment().join("node/node_modules");
        let (program, file) = match self.runtime {
            Runtime::Program(program, file) => (found(program)?, file),
            Runtime::Python(file) => (found_at(environment().join("bin/python"))?, file),
            Runtime::Node(file) => (found("node")?, file),
            Runtime::Here => return None,
        };
        if self.dialect == "curl" {
            found("curl")?;
        }
        if self.dialect == "axios" {
            found_at(packages.join("axios"))?;
        }
        let mut command = Command::new(program);
        command.arg(clients().join(file));
        if matches!(self.runtime, Runtime::Node(_)) {
            command.arg(packages);
        } else {
            command.arg(&ca_file);
        }
        // Nothing of the machine's own trust or proxies.
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", world.folder.path())
            .env("LANG", "C.UTF-8")
            .env("NODE_EXTRA_CA_CERTS", ca_file)
            .env("SYNC_USER", USER)
            .env("SYNC_PASSWORD", PASSWORD);
        Some(command)
    }

    /// Says by name that it is skipped, or fails where it is required.
    #[expect(
        clippy::explicit_write,
        reason = "the test harness swallows what `eprintln` writes"
    )]
    pub(crate) fn is_missing(&self) {
        let why = "run `conformance/subjects/install`, or install its runtime";
        assert!(
            std::env::var_os("SNOWPROOF_REQUIRE_SUBJECTS").is_none(),
            "the stack {} is not installed: {why}",
            self.dialect
        );
        writeln!(
            std::io::stderr(),
            "SKIPPED the words of {}: it is not installed; {why}",
            self.dialect
        )
        .unwrap();
    }
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

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn found_at(path: PathBuf) -> Option<PathBuf> {
    path.exists().then_some(path)
}
