//! An instance file as text.

use std::fmt::Write;

use snowproof_simulator::setup::{ColumnDefinition, TableDefinition};

use super::Taken;
use crate::instance::SCHEMA;

/// The instance file that holds these tables; what could not be taken as it is stands in comments.
#[must_use]
pub fn written(taken: &Taken) -> String {
    let mut text = String::from("# Tables and columns taken from exports of an instance.\n");
    for warning in &taken.warnings {
        let _ = writeln!(text, "# {}", printable(warning));
    }
    let _ = writeln!(text, "schema: {SCHEMA}\ninstance:");
    if taken.dictionary.is_empty() {
        text.push_str("  dictionary: {}\n");
        return text;
    }
    text.push_str("  dictionary:\n");
    for (name, table) in &taken.dictionary {
        write_table(&mut text, name, table);
    }
    text
}

fn write_table(text: &mut String, name: &str, table: &TableDefinition) {
    let _ = writeln!(text, "    {}:", key(name));
    for (key, value) in [
        ("label", &table.label),
        ("extends", &table.extends),
        ("number_prefix", &table.number_prefix),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "      {key}: {}", quoted(value));
        }
    }
    let Some(columns) = &table.columns else {
        if *table == TableDefinition::default() {
            text.truncate(text.trim_end_matches('\n').len());
            text.push_str(" {}\n");
        }
        return;
    };
    text.push_str("      columns:\n");
    for (name, column) in columns {
        let _ = writeln!(text, "        {}: {}", key(name), flow(column));
    }
}

/// A column on one line.
fn flow(column: &ColumnDefinition) -> String {
    let text = |text: &Option<String>| text.as_deref().map(quoted);
    let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string());
    let choices = column.choices.as_ref().map(|choices| {
        let each: Vec<String> = choices
            .iter()
            .map(|(value, label)| format!("{}: {}", quoted(value), quoted(label)))
            .collect();
        format!("{{ {} }}", each.join(", "))
    });
    let keys = [
        ("label", text(&column.label)),
        ("type", text(&column.internal_type)),
        ("reference", text(&column.reference)),
        ("choices", choices),
        ("default", text(&column.default)),
        (
            "max_length",
            column.max_length.map(|length| length.to_string()),
        ),
        ("mandatory", flag(column.mandatory)),
        ("read_only", flag(column.read_only)),
        ("display", flag(column.display)),
    ];
    let given: Vec<String> = keys
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key}: {}", value?)))
        .collect();
    format!("{{ {} }}", given.join(", "))
}

/// A name as a key; one with an underscore is no other word of YAML.
fn key(name: &str) -> String {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let begins = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    if begins && name.contains('_') && name.bytes().all(plain) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Text in double quotes, whose escapes YAML shares with JSON; characters that YAML does not print
/// become spaces.
fn quoted(text: &str) -> String {
    serde_json::Value::from(printable(text)).to_string()
}

fn printable(text: &str) -> String {
    let dull = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
            )
    };
    text.chars()
        .map(|c| if dull(c) { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::SourceFile;

    fn read(text: &str) -> IndexMap<String, TableDefinition> {
        let source = SourceFile {
            name: "made.yaml".to_owned(),
            text: text.to_owned(),
        };
        let setup =
            crate::instance::read(&source).unwrap_or_else(|error| panic!("{error}\n{text}"));
        setup.dictionary.unwrap_or_default()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_is_read_back(
            label in "[^\\p{C}\\p{Zl}\\p{Zp}]{1,20}",
            value in "[^\\p{C}\\p{Zl}\\p{Zp}]{1,20}",
            length in 1..1000_u32,
            flag in any::<bool>(),
        ) {
            let column = ColumnDefinition {
                label: Some(label.clone()),
                internal_type: Some("choice".to_owned()),
                choices: Some([(value.clone(), label.clone()), ("yes".into(), "#: -".into())].into()),
                default: Some(value),
                max_length: Some(length),
                mandatory: Some(flag),
                display: Some(flag),
                ..ColumnDefinition::default()
            };
            let table = TableDefinition {
                label: Some(label.clone()),
                extends: Some("cmdb_ci".to_owned()),
                columns: Some([("null".to_owned(), column)].into()),
                ..TableDefinition::default()
            };
            let taken = Taken {
                dictionary: [("true".to_owned(), table), ("u_b".to_owned(), TableDefinition::default())].into(),
                warnings: vec![label],
            };
            prop_assert_eq!(read(&written(&taken)), taken.dictionary);
        }
    }
}
