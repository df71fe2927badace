//! Whether the tables and columns of a set-up can be had. The first that cannot is named with its
//! place and the nearest legal value.

use std::collections::HashMap;

use super::super::field_type::{self, Storage, TYPES};
use super::super::{EVERY_TABLE, Kind, base};
use super::{Dictionary, kind, type_name};
use crate::setup::{ColumnDefinition, DictionaryError, TableDefinition};
use crate::store::nearest;
use crate::store::records::values::normalise;

/// Tables of a set-up's own, at most.
const MAX_TABLES: usize = 500;
/// Columns of a set-up's own, at most.
const MAX_COLUMNS: usize = 3000;
/// Columns of a physical table, at most: SQLite's limit is 2000.
const MAX_PHYSICAL: usize = 1900;
/// Tables from one to its root, at most.
const MAX_LINEAGE: usize = 30;
const MAX_CHOICES: usize = 1000;
/// Characters of a name or a label.
const MAX_NAME: usize = 80;
/// Characters of a default, of a choice's value and of its label.
const MAX_VALUE: usize = 4000;
const MAX_LENGTH: u32 = 16_777_216;
/// Where the records' counters stand: no table of an instance may be called so.
const RESERVED: &str = "sys_number";

type Checked<T = ()> = Result<T, DictionaryError>;

/// Whether these tables and columns can be had beside the base ones.
pub(crate) fn check(dictionary: Option<&Dictionary>) -> Checked {
    let Some(dictionary) = dictionary else {
        return Ok(());
    };
    let columns: usize = dictionary
        .values()
        .map(|table| table.columns.as_ref().map_or(0, indexmap::IndexMap::len))
        .sum();
    if dictionary.len() > MAX_TABLES || columns > MAX_COLUMNS {
        let tables = dictionary.len();
        return Err(error(
            &[],
            format!(
                "{tables} tables and {columns} columns; at most {MAX_TABLES} and {MAX_COLUMNS} are taken"
            ),
        ));
    }
    for (name, table) in dictionary {
        Exam { dictionary, name }.table(table)?;
    }
    stored_alike(dictionary)
}

/// One table under examination.
struct Exam<'a> {
    dictionary: &'a Dictionary,
    name: &'a str,
}

impl<'a> Exam<'a> {
    fn table(&self, table: &TableDefinition) -> Checked {
        let name = self.name;
        identifier("table", name, &[name])?;
        label(table.label.as_deref(), &[name, "label"])?;
        if name == RESERVED || name.starts_with("sqlite_") {
            return Err(error(&[name], format!("no table can be called `{name}`")));
        }
        if base().class(name).is_some() {
            let given = [
                ("label", table.label.is_some()),
                ("extends", table.extends.is_some()),
                ("number_prefix", table.number_prefix.is_some()),
            ];
            if let Some((key, _)) = given.iter().find(|(_, given)| *given) {
                return Err(error(
                    &[name, key],
                    format!("the table `{name}` exists; only `columns` can be added to it"),
                ));
            }
        }
        if let Some(parent) = &table.extends {
            self.exists(parent, &[name, "extends"])?;
        }
        let line = self.line()?;
        let mut displays = 0;
        for (column_name, column) in table.columns.iter().flatten() {
            self.column(&line, column_name, column)?;
            displays += usize::from(column.display == Some(true));
            if displays > 1 {
                return Err(error(
                    &[name, "columns", column_name, "display"],
                    format!("`{column_name}` is the second display column of `{name}`; keep one"),
                ));
            }
        }
        match &table.number_prefix {
            Some(prefix) => self.prefix(&line, prefix),
            None => Ok(()),
        }
    }

    /// Fails unless a table of this name is there or set up.
    fn exists(&self, table: &str, place: &[&str]) -> Checked {
        if base().class(table).is_some() || self.dictionary.contains_key(table) {
            return Ok(());
        }
        let own = self.dictionary.keys().map(String::as_str);
        let legal = base().classes.keys().copied().chain(own);
        let mut error = error(place, format!("unknown table `{table}`"));
        error.hint = nearest(table, legal.filter(|legal| *legal != self.name));
        Err(error)
    }

    /// The table and what it extends, up to the root.
    fn line(&self) -> Checked<Vec<&'a str>> {
        let mut line = vec![self.name];
        let mut last = self.name;
        while let Some(parent) = self.parent(last) {
            if line.contains(&parent) {
                return Err(error(
                    &[self.name, "extends"],
                    format!(
                        "`{parent}` extends itself: {} extends {parent}",
                        line.join(" extends ")
                    ),
                ));
            }
            line.push(parent);
            last = parent;
            if line.len() > MAX_LINEAGE {
                return Err(error(
                    &[self.name, "extends"],
                    format!("`{}` has more than {MAX_LINEAGE} ancestors", self.name),
                ));
            }
        }
        if let Some(class) = base().class(last) {
            line.extend(class.lineage.iter().skip(1));
        }
        Ok(line)
    }

    /// The parent of a table that is set up; none of a base table, whose columns are whole.
    fn parent(&self, table: &str) -> Option<&'a str> {
        if base().class(table).is_some() {
            return None;
        }
        self.dictionary.get(table)?.extends.as_deref()
    }

    fn prefix(&self, line: &[&str], prefix: &str) -> Checked {
        let place = [self.name, "number_prefix"];
        let fits = (1..=10).contains(&prefix.len())
            && prefix
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !fits {
            return Err(error(
                &place,
                format!("`{prefix}` is no prefix; write 1 to 10 capitals and digits"),
            ));
        }
        let own = self.dictionary.get(self.name);
        let has_own = own.is_some_and(|table| {
            let mut columns = table.columns.iter().flatten();
            columns.any(|(name, _)| name == "number")
        });
        if has_own || self.inherited(line, "number").is_some() {
            return Ok(());
        }
        Err(error(
            &place,
            format!(
                "`{}` has no column `number` that could begin with `{prefix}`",
                self.name
            ),
        ))
    }

    /// The table that this one has a column of this name from: an ancestor, or the table that
    /// exists and is added to.
    fn inherited<'l>(&self, line: &[&'l str], column: &str) -> Option<&'l str> {
        line.iter().copied().find(|table| {
            let of_base = base().class(table);
            let of_own = self.dictionary.get(*table).filter(|_| *table != self.name);
            of_base.is_some_and(|class| class.column(column).is_some())
                || of_own.is_some_and(|table| {
                    let mut columns = table.columns.iter().flatten();
                    columns.any(|(name, _)| name == column)
                })
        })
    }

    fn column(&self, line: &[&str], name: &str, column: &ColumnDefinition) -> Checked {
        let at = [self.name, "columns", name];
        let under = |key: &'static str| [self.name, "columns", name, key];
        identifier("column", name, &at)?;
        label(column.label.as_deref(), &under("label"))?;
        if EVERY_TABLE.iter().any(|every| every.name == name) {
            return Err(error(&at, format!("every table has a column `{name}`")));
        }
        if let Some(table) = self.inherited(line, name) {
            return Err(error(
                &at,
                format!(
                    "`{}` has a column `{name}` already, from `{table}`",
                    self.name
                ),
            ));
        }
        let internal_type = type_name(column);
        let Some(storage) = field_type::storage(internal_type) else {
            let mut error = error(&under("type"), format!("unknown type `{internal_type}`"));
            error.hint = nearest(internal_type, TYPES.iter().map(|(name, _)| *name));
            return Err(error);
        };
        match (&column.reference, storage) {
            (Some(table), Storage::Reference | Storage::List) => {
                self.exists(table, &under("reference"))?;
            }
            (Some(table), Storage::As(_)) => {
                return Err(error(
                    &under("reference"),
                    format!(
                        "`{name}` refers to `{table}`, but its type is `{internal_type}`; write `type: reference`"
                    ),
                ));
            }
            (None, Storage::Reference) => {
                return Err(error(
                    &at,
                    format!("`{name}` is of type `{internal_type}` and names no `reference`"),
                ));
            }
            (None, _) => {}
        }
        if let Some(length) = column.max_length
            && !(1..=MAX_LENGTH).contains(&length)
        {
            return Err(error(
                &under("max_length"),
                format!("`{length}` characters; write 1 to {MAX_LENGTH}"),
            ));
        }
        choices(column, storage, &under("choices"))?;
        default(column, &under("default"))
    }
}

fn choices(column: &ColumnDefinition, storage: Storage, place: &[&str]) -> Checked {
    let Some(choices) = &column.choices else {
        return Ok(());
    };
    let is_integer = storage == Storage::As(Kind::Integer);
    if !is_integer && storage != Storage::As(Kind::Text) {
        let internal_type = type_name(column);
        return Err(error(
            place,
            format!("a column of type `{internal_type}` has no choices"),
        ));
    }
    if choices.len() > MAX_CHOICES {
        let count = choices.len();
        return Err(error(
            place,
            format!("{count} choices; at most {MAX_CHOICES} are taken"),
        ));
    }
    for (value, label) in choices {
        let mut place = place.to_vec();
        place.push(value);
        let too_long = |text: &String| text.len() > MAX_VALUE || text.contains('\0');
        if value.is_empty() || too_long(value) || too_long(label) {
            return Err(error(
                &place,
                format!(
                    "a choice has a value, and at most {MAX_VALUE} bytes each of value and label"
                ),
            ));
        }
        if is_integer && value.parse::<i64>().is_err() {
            return Err(error(
                &place,
                format!("the choice `{value}` of an integer is no integer"),
            ));
        }
    }
    Ok(())
}

fn default(column: &ColumnDefinition, place: &[&str]) -> Checked {
    let Some(default) = column.default.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(());
    };
    let kind = kind(column, "", &[]).unwrap_or(Kind::Text);
    let internal_type = type_name(column);
    if matches!(kind, Kind::Journal | Kind::Password) {
        return Err(error(
            place,
            format!("a column of type `{internal_type}` has no default"),
        ));
    }
    let fits = match kind {
        Kind::Boolean => matches!(default, "true" | "false"),
        kind => !normalise(kind, default).is_empty(),
    };
    if !fits || default.len() > MAX_VALUE || default.contains('\0') {
        return Err(error(
            place,
            format!("`{default}` is no value of type `{internal_type}`"),
        ));
    }
    Ok(())
}

/// Columns of one name in one physical table are stored alike, and it has room for all of them.
fn stored_alike(dictionary: &Dictionary) -> Checked {
    let mut physical: HashMap<&str, HashMap<&str, (Alike, &str)>> = HashMap::new();
    for class in base().classes.values() {
        let columns = physical.entry(class.root).or_default();
        for column in class.columns.values() {
            columns
                .entry(column.name)
                .or_insert((Alike::of(column.kind), class.name));
        }
    }
    for (name, table) in dictionary {
        let exam = Exam { dictionary, name };
        let root = exam.line()?.last().copied().unwrap_or(name);
        let columns = physical.entry(root).or_default();
        for (column_name, column) in table.columns.iter().flatten() {
            let Some(kind) = kind(column, "", &[]) else {
                continue;
            };
            let (alike, other) = *columns
                .entry(column_name)
                .or_insert((Alike::of(kind), name));
            let place = [name.as_str(), "columns", column_name];
            if alike != Alike::of(kind) {
                return Err(error(
                    &place,
                    format!(
                        "`{column_name}` is {} here and {} in `{other}`, which shares its physical table `{root}`; name it otherwise",
                        Alike::of(kind).words(),
                        alike.words()
                    ),
                ));
            }
            if columns.len() > MAX_PHYSICAL {
                return Err(error(
                    &place,
                    format!("`{root}` and what extends it have more than {MAX_PHYSICAL} columns"),
                ));
            }
        }
    }
    Ok(())
}

/// What must agree for two columns to share a physical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alike {
    Number,
    Reference,
    Text,
}

impl Alike {
    const fn of(kind: Kind) -> Self {
        if kind.is_number() {
            Self::Number
        } else if matches!(kind, Kind::Reference(_)) {
            Self::Reference
        } else {
            Self::Text
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Reference => "a reference",
            Self::Text => "text",
        }
    }
}

fn identifier(what: &str, name: &str, place: &[&str]) -> Checked {
    let begins = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    let goes_on = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if begins && goes_on && name.len() <= MAX_NAME {
        return Ok(());
    }
    Err(error(
        place,
        format!(
            "`{name}` is no name for a {what}; write at most {MAX_NAME} lower-case letters, digits and underscores, a letter first"
        ),
    ))
}

fn label(label: Option<&str>, place: &[&str]) -> Checked {
    match label {
        Some(label) if label.chars().count() > MAX_NAME || label.contains('\0') => Err(error(
            place,
            format!("`{label}` is no label; write at most {MAX_NAME} characters"),
        )),
        _ => Ok(()),
    }
}

fn error(place: &[&str], message: String) -> DictionaryError {
    let path = std::iter::once("dictionary").chain(place.iter().copied());
    DictionaryError {
        path: path.map(str::to_owned).collect(),
        message,
        hint: String::new(),
    }
}
