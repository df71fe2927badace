//! One kind of error for all files: a place, a sentence, the legal values, the nearest of them.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, NamedSource, SourceSpan};

use super::{Place, SourceFile, nearest};

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{file}:{line}:{column}: {message}")]
pub struct FileError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
    #[help]
    help: Option<String>,
}

impl FileError {
    /// An error at a place of a file.
    pub fn at(source: &SourceFile, place: Place, message: String) -> Self {
        let offset = place.offset_in(&source.text);
        let length = source.text[offset..]
            .chars()
            .take_while(|c| !c.is_whitespace() && !",:]}".contains(*c))
            .map(char::len_utf8)
            .sum::<usize>();
        Self {
            file: source.name.clone(),
            line: place.line,
            column: place.column,
            message,
            source_code: NamedSource::new(&source.name, source.text.clone()),
            span: SourceSpan::from((offset, length)),
            help: None,
        }
    }

    /// Lists the legal values, and the one that `word` may have meant.
    #[must_use]
    pub fn legal<'a>(mut self, word: &str, legal: impl IntoIterator<Item = &'a str>) -> Self {
        let legal: Vec<&str> = legal.into_iter().collect();
        let list = match legal.as_slice() {
            [] => "nothing is legal here".to_owned(),
            [one] => format!("legal here: {one}"),
            many => format!("legal here: {}", many.join(", ")),
        };
        self.help = Some(match nearest(word, legal.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?\n{list}"),
            None => list,
        });
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.help = Some(hint.into());
        self
    }

    /// What the reader of a terminal sees: the sentence, the line, and what is legal.
    #[must_use]
    pub fn rendered(&self) -> String {
        let mut text = String::new();
        let drawn = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_width(110)
            .render_report(&mut text, self);
        match drawn {
            Ok(()) => text,
            Err(_) => self.to_string(),
        }
    }

    pub(super) fn from_yaml(source: &SourceFile, error: &serde_saphyr::Error) -> Self {
        use serde_saphyr::Error as Yaml;

        let error = error.without_snippet();
        let place = error.location().map_or(Place::START, Place::from);
        match error {
            Yaml::SerdeUnknownField {
                field, expected, ..
            } => Self::at(source, place, format!("unknown key `{field}`"))
                .legal(field, expected.iter().copied()),
            Yaml::SerdeUnknownVariant {
                variant, expected, ..
            } => Self::at(source, place, format!("unknown value `{variant}`"))
                .legal(variant, expected.iter().copied()),
            Yaml::SerdeMissingField { field, .. } => Self::at(
                source,
                place,
                format!("the key `{field}` is missing from this map"),
            ),
            other => Self::at(source, place, first_line(&other.to_string())),
        }
    }
}

/// The parser's own sentence without its place, which is stated already.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    match line.split_once(": ") {
        Some((head, rest)) if head.starts_with("line ") || head.starts_with("error: line ") => {
            rest.to_owned()
        }
        _ => line.to_owned(),
    }
}
