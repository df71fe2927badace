//! What a reading that is right says of the stack's knowledge, whatever kind of reading it is.

use snowproof::diagnosis::Class;

use crate::expected::Reading;

/// What a stack can know of a fault.
pub(crate) struct Knowledge {
    /// The classes that may be read first.
    pub(crate) classes: Vec<Class>,
    /// What it cannot tell from them.
    beside: Vec<Class>,
    /// Whether it may say nothing at all.
    silent: bool,
}

impl Knowledge {
    pub(crate) fn of(reading: Reading) -> Self {
        let every = Class::ALL;
        let first = |class: &Class| reading.allows(Some(*class), &every);
        let classes: Vec<Class> = every.iter().copied().filter(first).collect();
        let needed = |class: &Class| {
            let others: Vec<Class> = every.iter().copied().filter(|it| it != class).collect();
            let firsts = classes.iter().filter(|first| *first != class);
            !classes.contains(class)
                && firsts
                    .clone()
                    .any(|first| !reading.allows(Some(*first), &others))
        };
        Self {
            beside: every.iter().copied().filter(needed).collect(),
            silent: reading.allows(None, &[]),
            classes,
        }
    }

    /// Whether there is one right reading, so that it is the same every time.
    pub(crate) fn is_settled(&self) -> bool {
        self.classes.len() + usize::from(self.silent) == 1
    }

    /// As the atlas has it.
    pub(crate) fn in_words(&self) -> String {
        let names = |classes: &[Class]| {
            let names: Vec<String> = classes.iter().map(|class| format!("`{class}`")).collect();
            names.join(" or ")
        };
        let mut words = match (self.classes.as_slice(), self.silent) {
            ([], _) => return "nothing is wrong for it".to_owned(),
            ([one], false) => format!("`{one}`"),
            (several, false) => format!("one of {}", names(several)),
            (several, true) => format!("{} or nothing", names(several)),
        };
        if !self.beside.is_empty() {
            words = format!("{words}, not told from {}", names(&self.beside));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class as C;

    #[test]
    fn it_follows_from_what_a_reading_allows() {
        for (reading, words, settled) in [
            (Reading::Nothing, "nothing is wrong for it", true),
            (Reading::Is(C::NetDns, &[]), "`net.dns`", true),
            (
                Reading::Is(C::TlsUntrusted, &[C::TlsChain]),
                "`tls.untrusted`, not told from `tls.chain`",
                true,
            ),
            (
                Reading::OneOf(&[C::NetReset, C::NetClosed]),
                "one of `net.reset` or `net.closed`",
                false,
            ),
            (
                Reading::Among(&[C::NetReset, C::NetTruncated]),
                "one of `net.reset` or `net.truncated`",
                false,
            ),
        ] {
            let knowledge = Knowledge::of(reading);
            assert_eq!(knowledge.in_words(), words);
            assert_eq!(knowledge.is_settled(), settled, "{words}");
        }
    }
}
