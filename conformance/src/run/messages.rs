//! What a framework's source said of its outcome, as evidence.

use snowproof_protocol::Outcome;
use snowproof_simulator::redaction::Redactor;

use super::output::{Capture, without_runtime_noise};
use super::singer::last_error;
use super::words;
use crate::diagnosis;
use crate::evidence::Said;
use crate::subject::{DiagnosisSource, Subject, WordsSource};

/// Its own account, secrets replaced.
pub(super) struct Messages {
    /// Whether it says that it failed; none where it says nothing.
    pub(super) failed: Option<bool>,
    /// Its words; empty where it has none.
    pub(super) words: String,
    /// What it warned of on the way.
    pub(super) warnings: Vec<String>,
}

impl Messages {
    /// A tap says in its log why it failed, and by its exit status that it did.
    pub(super) fn of_log(stderr: &Capture) -> Self {
        let text = String::from_utf8_lossy(&stderr.text()).into_owned();
        Self {
            failed: None,
            words: last_error(&without_runtime_noise(&text)).to_owned(),
            warnings: text
                .lines()
                .filter(|line| line.to_ascii_lowercase().contains("warn"))
                .take(words::MAX_WARNINGS)
                // A capture holds no secret any more.
                .map(|line| words::warning(line, &Redactor::default()))
                .collect(),
        }
    }

    /// What it said. It failed where its account or its exit status says so: a check that exits
    /// with 0 may have failed.
    pub(super) fn said(self, subject: &Subject, exit_code: Option<i32>, has_words: bool) -> Said {
        let source = &subject.file.diagnosis;
        let status = words::outcome_of(exit_code, &source.success_exit_codes);
        let outcome = if self.failed == Some(true) {
            Outcome::Failure
        } else {
            status
        };
        let silent = outcome == Outcome::Success || !has_words;
        let mut said = if silent {
            Said::default()
        } else {
            let text = self.words.split_whitespace().collect::<Vec<_>>().join(" ");
            diagnosis::read_words(&one_line(source), &text, "", exit_code)
        };
        said.outcome = Some(outcome);
        if has_words {
            said.warnings = self.warnings;
        }
        said
    }
}

/// The manifest's map and dialects, for words that are one line; what it says of exit codes stays.
fn one_line(source: &DiagnosisSource) -> DiagnosisSource {
    let codes = source.read_from.iter();
    let codes = codes.filter(|place| matches!(place, WordsSource::ExitCode(_)));
    let mut read_from: Vec<WordsSource> = codes.cloned().collect();
    read_from.push(WordsSource::StdoutLastLine);
    DiagnosisSource {
        read_from,
        ..source.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Class;
    use crate::yaml::SourceFile;

    fn said(failed: Option<bool>, text: &str, exit_code: i32) -> Said {
        let source = SourceFile {
            name: "subject.yaml".to_owned(),
            text: "schema: snowproof.subject/1\nsubject: x\nadapter: airbyte\n\
                   run: { airbyte: [\"true\"] }\nfiles: { config: { template: x } }\n\
                   capabilities: [check]\n\
                   diagnosis: { map: [{ match: \"^no entry\", class: auth.invalid_credentials }] }\n"
                .to_owned(),
        };
        let subject = Subject::read(&source, std::path::PathBuf::from("/"))
            .unwrap_or_else(|error| panic!("{}", error.rendered()));
        let messages = Messages {
            failed,
            words: text.to_owned(),
            warnings: Vec::new(),
        };
        messages.said(&subject, Some(exit_code), true)
    }

    #[test]
    fn a_check_that_failed_may_exit_with_nothing_amiss() {
        let said = said(Some(true), "no\n entry here", 0);
        assert_eq!(said.outcome, Some(Outcome::Failure));
        assert_eq!(said.text, "no entry here");
        assert_eq!(said.class, Some(Class::AuthInvalidCredentials));
    }

    #[test]
    fn an_exit_status_fails_what_says_nothing_and_success_has_no_words() {
        assert_eq!(said(None, "", 1).outcome, Some(Outcome::Failure));
        assert_eq!(said(Some(false), "", 1).outcome, Some(Outcome::Failure));
        let fine = said(Some(false), "no entry was refused", 0);
        assert_eq!(
            (fine.outcome, fine.text.as_str()),
            (Some(Outcome::Success), "")
        );
    }
}
