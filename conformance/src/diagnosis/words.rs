//! Phrases: the words of an HTTP stack, and the causes they stand for.

use std::ops::Range;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::Class;

/// Words, and what they mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phrase {
    /// Regular expression, whatever the case.
    pub(super) pattern: &'static str,
    /// The class they mean.
    pub(super) class: Class,
    /// What the same words also stand for, because the stack cannot tell them apart.
    pub(super) candidates: &'static [Class],
    /// Whether they only wrap a cause, so that any other phrase of any list goes before.
    pub(super) wraps: bool,
}

impl Phrase {
    /// Words that mean one class.
    pub(super) const fn new(pattern: &'static str, class: Class) -> Self {
        Self {
            pattern,
            class,
            candidates: &[],
            wraps: false,
        }
    }

    /// Adds what the stack cannot tell apart from it.
    pub(super) const fn or(mut self, candidates: &'static [Class]) -> Self {
        self.candidates = candidates;
        self
    }

    /// Marks words that only wrap a cause.
    pub(super) const fn wrapping(mut self) -> Self {
        self.wraps = true;
        self
    }
}

/// A list of phrases, ready to be matched.
#[derive(Debug)]
pub(super) struct Phrases {
    compiled: Vec<(Regex, &'static Phrase)>,
    /// All of them at once, to pass quickly over the many lines that hold none.
    any: RegexSet,
}

/// A phrase that was found, and where.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) phrase: &'static Phrase,
    pub(super) at: Range<usize>,
}

impl Phrases {
    pub(super) fn compile(list: &'static [Phrase]) -> Self {
        let compiled = list
            .iter()
            .filter_map(|phrase| {
                let regex = RegexBuilder::new(phrase.pattern)
                    .case_insensitive(true)
                    .build()
                    .ok()?;
                Some((regex, phrase))
            })
            .collect();
        let any = RegexSetBuilder::new(list.iter().map(|phrase| phrase.pattern))
            .case_insensitive(true)
            .build()
            .unwrap_or_default();
        Self { compiled, any }
    }

    /// Whether a text holds any of the phrases.
    pub(super) fn may_find(&self, text: &str) -> bool {
        self.any.is_match(text)
    }

    /// The phrases of a text, in the order of the list. One that lies within another is left out:
    /// it is part of the other's wording.
    pub(super) fn find(&self, text: &str, wrapping: bool) -> Vec<Found> {
        let mut found: Vec<Found> = self
            .compiled
            .iter()
            .filter(|(_, phrase)| phrase.wraps == wrapping)
            .filter_map(|(regex, phrase)| {
                let at = regex.find(text)?.range();
                Some(Found { phrase, at })
            })
            .collect();
        let ranges: Vec<Range<usize>> = found.iter().map(|each| each.at.clone()).collect();
        found.retain(|each| {
            !ranges.iter().any(|other| {
                other.len() > each.at.len()
                    && other.start <= each.at.start
                    && each.at.end <= other.end
            })
        });
        found
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.any.len(), self.compiled.len());
        self.compiled.len()
    }
}
