//! The shape of values in an answer: `sysparm_display_value` and `sysparm_exclude_reference_link`
//! (wire-core 1.5). Every value is text.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use rusqlite::Connection;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::Owned;
use super::query_string::Parameters;
use super::reading::{Row, Shown};
use crate::store::StoreError;
use crate::store::records::values::DATE_TIME;
use crate::store::schema::{Class, Kind, Schema};
use crate::store::text::fold;

/// What a value is escaped but for in a link (RFC 3986, 2.3): `glide.maint` stays as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `sysparm_display_value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Display {
    Values,
    Displays,
    Both,
    /// References in full, everything else as stored: a configuration item (wire-core 4.5).
    References,
}

/// How the values of one answer are shaped.
#[derive(Debug)]
pub(super) struct Shape {
    display: Display,
    exclude_link: bool,
    schema: &'static Schema,
    /// `https://HOST/api/now[/vN]/table`.
    tables_url: String,
    zone: TimeZone,
}

/// Display values looked up for one answer.
#[derive(Debug, Default)]
struct Names {
    /// By table and `sys_id`.
    records: HashMap<(&'static str, String), String>,
    /// By class, column and value.
    choices: HashMap<(String, String, String), String>,
}

impl Shape {
    pub(super) fn of(call: &Owned, parameters: &Parameters<'_>) -> Self {
        Self {
            display: match parameters.value("sysparm_display_value") {
                Some("true") => Display::Displays,
                Some("all") => Display::Both,
                _ => Display::Values,
            },
            exclude_link: parameters.flag("sysparm_exclude_reference_link"),
            schema: call.store.schema(),
            tables_url: tables_url(call),
            zone: TimeZone::get(&call.identity.time_zone).unwrap_or(TimeZone::UTC),
        }
    }

    /// The shape of a configuration item's attributes.
    pub(super) fn of_configuration_item(call: &Owned) -> Self {
        Self {
            display: Display::References,
            exclude_link: false,
            tables_url: tables_url(call),
            zone: TimeZone::UTC,
            schema: call.store.schema(),
        }
    }

    /// A row as a part of a larger answer.
    pub(super) fn value(
        &self,
        connection: &Connection,
        shown: &[Shown],
        row: &Row,
    ) -> Result<serde_json::Value, StoreError> {
        let names = self.names(connection, shown, &[row])?;
        serde_json::to_value(self.object(&names, shown, row))
            .map_err(|error| StoreError::Invalid(error.to_string()))
    }

    /// `{"result":[…]}` of these rows, in order.
    pub(super) fn list(
        &self,
        connection: &Connection,
        shown: &[Shown],
        rows: &[&Row],
    ) -> Result<Bytes, StoreError> {
        let names = self.names(connection, shown, rows)?;
        let objects: Vec<Object<'_>> = rows
            .iter()
            .map(|row| self.object(&names, shown, row))
            .collect();
        body(&objects)
    }

    /// `{"result":{…}}` of this row.
    pub(super) fn record(
        &self,
        connection: &Connection,
        shown: &[Shown],
        row: &Row,
    ) -> Result<Bytes, StoreError> {
        let names = self.names(connection, shown, &[row])?;
        body(&self.object(&names, shown, row))
    }

    fn names(
        &self,
        connection: &Connection,
        shown: &[Shown],
        rows: &[&Row],
    ) -> Result<Names, StoreError> {
        if self.display == Display::Values {
            return Ok(Names::default());
        }
        Names::look_up(self.schema, connection, shown, rows)
    }

    fn object<'a>(&'a self, names: &'a Names, shown: &'a [Shown], row: &'a Row) -> Object<'a> {
        Object {
            shape: self,
            names,
            shown,
            row,
        }
    }

    fn link(&self, table: &str, key: &str, value: &str) -> String {
        let escaped = percent_encoding::utf8_percent_encode(value, RESERVED);
        match key {
            "sys_id" => format!("{}/{table}/{escaped}", self.tables_url),
            key => format!("{}/{table}?{key}={value}", self.tables_url),
        }
    }

    fn displayed(&self, names: &Names, shown: &Shown, row: &Row, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        match shown.column.kind {
            Kind::Reference(table) => names.record(table, value),
            Kind::List(table) => {
                let each: Vec<String> =
                    value.split(',').map(|id| names.record(table, id)).collect();
                each.join(", ")
            }
            Kind::Choice(_) | Kind::IntegerChoice(_) => {
                let class = shown.walked_to.unwrap_or(&row.class);
                names.choice(class, shown.column.name, value)
            }
            Kind::DateTime => self.local(value).unwrap_or_else(|| value.to_owned()),
            Kind::Integer => grouped(value),
            Kind::ClassName => self
                .schema
                .class(value)
                .map_or(value, |class| class.label)
                .to_owned(),
            _ => value.to_owned(),
        }
    }

    /// A UTC date and time in the user's zone.
    fn local(&self, value: &str) -> Option<String> {
        let utc = DateTime::strptime(DATE_TIME, value).ok()?;
        let moment = utc.to_zoned(TimeZone::UTC).ok()?;
        let local = moment.with_time_zone(self.zone.clone());
        Some(local.strftime(DATE_TIME).to_string())
    }
}

impl Shape {
    /// What each value of these rows displays; none where the caller asks for values alone.
    pub(super) fn displays(
        &self,
        connection: &Connection,
        shown: &[Shown],
        rows: &[Row],
    ) -> Result<Option<Vec<Vec<String>>>, StoreError> {
        if self.display == Display::Values {
            return Ok(None);
        }
        let each: Vec<&Row> = rows.iter().collect();
        let names = Names::look_up(self.schema, connection, shown, &each)?;
        let displays = rows.iter().map(|row| {
            let values = shown.iter().zip(&row.values);
            values
                .map(|(shown, value)| self.displayed(&names, shown, row, value))
                .collect()
        });
        Ok(Some(displays.collect()))
    }
}

/// `https://HOST/api/now[/vN]/table`: the version of the request is echoed (wire-core 1.1).
pub(super) fn tables_url(call: &Owned) -> String {
    let version = call
        .target
        .version
        .map_or(String::new(), |version| format!("/v{version}"));
    format!("{}/api/now{version}/table", call.base_url)
}

/// `{"result":…}`, written in one pass: an answer can have many thousands of values.
fn body(result: &impl Serialize) -> Result<Bytes, StoreError> {
    #[derive(Serialize)]
    struct Answer<'a, T> {
        result: &'a T,
    }
    match serde_json::to_vec(&Answer { result }) {
        Ok(body) => Ok(body.into()),
        Err(error) => Err(StoreError::Invalid(error.to_string())),
    }
}

/// One row of an answer.
struct Object<'a> {
    shape: &'a Shape,
    names: &'a Names,
    shown: &'a [Shown],
    row: &'a Row,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let each = self.shown.iter().zip(&self.row.values);
        serializer.collect_map(each.map(|(shown, value)| {
            let field = Field {
                object: self,
                shown,
                value,
            };
            (&shown.key, field)
        }))
    }
}

/// One value of a row.
struct Field<'a> {
    object: &'a Object<'a>,
    shown: &'a Shown,
    value: &'a str,
}

impl Field<'_> {
    fn display(&self) -> String {
        let Object {
            shape, names, row, ..
        } = self.object;
        shape.displayed(names, self.shown, row, self.value)
    }

    fn link(&self) -> Option<String> {
        let shape = self.object.shape;
        match self.shown.column.kind.refers_to() {
            Some((table, key)) if !shape.exclude_link && !self.value.is_empty() => {
                Some(shape.link(table, key, self.value))
            }
            _ => None,
        }
    }
}

impl Serialize for Field<'_> {
    /// Text alone, or `display_value`, `link` and `value`, in the order observed.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let display = self.object.shape.display;
        let link = self.link();
        match (display, &link) {
            (Display::Values | Display::References, None) => {
                return serializer.serialize_str(self.value);
            }
            (Display::Displays, None) => return serializer.serialize_str(&self.display()),
            _ => {}
        }
        let mut map = serializer.serialize_map(None)?;
        if display != Display::Values {
            map.serialize_entry("display_value", &self.display())?;
        }
        if let Some(link) = &link {
            map.serialize_entry("link", link)?;
        }
        if display != Display::Displays {
            map.serialize_entry("value", self.value)?;
        }
        map.end()
    }
}

impl Names {
    fn look_up(
        schema: &'static Schema,
        connection: &Connection,
        shown: &[Shown],
        rows: &[&Row],
    ) -> Result<Self, StoreError> {
        let mut referred: BTreeMap<&'static str, BTreeSet<&str>> = BTreeMap::new();
        let mut classes: BTreeSet<&str> = BTreeSet::new();
        for row in rows {
            for (shown, value) in shown.iter().zip(&row.values) {
                match shown.column.kind {
                    Kind::Reference(table) => {
                        referred.entry(table).or_default().insert(value);
                    }
                    Kind::List(table) => {
                        referred.entry(table).or_default().extend(value.split(','));
                    }
                    Kind::Choice(_) | Kind::IntegerChoice(_) => {
                        classes.insert(shown.walked_to.unwrap_or(&row.class));
                    }
                    _ => {}
                }
            }
        }
        let mut names = Self::default();
        for (table, ids) in referred {
            if let Some(class) = schema.class(table) {
                names.look_up_records(connection, class, &ids)?;
            };
        }
        for class in classes {
            let lineage = schema.class(class).map_or(&[][..], |class| &class.lineage);
            names.look_up_choices(connection, class, lineage)?;
        }
        Ok(names)
    }

    fn look_up_records(
        &mut self,
        connection: &Connection,
        class: &'static Class,
        ids: &BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        let statement = format!(
            "SELECT sys_id, \"{}\" FROM \"{}\" WHERE sys_id IN (SELECT value FROM json_each(?))",
            class.display, class.root
        );
        let mut statement = connection.prepare_cached(&statement)?;
        let mut found = statement.query([json!(ids).to_string()])?;
        while let Some(row) = found.next()? {
            let name = crate::store::records::text_of(row.get_ref(1)?);
            self.records.insert((class.name, row.get(0)?), name);
        }
        Ok(())
    }

    /// Choices of a class, those of the most specific table first.
    fn look_up_choices(
        &mut self,
        connection: &Connection,
        class: &str,
        lineage: &[&str],
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT element, value, label FROM sys_choice \
             WHERE name = ? AND language = 'en' AND inactive = 'false'",
        )?;
        let mut settled = BTreeSet::new();
        for table in lineage {
            let mut found = statement.query([table])?;
            let mut here = BTreeSet::new();
            while let Some(row) = found.next()? {
                let (element, value): (String, String) = (row.get(0)?, row.get(1)?);
                if !settled.contains(&element) {
                    here.insert(element.clone());
                    let key = (class.to_owned(), element, fold(&value));
                    self.choices.insert(key, row.get(2)?);
                }
            }
            settled.extend(here);
        }
        Ok(())
    }

    /// The display value of a record; its id where there is no such record.
    fn record(&self, table: &'static str, sys_id: &str) -> String {
        let name = self.records.get(&(table, sys_id.to_owned()));
        name.map_or(sys_id, String::as_str).to_owned()
    }

    fn choice(&self, class: &str, element: &str, value: &str) -> String {
        let key = (class.to_owned(), element.to_owned(), fold(value));
        self.choices
            .get(&key)
            .map_or(value, String::as_str)
            .to_owned()
    }
}

/// An integer with thousands separators.
fn grouped(value: &str) -> String {
    let (sign, digits) = match value.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", value),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.to_owned();
    }
    let mut text = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn integers_are_displayed_in_groups() {
        assert_eq!(grouped("5"), "5");
        assert_eq!(grouped("1500"), "1,500");
        assert_eq!(grouped("-1234567"), "-1,234,567");
    }
}
