//! How text compares: without regard to case, for all of Unicode.
//!
//! ServiceNow's databases compare without regard to case (wire-core 3.1, *assumed* from common
//! knowledge). SQLite alone folds ASCII only, so each connection gets a collation and functions.

use std::cmp::Ordering;

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

/// Name of the collation of every text column.
pub(crate) const COLLATION: &str = "fold";

/// Folds one character: upper case, then lower, so that `ς`, `σ` and `Σ` meet.
fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
}

/// The text without its case.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        folded(text).collect()
    }
}

/// Compares without regard to case. Indexing a million rows asks this twenty million times: it
/// looks no further than the first difference, and folds nothing as long as it meets ASCII.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    for (at, (one, other)) in left.bytes().zip(right.bytes()).enumerate() {
        if !one.is_ascii() || !other.is_ascii() {
            // What lies before is ASCII, so that this is where a character begins.
            return folded(left.get(at..).unwrap_or_default())
                .cmp(folded(right.get(at..).unwrap_or_default()));
        }
        match one.to_ascii_lowercase().cmp(&other.to_ascii_lowercase()) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    left.len().cmp(&right.len())
}

/// Whether a folded text matches a folded part.
type Test = fn(&str, &str) -> bool;

/// Teaches a connection the collation and the functions `contains`, `begins` and `ends`, whose
/// second argument is already folded.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    connection.create_collation(COLLATION, compare)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let tests: [(&str, Test); 3] = [
        ("contains", |text, part| text.contains(part)),
        ("begins", |text, part| text.starts_with(part)),
        ("ends", |text, part| text.ends_with(part)),
    ];
    for (name, test) in tests {
        connection.create_scalar_function(name, 2, flags, move |call| {
            let text = match call.get_raw(0) {
                rusqlite::types::ValueRef::Text(text) => fold(&String::from_utf8_lossy(text)),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                rusqlite::types::ValueRef::Real(number) => number.to_string(),
                _ => String::new(),
            };
            let part: String = call.get(1)?;
            Ok(test(&text, &part))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_does_not_matter_beyond_ascii() {
        assert_eq!(compare("ÄÖÜ Straße", "äöü STRASSE"), Ordering::Equal);
        assert_eq!(compare("ΟΔΟΣ", "οδος"), Ordering::Equal);
        assert_eq!(compare("abc", "ABD"), Ordering::Less);
        assert_eq!(fold("ЖУК"), "жук");
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_folded_texts(
            left in "[abAB0 äÄßſΣςσKıİ]{0,6}",
            right in "[abAB0 äÄßſΣςσKıİ]{0,6}",
        ) {
            prop_assert_eq!(compare(&left, &right), fold(&left).cmp(&fold(&right)));
        }
    }

    #[test]
    fn functions_match_parts_of_text() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        let found: (bool, bool, bool, bool) = connection
            .query_row(
                "SELECT contains('Straße XL', 'asse x'), begins('ÄRGER', 'är'), ends('x', 'y'), contains(42, '2')",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .unwrap();
        assert_eq!(found, (true, true, false, true));
    }
}
