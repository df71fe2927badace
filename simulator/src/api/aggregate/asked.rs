//! What a caller asks of the Aggregate API, read from the parameters (wire-core 4.1).

use indexmap::IndexSet;

use crate::api::query_string::Parameters;

/// Fields of one parameter that are read, at most.
const MAX_FIELDS: usize = 100;
/// Parts of `sysparm_group_by`, `sysparm_having` and `sysparm_order_by` that are read, at most.
const MAX_PARTS: usize = 20;

/// An aggregate of the values of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Function {
    Avg,
    Min,
    Max,
    Sum,
}

impl Function {
    const ALL: [Self; 4] = [Self::Avg, Self::Min, Self::Max, Self::Sum];

    /// As it is named in parameters and answers.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|function| name.eq_ignore_ascii_case(function.name()))
    }
}

/// A number that stands for a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Measure {
    /// How many records there are.
    Count,
    /// An aggregate of a field.
    Of(Function, String),
}

impl Measure {
    fn named(function: &str, field: &str) -> Option<Self> {
        if function.eq_ignore_ascii_case("count") {
            return Some(Self::Count);
        }
        Some(Self::Of(Function::named(function)?, field.to_owned()))
    }
}

/// A condition on groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Having {
    pub(super) measure: Measure,
    /// As SQL writes it.
    pub(super) operator: &'static str,
    pub(super) value: String,
}

/// What orders groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    Measure(Measure),
    /// A grouped field.
    Field(String),
}

/// One ordering of groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) by: By,
    pub(super) descending: bool,
}

/// Everything that is asked.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) count: bool,
    pub(super) measures: IndexSet<(Function, String)>,
    pub(super) groups: IndexSet<String>,
    pub(super) having: Vec<Having>,
    pub(super) order: Vec<Order>,
    /// Parts that have no form known here.
    pub(super) ignored: Vec<String>,
    /// Parts that are not read because there are too many.
    pub(super) unmodelled: Vec<String>,
}

impl Asked {
    pub(super) fn read(parameters: &Parameters<'_>) -> Self {
        let mut asked = Self {
            count: parameters.flag("sysparm_count"),
            ..Self::default()
        };
        for function in Function::ALL {
            let parameter = format!("sysparm_{}_fields", function.name());
            for field in asked.parts(parameters, &parameter, MAX_FIELDS) {
                asked.measures.insert((function, field));
            }
        }
        let groups = asked.parts(parameters, "sysparm_group_by", MAX_PARTS);
        asked.groups.extend(groups);
        for part in asked.parts(parameters, "sysparm_having", MAX_PARTS) {
            match having(&part) {
                Some(having) => asked.having.push(having),
                None => asked.ignored.push(format!("sysparm_having {part}")),
            }
        }
        for part in asked.parts(parameters, "sysparm_order_by", MAX_PARTS) {
            match order(&part) {
                Some(order) => asked.order.push(order),
                None => asked.ignored.push(format!("sysparm_order_by {part}")),
            }
        }
        asked
    }

    /// Whether there is anything to compute.
    pub(super) fn is_any(&self) -> bool {
        self.count || !self.measures.is_empty()
    }

    /// The parts of a parameter between commas.
    fn parts(&mut self, parameters: &Parameters<'_>, name: &str, most: usize) -> Vec<String> {
        let mut parts: Vec<String> = parameters
            .value(name)
            .unwrap_or("")
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .take(most + 1)
            .map(str::to_owned)
            .collect();
        if parts.len() > most {
            parts.truncate(most);
            self.unmodelled
                .push(format!("{name} with more than {most} parts"));
        }
        parts
    }
}

/// `aggregate^field^operator^value`.
fn having(part: &str) -> Option<Having> {
    const OPERATORS: [&str; 7] = ["=", "!=", "<>", ">", ">=", "<", "<="];
    let mut parts = part.splitn(4, '^').map(str::trim);
    let (function, field) = (parts.next()?, parts.next()?);
    let (operator, value) = (parts.next()?, parts.next()?);
    Some(Having {
        measure: Measure::named(function, field)?,
        operator: OPERATORS.into_iter().find(|known| *known == operator)?,
        value: value.to_owned(),
    })
}

/// `COUNT`, `AGGREGATE^field` or a field, each with `^DESC` perhaps.
fn order(part: &str) -> Option<Order> {
    let mut parts: Vec<&str> = part.split('^').map(str::trim).collect();
    let direction = parts.last().map(|last| last.to_ascii_uppercase());
    let descending = direction.as_deref() == Some("DESC");
    if descending || direction.as_deref() == Some("ASC") {
        parts.pop();
    }
    let by = match parts[..] {
        [count] if count.eq_ignore_ascii_case("count") => By::Measure(Measure::Count),
        [field] if !field.is_empty() => By::Field(field.to_owned()),
        [function, field] => By::Measure(Measure::named(function, field)?),
        _ => return None,
    };
    Some(Order { by, descending })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_and_orderings_are_read_in_their_documented_forms() {
        let sum = having("sum^reassignment_count^>=^3").unwrap();
        let field = "reassignment_count".to_owned();
        assert_eq!(sum.measure, Measure::Of(Function::Sum, field));
        assert_eq!((sum.operator, sum.value.as_str()), (">=", "3"));
        assert_eq!(having("count^state^=^1").unwrap().measure, Measure::Count);
        for none in [
            "count>5",
            "count^state^LIKE^1",
            "median^x^>^1",
            "count^>^3",
            "",
        ] {
            assert_eq!(having(none), None, "{none}");
        }
        let read = |part| order(part).map(|order| (order.by, order.descending));
        assert_eq!(read("COUNT"), Some((By::Measure(Measure::Count), false)));
        assert_eq!(
            read("state^DESC"),
            Some((By::Field("state".to_owned()), true))
        );
        let average = Measure::Of(Function::Avg, "state".to_owned());
        assert_eq!(read("AVG^state^desc"), Some((By::Measure(average), true)));
        assert_eq!(read("^DESC"), None);
        assert_eq!(read("a^b^c"), None);
    }

    #[test]
    fn too_many_parts_are_said_to_be_unmodelled() {
        let query = format!("sysparm_group_by={}", vec!["state"; 500].join(","));
        let asked = Asked::read(&Parameters::read(&query));
        assert_eq!(asked.groups.len(), 1);
        assert_eq!(asked.unmodelled.len(), 1);
        assert!(!asked.is_any());
    }
}
