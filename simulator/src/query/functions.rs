//! What SQL cannot say alone: dates in a time zone, and words in a text.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::calendar::{self, Part, Unit};
use crate::store::records::text_of;
use crate::store::text::fold;

/// Teaches a connection `date_part(date, part, zone)`, `date_shifted(date, unit, count, zone)` and
/// `has_words(text, words)`. What is no date, a number for instance, has no part and cannot be moved:
/// NULL.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("date_part", 3, flags, |call| {
        let (part, zone): (String, String) = (call.get(1)?, call.get(2)?);
        let date = text_of(call.get_raw(0));
        let local = calendar::local(&date, &calendar::zone(&zone));
        Ok(local.and_then(|at| Some(Part::named(&part)?.of(at))))
    })?;
    connection.create_scalar_function("date_shifted", 4, flags, |call| {
        let (unit, count, zone): (String, i64, String) = (call.get(1)?, call.get(2)?, call.get(3)?);
        let date = text_of(call.get_raw(0));
        let unit = Unit::named(&unit);
        Ok(unit.and_then(|unit| calendar::shifted(&date, unit, count, &calendar::zone(&zone))))
    })?;
    connection.create_scalar_function("has_words", 2, flags, |call| {
        let (text, words): (String, String) = (call.get(0)?, call.get(1)?);
        Ok(has_words(&text, &words))
    })
}

/// Whether every word occurs in the text as a whole word, without regard to case.
fn has_words(text: &str, words: &str) -> bool {
    let (text, words) = (fold(text), fold(words));
    split(&words).all(|wanted| split(&text).any(|word| word == wanted))
}

/// Letters and digits of one run are a word.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        assert!(has_words("E-Mail server, DÜSSELDORF", "düsseldorf mail"));
        assert!(!has_words("mailserver", "mail"));
        assert!(has_words("anything", " "));
    }

    #[test]
    fn what_is_no_date_has_no_part() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        let part = |date: &str| -> Option<i64> {
            let statement = "SELECT date_part(?1, 'hour', 'America/New_York')";
            connection
                .query_row(statement, [date], |row| row.get(0))
                .unwrap()
        };
        assert_eq!(part("2026-07-01 03:00:00"), Some(23));
        assert_eq!(part(""), None);
        assert_eq!(part("'; DROP TABLE x"), None);
    }
}
