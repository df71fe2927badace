//! Dates compared with now, with their parts, and with each other.

use super::{Builder, Field, Unfit};
use crate::query::calendar::{self, Clock, Part, Unit};
use crate::query::{Operator, script};
use crate::store::schema::Kind;

impl Builder<'_> {
    /// `@unit@ago|ahead@n`. "After" and "before" are those of the moment, "on" is its whole unit,
    /// and "on or after" is both (*assumed* for units above the hour).
    pub(super) fn relative(
        &mut self,
        field: &Field,
        operator: Operator,
        value: &str,
    ) -> Result<String, Unfit> {
        let mut parts = value.strip_prefix('@').unwrap_or(value).split('@');
        let (Some(unit), Some(direction), Some(count), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Unfit::Unmodelled);
        };
        let unit = Unit::named(unit).ok_or(Unfit::Unmodelled)?;
        let count: i64 = count.trim().parse().map_err(|_| Unfit::Unmodelled)?;
        let count = match direction {
            "ago" => count.checked_neg().ok_or(Unfit::Unmodelled)?,
            "ahead" => count,
            _ => return Err(Unfit::Unmodelled),
        };
        let clock = Clock::new(self.session.unix, self.session.time_zone);
        let moment = clock.and_then(|clock| clock.moved(unit, count));
        let moment = moment.ok_or(Unfit::Unmodelled)?;
        let stored = |at: Option<jiff::Zoned>| {
            let at = at.ok_or(Unfit::Unmodelled)?;
            Ok(match field.column.kind {
                Kind::Date => at.date().to_string(),
                _ => calendar::stored(&at),
            })
        };
        let sql = &field.sql;
        let mut compared = |sign: &str, at: Option<jiff::Zoned>| {
            let place = self.bind(stored(at)?);
            Ok(format!("({sql} <> '' AND {sql} {sign} {place})"))
        };
        match operator {
            Operator::RelativeAfter => compared(">", Some(moment)),
            Operator::RelativeBefore => compared("<", Some(moment)),
            Operator::RelativeFrom => compared(">=", calendar::start(unit, &moment)),
            Operator::RelativeUntil => compared("<=", calendar::end(unit, &moment)),
            _ => {
                let from = compared(">=", calendar::start(unit, &moment))?;
                let to = compared("<=", calendar::end(unit, &moment))?;
                Ok(format!("({from} AND {to})"))
            }
        }
    }

    /// `javascript:gs.datePart('dayofweek','monday','GE')`: an empty date has no part.
    pub(super) fn date_part(&mut self, field: &Field, value: &str) -> Result<String, Unfit> {
        let script = value.strip_prefix("javascript:").unwrap_or(value);
        let asked = script::date_part(script).ok_or(Unfit::Unmodelled)?;
        let part = Part::named(asked.part).filter(|part| *part != Part::Day);
        let value = part.and_then(|part| part.value(asked.value));
        let value = value.ok_or(Unfit::Unmodelled)?;
        let sign = match asked.relation {
            "EE" => "=",
            "GT" => ">",
            "GE" => ">=",
            "LT" => "<",
            "LE" => "<=",
            _ => return Err(Unfit::Unmodelled),
        };
        let part = self.part_of(&field.sql, asked.part);
        let place = self.bind(value);
        Ok(format!("coalesce({part} {sign} {place},0)"))
    }

    /// `other`, or `other@unit` of two dates: the same hour of the day, day of the month, week,
    /// month or quarter of the year, or year ("Evaluate equality between date values").
    pub(super) fn same(&mut self, field: &Field, value: &str, sign: &str) -> Result<String, Unfit> {
        let Some((other, unit)) = value.split_once('@') else {
            return self.other(field, value, sign);
        };
        let known = Part::named(unit).filter(|part| *part != Part::DayOfWeek);
        known.ok_or(Unfit::Unmodelled)?;
        let other = self.field(other).ok_or(Unfit::Invalid)?.sql;
        let left = self.part_of(&field.sql, unit);
        let right = self.part_of(&other, unit);
        Ok(format!("coalesce({left} {sign} {right},0)"))
    }

    /// `other@unit@before|after|before or after@n`: further from the other date than that, or
    /// nearer. Units are those of the calendar where the caller is; the ends are *assumed*.
    pub(super) fn apart(
        &mut self,
        field: &Field,
        value: &str,
        is_further: bool,
    ) -> Result<String, Unfit> {
        let parts: Vec<&str> = value.split('@').collect();
        let [other, unit, direction, count] = parts.as_slice() else {
            return Err(Unfit::Unmodelled);
        };
        let other = self.field(other).ok_or(Unfit::Invalid)?.sql;
        let unit = Unit::named(unit).ok_or(Unfit::Unmodelled)?;
        let count: i64 = count.trim().parse().map_err(|_| Unfit::Unmodelled)?;
        if unit.span(count).is_none() || count < 0 {
            return Err(Unfit::Unmodelled);
        }
        let sql = &field.sql;
        let zone = self.bind(self.session.time_zone.to_owned());
        let unit = self.bind(unit.name().to_owned());
        let mut limit = |count: i64| {
            let count = self.bind(count);
            format!("date_shifted({other},{unit},{count},{zone})")
        };
        let (mut before, mut after) = (None, None);
        if matches!(*direction, "before" | "before or after") {
            let limit = limit(-count);
            before = Some(match is_further {
                true => format!("{sql} < {limit}"),
                false => format!("({sql} > {limit} AND {sql} <= {other})"),
            });
        }
        if matches!(*direction, "after" | "before or after") {
            let limit = limit(count);
            after = Some(match is_further {
                true => format!("{sql} > {limit}"),
                false => format!("({sql} < {limit} AND {sql} >= {other})"),
            });
        }
        let sides: Vec<String> = before.into_iter().chain(after).collect();
        if sides.is_empty() {
            return Err(Unfit::Unmodelled);
        }
        Ok(format!(
            "({sql} <> '' AND {other} <> '' AND coalesce({},0))",
            sides.join(" OR ")
        ))
    }

    fn part_of(&mut self, sql: &str, part: &str) -> String {
        let part = self.bind(part.to_owned());
        let zone = self.bind(self.session.time_zone.to_owned());
        format!("date_part({sql},{part},{zone})")
    }
}
