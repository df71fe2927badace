//! Reading encoded queries (wire-core 3.1).

use super::operator::{Found, longest};
use super::related::{Join, Related};
use super::{Alternative, Condition, MAX_BYTES, MAX_CONDITIONS, Order, Query};

/// Begins a search for words.
pub(super) const TEXT_QUERY: &str = "123TEXTQUERY321=";

/// Beginnings of parts that a real instance understands as a whole.
const UNMODELLED_PARTS: [&str; 5] = ["123TEXT", "GOTO", "IR_", "SUBQUERY", "javascript:"];

pub(super) fn parse(text: &str) -> Query {
    let mut truncated = false;
    let text = bounded(text, &mut truncated);
    let mut reader = Reader {
        left: MAX_CONDITIONS,
        truncated,
    };
    let mut query = reader.read(text, true);
    query.truncated = reader.truncated;
    query
}

/// What all queries of one text share.
struct Reader {
    /// Conditions that may still be read.
    left: usize,
    truncated: bool,
}

impl Reader {
    /// Reads a query; only an outer one may look at other tables, so that nesting ends there.
    fn read(&mut self, text: &str, is_outer: bool) -> Query {
        let mut query = Query::default();
        let mut reading = Alternative::new();
        let mut parts = text.split('^');
        while let Some(part) = parts.next() {
            let mut part = part;
            let mut joins_previous = false;
            // An instance reads `^NQRLQUERY` and `^ORRLQUERY` as `^RLQUERY`.
            let is_related = |part: &str| part.starts_with("RLQUERY");
            loop {
                if let Some(rest) = part.strip_prefix("NQ") {
                    if !is_related(rest) {
                        finish(&mut reading, &mut query);
                    }
                    joins_previous = false;
                    part = rest;
                } else if let (false, Some(rest)) = (is_order(part), part.strip_prefix("OR")) {
                    joins_previous = true;
                    part = rest;
                } else {
                    break;
                }
            }
            let condition = match part {
                "" | "EQ" | "ENDRLQUERY" | "ENDSUBQUERY" => continue,
                _ if is_order(part) => {
                    note_order(part, &mut query);
                    continue;
                }
                _ if part.starts_with("GROUPBY") => {
                    let field = part.trim_start_matches("GROUPBY");
                    if !field.is_empty() {
                        query.group_by.push(field.to_owned());
                    }
                    continue;
                }
                _ if is_related(part) => {
                    joins_previous = false;
                    let Some(condition) = self.related(part, &mut parts, &mut query, is_outer)
                    else {
                        continue;
                    };
                    // It begins no alternative, wherever it stands.
                    if reading.is_empty() {
                        reading = query.alternatives.pop().unwrap_or_default();
                    }
                    condition
                }
                _ if part.starts_with("SUBQUERY") => {
                    Condition::Unmodelled(enclosed(part, &mut parts, "ENDSUBQUERY"))
                }
                _ if part.starts_with("JOIN") => self.join(part, &mut parts, is_outer),
                _ => condition(part),
            };
            if !self.may_read_on() {
                break;
            }
            match reading.last_mut() {
                Some(block) if joins_previous => block.push(condition),
                _ => reading.push(vec![condition]),
            }
        }
        finish(&mut reading, &mut query);
        query
    }

    fn may_read_on(&mut self) -> bool {
        let may = self.left > 0;
        self.truncated |= !may;
        self.left = self.left.saturating_sub(1);
        may
    }

    /// A related-list query reaches to its own end mark, or else to the end. There is one; what
    /// else stands in its place is returned.
    fn related<'a>(
        &mut self,
        first: &str,
        parts: &mut impl Iterator<Item = &'a str>,
        query: &mut Query,
        is_outer: bool,
    ) -> Option<Condition> {
        let text = enclosed(first, parts, "ENDRLQUERY");
        if !is_outer || query.related.is_some() {
            return Some(Condition::Unmodelled(text));
        }
        let inner = text.trim_start_matches("RLQUERY");
        let inner = inner.strip_suffix("^ENDRLQUERY").unwrap_or(inner);
        if !self.may_read_on() {
            return None;
        }
        match Related::parse(inner, |text| self.inner(text)) {
            Some(related) => {
                query.related = Some(Box::new(related));
                None
            }
            None => Some(Condition::Invalid(text)),
        }
    }

    /// A join reaches to the next single `^`; `^^` separates the conditions in it.
    fn join<'a>(
        &mut self,
        first: &str,
        parts: &mut (impl Iterator<Item = &'a str> + Clone),
        is_outer: bool,
    ) -> Condition {
        let mut text = first.to_owned();
        loop {
            let mut ahead = parts.clone();
            let (Some(""), Some(next)) = (ahead.next(), ahead.next()) else {
                break;
            };
            if next.is_empty() {
                break;
            }
            *parts = ahead;
            text.push_str("^^");
            text.push_str(next);
        }
        if !is_outer {
            return Condition::Unmodelled(text);
        }
        let inner = text.trim_start_matches("JOIN");
        match Join::parse(inner, |text| self.inner(text)) {
            Some(join) => Condition::Join(Box::new(join)),
            None => Condition::Invalid(text),
        }
    }

    /// The query of another table: conditions alone.
    fn inner(&mut self, text: &str) -> Query {
        let read = self.read(text, false);
        Query {
            alternatives: read.alternatives,
            ..Query::default()
        }
    }
}

/// The part of the text that is read.
fn bounded<'a>(text: &'a str, truncated: &mut bool) -> &'a str {
    if text.len() <= MAX_BYTES {
        return text;
    }
    *truncated = true;
    let end = (0..=MAX_BYTES).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or("")
}

fn finish(reading: &mut Alternative, query: &mut Query) {
    if !reading.is_empty() {
        query.alternatives.push(std::mem::take(reading));
    }
}

fn is_order(part: &str) -> bool {
    part.starts_with("ORDERBY")
}

fn note_order(part: &str, query: &mut Query) {
    let field = part.strip_prefix("ORDERBY").unwrap_or(part);
    let (field, descending) = match field.strip_prefix("DESC") {
        Some(field) => (field, true),
        None => (field, false),
    };
    if !field.is_empty() {
        query.order.push(Order {
            field: field.to_owned(),
            descending,
        });
    }
}

/// What reaches to its own end mark, with that mark.
fn enclosed<'a>(first: &str, parts: &mut impl Iterator<Item = &'a str>, end: &str) -> String {
    let mut text = first.to_owned();
    for part in parts.take_while(|part| *part != end) {
        text.push('^');
        text.push_str(part);
    }
    text.push('^');
    text.push_str(end);
    text
}

fn condition(part: &str) -> Condition {
    // A list's "go to" narrows it like any condition (*assumed*).
    if let Some(rest) = part.strip_prefix("GOTO") {
        return match condition(rest) {
            found @ (Condition::Compare { .. } | Condition::Text(_)) => found,
            _ => Condition::Unmodelled(part.to_owned()),
        };
    }
    if let Some(words) = part.strip_prefix(TEXT_QUERY) {
        return Condition::Text(words.to_owned());
    }
    if UNMODELLED_PARTS.iter().any(|start| part.starts_with(start)) {
        return Condition::Unmodelled(part.to_owned());
    }
    let end = part
        .find(|letter: char| !matches!(letter, 'a'..='z' | '0'..='9' | '_' | '.'))
        .unwrap_or(part.len());
    let (field, rest) = part.split_at(end);
    match longest(rest) {
        _ if field.is_empty() => Condition::Invalid(part.to_owned()),
        // A tag by its id, a variable of a catalog item by its own.
        Some(_) if field.starts_with("sys_tags.") || field.starts_with("variables.") => {
            Condition::Unmodelled(part.to_owned())
        }
        Some((Found::Modelled(operator), value)) => Condition::Compare {
            field: field.to_owned(),
            operator,
            value: value.to_owned(),
        },
        Some((Found::Unmodelled, _)) => Condition::Unmodelled(part.to_owned()),
        None => Condition::Invalid(part.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::{Count, Operator};

    fn shape(text: &str) -> Vec<Vec<Vec<String>>> {
        let query = Query::parse(text);
        let blocks = |alternative: &Alternative| {
            let names = |block: &Vec<Condition>| block.iter().map(ToString::to_string).collect();
            alternative.iter().map(names).collect()
        };
        query.alternatives.iter().map(blocks).collect()
    }

    #[test]
    fn or_binds_tighter_than_and() {
        assert_eq!(
            shape("a=1^b=2^ORb=3^c=4^NQd=5"),
            vec![
                vec![vec!["a=1"], vec!["b=2", "b=3"], vec!["c=4"]],
                vec![vec!["d=5"]]
            ]
        );
    }

    #[test]
    fn orderings_are_read_anywhere_and_ends_are_tolerated() {
        let query = Query::parse("ORDERBYsys_created_on^active=true^ORDERBYDESCname^EQ^");
        assert_eq!(
            query.to_string(),
            "active=true^ORDERBYsys_created_on^ORDERBYDESCname"
        );
        assert_eq!(query.order.len(), 2);
        assert!(query.order[1].descending);
    }

    #[test]
    fn the_longest_operator_wins() {
        let operator = |text: &str| match &Query::parse(text).alternatives[0][0][0] {
            Condition::Compare { operator, .. } => Some(*operator),
            _ => None,
        };
        assert_eq!(operator("priority<=3"), Some(Operator::AtMost));
        assert_eq!(
            operator("sys_class_nameINSTANCEOFtask"),
            Some(Operator::InstanceOf)
        );
        assert_eq!(operator("impactIN1,2"), Some(Operator::In));
        assert_eq!(operator("impactNOT IN1,2"), Some(Operator::NotIn));
        assert_eq!(operator("name!*x"), Some(Operator::NotLike));
        assert_eq!(
            operator("managerIN_HIERARCHY_DYNAMICx"),
            Some(Operator::InHierarchyDynamic)
        );
        assert_eq!(operator("stateVALCHANGES"), None);
    }

    #[test]
    fn what_is_not_understood_is_kept_apart() {
        let first = |text: &str| Query::parse(text).alternatives[0][0][0].clone();
        for unmodelled in [
            "stateVALCHANGES",
            "123TEXTINDEXGROUP321=portal",
            "GOTOnonsense",
            "sys_tags.6c361e12471331007f47563dbb9a7135=6c361e12471331007f47563dbb9a7135",
            "variables.6c361e12471331007f47563dbb9a7135=x",
            "javascript:'active=true^' + more()",
            "SUBQUERYsys_id,manager,sys_user^active=true^ENDSUBQUERY",
        ] {
            assert!(
                matches!(first(unmodelled), Condition::Unmodelled(_)),
                "{unmodelled}"
            );
        }
        for invalid in [
            "nonsense",
            "=5",
            "JOINa.x=b.y",
            "RLQUERYa.b,1",
            "RLQUERYa,>1",
        ] {
            assert!(matches!(first(invalid), Condition::Invalid(_)), "{invalid}");
        }
    }

    #[test]
    fn go_to_and_text_searches_are_conditions() {
        let printed = |text: &str| Query::parse(text).to_string();
        assert_eq!(printed("GOTOnameSTARTSWITHx"), "nameSTARTSWITHx");
        assert_eq!(
            printed("active=true^GOTO123TEXTQUERY321=e mail"),
            "active=true^123TEXTQUERY321=e mail"
        );
    }

    #[test]
    fn a_related_list_query_is_read_from_every_place() {
        let expected = "state=1^RLQUERYincident.problem_id,>=1^priority=1^ENDRLQUERY";
        for text in [
            expected,
            "^RLQUERYincident.problem_id,>=1^priority=1^ENDRLQUERY^state=1",
            "RLQUERY incident.problem_id,>=1,priority=1^ENDRLQUERY^state=1^EQ",
            "state=1^ORRLQUERYincident.problem_id,>=1^priority=1",
            "state=1^NQRLQUERYincident.problem_id,>=01^priority=1^ENDRLQUERY",
        ] {
            assert_eq!(Query::parse(text).to_string(), expected, "{text}");
        }
        let roles =
            "RLQUERYsys_user_has_role.user,=0,m2m^role.name=admin^ORrole.name=itil^ENDRLQUERY";
        let read = Query::parse(roles);
        let related = read.related.as_ref().unwrap();
        assert_eq!(related.count, Count::Compare(Operator::Is, 0));
        assert!(related.many_to_many);
        assert_eq!(related.query.alternatives[0][0].len(), 2);
        assert_eq!(read.to_string(), roles);
        let two = Query::parse("RLQUERYa.b,>0^ENDRLQUERY^RLQUERYc.d,>0^ENDRLQUERY");
        assert!(matches!(
            two.alternatives[0][0][0],
            Condition::Unmodelled(_)
        ));
    }

    #[test]
    fn a_join_reaches_to_the_next_single_caret() {
        let text = "name=x^JOINsys_user.sys_id=sys_user_group.manager!active=true^^ORtype=a^^name=b^active=true";
        let read = Query::parse(text);
        let Condition::Join(join) = &read.alternatives[0][1][0] else {
            panic!("{read:?}");
        };
        assert_eq!(join.query.alternatives[0].len(), 2);
        assert_eq!(read.alternatives[0].len(), 3);
        assert_eq!(read.to_string(), text);
        let empty = Query::parse("JOINa.x=b.y!^JOINa.z=c.y!n=1^");
        assert_eq!(empty.alternatives[0].len(), 2);
    }

    #[test]
    fn tables_are_looked_at_one_deep() {
        for text in [
            "JOINa.x=b.y!JOINa.x=c.y!n=1",
            "RLQUERYa.b,>0^RLQUERYc.d,>0^ENDRLQUERY",
            "RLQUERYa.b,>0^JOINa.x=b.y!n=1^^m=1^ENDRLQUERY",
        ] {
            let read = Query::parse(text);
            let inner = match (&read.related, read.alternatives.first()) {
                (Some(related), _) => related.query.alternatives[0][0][0].clone(),
                (None, Some(alternative)) => match &alternative[0][0] {
                    Condition::Join(join) => join.query.alternatives[0][0][0].clone(),
                    other => panic!("{other:?}"),
                },
                (None, None) => panic!("{text}"),
            };
            assert!(matches!(inner, Condition::Unmodelled(_)), "{text}");
            assert_eq!(Query::parse(&read.to_string()), read, "{text}");
        }
    }

    #[test]
    fn reading_is_bounded() {
        let many = "a=1^".repeat(MAX_CONDITIONS + 50);
        assert!(Query::parse(&many).truncated);
        assert!(Query::parse(&"ä".repeat(MAX_BYTES)).truncated);
    }

    #[test]
    fn an_invalid_related_list_begins_no_alternative() {
        let read = Query::parse("=^NQGROUPBY^RLQUERYa.b,");
        assert_eq!(read.alternatives.len(), 1);
        assert_eq!(Query::parse(&read.to_string()), read);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn parse_print_parse_is_the_identity(
            parts in proptest::collection::vec(
                "(\\^|\\^\\^|\\^OR|\\^NQ|\\^ORDERBY|\\^ORDERBYDESC|\\^EQ)?(OR|NQ|EQ|GROUPBY|GOTO|JOINa\\.x=b\\.y!|JOIN|RLQUERYa\\.b,(>|=0)?1?(,m2m)?(,|\\^)?|RLQUERY|\\^?ENDRLQUERY|SUBQUERY|123TEXTQUERY321=)?[a-z_.]{0,6}(=|!=|<=|IN|NOT IN|LIKE|ISEMPTY|DYNAMIC|INSTANCEOF|~)?[a-zA-Z0-9ä@ ,=]{0,6}",
                0..8,
            )
        ) {
            let read = Query::parse(&parts.concat());
            prop_assert_eq!(Query::parse(&read.to_string()), read);
        }
    }
}
