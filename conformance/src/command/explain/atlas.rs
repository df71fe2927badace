//! What the stacks of the fault atlas say for a class.

use crate::diagnosis::Class;
use crate::diagnosis::atlas::{ATLAS, Told, told};

/// What the first fault of this class is called by each stack; nothing where the atlas has none.
pub(super) fn said_for(class: Class) -> String {
    let mut first: Vec<Told> = Vec::new();
    for one in told(ATLAS).filter(|told| told.class == Some(class)) {
        if first.iter().all(|known| known.stack != one.stack) {
            first.push(one);
        }
    }
    if first.is_empty() {
        return String::new();
    }
    let widest = first.iter().map(|told| told.stack.len()).max().unwrap_or(0);
    let lines = first.iter().map(|told| {
        let (stack, fault, words) = (&told.stack, &told.fault, &told.words);
        format!("\n  {stack:widest$}  {words}  ({fault})")
    });
    let lines: String = lines.collect();
    format!("\n\nsaid by stacks, as docs/fault-atlas.md has it{lines}")
}
