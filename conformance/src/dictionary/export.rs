//! Exports: what the Table API answers for `sys_db_object`, `sys_dictionary` and `sys_choice`, with
//! any `sysparm_display_value` and with or without reference links.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// Rows of one export, at most.
const MAX_ROWS: usize = 1_000_000;

/// Why an export cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It is not what the Table API answers.
    #[error("`{file}` is no list that the Table API answers, `{{\"result\":[…]}}`: {error}")]
    NotAList {
        /// The file, as errors call it.
        file: String,
        /// The reader's words.
        error: serde_json::Error,
    },
    /// It has no rows, or none of the table that is expected.
    #[error(
        "`{file}` has no row with `{column}`; export it from `{table}`, without leaving that column out"
    )]
    NoRows {
        /// The file, as errors call it.
        file: String,
        /// The table that is expected.
        table: &'static str,
        /// A column that every row of it has.
        column: &'static str,
    },
    /// It has more rows than are taken.
    #[error("`{file}` has {rows} rows; at most {MAX_ROWS} are taken")]
    TooMany {
        /// The file, as errors call it.
        file: String,
        /// Its rows.
        rows: usize,
    },
}

/// The exports of one instance.
#[derive(Debug, Default)]
pub struct Exports {
    pub(super) objects: Vec<Object>,
    pub(super) columns: Vec<Entry>,
    pub(super) choices: Vec<Choice>,
}

impl Exports {
    /// Reads the exports of `sys_db_object` and `sys_dictionary`, and of `sys_choice` if there is
    /// one; each by the name that errors call it, and its bytes.
    ///
    /// # Errors
    ///
    /// One is no list of the Table API's, is another table's, or is too long.
    pub fn read(
        objects: (&str, &[u8]),
        dictionary: (&str, &[u8]),
        choices: Option<(&str, &[u8])>,
    ) -> Result<Self, ExportError> {
        let read = Self {
            objects: rows(objects)?,
            columns: rows(dictionary)?,
            choices: match choices {
                Some(choices) => rows(choices)?,
                None => Vec::new(),
            },
        };
        let missing = |(file, _): (&str, &[u8]), table, column| ExportError::NoRows {
            file: file.to_owned(),
            table,
            column,
        };
        let named = |object: &Object| !object.name.value.is_empty();
        if !read.objects.iter().any(named) {
            return Err(missing(objects, "sys_db_object", "name"));
        }
        if !read
            .columns
            .iter()
            .any(|entry| !entry.element.value.is_empty())
        {
            return Err(missing(dictionary, "sys_dictionary", "element"));
        }
        Ok(read)
    }

    /// Names of tables by `sys_id` and, where it is the only one, by label.
    pub(super) fn names(&self) -> HashMap<&str, &str> {
        let mut names: HashMap<&str, &str> = HashMap::new();
        let mut labels: HashMap<&str, Option<&str>> = HashMap::new();
        for object in &self.objects {
            let name = object.name.value.as_str();
            names.insert(&object.sys_id.value, name);
            labels
                .entry(&object.label.value)
                .and_modify(|known| *known = None)
                .or_insert(Some(name));
        }
        for (label, name) in labels {
            if let Some(name) = name {
                names.entry(label).or_insert(name);
            }
        }
        names
    }
}

fn rows<T: DeserializeOwned>((file, bytes): (&str, &[u8])) -> Result<Vec<T>, ExportError> {
    #[derive(Deserialize)]
    struct List<T> {
        result: Vec<T>,
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let is_bare = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let read = if is_bare {
        serde_json::from_slice(bytes)
    } else {
        serde_json::from_slice(bytes).map(|list: List<T>| list.result)
    };
    let rows: Vec<T> = read.map_err(|error| ExportError::NotAList {
        file: file.to_owned(),
        error,
    })?;
    if rows.len() > MAX_ROWS {
        return Err(ExportError::TooMany {
            file: file.to_owned(),
            rows: rows.len(),
        });
    }
    Ok(rows)
}

/// A row of `sys_db_object`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Object {
    pub(super) sys_id: Cell,
    pub(super) name: Cell,
    pub(super) label: Cell,
    pub(super) super_class: Cell,
}

/// A row of `sys_dictionary`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    pub(super) name: Cell,
    pub(super) element: Cell,
    pub(super) column_label: Cell,
    pub(super) internal_type: Cell,
    pub(super) max_length: Cell,
    pub(super) reference: Cell,
    pub(super) default_value: Cell,
    pub(super) mandatory: Cell,
    pub(super) read_only: Cell,
    pub(super) display: Cell,
    pub(super) active: Cell,
}

/// A row of `sys_choice`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    pub(super) name: Cell,
    pub(super) element: Cell,
    pub(super) value: Cell,
    pub(super) label: Cell,
    pub(super) language: Cell,
    pub(super) sequence: Cell,
    pub(super) inactive: Cell,
}

/// A value of a row, in whichever form it was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// The value; of a reference whose value was left out, what its link ends with; else the
    /// display value.
    pub(super) value: String,
}

impl Cell {
    pub(super) fn is_true(&self) -> bool {
        self.value.eq_ignore_ascii_case("true") || self.value == "1"
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Flag(bool),
            Number(serde_json::Number),
            Shown {
                value: Option<String>,
                display_value: Option<String>,
                link: Option<String>,
            },
            Nothing(()),
        }
        let value = match Form::deserialize(deserializer)? {
            Form::Text(text) => text,
            Form::Flag(flag) => flag.to_string(),
            Form::Number(number) => number.to_string(),
            Form::Shown {
                value,
                display_value,
                link,
            } => value
                .or_else(|| link.as_deref().map(linked))
                .or(display_value)
                .unwrap_or_default(),
            Form::Nothing(()) => String::new(),
        };
        Ok(Self { value })
    }
}

/// What a link refers to: `…/sys_user/ID` or `…/sys_glide_object?name=string`.
fn linked(link: &str) -> String {
    let end = link.rsplit('/').next().unwrap_or("");
    let end = end.split_once('=').map_or(end, |(_, value)| value);
    percent_encoding::percent_decode_str(end)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(json: &str) -> String {
        serde_json::from_str::<Cell>(json).unwrap().value
    }

    #[test]
    fn a_value_is_read_in_every_form() {
        assert_eq!(cell(r#""plain""#), "plain");
        assert_eq!(cell("null"), "");
        assert_eq!(cell("true"), "true");
        assert_eq!(cell("40"), "40");
        assert_eq!(
            cell(r#"{"link":"https://a/api/now/table/sys_db_object/0a1b","value":"0a1b"}"#),
            "0a1b"
        );
        assert_eq!(
            cell(
                r#"{"display_value":"Task","link":"https://a/api/now/v2/table/sys_db_object/0a1b"}"#
            ),
            "0a1b"
        );
        assert_eq!(
            cell(
                r#"{"display_value":"String","link":"https://a/api/now/table/sys_glide_object?name=string"}"#
            ),
            "string"
        );
        assert_eq!(cell(r#"{"display_value":"100","value":"100"}"#), "100");
    }

    #[test]
    fn what_is_no_export_is_refused_in_words() {
        let read = |objects: &str, dictionary: &str| {
            Exports::read(
                ("o.json", objects.as_bytes()),
                ("d.json", dictionary.as_bytes()),
                None,
            )
            .map(drop)
            .map_err(|error| error.to_string())
        };
        let objects = r#"{"result":[{"name":"u_a"}]}"#;
        let columns = r#"[{"name":"u_a","element":"u_b"}]"#;
        assert_eq!(read(objects, columns), Ok(()));
        assert!(read("<html>", columns).unwrap_err().contains("`o.json`"));
        assert!(
            read(r#"{"error":{}}"#, columns)
                .unwrap_err()
                .contains("result")
        );
        let swapped = read(columns, r#"{"result":[]}"#).unwrap_err();
        assert!(
            swapped.contains("`d.json` has no row with `element`"),
            "{swapped}"
        );
    }
}
