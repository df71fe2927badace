//! The shape of values in an answer: `sysparm_display_value` and `sysparm_exclude_reference_link`
//! (wire-core 1.5). Every value is text.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::Owned;
use super::query_string::Parameters;
use super::reading::{Row, Shown};
use crate::store::StoreError;
use crate::store::records::values::DATE_TIME;
use crate::store::schema::{Kind, schema};
use crate::store::text::fold;

/// `sysparm_display_value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Display {
    Values,
    Displays,
    Both,
}

/// How the values of one answer are shaped.
#[derive(Debug)]
pub(super) struct Shape {
    display: Display,
    exclude_link: bool,
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
            tables_url: tables_url(call),
            zone: TimeZone::get(&call.identity.time_zone).unwrap_or(TimeZone::UTC),
        }
    }

    /// The rows as objects, in order.
    pub(super) fn objects(
        &self,
        connection: &Connection,
        shown: &[Shown],
        rows: &[&Row],
    ) -> Result<Vec<Value>, StoreError> {
        let names = if self.display == Display::Values {
            Names::default()
        } else {
            Names::look_up(connection, shown, rows)?
        };
        let object = |row: &&Row| {
            let each = shown.iter().zip(&row.values);
            let object: Map<String, Value> = each
                .map(|(shown, value)| (shown.key.clone(), self.value(&names, shown, row, value)))
                .collect();
            Value::Object(object)
        };
        Ok(rows.iter().map(object).collect())
    }

    fn value(&self, names: &Names, shown: &Shown, row: &Row, value: &str) -> Value {
        let display = || self.displayed(names, shown, row, value);
        let link = match shown.column.kind.refers_to() {
            Some((table, key)) if !self.exclude_link && !value.is_empty() => {
                Some(self.link(table, key, value))
            }
            _ => None,
        };
        match (self.display, link) {
            (Display::Values, None) => value.into(),
            (Display::Values, Some(link)) => json!({"link": link, "value": value}),
            (Display::Displays, None) => display().into(),
            (Display::Displays, Some(link)) => json!({"display_value": display(), "link": link}),
            (Display::Both, None) => json!({"display_value": display(), "value": value}),
            (Display::Both, Some(link)) => {
                json!({"display_value": display(), "link": link, "value": value})
            }
        }
    }

    fn link(&self, table: &str, key: &str, value: &str) -> String {
        let escaped =
            percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
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
            Kind::ClassName => schema()
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

/// `https://HOST/api/now[/vN]/table`: the version of the request is echoed (wire-core 1.1).
pub(super) fn tables_url(call: &Owned) -> String {
    let version = call
        .target
        .version
        .map_or(String::new(), |version| format!("/v{version}"));
    format!("{}/api/now{version}/table", call.base_url)
}

impl Names {
    fn look_up(
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
            names.look_up_records(connection, table, &ids)?;
        }
        for class in classes {
            names.look_up_choices(connection, class)?;
        }
        Ok(names)
    }

    fn look_up_records(
        &mut self,
        connection: &Connection,
        table: &'static str,
        ids: &BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        let Some(class) = schema().class(table) else {
            return Ok(());
        };
        let statement = format!(
            "SELECT sys_id, \"{}\" FROM \"{}\" WHERE sys_id IN (SELECT value FROM json_each(?))",
            class.display, class.root
        );
        let mut statement = connection.prepare_cached(&statement)?;
        let mut found = statement.query([json!(ids).to_string()])?;
        while let Some(row) = found.next()? {
            let name = crate::store::records::text_of(row.get_ref(1)?);
            self.records.insert((table, row.get(0)?), name);
        }
        Ok(())
    }

    /// Choices of a class, those of the most specific table first.
    fn look_up_choices(&mut self, connection: &Connection, class: &str) -> Result<(), StoreError> {
        let lineage = schema()
            .class(class)
            .map_or(&[][..], |class| &class.lineage);
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
