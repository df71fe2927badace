//! The fault atlas: written when it is asked for, otherwise compared with what is met now.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use snowproof::diagnosis::atlas::{Told, told};

use crate::stacks;

/// How it is written.
const COMMAND: &str = "SNOWPROOF_WRITE_ATLAS=1 cargo test -p snowproof --test words";
const FILE: &str = "docs/fault-atlas.md";

/// The families of faults, and the beginnings of their names; what is in none is of HTTP.
const FAMILIES: [(&str, &[&str]); 5] = [
    ("TLS", &["tls-"]),
    (
        "TCP",
        &[
            "refused",
            "connect-",
            "no-such-name",
            "silence",
            "reset",
            "closed",
            "truncated",
        ],
    ),
    ("HTTP", &[]),
    ("Proxy", &["proxy-"]),
    (
        "Instance",
        &[
            "healthy",
            "hibernating",
            "locked",
            "too-many-requests",
            "unavailable",
        ],
    ),
];

/// What a stack said, and whether it says that every time.
pub(crate) struct Line {
    pub(crate) told: Told,
    pub(crate) settled: bool,
}

/// The atlas of a meeting.
#[derive(Default)]
pub(crate) struct Atlas {
    /// The stacks that were met, with their versions.
    versions: BTreeMap<&'static str, String>,
    lines: Vec<Line>,
}

impl Atlas {
    pub(crate) fn add(&mut self, stack: &'static str, version: String, lines: Vec<Line>) {
        self.versions.insert(stack, version);
        self.lines.extend(lines);
    }

    /// Writes it, if that is asked for. Stacks that were not met stay as they are.
    pub(crate) fn write(mut self) {
        let committed = std::fs::read_to_string(path()).unwrap_or_default();
        for told in told(&committed) {
            let Some(stack) = stacks::all().find(|stack| stack.name == told.stack) else {
                continue;
            };
            if !self.versions.contains_key(stack.name) {
                let settled = false;
                self.lines.push(Line { told, settled });
            }
        }
        for stack in stacks::all() {
            let before = format!("- {}: ", stack.name);
            let kept = committed
                .lines()
                .find_map(|line| line.strip_prefix(&before));
            if let Some(kept) = kept {
                let version = self.versions.entry(stack.name);
                version.or_insert_with(|| kept.to_owned());
            }
        }
        std::fs::write(path(), self.to_markdown()).unwrap();
        println!("{FILE} is written");
    }

    fn to_markdown(&self) -> String {
        let mut text = format!(
            "<!-- Written by `{COMMAND}`; without the variable that test holds its classes true. -->\n\n{HEAD}\n"
        );
        for stack in stacks::all() {
            if let Some(version) = self.versions.get(stack.name) {
                writeln!(text, "- {}: {version}", stack.name).unwrap();
            }
        }
        for (family, _) in FAMILIES {
            write!(text, "\n## {family}\n\n{}", self.overview(family)).unwrap();
            for fault in self.faults(family) {
                write!(text, "\n### {fault}\n\n").unwrap();
                text += "| stack | says | read as | can know | journal |\n|---|---|---|---|---|\n";
                for stack in stacks::all() {
                    if let Some(told) = self.find(stack.name, fault) {
                        text += &told.to_markdown();
                        text.push('\n');
                    }
                }
            }
        }
        text
    }

    /// The classes that are read, a fault a line and a stack a column.
    fn overview(&self, family: &str) -> String {
        let stacks: Vec<&str> = stacks::all()
            .map(|stack| stack.name)
            .filter(|name| self.versions.contains_key(name))
            .collect();
        let mut text = format!("| fault | {} |\n", stacks.join(" | "));
        writeln!(text, "|---|{}", "---|".repeat(stacks.len())).unwrap();
        for fault in self.faults(family) {
            let cells = stacks.iter().map(|stack| {
                let told = self.find(stack, fault);
                told.map_or("·".to_owned(), |told| match told.class {
                    Some(class) => class.name().to_owned(),
                    None => "–".to_owned(),
                })
            });
            let cells: Vec<String> = cells.collect();
            let link = format!("[{fault}](#{fault})");
            writeln!(text, "| {link} | {} |", cells.join(" | ")).unwrap();
        }
        text
    }

    /// The faults of a family, in the order in which they were met.
    fn faults(&self, family: &str) -> Vec<&str> {
        let mut faults = Vec::new();
        for line in &self.lines {
            let fault = line.told.fault.as_str();
            if family_of(fault) == family && !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        faults
    }

    fn find(&self, stack: &str, fault: &str) -> Option<&Told> {
        let mut all = self.lines.iter().map(|line| &line.told);
        all.find(|told| told.stack == stack && told.fault == fault)
    }

    /// Where the committed atlas is not true of the stacks that were met.
    pub(crate) fn disagreements(&self) -> Vec<String> {
        let committed = std::fs::read_to_string(path()).unwrap_or_default();
        let committed: Vec<Told> = told(&committed).collect();
        let mut sins = Vec::new();
        for Line { told: now, settled } in &self.lines {
            let name = format!("{}, {}", now.stack, now.fault);
            let same = |told: &&Told| told.stack == now.stack && told.fault == now.fault;
            let Some(then) = committed.iter().find(same) else {
                sins.push(format!("{name}: is not in {FILE}; write it: {COMMAND}"));
                continue;
            };
            let place = format!("{FILE}:{}: {name}", then.line);
            let (was, is) = (then.read(), now.read());
            if now.knows != then.knows {
                sins.push(format!(
                    "{place}: can know {}; write it: {COMMAND}",
                    now.knows
                ));
            } else if *settled && now.class != then.class {
                let said = &now.words;
                sins.push(format!("{place}: is read as {is}, not as {was}: {said}"));
            } else if (&now.words, &now.journal, is) != (&then.words, &then.journal, was) {
                let told = now.to_markdown();
                println!(
                    "note: {place} has\n  {}\nand now it is\n  {told}",
                    then.to_markdown()
                );
            }
        }
        let met = |told: &&Told| self.versions.contains_key(told.stack.as_str());
        for gone in committed.iter().filter(met) {
            if self.find(&gone.stack, &gone.fault).is_none() {
                let name = format!("{}, {}", gone.stack, gone.fault);
                sins.push(format!("{FILE}:{}: {name}: is not met", gone.line));
            }
        }
        sins
    }
}

/// Whether the atlas is to be written.
pub(crate) fn is_wanted() -> bool {
    std::env::var_os("SNOWPROOF_WRITE_ATLAS").is_some()
}

fn family_of(fault: &str) -> &'static str {
    let of = FAMILIES
        .iter()
        .find(|(_, names)| names.iter().any(|name| fault.starts_with(name)));
    of.map_or("HTTP", |(family, _)| family)
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(FILE)
}

const HEAD: &str = "# What HTTP stacks say of each fault

A tiny client of each stack meets each fault of the simulator. Ports, addresses and times are masked. *says* is what the
stack itself says; *read as* is the class that its dialect makes of it; *can know* is what is right to read of it, since
many stacks word several causes alike; *journal* is what the simulator wrote down meanwhile, in the names of its events.
In the overviews `–` is a fault that the stack says nothing of, `·` one that it does not meet: curl and Java
here parse no JSON, and Node's own fetch knows no proxy. Where several readings are right, a run may show another of them than the next.

Met with:
";
