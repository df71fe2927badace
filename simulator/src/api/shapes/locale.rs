//! How a user writes dates: zone and formats (wire-core 1.5, 5).
//!
//! Formats are those of Java's `SimpleDateFormat`, as `sys_user` and the properties
//! `glide.sys.date_format` and `glide.sys.time_format` hold them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::api::Owned;
use crate::store::records::values::DATE_TIME;

/// `yyyy-MM-dd` and `HH:mm:ss`, which an instance ships with.
const DATE: &str = "%Y-%m-%d";
const TIME: &str = "%H:%M:%S";

/// The zone and the formats of one user.
#[derive(Debug)]
pub(in crate::api) struct Locale {
    zone: TimeZone,
    date: String,
    date_time: String,
}

impl Locale {
    /// The caller's: the user's own formats, or else the instance's. A zone that is not known is
    /// UTC, a format that cannot be read the shipped one.
    pub(in crate::api) fn of(call: &Owned) -> Self {
        let user = call.policy.user(&call.identity.user_name);
        let chosen = |own: Option<&str>, property: &str, shipped: &str| {
            own.filter(|format| !format.is_empty())
                .or_else(|| call.policy.property(property))
                .and_then(pattern)
                .unwrap_or_else(|| shipped.to_owned())
        };
        let date = user.map(|user| user.date_format.as_str());
        let time = user.map(|user| user.time_format.as_str());
        Self::new(
            &call.identity.time_zone,
            chosen(date, "glide.sys.date_format", DATE),
            &chosen(time, "glide.sys.time_format", TIME),
        )
    }

    /// UTC, and the formats that an instance ships with.
    pub(super) fn shipped() -> Self {
        Self {
            zone: TimeZone::UTC,
            date: DATE.to_owned(),
            date_time: DATE_TIME.to_owned(),
        }
    }

    fn new(zone: &str, date: String, time: &str) -> Self {
        Self {
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            date_time: format!("{date} {time}"),
            date,
        }
    }

    /// A UTC date and time as the user reads it; none if it is none.
    pub(super) fn shown(&self, utc: &str) -> Option<String> {
        let utc = DateTime::strptime(DATE_TIME, utc).ok()?;
        let moment = utc.to_zoned(TimeZone::UTC).ok()?;
        let local = moment.with_time_zone(self.zone.clone());
        Some(local.strftime(&self.date_time).to_string())
    }

    /// A date as the user reads it: a date has no zone.
    pub(super) fn shown_date(&self, date: &str) -> Option<String> {
        let date = Date::strptime(DATE, date).ok()?;
        Some(date.strftime(&self.date).to_string())
    }

    /// What the user wrote, in UTC: in the user's format, or in the stored one, which is then the
    /// user's local time (*assumed*). A date alone is its midnight.
    pub(in crate::api) fn read(&self, written: &str) -> Option<String> {
        let written = written.trim();
        let local = DateTime::strptime(&self.date_time, written)
            .or_else(|_| DateTime::strptime(DATE_TIME, written))
            .or_else(|_| Date::strptime(&self.date, written).map(Date::into))
            .or_else(|_| Date::strptime(DATE, written).map(Date::into))
            .ok()?;
        let moment = local.to_zoned(self.zone.clone()).ok()?;
        let utc = moment.with_time_zone(TimeZone::UTC);
        Some(utc.strftime(DATE_TIME).to_string())
    }

    /// A date that the user wrote, as it is stored.
    pub(in crate::api) fn read_date(&self, written: &str) -> Option<String> {
        let written = written.trim();
        let date = Date::strptime(&self.date, written)
            .or_else(|_| Date::strptime(DATE, written))
            .ok()?;
        Some(date.strftime(DATE).to_string())
    }
}

/// A format of Java's as one of `strftime`'s; none if it has a letter that is not known here.
fn pattern(java: &str) -> Option<String> {
    let mut written = String::new();
    let mut rest = java;
    while let Some(letter) = rest.chars().next() {
        let length = rest.find(|other| other != letter).unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        rest = after;
        written.push_str(match (letter, run.len()) {
            ('y', 4) => "%Y",
            ('y', 2) => "%y",
            ('M', 2) => "%m",
            ('M', 1) => "%-m",
            ('d', 2) => "%d",
            ('d', 1) => "%-d",
            ('H', 2) => "%H",
            ('H', 1) => "%-H",
            ('h', 2) => "%I",
            ('h', 1) => "%-I",
            ('m', 2) => "%M",
            ('s', 2) => "%S",
            ('a', 1) => "%p",
            ('/' | '-' | '.' | ':' | ' ' | ',', _) => run,
            _ => return None,
        });
    }
    (!written.is_empty()).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_york() -> Locale {
        let date = pattern("dd/MM/yyyy").unwrap();
        Locale::new("America/New_York", date, &pattern("hh:mm:ss a").unwrap())
    }

    #[test]
    fn a_user_reads_dates_in_zone_and_format() {
        let locale = new_york();
        let shown = locale.shown("2026-01-02 03:04:05").unwrap();
        assert_eq!(shown, "01/01/2026 10:04:05 PM");
        assert_eq!(locale.shown_date("2026-01-02").unwrap(), "02/01/2026");
        assert_eq!(locale.shown("nonsense"), None);
    }

    #[test]
    fn what_is_read_can_be_written() {
        let locale = new_york();
        let stored = "2026-01-02 03:04:05";
        let shown = locale.shown(stored).unwrap();
        assert_eq!(locale.read(&shown).unwrap(), stored);
        assert_eq!(
            locale.read("2026-01-01 22:04:05").unwrap(),
            "2026-01-02 03:04:05"
        );
        assert_eq!(locale.read("02/01/2026").unwrap(), "2026-01-02 05:00:00");
        assert_eq!(locale.read_date("02/01/2026").unwrap(), "2026-01-02");
        assert_eq!(locale.read("31/02/2026"), None);
    }

    #[test]
    fn a_format_of_unknown_letters_is_not_guessed() {
        assert_eq!(pattern("EEE yyyy"), None);
        assert_eq!(pattern(""), None);
        assert_eq!(pattern("M/d/yy H:mm").unwrap(), "%-m/%-d/%y %-H:%M");
        assert_eq!(pattern("yyyy'%n'"), None);
    }
}
