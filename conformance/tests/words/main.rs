//! What HTTP stacks truly say of a fault, and what their dialects make of it.
//!
//! A tiny client of each stack, written as a connector without care would be, meets the faults of
//! a real simulator, and what it prints is read in the dialect of its stack; what the simulator's
//! journal has of it must bear that out. `docs/fault-atlas.md` is written from it with
//! `SNOWPROOF_WRITE_ATLAS=1`, and without compared with it: other classes fail, other words are
//! noted. A stack that is not installed is skipped by name; with `SNOWPROOF_REQUIRE_SUBJECTS=1` it
//! fails instead.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]
#![expect(
    clippy::print_stdout,
    reason = "what was met is shown with --nocapture"
)]

mod asking;
mod atlas;
mod client;
mod damage;
mod expected;
mod expected_damage;
mod expected_further;
mod faults;
mod knowledge;
mod listeners;
mod masks;
mod meeting;
mod sight;
mod stacks;

#[path = "../clients/reqwest.rs"]
mod reqwest_client;

use snowproof::diagnosis::atlas::Told;
use snowproof::diagnosis::read_words;
use snowproof::evidence::Said;
use snowproof::subject::DiagnosisSource;

use crate::atlas::{Atlas, Line};
use crate::expected::{EXPECTED, Expected};
use crate::expected_further::reading;
use crate::knowledge::Knowledge;
use crate::meeting::Met;
use crate::stacks::Stack;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_dialect_reads_what_its_stack_says() {
    let mut meetings = meeting::all().await;
    let mut sins = Vec::new();
    let mut atlas = Atlas::default();
    for stack in stacks::all() {
        let Some(meeting) = meetings.remove(stack.name) else {
            stack.is_missing();
            continue;
        };
        let mut lines = Vec::new();
        for row in rows() {
            match meeting.met.iter().find(|met| met.fault == row.fault) {
                Some(met) => {
                    sins.extend(disagreement(stack, row, met));
                    lines.push(line(stack, row, met));
                }
                None if stack.meets(row.fault) => {
                    sins.push(format!("{}, {}: was not met", stack.name, row.fault));
                }
                None => {}
            }
        }
        let strangers = meeting
            .met
            .iter()
            .filter(|met| rows().all(|row| row.fault != met.fault));
        sins.extend(strangers.map(|met| format!("nothing is expected of {}", met.fault)));
        atlas.add(stack.name, meeting.version, lines);
    }
    if !atlas::is_wanted() {
        sins.extend(atlas.disagreements());
    }
    assert!(sins.is_empty(), "\n{}", sins.join("\n"));
    if atlas::is_wanted() {
        atlas.write();
    }
}

/// Every row, of whatever kind of fault.
fn rows() -> impl Iterator<Item = &'static Expected> {
    EXPECTED.iter().chain(expected_damage::EXPECTED)
}

/// What a stack's dialect makes of its words.
fn read(stack: &Stack, words: &str) -> Said {
    let source = DiagnosisSource {
        dialects: vec![stack.dialect.to_owned()],
        ..DiagnosisSource::default()
    };
    read_words(&source, "", words, Some(1))
}

/// How what a stack said of a fault is read otherwise than it should be, or the journal belies it.
fn disagreement(stack: &Stack, row: &Expected, met: &Met) -> Option<String> {
    let said = read(stack, &met.words);
    let wanted = reading(stack, row);
    let named: Vec<_> = said.class.into_iter().chain(said.candidates).collect();
    let right =
        wanted.allows(said.class, &named) && !row.never.iter().any(|class| named.contains(class));
    let name = format!("{}, {}", stack.name, row.fault);
    if !right {
        let words = &met.words;
        return Some(format!(
            "{name}: read as {named:?}, not as {wanted:?}: {words}"
        ));
    }
    let knowledge = Knowledge::of(wanted);
    let belied = met
        .sight
        .belies(met.watched, &knowledge.classes, said.class)?;
    Some(format!("{name}: {belied}"))
}

/// The line of the atlas.
fn line(stack: &Stack, row: &Expected, met: &Met) -> Line {
    let knowledge = Knowledge::of(reading(stack, row));
    let words = masks::masked(&met.words);
    println!("{}\t{}\t{words}", stack.name, met.fault);
    let said = read(stack, &met.words);
    let told = Told {
        line: 0,
        fault: row.fault.to_owned(),
        stack: stack.name.to_owned(),
        words,
        class: said.class,
        candidates: said.candidates,
        knows: knowledge.in_words(),
        journal: match met.watched {
            true => masks::masked(&met.sight.in_words()),
            false => "met elsewhere".to_owned(),
        },
    };
    let settled = knowledge.is_settled();
    Line { told, settled }
}
