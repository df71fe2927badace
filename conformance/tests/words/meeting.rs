//! Stacks meet every fault. In a world there is one stack at a time, so that what our side saw
//! meanwhile is its doing.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::client::Client;
use crate::faults::World;
use crate::sight::{Mark, Sight};
use crate::stacks::{self, Stack};

/// Worlds: their clients want a processor as they start, and each its instances.
const WORLDS: usize = 6;

/// What came of it.
pub(crate) struct Meeting {
    pub(crate) version: String,
    pub(crate) met: Vec<Met>,
}

/// A fault that was met.
pub(crate) struct Met {
    pub(crate) fault: &'static str,
    /// What the stack said.
    pub(crate) words: String,
    pub(crate) sight: Sight,
    /// Whether there was a journal where it was met.
    pub(crate) watched: bool,
}

/// The meetings of the stacks that are installed, by name.
pub(crate) async fn all() -> BTreeMap<&'static str, Meeting> {
    let waiting = Mutex::new(stacks::all());
    let worlds = (0..WORLDS).map(|_| meet_in_turn(&waiting));
    let meetings = futures_util::future::join_all(worlds).await;
    meetings.into_iter().flatten().collect()
}

/// In one world, as long as stacks wait.
async fn meet_in_turn(
    waiting: &Mutex<impl Iterator<Item = &'static Stack>>,
) -> Vec<(&'static str, Meeting)> {
    let world = World::start().await;
    let journals = world.journals();
    let mut mark = Mark::start(&journals);
    let mut heard = Vec::new();
    loop {
        let next = waiting.lock().unwrap().next();
        let Some(stack) = next else {
            break;
        };
        let Some(mut client) = Client::start(stack, &world) else {
            continue;
        };
        let version = client.version().await;
        let mut said = Vec::new();
        for fault in world.faults.iter().filter(|it| stack.meets(it.name)) {
            let from = mark.after(&journals);
            let Some(words) = client.meet(fault).await else {
                break;
            };
            mark = from.after(&journals);
            said.push((fault.name, words, world.watches(fault), from, mark.clone()));
        }
        heard.push((stack.name, version, said));
    }
    // Writes down every connection's end.
    world.end().await;
    heard
        .into_iter()
        .map(|(stack, version, said)| {
            let met = said
                .into_iter()
                .map(|(fault, words, watched, from, to)| Met {
                    fault,
                    words,
                    sight: Sight::between(&journals, &from, &to),
                    watched,
                });
            let met = met.collect();
            (stack, Meeting { version, met })
        })
        .collect()
}
