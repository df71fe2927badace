//! The shape of values in an answer: `sysparm_display_value` and `sysparm_exclude_reference_link`
//! (wire-core 1.5). Every value is text.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use rusqlite::Connection;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Owned;
use super::query_string::Parameters;
use super::reading::{Row, Shown};
use crate::store::StoreError;
use crate::store::schema::Kind;

pub(super) mod locale;
mod names;
pub(super) mod texts;

use locale::Locale;
use names::Names;

/// What a value is escaped but for in a link (RFC 3986, 2.3): `glide.maint` stays as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// About how many bytes a link adds to a reference, where it has one.
const LINK: usize = 80;

/// Columns of tasks that show `UNKNOWN` where they are empty, as recorded answers of 2019 to 2022
/// do: on an instance they are of the type `due_date`.
const DUE_DATES: [&str; 2] = ["activity_due", "sla_due"];

/// `sysparm_display_value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Display {
    Values,
    Displays,
    Both,
    /// References in full, everything else as stored: a configuration item (wire-core 4.5).
    References,
}

impl Display {
    /// Anything but `true` and `all` asks for values.
    pub(super) fn of(parameters: &Parameters<'_>) -> Self {
        match parameters.value("sysparm_display_value") {
            Some("true") => Self::Displays,
            Some("all") => Self::Both,
            _ => Self::Values,
        }
    }
}

/// How the values of one answer are shaped.
#[derive(Debug)]
pub(super) struct Shape<'c> {
    call: &'c Owned,
    display: Display,
    exclude_link: bool,
    /// `https://HOST/api/now[/vN]/table`.
    tables_url: String,
    locale: Locale,
    /// Whether an empty choice of text displays as `null`.
    null_choices: bool,
}

impl<'c> Shape<'c> {
    pub(super) fn of(call: &'c Owned, parameters: &Parameters<'_>) -> Self {
        let display = Display::of(parameters);
        Self {
            display,
            exclude_link: parameters.flag("sysparm_exclude_reference_link"),
            call,
            tables_url: tables_url(call),
            // Stored values are the same for everybody.
            locale: match display {
                Display::Values => Locale::shipped(),
                _ => Locale::of(call),
            },
            null_choices: call.null_choices,
        }
    }

    /// The shape of a configuration item's attributes.
    pub(super) fn of_configuration_item(call: &'c Owned) -> Self {
        Self {
            display: Display::References,
            exclude_link: false,
            tables_url: tables_url(call),
            locale: Locale::of(call),
            null_choices: false,
            call,
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
        body(&objects, Self::length(shown, rows))
    }

    /// `{"result":{…}}` of this row.
    pub(super) fn record(
        &self,
        connection: &Connection,
        shown: &[Shown],
        row: &Row,
    ) -> Result<Bytes, StoreError> {
        let names = self.names(connection, shown, &[row])?;
        body(
            &self.object(&names, shown, row),
            Self::length(shown, &[row]),
        )
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
        Names::look_up(self.call, connection, shown, rows)
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
        let url = &self.tables_url;
        let mut link = String::with_capacity(url.len() + table.len() + key.len() + value.len() + 8);
        let by_id = key == "sys_id";
        for part in [url, "/", table] {
            link.push_str(part);
        }
        if by_id {
            link.push('/');
        } else {
            for part in ["?", key, "="] {
                link.push_str(part);
            }
        }
        link.extend(percent_encoding::utf8_percent_encode(value, RESERVED));
        link
    }

    /// About how long these rows are as JSON, in bytes.
    fn length(shown: &[Shown], rows: &[&Row]) -> usize {
        let keys: usize = shown.iter().map(|shown| shown.key.len() + 6).sum();
        let references = shown.iter().filter(|shown| {
            let column = &shown.column;
            column.kind.refers_to().is_some()
        });
        let each = keys + references.count() * LINK;
        rows.iter().map(|row| row.values.bytes() + each).sum()
    }

    fn displayed(&self, names: &Names, shown: &Shown, row: &Row, value: &str) -> String {
        let column = &shown.column;
        if value.is_empty() {
            let unknown = column.kind == Kind::DateTime && DUE_DATES.contains(&column.name);
            return if unknown { "UNKNOWN" } else { "" }.to_owned();
        }
        match column.kind {
            Kind::Reference(table) | Kind::NamedReference(table) => names.record(table, value),
            Kind::List(table) => {
                let each: Vec<String> =
                    value.split(',').map(|id| names.record(table, id)).collect();
                each.join(", ")
            }
            Kind::Choice(_) | Kind::IntegerChoice(_) => {
                let class = shown.walked_to.unwrap_or(&row.class);
                names.choice(class, column.name, value)
            }
            Kind::DateTime => self.locale.shown(value).unwrap_or_else(|| value.to_owned()),
            Kind::Date => self
                .locale
                .shown_date(value)
                .unwrap_or_else(|| value.to_owned()),
            Kind::Duration => texts::spelled(value).unwrap_or_else(|| value.to_owned()),
            Kind::Integer | Kind::Decimal => texts::grouped(value),
            Kind::Journal => {
                let class = shown.walked_to.unwrap_or(&row.class);
                let open = |element: &str| self.call.reads_whole(class, element);
                names.journal(value, column, &self.locale, open)
            }
            Kind::ClassName => self
                .call
                .store
                .schema()
                .class(value)
                .map_or(value, |class| class.label)
                .to_owned(),
            _ => value.to_owned(),
        }
    }
}

impl Shape<'_> {
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
        let names = Names::look_up(self.call, connection, shown, &each)?;
        let displays = rows.iter().map(|row| {
            let values = shown.iter().zip(row.values.iter());
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
fn body(result: &impl Serialize, length: usize) -> Result<Bytes, StoreError> {
    #[derive(Serialize)]
    struct Answer<'a, T> {
        result: &'a T,
    }
    let mut body = Vec::with_capacity(length + 64);
    match serde_json::to_writer(&mut body, &Answer { result }) {
        Ok(()) => Ok(body.into()),
        Err(error) => Err(StoreError::Invalid(error.to_string())),
    }
}

/// One row of an answer.
struct Object<'a> {
    shape: &'a Shape<'a>,
    names: &'a Names,
    shown: &'a [Shown],
    row: &'a Row,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let each = self.shown.iter().zip(self.row.values.iter());
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
    /// None is `null`.
    fn display(&self) -> Option<String> {
        let Object {
            shape, names, row, ..
        } = self.object;
        let is_choice = matches!(self.shown.column.kind, Kind::Choice(_));
        let chosen = !(shape.null_choices && is_choice && self.value.is_empty());
        chosen.then(|| shape.displayed(names, self.shown, row, self.value))
    }

    /// What is stored. Of a journal nothing is, and the value is the record whose log it is; a
    /// password is displayed and never told.
    fn stored(&self) -> &str {
        match self.shown.column.kind {
            Kind::Journal | Kind::Password => "",
            _ => self.value,
        }
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
                return serializer.serialize_str(self.stored());
            }
            (Display::Displays, None) => return self.display().serialize(serializer),
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
            map.serialize_entry("value", self.stored())?;
        }
        map.end()
    }
}
