//! The fault atlas: what HTTP stacks said of each fault, as `docs/fault-atlas.md` has it.
//!
//! `tests/words` writes it from a meeting of real stacks with real faults, and holds it true.

use super::Class;

/// The atlas that this binary was built with.
pub const ATLAS: &str = include_str!("../../../docs/fault-atlas.md");

/// What one stack said of one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The line of the atlas, from 1.
    pub line: usize,
    /// The fault.
    pub fault: String,
    /// The stack.
    pub stack: String,
    /// Its words, with ports, addresses and times masked; empty where it said nothing.
    pub words: String,
    /// The class that its dialect reads first, if it reads one.
    pub class: Option<Class>,
    /// Further classes that it names.
    pub candidates: Vec<Class>,
    /// What the stack can know of the fault, in words.
    pub knows: String,
    /// What the journal had of it, in its own words.
    pub journal: String,
}

impl Told {
    /// The line of the atlas.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let words = match self.words.as_str() {
            "" => "nothing".to_owned(),
            words => format!("`{}`", words.replace('|', "\\|")),
        };
        let (knows, journal) = (&self.knows, &self.journal);
        let read = self.read();
        format!(
            "| {} | {words} | {read} | {knows} | {journal} |",
            self.stack
        )
    }

    /// What is read of it, in words.
    #[must_use]
    pub fn read(&self) -> String {
        let named: Vec<String> = self
            .class
            .iter()
            .map(|class| format!("`{class}`"))
            .collect();
        let also = self.candidates.iter().map(|class| format!("`{class}`"));
        let also: Vec<String> = also.collect();
        match (named.first(), also.is_empty()) {
            (None, true) => "nothing".to_owned(),
            (None, false) => format!("undecided: {}", also.join(", ")),
            (Some(class), true) => class.clone(),
            (Some(class), false) => format!("{class}; also {}", also.join(", ")),
        }
    }
}

/// Every line of an atlas that tells what a stack said.
pub fn told(atlas: &str) -> impl Iterator<Item = Told> {
    let mut fault = String::new();
    atlas.lines().enumerate().filter_map(move |(index, line)| {
        if let Some(heading) = line.strip_prefix('#') {
            let name = heading.strip_prefix("## ").unwrap_or_default();
            name.clone_into(&mut fault);
            return None;
        }
        let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let cells: Vec<&str> = cells.split(" | ").collect();
        let [stack, words, read, knows, journal] = cells[..] else {
            return None;
        };
        if fault.is_empty() || stack == "stack" {
            return None;
        }
        let (first, also) = match read.strip_prefix("undecided: ") {
            Some(also) => ("", also),
            None => read.split_once("; also ").unwrap_or((read, "")),
        };
        Some(Told {
            line: index + 1,
            fault: fault.clone(),
            stack: stack.to_owned(),
            words: match words {
                "nothing" => String::new(),
                said => said.trim_matches('`').replace("\\|", "|"),
            },
            class: named(first).next(),
            candidates: named(also).collect(),
            knows: knows.to_owned(),
            journal: journal.to_owned(),
        })
    })
}

fn named(cell: &str) -> impl Iterator<Item = Class> {
    cell.split(", ")
        .filter_map(|name| name.trim_matches('`').parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(words: &str, class: Option<Class>, candidates: Vec<Class>) -> Told {
        Told {
            line: 5,
            fault: "tls-expired".into(),
            stack: "Node fetch".into(),
            words: words.into(),
            class,
            candidates,
            knows: "`tls.expired`".into(),
            journal: "tls_failed(tls handshake eof)".into(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for told_once in [
            one("fetch failed <- a | b", Some(Class::TlsExpired), vec![]),
            one("", None, vec![]),
            one("all", None, vec![Class::NetDns, Class::TlsChain]),
            one(
                "x",
                Some(Class::TlsExpired),
                vec![Class::TlsChain, Class::NetDns],
            ),
        ] {
            let line = told_once.to_markdown();
            let atlas = format!(
                "## TLS\n| fault | a | b | c | d |\n### tls-expired\n| stack | says | read as | can know | journal |\n{line}"
            );
            assert_eq!(told(&atlas).collect::<Vec<_>>(), [told_once], "{line}");
        }
    }

    #[test]
    fn the_atlas_that_is_built_in_has_every_line() {
        let lines: Vec<Told> = told(ATLAS).collect();
        assert!(lines.len() > 200, "{}", lines.len());
        for class in [Class::TlsExpired, Class::NetRefused, Class::NetProxyAuth] {
            assert!(
                lines.iter().any(|told| told.class == Some(class)),
                "{class}"
            );
        }
    }
}
