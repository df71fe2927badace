//! What HTTP stacks truly say of a fault, and what their dialects make of it.
//!
//! A tiny client of each stack, written as a connector without care would be, meets the faults of
//! a real simulator, and what it prints is read in the dialect of its stack. A stack that is not
//! installed is skipped by name; with `SNOWPROOF_REQUIRE_SUBJECTS=1` it fails instead.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

mod damage;
mod expected;
mod expected_damage;
mod faults;
mod listeners;
mod stacks;

#[path = "../clients/reqwest.rs"]
mod reqwest_client;

use snowproof::diagnosis::read_words;
use snowproof::subject::DiagnosisSource;

use crate::expected::{EXPECTED, Expected};
use crate::faults::World;
use crate::stacks::{STACKS, Stack};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_dialect_reads_what_its_stack_says() {
    let world = World::start().await;
    let heard = futures_util::future::join_all(STACKS.iter().map(|stack| stack.meet(&world))).await;
    world.end().await;
    let mut sins = Vec::new();
    for (stack, words) in STACKS.iter().zip(heard) {
        let Some(words) = words else {
            stack.is_missing();
            continue;
        };
        for (fault, text) in &words {
            println!("{}\t{fault}\t{text}", stack.dialect);
        }
        for row in rows() {
            sins.extend(disagreement(stack, row, &words));
        }
        let strangers = words
            .iter()
            .filter(|(fault, _)| rows().all(|row| row.fault != fault));
        sins.extend(strangers.map(|(fault, _)| format!("nothing is expected of {fault}")));
    }
    assert!(sins.is_empty(), "\n{}", sins.join("\n"));
}

/// Every row, of whatever kind of fault.
fn rows() -> impl Iterator<Item = &'static Expected> {
    EXPECTED.iter().chain(expected_damage::EXPECTED)
}

/// How what a stack said of a fault is read otherwise than it should be.
fn disagreement(stack: &Stack, row: &Expected, words: &[(String, String)]) -> Option<String> {
    let Some((_, text)) = words.iter().find(|(fault, _)| fault == row.fault) else {
        return stack
            .meets(row.fault)
            .then(|| format!("{}, {}: was not met", stack.dialect, row.fault));
    };
    let source = DiagnosisSource {
        dialects: vec![stack.dialect.to_owned()],
        ..DiagnosisSource::default()
    };
    let said = read_words(&source, "", text, Some(1));
    let wanted = row.of(stack.dialect);
    let named: Vec<_> = said.class.into_iter().chain(said.candidates).collect();
    let right =
        wanted.allows(said.class, &named) && !row.never.iter().any(|class| named.contains(class));
    (!right).then(|| {
        format!(
            "{}, {}: read as {named:?}, not as {wanted:?}: {text}",
            stack.dialect, row.fault
        )
    })
}
