//! The command line that repeats one scenario of a run, as a shell reads it.

use std::borrow::Cow;

use super::Report;

/// What stands for a scenario's name in [`Report::command`].
const SCENARIO: &str = "{scenario}";

impl Report {
    /// The line that runs this scenario again, quoted for a POSIX shell; none where the command
    /// line of the run is not known.
    #[must_use]
    pub fn repeating(&self, name: &str) -> Option<String> {
        if self.command.is_empty() {
            return None;
        }
        let at = self
            .command
            .iter()
            .position(|word| word.ends_with(SCENARIO));
        let words: Vec<String> = self
            .command
            .iter()
            .enumerate()
            .map(|(index, word)| match word.strip_suffix(SCENARIO) {
                Some(before) if Some(index) == at => {
                    quoted(&format!("{before}{name}")).into_owned()
                }
                _ => quoted(word).into_owned(),
            })
            .collect();
        Some(words.join(" "))
    }
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    // Some shells expand a leading `=` or `~`.
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::super::assembly::tests::report;
    use super::*;

    #[test]
    fn the_scenario_takes_its_place_and_words_are_quoted() {
        let mut report = report();
        assert_eq!(
            report.repeating("SP-T02/asleep").unwrap(),
            "snowproof test exact:SP-T02/asleep --subject 'my sync.yaml'"
        );
        report.command.clear();
        assert_eq!(report.repeating("SP-T02"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_reads_every_word_back(words in prop::collection::vec("[^\u{0}]{0,12}", 1..6)) {
            let line: Vec<_> = words.iter().map(|word| quoted(word)).collect();
            let script = format!("printf '%s\\0' {}", line.join(" "));
            let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
            let read = String::from_utf8(output.stdout).unwrap();
            let expected: String = words.iter().map(|word| format!("{word}\u{0}")).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
