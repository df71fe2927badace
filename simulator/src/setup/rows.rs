//! Numbers of rows, absolute or in pages of the caller.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of rows, absolute or in pages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rows {
    /// So many rows.
    Count(u32),
    /// So many pages of the caller's page size, rounded to whole rows.
    Pages(f64),
}

impl Rows {
    /// The number of rows when a page holds `page_size`.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded by MAX_PAGES * u32 and never negative"
    )]
    pub fn count(self, page_size: u32) -> u32 {
        match self {
            Self::Count(rows) => rows,
            Self::Pages(pages) => (pages * f64::from(page_size)).round() as u32,
        }
    }

    const MAX_PAGES: f64 = 100_000.0;

    fn read_pages(text: &str) -> Option<Self> {
        let number = text
            .strip_suffix("pages")
            .or_else(|| text.strip_suffix("page"))?;
        let pages: f64 = number.trim().parse().ok()?;
        (pages.is_finite() && (0.0..=Self::MAX_PAGES).contains(&pages))
            .then_some(Self::Pages(pages))
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(rows) => serializer.serialize_u32(*rows),
            Self::Pages(pages) => serializer.collect_str(&format_args!("{pages} pages")),
        }
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowsVisitor;

        impl serde::de::Visitor<'_> for RowsVisitor {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of rows, or pages such as `3 pages`")
            }

            fn visit_u64<E: serde::de::Error>(self, rows: u64) -> Result<Rows, E> {
                u32::try_from(rows).map(Rows::Count).map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, rows: i64) -> Result<Rows, E> {
                u32::try_from(rows).map(Rows::Count).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Rows, E> {
                Rows::read_pages(text.trim()).ok_or_else(|| {
                    E::custom(format_args!(
                        "`{text}` is neither a number of rows nor pages such as `3 pages`"
                    ))
                })
            }
        }

        deserializer.deserialize_any(RowsVisitor)
    }
}

impl JsonSchema for Rows {
    fn schema_name() -> Cow<'static, str> {
        "Rows".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of rows, or pages of the caller's page size.",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? pages?$" },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_count_in_pages_of_the_caller() {
        let rows: Rows = serde_json::from_str("\"2.5 pages\"").unwrap();
        assert_eq!(rows.count(100), 250);
        assert_eq!(serde_json::to_string(&rows).unwrap(), "\"2.5 pages\"");
        assert_eq!(serde_json::from_str::<Rows>("7").unwrap().count(100), 7);
    }

    #[test]
    fn rows_refuse_what_is_not_a_number_of_rows() {
        for text in [
            "-1",
            "\"many\"",
            "\"-1 pages\"",
            "\"NaN pages\"",
            "1e12",
            "true",
        ] {
            assert!(serde_json::from_str::<Rows>(text).is_err(), "{text}");
        }
    }
}
