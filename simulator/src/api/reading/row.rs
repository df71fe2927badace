//! Rows as they are stored, each with all its values in one piece of text.

use rusqlite::types::ValueRef;

use crate::store::records::text_of;

/// A row as it is stored.
#[derive(Debug)]
pub(in crate::api) struct Row {
    pub(in crate::api) sys_id: String,
    pub(in crate::api) class: String,
    pub(in crate::api) visible: bool,
    /// In the order of the columns shown.
    pub(in crate::api) values: Values,
}

/// The values of a row. A page has many thousands: each row's share two pieces of memory.
#[derive(Debug, Default)]
pub(in crate::api) struct Values {
    text: String,
    /// Where each value ends.
    ends: Vec<usize>,
}

impl Values {
    /// Those of a row of a statement, from this column on; `bytes` is about how long they are.
    pub(super) fn read(
        row: &rusqlite::Row<'_>,
        first: usize,
        columns: usize,
        bytes: usize,
    ) -> Result<Self, rusqlite::Error> {
        let mut text = Vec::with_capacity(bytes);
        let mut ends = Vec::with_capacity(columns);
        for at in first..first + columns {
            match row.get_ref(at)? {
                ValueRef::Text(value) => text.extend_from_slice(value),
                value => text.extend_from_slice(text_of(value).as_bytes()),
            }
            ends.push(text.len());
        }
        // What is sound as a whole could still end a value in the middle of a letter.
        match String::from_utf8(text) {
            Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => {
                Ok(Self { text, ends })
            }
            _ => (first..first + columns)
                .map(|at| row.get_ref(at).map(text_of))
                .collect(),
        }
    }

    /// Bytes of all values.
    pub(in crate::api) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The value at this place.
    pub(in crate::api) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end])
    }

    /// Every value, in order.
    pub(in crate::api) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let value = &self.text[start..*end];
            start = *end;
            value
        })
    }
}

impl<T: AsRef<str>> FromIterator<T> for Values {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut all = Self::default();
        for value in values {
            all.text.push_str(value.as_ref());
            all.ends.push(all.text.len());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(select: &str) -> Values {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let read =
            |row: &rusqlite::Row<'_>| Values::read(row, 1, row.as_ref().column_count() - 1, 8);
        connection.query_row(select, [], read).unwrap()
    }

    #[test]
    fn values_are_read_as_they_are_stored() {
        let values = read("SELECT 0, 'é', NULL, -7, '', 1.5, x'ff'");
        let all: Vec<&str> = values.iter().collect();
        assert_eq!(all, ["é", "", "-7", "", "1.5", ""]);
        let each: Vec<_> = (0..7).map(|at| values.get(at)).collect();
        assert_eq!(each[..6], all.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!(each[6], None);
        assert_eq!(Values::from_iter(&all).iter().collect::<Vec<_>>(), all);
    }

    #[test]
    fn a_text_that_is_none_is_empty() {
        let cut = "SELECT 0, 'a', CAST(x'c3' AS TEXT), CAST(x'a9' AS TEXT), 'é'";
        assert_eq!(read(cut).iter().collect::<Vec<_>>(), ["a", "", "", "é"]);
        let lone = "SELECT 0, 'a', CAST(x'ff' AS TEXT), 'b'";
        assert_eq!(read(lone).iter().collect::<Vec<_>>(), ["a", "", "b"]);
    }
}
