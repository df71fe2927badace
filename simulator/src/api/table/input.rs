//! Values on their way in: what a caller wrote, as the columns keep it, with and without
//! `sysparm_input_display_value` (wire-core 1.4).

use rusqlite::{Connection, OptionalExtension};

use crate::api::Owned;
use crate::api::query_string::Parameters;
use crate::api::shapes::locale::Locale;
use crate::api::shapes::texts::read_span;
use crate::query::Builder;
use crate::store::schema::{Class, Kind};
use crate::store::{SYSTEM, StoreError, Values};

/// References to no record that instances hold (wire-core 1.5): they display as themselves, and so
/// are written as themselves.
const ODD: [&str; 2] = ["global", "glide.maint"];

/// The values to store. An empty value does not clear a choice (wire-core 5); it is left out.
pub(super) fn stored(
    connection: &Connection,
    call: &Owned,
    class: &'static Class,
    written: &Values,
    parameters: &Parameters<'_>,
) -> Result<Values, StoreError> {
    let displayed = parameters.flag("sysparm_input_display_value");
    let locale = Locale::of(call);
    let mut values = Values::new();
    for (name, value) in written {
        let Some(column) = class.column(name) else {
            continue;
        };
        if value.is_empty() && column.kind.choices().is_some() {
            continue;
        }
        let value = if displayed && !value.is_empty() {
            meant(connection, &locale, class, name, column.kind, value)?
        } else {
            value.clone()
        };
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// What a display value stands for. One that stands for nothing leaves a reference or a date empty,
/// and is kept as it is in any other column (both *assumed*).
fn meant(
    connection: &Connection,
    locale: &Locale,
    class: &'static Class,
    name: &str,
    kind: Kind,
    value: &str,
) -> Result<String, StoreError> {
    let referred = |table: &str, key: &str, text: &str| match class.schema().class(table) {
        Some(class) => referred(connection, class, key, text),
        None => Ok(None),
    };
    Ok(match kind {
        Kind::Reference(_) if ODD.contains(&value) => value.to_owned(),
        Kind::Choice(_) | Kind::IntegerChoice(_) => {
            labelled(connection, class, name, value)?.unwrap_or_else(|| value.to_owned())
        }
        Kind::Reference(table) => referred(table, "sys_id", value)?.unwrap_or_default(),
        Kind::NamedReference(table) => referred(table, "name", value)?.unwrap_or_default(),
        Kind::List(table) => {
            let mut ids = Vec::new();
            for each in value.split(',').map(str::trim) {
                let found = referred(table, "sys_id", each)?;
                // A list of users may hold addresses that are nobody's.
                ids.push(found.unwrap_or_else(|| each.to_owned()));
            }
            ids.join(",")
        }
        Kind::DateTime => locale.read(value).unwrap_or_default(),
        Kind::Date => locale.read_date(value).unwrap_or_default(),
        Kind::Duration => read_span(value).unwrap_or_else(|| value.to_owned()),
        Kind::Integer | Kind::Decimal => value.replace(',', ""),
        _ => value.to_owned(),
    })
}

/// The value of the choice with this label, of the most specific table that has choices.
fn labelled(
    connection: &Connection,
    class: &'static Class,
    column: &str,
    label: &str,
) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT value, label = ?3 FROM sys_choice WHERE name = ?1 AND element = ?2 \
         AND language = 'en' AND inactive = 'false' ORDER BY label = ?3 DESC, sequence LIMIT 1",
    )?;
    for table in &class.lineage {
        let found = statement
            .query_row([table, column, label], |row| {
                Ok((row.get(0)?, row.get::<_, bool>(1)?))
            })
            .optional()?;
        if let Some((value, is_it)) = found {
            return Ok(is_it.then_some(value));
        }
    }
    Ok(None)
}

/// What refers to the record that a text displays, or that it names as it is stored. Of several
/// of one display value the first that was made.
fn referred(
    connection: &Connection,
    class: &'static Class,
    key: &str,
    text: &str,
) -> Result<Option<String>, StoreError> {
    let records = Builder::new(class, SYSTEM);
    let statement = format!(
        "SELECT t.\"{key}\" {} WHERE (t.\"{key}\" = ?1 OR t.\"{}\" = ?1) AND {} \
         ORDER BY t.\"{key}\" = ?1 DESC, t.sys_created_on, t.sys_id LIMIT 1",
        records.source(),
        class.display,
        records.of_class(),
    );
    let mut statement = connection.prepare_cached(&statement)?;
    let found = statement.query_row([text], |row| row.get(0)).optional()?;
    Ok(found)
}
