//! What a scenario quotes of a document that was written for users of connectors stands there, word
//! for word. `fixtures/sources` holds the sentences that are quoted, a file for each document, its
//! title in the first line.

use std::collections::BTreeMap;

use snowproof::scenario::ScenarioSet;

use super::repository;

/// The sentences of a document, each as words.
struct Document {
    title: String,
    sentences: Vec<String>,
}

/// Case, markup and punctuation aside.
fn words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

fn documents() -> Vec<Document> {
    let folder = repository().join("conformance/tests/fixtures/sources");
    let entries = std::fs::read_dir(folder).unwrap();
    let documents = entries.map(|entry| {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let (title, sentences) = text.split_once("\n\n").unwrap();
        Document {
            title: title.to_owned(),
            sentences: sentences.lines().map(words).collect(),
        }
    });
    documents.collect()
}

/// The document that a source names: its title, and after a comma a part of it.
fn named<'a>(documents: &'a [Document], source: &str) -> Option<&'a Document> {
    documents.iter().find(|document| {
        let rest = source.strip_prefix(&document.title);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
    })
}

fn quotes(document: &Document, says: &str) -> bool {
    let quoted = format!(" {} ", words(says));
    let mut sentences = document.sentences.iter();
    sentences.any(|sentence| format!(" {sentence} ").contains(&quoted))
}

#[test]
fn what_is_quoted_stands_in_the_document() {
    let documents = documents();
    assert_eq!(documents.len(), 4);
    let set = ScenarioSet::embedded().unwrap_or_else(|error| panic!("{}", error.rendered()));
    let mut wrong = Vec::new();
    let mut quoted: BTreeMap<&str, u32> = BTreeMap::new();
    for scenario in set.scenarios() {
        let source = &scenario.file.source;
        let Some(document) = named(&documents, &source.document) else {
            continue;
        };
        *quoted.entry(&document.title).or_default() += 1;
        if !quotes(document, &source.says) {
            let name = scenario.name();
            wrong.push(format!("{name}: `{}` of {}", source.says, source.document));
        }
    }
    assert!(wrong.is_empty(), "not word for word:\n{}", wrong.join("\n"));
    assert_eq!(quoted.len(), documents.len(), "{quoted:?}");
}

#[test]
fn another_wording_is_no_quotation() {
    let documents = documents();
    let document = named(&documents, "Connecting to Neo Agent, Troubleshooting").unwrap();
    assert!(quotes(document, "requires the `email_api_send` role"));
    for says in [
        "demands the `email_api_send` role",
        "requires the email_api_sen",
        "role the requires",
    ] {
        assert!(!quotes(document, says), "{says}");
    }
    assert!(named(&documents, "Connecting to Neo Agents").is_none());
    assert!(named(&documents, "Setup guide, Permissions").is_none());
}
