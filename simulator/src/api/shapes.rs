//! The shape of values in an answer: `sysparm_display_value` and `sysparm_exclude_reference_link`
//! (wire-core 1.5). Every value is text.

use bytes::Bytes;
use rusqlite::Connection;

use super::Owned;
use super::query_string::Parameters;
use super::reading::{Row, Shown};
use crate::store::schema::Kind;
use crate::store::{Snapshot, StoreError};

pub(super) mod locale;
mod names;
pub(super) mod texts;
mod written;

use locale::Locale;
use names::Names;

/// About how many bytes a link adds to a reference, where it has one.
const LINK: usize = 80;

/// Rows that are written at a time.
const PIECE: usize = 16;

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
    /// `https://HOST/api/now[/vN]/table`, escaped for JSON.
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
            exclude_link: call
                .reference_shape
                .leaves_links_out(parameters.flag("sysparm_exclude_reference_link")),
            call,
            tables_url: written::escaped(&tables_url(call)),
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
            tables_url: written::escaped(&tables_url(call)),
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
        let mut written = Vec::with_capacity(Self::length(shown, &[row]));
        self.write_row(&names, shown, row, &mut written);
        serde_json::from_slice(&written).map_err(|error| StoreError::Invalid(error.to_string()))
    }

    /// `{"result":[…]}` of these rows, in order. Many of them are written in pieces, and others can
    /// have their turn in between.
    pub(super) fn list(
        &self,
        snapshot: &Snapshot<'_>,
        shown: &[Shown],
        rows: &[&Row],
    ) -> Result<Bytes, StoreError> {
        let names = self.names(snapshot, shown, rows)?;
        let mut body = Vec::with_capacity(Self::length(shown, rows));
        body.extend_from_slice(b"{\"result\":[");
        for (at, row) in rows.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            if at % PIECE == PIECE - 1 {
                snapshot.step();
            }
            self.write_row(&names, shown, row, &mut body);
        }
        body.extend_from_slice(b"]}");
        Ok(body.into())
    }

    /// `{"result":{…}}` of this row.
    pub(super) fn record(
        &self,
        connection: &Connection,
        shown: &[Shown],
        row: &Row,
    ) -> Result<Bytes, StoreError> {
        let names = self.names(connection, shown, &[row])?;
        let mut body = Vec::with_capacity(Self::length(shown, &[row]));
        body.extend_from_slice(b"{\"result\":");
        self.write_row(&names, shown, row, &mut body);
        body.push(b'}');
        Ok(body.into())
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

    /// About how long these rows are as JSON, in bytes.
    fn length(shown: &[Shown], rows: &[&Row]) -> usize {
        let keys: usize = shown.iter().map(|shown| shown.key.len() + 6).sum();
        let references = shown.iter().filter(|shown| {
            let column = &shown.column;
            column.kind.refers_to().is_some()
        });
        let each = keys + references.count() * LINK;
        let values: usize = rows.iter().map(|row| row.values.bytes() + each).sum();
        values + 64
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
