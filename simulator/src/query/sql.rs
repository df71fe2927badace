//! Compiling a query to SQL over the store's physical tables.
//!
//! Fields that are walked to (`caller_id.company.name`) become left joins, shared by conditions,
//! orderings and columns. Every value is a parameter; names come from the schema only.
//!
//! A walk to a table that the session may not read ends there, as one to no table does; of a table
//! that it may read in part, only that part is walked to. A column that it may not read is none, and
//! one that it may read of some records is empty in the others.

use std::borrow::Cow;

use indexmap::IndexMap;
use rusqlite::types::Value;

use super::{Condition, Query, Session};
use crate::policy::Access;
use crate::store::schema::{Class, Column, Kind};
use crate::store::text::COLLATION;

mod compare;
mod dates;
mod elsewhere;
mod parents;
mod reach;

/// Joins of one table's statement, at most; SQLite joins 64 tables.
const MAX_JOINS: usize = 40;
/// References walked in one field, at most.
const MAX_WALK: usize = 5;

/// Collects what one SQL statement needs.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    session: Session<'a>,
    scope: Scope,
    /// Tables looked at besides the one that is queried.
    looked_at: usize,
    /// Values of `?1`, `?2`, ….
    pub(crate) parameters: Vec<Value>,
    /// Parts of queries that are invalid for the table.
    pub(crate) invalid: Vec<String>,
    /// What a real instance would have understood.
    pub(crate) unmodelled: Vec<String>,
    /// Fields that were asked for and that the session may not read.
    pub(crate) closed: Vec<String>,
    /// Whether walks lead to tables that the session may not read: to what answers display.
    walks_freely: bool,
}

/// A table in the statement, and what is joined to it.
#[derive(Debug)]
struct Scope {
    class: &'static Class,
    alias: String,
    joins: Joins,
    /// Tables that walks led to, whether or not they could be joined.
    walked_to: Vec<&'static Class>,
    /// Parameters up to the last that a join has bound.
    bound: usize,
}

/// Walked references (`caller_id.company`) and their join clauses, in order.
pub(crate) type Joins = IndexMap<String, String>;

/// A column of the statement: how SQL names it, and what it is.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) sql: String,
    pub(crate) column: Column,
    /// The id of the record whose field it is; NULL where there is none.
    pub(crate) record: String,
}

impl Scope {
    fn new(class: &'static Class, alias: String) -> Self {
        Self {
            class,
            alias,
            joins: IndexMap::new(),
            walked_to: Vec::new(),
            bound: 0,
        }
    }

    fn join_alias(&self, at: usize) -> String {
        match self.alias.as_str() {
            "t" => format!("j{at}"),
            alias => format!("{alias}_j{at}"),
        }
    }
}

impl<'a> Builder<'a> {
    pub(crate) fn new(class: &'static Class, session: Session<'a>) -> Self {
        Self {
            session,
            scope: Scope::new(class, "t".to_owned()),
            looked_at: 0,
            parameters: Vec::new(),
            invalid: Vec::new(),
            unmodelled: Vec::new(),
            closed: Vec::new(),
            walks_freely: false,
        }
    }

    /// `FROM … LEFT JOIN …`, complete once every field has been asked for.
    pub(crate) fn source(&self) -> String {
        let joins: String = self.scope.joins.values().map(String::as_str).collect();
        let (root, alias) = (self.scope.class.root, &self.scope.alias);
        format!("FROM \"{root}\" AS {alias}{joins}")
    }

    /// The condition that a row belongs to the class or one that extends it.
    pub(crate) fn of_class(&self) -> String {
        self.scope.class.holds(&self.scope.alias)
    }

    /// Whether a field was walked to.
    pub(crate) fn has_joins(&self) -> bool {
        !self.scope.joins.is_empty()
    }

    /// What was joined for the fields asked for so far.
    pub(crate) fn joins(&self) -> &Joins {
        &self.scope.joins
    }

    /// Joins what another builder of the class joined.
    pub(crate) fn set_joins(&mut self, joins: Joins) {
        self.scope.joins = joins;
    }

    /// Binds a value and returns its place.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.parameters.push(value.into());
        format!("?{}", self.parameters.len())
    }

    /// The field of this name or walk, if the table has it and it can be read. A step `ref_TABLE`
    /// goes on in a class that extends the referred one, and is empty for records of any other.
    pub(crate) fn field(&mut self, walk: &str) -> Option<Field> {
        let mut class = self.scope.class;
        let mut alias = Cow::Borrowed(self.scope.alias.as_str()).into_owned();
        let mut is_joined = false;
        let mut walked = String::new();
        let mut steps = walk.split('.').peekable();
        for _ in 0..=MAX_WALK {
            let step = steps.next()?;
            let narrowed = step
                .strip_prefix("ref_")
                .and_then(|table| class.family.iter().find(|name| **name == table));
            if !walked.is_empty() {
                walked.push('.');
            }
            walked.push_str(step);
            if let Some(table) = narrowed {
                class = class.schema().class(table)?;
                alias = self.narrow(&walked, &alias, class)?;
                is_joined = true;
                continue;
            }
            let column = *class.column(step)?;
            let guarded = self.guard(walk, &alias, class, &column)?;
            is_joined |= guarded != alias;
            alias = guarded;
            if steps.peek().is_none() {
                let plain = format!("{alias}.\"{}\"", column.name);
                let sql = match is_joined {
                    false => plain,
                    true if column.kind.is_number() => format!("coalesce({plain},'')"),
                    // An expression has no collation of its own.
                    true => format!("coalesce({plain},'') COLLATE {COLLATION}"),
                };
                let record = format!("{alias}.sys_id");
                let field = Field {
                    sql,
                    column,
                    record,
                };
                return (field.column.kind != Kind::Password).then_some(field);
            }
            (class, alias) = self.join(&walked, &alias, &column)?;
            is_joined = true;
        }
        None
    }

    /// What stands for a field's value in text: of a reference, the record's display value.
    fn shown(&mut self, walk: &str, field: &Field) -> Option<String> {
        let Some((table, _)) = field.column.kind.refers_to() else {
            return Some(field.sql.clone());
        };
        let display = self.scope.class.schema().class(table)?.display;
        self.displayed(&format!("{walk}.{display}"))
    }

    /// What answers display of a record that is walked to, whether or not it may be read; none
    /// where its field may not be.
    pub(crate) fn displayed(&mut self, walk: &str) -> Option<String> {
        let (freely, closed) = (self.walks_freely, self.closed.len());
        self.walks_freely = true;
        let field = self.field(walk);
        self.walks_freely = freely;
        self.closed.truncate(closed);
        field.map(|field| field.sql)
    }

    fn join(
        &mut self,
        walked: &str,
        from: &str,
        column: &Column,
    ) -> Option<(&'static Class, String)> {
        let (table, key) = column.kind.refers_to()?;
        let class = self.scope.class.schema().class(table)?;
        self.visit(class);
        let access = self.read_access(class);
        self.scope.walked_to.push(class);
        let (walked, is_partial) = match &access {
            Access::Refused | Access::Hidden => return None,
            Access::Granted { row_conditions }
                if row_conditions.is_empty() && !self.asks_parents(class) =>
            {
                (walked.to_owned(), false)
            }
            // The same walk without conditions is another join.
            Access::Granted { .. } => (format!("{walked} in part"), true),
        };
        if let Some(at) = self.scope.joins.get_index_of(&walked) {
            return Some((class, self.scope.join_alias(at)));
        }
        let bound = self.parameters.len();
        let readable = match is_partial {
            true => Some(self.inside(class, Self::readable_ids).ok()?),
            false => None,
        };
        let clause = |alias: &str| {
            let on = format!(
                " LEFT JOIN \"{}\" AS {alias} ON {alias}.\"{key}\" = {from}.\"{}\"",
                class.root, column.name
            );
            if let Some(ids) = &readable {
                return format!("{on} AND {alias}.sys_id IN ({ids})");
            }
            // A `sys_id` is one record's; a name can be that of records of several classes.
            if key == "sys_id" || class.is_root() {
                return on;
            }
            format!("{on} AND {}", class.holds(alias))
        };
        let alias = self.joined(&walked, clause);
        if alias.is_none() {
            self.parameters.truncate(bound);
        } else if is_partial {
            self.scope.bound = self.parameters.len();
        }
        Some((class, alias?))
    }

    /// The record whose column is read, if the session may read it: the same, or, where it may in
    /// some records, its like in those.
    fn guard(
        &mut self,
        walk: &str,
        from: &str,
        class: &'static Class,
        column: &Column,
    ) -> Option<String> {
        let access = match self.session.reach {
            Some(reach) if reach.guards_fields() => reach.field_access(class.name, column.name),
            _ => return Some(from.to_owned()),
        };
        match &access {
            Access::Granted { row_conditions } if row_conditions.is_empty() => {
                return Some(from.to_owned());
            }
            Access::Granted { .. } => {}
            Access::Refused | Access::Hidden => {
                self.closed.push(walk.to_owned());
                return None;
            }
        }
        let walked = format!("{from} if {access:?}");
        if let Some(at) = self.scope.joins.get_index_of(&walked) {
            return Some(self.scope.join_alias(at));
        }
        let bound = self.parameters.len();
        let ids = self.beside(class, |builder| builder.ids_within(&access));
        let alias = self.joined(&walked, |alias| {
            format!(
                " LEFT JOIN \"{}\" AS {alias} ON {alias}.sys_id = {from}.sys_id \
                 AND {alias}.sys_id IN ({ids})",
                class.root
            )
        });
        if alias.is_none() {
            self.parameters.truncate(bound);
        } else {
            self.scope.bound = self.parameters.len();
        }
        alias
    }

    /// Takes back the parameters from this one on, but for those of joins, which stay.
    fn unbind(&mut self, bound: usize) {
        self.parameters.truncate(bound.max(self.scope.bound));
    }

    /// The same record again, if it is of the class.
    fn narrow(&mut self, walked: &str, from: &str, class: &'static Class) -> Option<String> {
        self.joined(walked, |alias| {
            format!(
                " LEFT JOIN \"{}\" AS {alias} ON {alias}.sys_id = {from}.sys_id AND {}",
                class.root,
                class.holds(alias)
            )
        })
    }

    fn joined(&mut self, walked: &str, clause: impl FnOnce(&str) -> String) -> Option<String> {
        let scope = &mut self.scope;
        if let Some(at) = scope.joins.get_index_of(walked) {
            return Some(scope.join_alias(at));
        }
        if scope.joins.len() >= MAX_JOINS {
            self.unmodelled
                .push(format!("more than {MAX_JOINS} walked references"));
            return None;
        }
        let alias = scope.join_alias(scope.joins.len());
        scope.joins.insert(walked.to_owned(), clause(&alias));
        Some(alias)
    }

    /// The condition of a query; parts that are invalid or not modelled are left out and listed.
    pub(crate) fn condition(&mut self, query: &Query) -> String {
        if query.truncated {
            self.unmodelled.push("a query of this length".to_owned());
        }
        let mut all: Vec<String> = self.conditions(query).into_iter().collect();
        all.extend(self.joined_at_all(query));
        if let Some(related) = &query.related {
            all.extend(self.modelled(&related.to_string(), |builder| builder.related(related)));
        }
        balanced(&all, "AND").unwrap_or_else(|| "1".to_owned())
    }

    /// The alternatives of a query, if anything of them is left.
    fn conditions(&mut self, query: &Query) -> Option<String> {
        let mut alternatives = Vec::new();
        for alternative in &query.alternatives {
            let mut blocks = Vec::new();
            for block in alternative {
                let terms: Vec<String> = block.iter().filter_map(|term| self.term(term)).collect();
                blocks.extend(balanced(&terms, "OR"));
            }
            alternatives.extend(balanced(&blocks, "AND"));
        }
        balanced(&alternatives, "OR")
    }

    /// Expressions to order by, and the names of the fields; invalid ones are listed. References
    /// order by display value, empty numbers come first.
    pub(crate) fn ordering(&mut self, query: &Query) -> (Vec<String>, Vec<String>) {
        let mut expressions = Vec::new();
        let mut names = Vec::new();
        for order in &query.order {
            let Some(field) = self.field(&order.field) else {
                self.invalid.push(format!("ORDERBY{}", order.field));
                continue;
            };
            let shown = self.shown(&order.field, &field).unwrap_or(field.sql);
            let number = if field.column.kind.is_number() {
                format!("nullif({shown},'')")
            } else {
                shown
            };
            let direction = if order.descending { " DESC" } else { "" };
            expressions.push(format!("{number}{direction}"));
            names.push(order.field.clone());
        }
        (expressions, names)
    }

    fn term(&mut self, condition: &Condition) -> Option<String> {
        match condition {
            Condition::Compare {
                field: walk,
                operator,
                value,
            } => {
                let text = condition.to_string();
                let Some(field) = self.field(walk) else {
                    self.invalid.push(text);
                    return None;
                };
                self.modelled(&text, |builder| {
                    builder.compare(walk, &field, *operator, value)
                })
            }
            Condition::Join(join) => {
                self.modelled(&condition.to_string(), |builder| builder.look_at(join))
            }
            Condition::Text(words) => {
                self.modelled(&condition.to_string(), |builder| builder.words(words))
            }
            Condition::Invalid(text) => {
                self.invalid.push(text.clone());
                None
            }
            Condition::Unmodelled(text) => {
                self.unmodelled.push(format!("sysparm_query part {text}"));
                None
            }
        }
    }

    /// What `make` makes of a part. A part that comes to nothing leaves no parameter behind, and
    /// is listed.
    fn modelled(
        &mut self,
        part: &str,
        make: impl FnOnce(&mut Self) -> Result<String, Unfit>,
    ) -> Option<String> {
        let bound = self.parameters.len();
        match make(self) {
            Ok(sql) => return Some(sql),
            Err(Unfit::Invalid) => self.invalid.push(part.to_owned()),
            Err(Unfit::Unmodelled) => {
                self.unmodelled.push(format!("sysparm_query value {part}"));
            }
        }
        self.unbind(bound);
        None
    }
}

/// Why a part of a query comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    /// A real instance does not understand it either.
    Invalid,
    /// A real instance does.
    Unmodelled,
}

/// The names of a class and all that extend it, as SQL; they come from the schema.
fn names(class: &Class) -> String {
    let names = class.family.iter().map(|name| format!("'{name}'"));
    names.collect::<Vec<_>>().join(",")
}

/// All terms joined by an operator, in brackets. A chain is as deep as it is long, and SQLite
/// bounds the depth; halves are not deep.
fn balanced(terms: &[String], operator: &str) -> Option<String> {
    match terms {
        [] => None,
        [one] => Some(one.clone()),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            let (left, right) = (balanced(left, operator)?, balanced(right, operator)?);
            Some(format!("({left} {operator} {right})"))
        }
    }
}
