//! Texts with parameters between braces: `{base_url}`, `{file:config}`, `{subject_dir}`, `{self}`.
//!
//! `{{name}}` stands for the literal text `{name}`. Braces around anything that is not a name are
//! left alone, so that JSON and shell need no escapes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use snowproof_protocol::Parameter;

/// What a template is filled with.
#[derive(Clone, Default)]
pub struct Values {
    /// The parameters.
    pub parameters: BTreeMap<Parameter, String>,
    /// The written files by name.
    pub files: BTreeMap<String, PathBuf>,
    /// The manifest's folder.
    pub subject_dir: PathBuf,
    /// This program.
    pub program: PathBuf,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A name between braces.
    Name(&'a str),
}

/// Cuts a template into its parts.
#[must_use]
pub fn parts(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = template;
    let mut text_from = 0;
    let mut at = 0;
    while let Some(open) = rest[at..].find('{').map(|found| at + found) {
        let escaped = rest[open..].starts_with("{{");
        let name_from = open + if escaped { 2 } else { 1 };
        let close = rest[name_from..].find('}').map(|found| name_from + found);
        let Some(close) = close.filter(|close| is_name(&rest[name_from..*close])) else {
            at = open + 1;
            continue;
        };
        if escaped {
            if rest[close..].starts_with("}}") {
                parts.push(Part::Text(&rest[text_from..open]));
                parts.push(Part::Text(&rest[open + 1..=close]));
                rest = &rest[close + 2..];
                (text_from, at) = (0, 0);
            } else {
                at = open + 1;
            }
            continue;
        }
        parts.push(Part::Text(&rest[text_from..open]));
        parts.push(Part::Name(&rest[name_from..close]));
        rest = &rest[close + 1..];
        (text_from, at) = (0, 0);
    }
    parts.push(Part::Text(&rest[text_from..]));
    parts.retain(|part| *part != Part::Text(""));
    parts
}

/// Whether a template names this between braces.
#[must_use]
pub fn has(template: &str, name: &str) -> bool {
    parts(template).contains(&Part::Name(name))
}

fn is_name(text: &str) -> bool {
    let (head, tail) = text.split_once(':').unwrap_or((text, "x"));
    head.starts_with(|c: char| c.is_ascii_lowercase())
        && head.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        && !tail.is_empty()
        && tail
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The parameter of this name.
#[must_use]
pub fn parameter(name: &str) -> Option<Parameter> {
    Parameter::ALL
        .into_iter()
        .find(|parameter| parameter.name() == name)
}

impl Values {
    /// Fills a template. A parameter without a value becomes the empty text; a name that is none
    /// of ours stays as it is, braces included.
    #[must_use]
    pub fn fill(&self, template: &str) -> String {
        parts(template)
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => text.to_owned(),
                Part::Name(name) => self.value(name).unwrap_or_else(|| format!("{{{name}}}")),
            })
            .collect()
    }

    /// Fills every text of a JSON document, keys left as they are.
    #[must_use]
    pub fn fill_json(&self, template: &serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match template {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_json(item)).collect(),
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, value)| (key.clone(), self.fill_json(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        let path = |path: &PathBuf| path.display().to_string();
        match name {
            "subject_dir" => Some(path(&self.subject_dir)),
            "self" => Some(path(&self.program)),
            _ => match name.strip_prefix("file:") {
                Some(file) => self.files.get(file).map(path),
                None => parameter(name)
                    .map(|parameter| self.parameters.get(&parameter).cloned().unwrap_or_default()),
            },
        }
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values")
            .field("parameters", &self.parameters.keys().collect::<Vec<_>>())
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> Values {
        Values {
            parameters: [
                (Parameter::BaseUrl, "https://127.0.0.1:1".to_owned()),
                (Parameter::Password, "{user}".to_owned()),
            ]
            .into(),
            files: [("config".to_owned(), PathBuf::from("/run/config"))].into(),
            subject_dir: "/subject".into(),
            program: "/bin/snowproof".into(),
        }
    }

    #[test]
    fn names_are_filled_and_other_braces_left() {
        for (template, filled) in [
            ("{base_url}/x", "https://127.0.0.1:1/x"),
            ("--c={file:config}", "--c=/run/config"),
            ("{subject_dir}/s.py {self}", "/subject/s.py /bin/snowproof"),
            ("{password}", "{user}"),
            (
                "{\"a\": {\"b\": \"{base_url}\"}}",
                "{\"a\": {\"b\": \"https://127.0.0.1:1\"}}",
            ),
            ("${HOME} {} {1} {", "${HOME} {} {1} {"),
            ("{{base_url}}", "{base_url}"),
            ("{{}} {{ x }}", "{{}} {{ x }}"),
            ("awk {print}", "awk {print}"),
            ("{table}", ""),
        ] {
            assert_eq!(values().fill(template), filled, "{template}");
        }
    }

    #[test]
    fn json_templates_fill_their_texts() {
        let template = serde_json::json!({"url": "{base_url}", "n": 1, "l": ["{self}"]});
        assert_eq!(
            values().fill_json(&template),
            serde_json::json!({"url": "https://127.0.0.1:1", "n": 1, "l": ["/bin/snowproof"]})
        );
    }

    #[test]
    fn secrets_are_not_in_debug_output() {
        assert!(!format!("{:?}", values()).contains("{user}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn any_text_without_braces_is_its_own_filling(text in "[^{}]*") {
            prop_assert_eq!(values().fill(&text), text);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[{}a-z:_ é]{0,40}") {
            let _ = parts(&text);
        }
    }
}
