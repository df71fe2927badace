//! From rows of an export to definitions of tables and columns.

use std::collections::{BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;
use snowproof_simulator::setup::{
    ColumnDefinition, DictionaryError, InstanceSetup, TableDefinition, is_field_type, ships_column,
    ships_table,
};

use super::export::{Choice, Entry, Exports, Object};

/// Prefixes of tables and columns that a customer or a scoped application made.
const OWN: [&str; 2] = ["u_", "x_"];
/// Ancestors of one table, at most; an export could go in a circle.
const MAX_LINEAGE: usize = 30;

/// What was made of exports.
#[derive(Debug)]
pub struct Taken {
    /// Tables by name, ready for a set-up.
    pub dictionary: IndexMap<String, TableDefinition>,
    /// What could not be taken as it is, a sentence each.
    pub warnings: Vec<String>,
}

/// Takes the tables that are the instance's own (`u_…` and `x_…`), its own columns in others, and the
/// tables that are `asked` for by name, with what they extend.
///
/// # Errors
///
/// A table that was asked for is not in the export, or what remains cannot be had at all.
pub fn take(exports: &Exports, asked: &[String]) -> Result<Taken, String> {
    let mut taking = Taking::new(exports, asked)?;
    for table in taking.order.clone() {
        taking.define(table);
    }
    taking.add_columns(&exports.columns);
    taking.add_choices(&exports.choices);
    // An export has no order of its own.
    taking.dictionary.sort_unstable_keys();
    for table in taking.dictionary.values_mut() {
        if let Some(columns) = &mut table.columns {
            columns.sort_unstable_keys();
        }
    }
    settle(&mut taking.dictionary, &mut taking.warnings)?;
    Ok(Taken {
        dictionary: taking.dictionary,
        warnings: taking.warnings,
    })
}

struct Taking<'e> {
    /// Rows of `sys_db_object` by name.
    objects: HashMap<&'e str, &'e Object>,
    /// Names by `sys_id` and label.
    names: HashMap<&'e str, &'e str>,
    /// Tables to define, parents first.
    order: Vec<&'e str>,
    dictionary: IndexMap<String, TableDefinition>,
    warnings: Vec<String>,
}

impl<'e> Taking<'e> {
    fn new(exports: &'e Exports, asked: &'e [String]) -> Result<Self, String> {
        let objects: HashMap<&str, &Object> = exports
            .objects
            .iter()
            .map(|object| (object.name.value.as_str(), object))
            .collect();
        let mut taking = Self {
            names: exports.names(),
            objects,
            order: Vec::new(),
            dictionary: IndexMap::new(),
            warnings: Vec::new(),
        };
        for table in asked {
            if !taking.objects.contains_key(table.as_str()) {
                return Err(format!(
                    "the export of sys_db_object has no table `{table}`"
                ));
            }
        }
        let own = exports
            .objects
            .iter()
            .map(|object| object.name.value.as_str());
        let own: BTreeSet<&str> = own.filter(|name| is_own(name)).collect();
        let mut seen = HashSet::new();
        for table in own.into_iter().chain(asked.iter().map(String::as_str)) {
            let mut line = taking.line(table);
            while let Some(table) = line.pop() {
                if !ships_table(table) && seen.insert(table) {
                    taking.order.push(table);
                }
            }
        }
        Ok(taking)
    }

    /// The table and what it extends, as far as the export tells.
    fn line(&self, table: &'e str) -> Vec<&'e str> {
        let parent = |table: &&'e str| self.parent(table);
        std::iter::successors(Some(table), parent)
            .take(MAX_LINEAGE)
            .collect()
    }

    fn parent(&self, table: &str) -> Option<&'e str> {
        let given = self.objects.get(table)?.super_class.value.as_str();
        let by_id = self.names.get(given).copied();
        by_id.or_else(|| self.objects.get_key_value(given).map(|(name, _)| *name))
    }

    fn define(&mut self, table: &'e str) {
        let Some(object) = self.objects.get(table).copied() else {
            return;
        };
        let parent = self.parent(table);
        if parent.is_none() && !object.super_class.value.is_empty() {
            self.warnings.push(format!(
                "{table}: extends `{}`, which the export does not name; taken to extend nothing",
                object.super_class.value
            ));
        }
        let definition = TableDefinition {
            label: label(&object.label.value),
            extends: parent.map(str::to_owned),
            ..TableDefinition::default()
        };
        self.dictionary.insert(table.to_owned(), definition);
    }

    fn add_columns(&mut self, entries: &[Entry]) {
        let mut entries: Vec<&Entry> = entries.iter().collect();
        entries.sort_by_key(|entry| (&entry.name.value, &entry.element.value));
        for entry in entries {
            let (table, column) = (entry.name.value.as_str(), entry.element.value.as_str());
            let inactive = !entry.active.value.is_empty() && !entry.active.is_true();
            if column.is_empty() || inactive || self.has_inherited(table, column) {
                continue;
            }
            // To a table that every instance has only columns of its own are added.
            let wanted = if ships_table(table) {
                is_own(column)
            } else {
                self.dictionary.contains_key(table)
            };
            if !wanted {
                continue;
            }
            let definition = self.column(table, column, entry);
            let table = self.dictionary.entry(table.to_owned()).or_default();
            let columns = table.columns.get_or_insert_default();
            columns.insert(column.to_owned(), definition);
        }
    }

    /// Whether the table has the column from one that every instance has, or every table has it.
    fn has_inherited(&self, table: &str, column: &str) -> bool {
        let mut table = table;
        for _ in 0..MAX_LINEAGE {
            if ships_table(table) {
                return ships_column(table, column);
            }
            match self.parent(table) {
                Some(parent) => table = parent,
                None => break,
            }
        }
        // What the root of any table has, every table has.
        column.starts_with("sys_") && ships_column("sys_journal_field", column)
    }

    fn column(&mut self, table: &str, column: &str, entry: &Entry) -> ColumnDefinition {
        let exported = entry.internal_type.value.as_str();
        let mut internal_type = type_of(exported);
        let referred = entry.reference.value.as_str();
        // A display value is the table's label.
        let by_label = || self.names.get(referred).copied().unwrap_or(referred);
        let named = ships_table(referred) || self.objects.contains_key(referred);
        let referred = if named { referred } else { by_label() };
        let mut reference = Some(referred.to_owned()).filter(|name| !name.is_empty());
        let mut warn = |what: String| self.warnings.push(format!("{table}.{column}: {what}"));
        if !is_field_type(&internal_type) {
            warn(format!("type `{exported}` is not known; taken as string"));
            "string".clone_into(&mut internal_type);
        }
        let refers = matches!(
            internal_type.as_str(),
            "reference" | "domain_id" | "glide_list"
        );
        if !refers {
            reference = None;
        }
        let is_there =
            |table: &String| ships_table(table) || self.dictionary.contains_key(table.as_str());
        if let Some(other) = reference.clone().filter(|table| !is_there(table)) {
            warn(format!(
                "refers to `{other}`, which is not here; taken as string (`--table {other}` takes it too)"
            ));
            reference = None;
            "string".clone_into(&mut internal_type);
        } else if reference.is_none() && refers && internal_type != "glide_list" {
            warn("refers to no table; taken as string".to_owned());
            "string".clone_into(&mut internal_type);
        }
        let mut default = Some(entry.default_value.value.clone()).filter(|text| !text.is_empty());
        if default
            .as_deref()
            .is_some_and(|text| text.starts_with("javascript:"))
        {
            warn("its default is a script; taken without one".to_owned());
            default = None;
        }
        let length = entry.max_length.value.replace([',', '.', ' '], "").parse();
        ColumnDefinition {
            label: label(&entry.column_label.value),
            max_length: length.ok().filter(|length| *length > 0),
            internal_type: Some(internal_type),
            reference,
            choices: None,
            default,
            mandatory: entry.mandatory.is_true().then_some(true),
            read_only: entry.read_only.is_true().then_some(true),
            display: entry.display.is_true().then_some(true),
        }
    }

    fn add_choices(&mut self, choices: &[Choice]) {
        let mut rows: Vec<&Choice> = choices
            .iter()
            .filter(|choice| {
                let language = choice.language.value.as_str();
                !choice.inactive.is_true()
                    && !choice.value.value.is_empty()
                    && matches!(language, "" | "en" | "English")
            })
            .collect();
        rows.sort_by_key(|choice| {
            let sequence = choice.sequence.value.parse().unwrap_or(i64::MAX);
            (sequence, &choice.value.value)
        });
        for choice in rows {
            let table = self.dictionary.get_mut(choice.name.value.as_str());
            let columns = table.and_then(|table| table.columns.as_mut());
            let column = columns.and_then(|columns| columns.get_mut(&choice.element.value));
            if let Some(column) = column {
                let (value, label) = (&choice.value.value, &choice.label.value);
                let choices = column.choices.get_or_insert_default();
                choices.insert(value.clone(), label.clone());
            }
        }
    }
}

/// Takes away what cannot be had, piece by piece, each with a warning.
fn settle(
    dictionary: &mut IndexMap<String, TableDefinition>,
    warnings: &mut Vec<String>,
) -> Result<(), String> {
    let mut setup = InstanceSetup::default();
    for _ in 0..1000 {
        setup.dictionary = Some(std::mem::take(dictionary));
        let checked = setup.check_dictionary();
        *dictionary = setup.dictionary.take().unwrap_or_default();
        let Err(error) = checked else {
            return Ok(());
        };
        let Some(what) = give_up(dictionary, &error) else {
            return Err(error.to_string());
        };
        let place = error.path.get(1..).unwrap_or_default().join(".");
        warnings.push(format!("{place}: {}{}; {what}", error.message, error.hint));
    }
    Err("more than 1000 columns cannot be had as they are".to_owned())
}

/// Takes away what an error is about, and says what that was.
fn give_up(
    dictionary: &mut IndexMap<String, TableDefinition>,
    error: &DictionaryError,
) -> Option<&'static str> {
    let [_, table, rest @ ..] = error.path.as_slice() else {
        return None;
    };
    match rest {
        [key] if key == "label" => {
            dictionary.get_mut(table)?.label = None;
            Some("the label is left out")
        }
        [] => {
            dictionary.shift_remove(table)?;
            Some("the table is left out")
        }
        [_, name, key @ ..] => {
            let columns = dictionary.get_mut(table)?.columns.as_mut()?;
            let column = columns.get_mut(name)?;
            match key.first().map(String::as_str) {
                Some("default") => column.default = None,
                Some("choices") => column.choices = None,
                Some("max_length") => column.max_length = None,
                Some("label") => column.label = None,
                Some("display") => column.display = None,
                _ => {
                    columns.shift_remove(name);
                    return Some("the column is left out");
                }
            }
            Some("that is left out")
        }
        _ => None,
    }
}

fn is_own(name: &str) -> bool {
    OWN.iter().any(|prefix| name.starts_with(prefix))
}

fn label(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The name of a type, from its name or its label.
fn type_of(exported: &str) -> String {
    if is_field_type(exported) {
        return exported.to_owned();
    }
    let name = exported.trim().to_lowercase().replace([' ', '-'], "_");
    match name.as_str() {
        "" => "string".to_owned(),
        "true/false" => "boolean".to_owned(),
        "date/time" => "glide_date_time".to_owned(),
        "list" => "glide_list".to_owned(),
        "duration" => "glide_duration".to_owned(),
        _ => name,
    }
}
