//! Which fields a query reads, so that access to them can be decided.

use super::{Alternative, Condition, Operator, Query};

/// A field that a query reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read<'q> {
    /// The table of `JOIN` and `RLQUERY`; none for the table that is queried.
    pub table: Option<&'q str>,
    /// The field as written, dot-walked perhaps; it need not exist.
    pub field: &'q str,
}

impl Query {
    /// The fields that its conditions, orderings and groups read, each once, in their order.
    /// `123TEXTQUERY321` reads what the table has and is not among them.
    #[must_use]
    pub fn reads(&self) -> Vec<Read<'_>> {
        let mut found = Vec::new();
        conditions(&self.alternatives, None, &mut found);
        if let Some(related) = &self.related {
            let table = Some(related.table.as_str());
            let field = related.field.as_str();
            found.push(Read { table, field });
            conditions(&related.query.alternatives, table, &mut found);
        }
        let own = self.order.iter().map(|order| &order.field);
        found.extend(
            own.chain(&self.group_by)
                .map(|field| Read { table: None, field }),
        );
        let mut once = Vec::new();
        for read in found {
            if !once.contains(&read) {
                once.push(read);
            }
        }
        once
    }
}

fn conditions<'q>(
    alternatives: &'q [Alternative],
    table: Option<&'q str>,
    found: &mut Vec<Read<'q>>,
) {
    for condition in alternatives.iter().flatten().flatten() {
        match condition {
            Condition::Compare {
                field,
                operator,
                value,
            } => {
                found.push(Read { table, field });
                if let Some(field) = other_field(*operator, value) {
                    found.push(Read { table, field });
                }
            }
            Condition::Join(join) => {
                let other = Some(join.other.as_str());
                found.push(Read {
                    table,
                    field: &join.field,
                });
                found.push(Read {
                    table: other,
                    field: &join.other_field,
                });
                conditions(&join.query.alternatives, other, found);
            }
            Condition::Text(_) | Condition::Invalid(_) | Condition::Unmodelled(_) => {}
        }
    }
}

/// The field that a value names.
fn other_field(operator: Operator, value: &str) -> Option<&str> {
    match operator {
        Operator::SameAs
        | Operator::NotSameAs
        | Operator::GreaterField
        | Operator::LessField
        | Operator::AtLeastField
        | Operator::AtMostField
        | Operator::MoreThan
        | Operator::LessThan => Some(value.split_once('@').map_or(value, |(field, _)| field)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_named_once() {
        let query = Query::parse(
            "state=1^caller_id.nameLIKEx^dueSAMEASclosed@day^123TEXTQUERY321=x\
             ^JOINincident.sys_id=task_sla.task!stage=y^RLQUERYtask.parent,>=1^state=2^ENDRLQUERY\
             ^ORDERBYstate^ORDERBYDESCnumber^GROUPBYpriority",
        );
        let reads: Vec<String> = query
            .reads()
            .iter()
            .map(|read| format!("{}.{}", read.table.unwrap_or("-"), read.field))
            .collect();
        assert_eq!(
            reads.join(" "),
            "-.state -.caller_id.name -.due -.closed -.sys_id task_sla.task task_sla.stage \
             task.parent task.state -.number -.priority"
        );
    }
}
