//! The tiny client of a stack at work: a fault goes in, what the stack says of it comes out.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::faults::{Fault, PASSWORD, USER, World};
use crate::reqwest_client;
use crate::stacks::Stack;

/// A client that waits for faults.
pub(crate) enum Client {
    Apart(Box<Process>),
    /// Of this process, with the CA that it trusts.
    Here(String),
}

/// A client in a process of its own, which ends with it.
pub(crate) struct Process {
    _child: Child,
    faults: ChildStdin,
    words: Lines<BufReader<ChildStdout>>,
}

impl Client {
    /// Starts it; none where its stack is not installed.
    pub(crate) fn start(stack: &Stack, world: &World) -> Option<Self> {
        if stack.is_here() {
            return Some(Self::Here(world.authority.ca_pem().to_owned()));
        }
        let mut child = stack
            .command(world)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let faults = child.stdin.take().unwrap();
        let words = BufReader::new(child.stdout.take().unwrap()).lines();
        Some(Self::Apart(Box::new(Process {
            _child: child,
            faults,
            words,
        })))
    }

    /// Which it is, with its version.
    pub(crate) async fn version(&mut self) -> String {
        match self {
            Self::Apart(client) => client.answer("stack").await.unwrap_or_default(),
            Self::Here(_) => format!("reqwest {}, rustls {}", built("reqwest"), built("rustls")),
        }
    }

    /// What is said of a fault; none where the client has ended.
    pub(crate) async fn meet(&mut self, fault: &Fault) -> Option<String> {
        let proxy = fault.proxy.as_deref();
        let (name, url, seconds) = (fault.name, &fault.url, fault.seconds);
        match self {
            Self::Apart(client) => {
                let line = format!("{name}\t{url}\t{}\t{seconds}\n", proxy.unwrap_or("-"));
                client.faults.write_all(line.as_bytes()).await.ok()?;
                client.answer(name).await
            }
            Self::Here(ca_pem) => {
                let user = (USER, PASSWORD);
                Some(reqwest_client::words(ca_pem, user, url, proxy, seconds).await)
            }
        }
    }
}

impl Process {
    async fn answer(&mut self, name: &str) -> Option<String> {
        while let Some(line) = self.words.next_line().await.unwrap() {
            match line.split_once('\t') {
                Some((of, words)) if of == name => return Some(words.to_owned()),
                _ => println!("not an answer: {line}"),
            }
        }
        None
    }
}

/// The version of a package that this test is built with.
fn built(package: &str) -> String {
    let lock = include_str!("../../../Cargo.lock");
    let mut lines = lock
        .lines()
        .skip_while(|line| *line != format!("name = \"{package}\""));
    let version = lines.nth(1).unwrap_or_default();
    version
        .trim_start_matches("version = ")
        .trim_matches('"')
        .to_owned()
}
