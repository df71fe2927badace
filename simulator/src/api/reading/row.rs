//! Rows as they are stored, each with all its values in one piece of text.

use rusqlite::types::ValueRef;

use crate::store::records::write_text;

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
    /// None so far, with room for these numbers of values and bytes.
    pub(super) fn with_capacity(values: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(values),
        }
    }

    /// Adds a stored value.
    pub(super) fn push(&mut self, value: ValueRef<'_>) {
        write_text(value, &mut self.text);
        self.ends.push(self.text.len());
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

impl<'t> FromIterator<&'t str> for Values {
    fn from_iter<I: IntoIterator<Item = &'t str>>(values: I) -> Self {
        let mut all = Self::default();
        for value in values {
            all.text.push_str(value);
            all.ends.push(all.text.len());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went_in() {
        let mut values = Values::with_capacity(4, 8);
        values.push(ValueRef::Text("é".as_bytes()));
        values.push(ValueRef::Null);
        values.push(ValueRef::Integer(-7));
        values.push(ValueRef::Text(b"\xff"));
        values.push(ValueRef::Real(1.5));
        let all: Vec<&str> = values.iter().collect();
        assert_eq!(all, ["é", "", "-7", "", "1.5"]);
        let each: Vec<_> = (0..6).map(|at| values.get(at)).collect();
        assert_eq!(each[..5], all.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!(each[5], None);
        assert_eq!(
            Values::from_iter(all.clone()).iter().collect::<Vec<_>>(),
            all
        );
    }
}
