//! What conditions mean that look at other records, or at all of a record.

use super::meaning::{fetch, matches};
use super::rows::{Record, TABLE, World};
use crate::query::Join;

/// Whether a user's managers lead to another; nobody's do after as many steps as there are users.
pub(super) fn leads_to(world: &World, user: &str, to: &str) -> bool {
    let users = &world.tables["sys_user"];
    let mut at = user.to_owned();
    for _ in 0..=users.len() {
        if at.is_empty() {
            return false;
        }
        if at == to {
            return true;
        }
        let found = users.iter().find(|other| other["sys_id"] == at);
        at = found.map_or_else(String::new, |found| found["manager"].clone());
    }
    false
}

pub(super) fn has_words(record: &Record, words: &str) -> bool {
    let texts = [&record["name"], &record["os"]].map(|text| text.to_lowercase());
    let wanted = words.to_lowercase().replace(',', " ");
    wanted.split_whitespace().all(|wanted| {
        let mut found = texts.iter().flat_map(|text| text.split_whitespace());
        found.any(|word| word == wanted)
    })
}

pub(super) fn joins(world: &World, record: &Record, join: &Join) -> bool {
    let own = fetch(world, record, &join.field);
    let others = match join.other.as_str() {
        "cmdb_ci_linux_server" => &world.tables[TABLE],
        other => &world.tables[other],
    };
    let is_of_class = |other: &&Record| {
        join.other != "cmdb_ci_linux_server" || other["sys_class_name"] == join.other
    };
    others.iter().filter(is_of_class).any(|other| {
        let same = other[join.other_field.as_str()].to_lowercase() == own.to_lowercase();
        !own.is_empty() && same && matches(world, other, &join.query.alternatives)
    })
}
