//! Reading encoded queries (wire-core 3.1).

use super::operator::{Found, longest};
use super::{Alternative, Condition, MAX_BYTES, MAX_CONDITIONS, Order, Query};

/// Beginnings of parts that a real instance understands as a whole.
const UNMODELLED_PARTS: [&str; 4] = ["RLQUERY", "JOIN", "123TEXT", "GOTO"];

pub(super) fn parse(text: &str) -> Query {
    let mut query = Query::default();
    let mut reading = Alternative::new();
    let mut conditions = 0;
    let mut parts = bounded(text, &mut query).split('^');
    while let Some(part) = parts.next() {
        let mut part = part;
        let mut joins_previous = false;
        loop {
            if let Some(rest) = part.strip_prefix("NQ") {
                finish(&mut reading, &mut query);
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
            "" | "EQ" | "ENDRLQUERY" => continue,
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
            _ if part.starts_with("RLQUERY") => Condition::Unmodelled(related(part, &mut parts)),
            _ if UNMODELLED_PARTS.iter().any(|start| part.starts_with(start)) => {
                Condition::Unmodelled(part.to_owned())
            }
            _ => condition(part),
        };
        conditions += 1;
        if conditions > MAX_CONDITIONS {
            query.truncated = true;
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

/// The part of the text that is read.
fn bounded<'a>(text: &'a str, query: &mut Query) -> &'a str {
    if text.len() <= MAX_BYTES {
        return text;
    }
    query.truncated = true;
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

/// A related-list query reaches to its own end mark.
fn related<'a>(first: &str, parts: &mut impl Iterator<Item = &'a str>) -> String {
    let mut text = first.to_owned();
    for part in parts.take_while(|part| *part != "ENDRLQUERY") {
        text.push('^');
        text.push_str(part);
    }
    text.push_str("^ENDRLQUERY");
    text
}

fn condition(part: &str) -> Condition {
    let end = part
        .find(|letter: char| !matches!(letter, 'a'..='z' | '0'..='9' | '_' | '.'))
        .unwrap_or(part.len());
    let (field, rest) = part.split_at(end);
    match longest(rest) {
        _ if field.is_empty() => Condition::Invalid(part.to_owned()),
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
    use crate::query::Operator;

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
        assert_eq!(operator("managerIN_HIERARCHYx"), None);
    }

    #[test]
    fn what_is_not_understood_is_kept_apart() {
        let first = |text: &str| Query::parse(text).alternatives[0][0][0].clone();
        assert!(matches!(
            first("caller_idDYNAMIC54"),
            Condition::Unmodelled(_)
        ));
        assert!(matches!(first("nonsense"), Condition::Invalid(_)));
        assert!(matches!(first("=5"), Condition::Invalid(_)));
        let related = first("RLQUERYtask.parent,>=1^active=true^ENDRLQUERY^number=1");
        assert_eq!(
            related,
            Condition::Unmodelled("RLQUERYtask.parent,>=1^active=true^ENDRLQUERY".into())
        );
    }

    #[test]
    fn reading_is_bounded() {
        let many = "a=1^".repeat(MAX_CONDITIONS + 50);
        assert!(Query::parse(&many).truncated);
        assert!(Query::parse(&"ä".repeat(MAX_BYTES)).truncated);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn parse_print_parse_is_the_identity(
            parts in proptest::collection::vec(
                "(\\^|\\^OR|\\^NQ|\\^ORDERBY|\\^ORDERBYDESC|\\^EQ)?(OR|NQ|EQ|GROUPBY)?[a-z_.]{0,6}(=|!=|<=|IN|NOT IN|LIKE|ISEMPTY|DYNAMIC|RLQUERY|INSTANCEOF|~)?[a-zA-Z0-9ä@ ,=]{0,6}",
                0..8,
            )
        ) {
            let read = Query::parse(&parts.concat());
            prop_assert_eq!(Query::parse(&read.to_string()), read);
        }
    }
}
