//! What a query finds out from other records: joins, related lists, hierarchies, the caller's
//! groups, and words anywhere in a record.

use super::{Builder, Field, Scope, Unfit};
use crate::query::{Condition, Count, Join, Query, Related};
use crate::store::schema::{Class, Kind};

/// Other tables looked at in one query, at most.
const MAX_LOOKED_AT: usize = 16;

/// Dynamic filters that stand for the caller: the one of the documentation's example, and the one
/// that lists send (wire-core 3.2).
const ME: [&str; 2] = [
    "54635e965f510100a9ad2572f2b4774c",
    "90d1921e5f510100a9ad2572f2b477fe",
];
/// The dynamic filter "One of My Groups", as lists send it.
const MY_GROUPS: &str = "d6435e965f510100a9ad2572f2b47744";
/// The hierarchy of managers ("Operators available for filters and queries").
const MANAGERS: &str = "fdd0fa0f93f5d2505bd0bd886cba1015";

impl Builder<'_> {
    /// The joins of a query hold whatever they are alternatives to: an instance joins first, and
    /// only their conditions take part in `^OR` and `^NQ`.
    pub(super) fn joined_at_all(&mut self, query: &Query) -> Vec<String> {
        let lone = query.alternatives.len() < 2;
        let mut all = Vec::new();
        for block in query.alternatives.iter().flatten() {
            for condition in block {
                if let Condition::Join(join) = condition
                    && !(lone && block.len() == 1)
                {
                    let plain = Join {
                        query: Query::default(),
                        ..Join::clone(join)
                    };
                    // What is wrong with it has been listed with its conditions.
                    let bound = self.parameters.len();
                    match self.look_at(&plain) {
                        Ok(sql) => all.push(sql),
                        Err(_) => self.unbind(bound),
                    }
                }
            }
        }
        all
    }

    /// There is a record of the other table with the same value; an empty one is not the same.
    pub(super) fn look_at(&mut self, join: &Join) -> Result<String, Unfit> {
        if !self.is_own(&join.table) {
            // A join may start from a table that has been joined before.
            let known = self.scope.class.schema().class(&join.table).is_some();
            return Err(if known {
                Unfit::Unmodelled
            } else {
                Unfit::Invalid
            });
        }
        let field = self.field(&join.field).ok_or(Unfit::Invalid)?.sql;
        let other = self
            .scope
            .class
            .schema()
            .class(&join.other)
            .ok_or(Unfit::Invalid)?;
        let found = self.inside(other, |builder| {
            let column = builder.field(&join.other_field).ok_or(Unfit::Invalid)?.sql;
            let readable = builder.readable()?;
            let condition = builder.condition(&join.query);
            let (source, of_class) = (builder.source(), builder.of_class());
            Ok(format!(
                "SELECT {column} {source} WHERE {of_class}{readable} AND {condition}"
            ))
        })?;
        Ok(format!("({field} <> '' AND {field} IN ({found}))"))
    }

    /// So many records of the other table refer to the record. None are too, where that is wanted.
    pub(super) fn related(&mut self, related: &Related) -> Result<String, Unfit> {
        let other = self
            .scope
            .class
            .schema()
            .class(&related.table)
            .ok_or(Unfit::Invalid)?;
        let column = other.column(&related.field).ok_or(Unfit::Invalid)?;
        let (table, key) = column.kind.refers_to().ok_or(Unfit::Invalid)?;
        if self
            .scope
            .class
            .schema()
            .class(table)
            .map(|class| class.root)
            != Some(self.scope.class.root)
        {
            return Err(Unfit::Invalid);
        }
        let key = self.field(key).ok_or(Unfit::Invalid)?.sql;
        let with_none = related.count.holds(0);
        let found = self.inside(other, |builder| {
            let column = builder.field(&related.field).ok_or(Unfit::Invalid)?.sql;
            let readable = builder.readable()?;
            let condition = builder.condition(&related.query);
            let count = builder.counted(related.count);
            let (source, of_class) = (builder.source(), builder.of_class());
            let wanted = if with_none { "NOT " } else { "" };
            Ok(format!(
                "SELECT {column} {source} WHERE {of_class}{readable} AND {condition} \
                 GROUP BY {column} HAVING {wanted}{count}"
            ))
        })?;
        let operator = if with_none { "NOT IN" } else { "IN" };
        Ok(format!("{key} {operator} ({found})"))
    }

    fn counted(&mut self, count: Count) -> String {
        match count {
            Count::Compare(operator, number) => {
                let sign = match operator.spelling() {
                    sign @ ("<" | "<=" | ">" | ">=") => sign,
                    "!=" => "<>",
                    _ => "=",
                };
                let place = self.bind(i64::from(number));
                format!("(count(*) {sign} {place})")
            }
            Count::Between(from, to) => {
                let (from, to) = (self.bind(i64::from(from)), self.bind(i64::from(to)));
                format!("(count(*) BETWEEN {from} AND {to})")
            }
        }
    }

    /// The caller, or one of the caller's groups.
    pub(super) fn dynamic(&mut self, field: &Field, filter: &str) -> Result<String, Unfit> {
        let sql = &field.sql;
        let user = self.session.user_sys_id.to_owned();
        if ME.contains(&filter) {
            let place = self.bind(user);
            return Ok(format!("{sql} = {place}"));
        }
        if filter == MY_GROUPS {
            let place = self.bind(user);
            return Ok(format!(
                "{sql} IN (SELECT \"group\" FROM \"sys_user_grmember\" WHERE \"user\" = {place})"
            ));
        }
        Err(Unfit::Unmodelled)
    }

    /// `hierarchy@record`: that record, or one whose managers lead to it. A circle ends where it
    /// began. The `@` may be percent-encoded once more, as the documentation prints it.
    pub(super) fn in_hierarchy(
        &mut self,
        field: &Field,
        value: &str,
        is_dynamic: bool,
    ) -> Result<String, Unfit> {
        let value = value.replace("%40", "@");
        let (hierarchy, from) = value.split_once('@').ok_or(Unfit::Unmodelled)?;
        let refers_to = field.column.kind.refers_to().map(|(table, _)| table);
        if hierarchy != MANAGERS || refers_to != Some("sys_user") {
            return Err(Unfit::Unmodelled);
        }
        let from = match is_dynamic {
            false => from,
            true if ME.contains(&from) => self.session.user_sys_id,
            true => return Err(Unfit::Unmodelled),
        };
        let users = self.scope.class.schema().class("sys_user");
        if users.is_some_and(|users| !self.reads_whole_column(users, "manager")) {
            self.closed.push("sys_user.manager".to_owned());
            return Err(Unfit::Invalid);
        }
        let place = self.bind(from.to_owned());
        Ok(format!(
            "{} IN (WITH RECURSIVE below(id) AS (VALUES({place}) UNION SELECT u.sys_id \
             FROM \"sys_user\" AS u JOIN below ON u.manager = below.id WHERE u.manager <> '') \
             SELECT id FROM below WHERE id <> '')",
            field.sql
        ))
    }

    /// Every word is somewhere in the record's texts, whole (*assumed*: which fields an instance
    /// indexes differs by table). Its wildcards, phrases and operators are not modelled.
    pub(super) fn words(&mut self, words: &str) -> Result<String, Unfit> {
        if words.contains(['*', '"', '%', '!', '|', '&']) {
            return Err(Unfit::Unmodelled);
        }
        let scope = &self.scope;
        let texts = scope
            .class
            .columns
            .values()
            .filter(|column| column.kind == Kind::Text && !column.name.starts_with("sys_"))
            .filter(|column| self.reads_whole_column(scope.class, column.name))
            .map(|column| format!("{}.\"{}\"", scope.alias, column.name));
        let texts: Vec<String> = texts.collect();
        if texts.is_empty() {
            return Err(Unfit::Unmodelled);
        }
        let texts = texts.join("||char(10)||");
        let place = self.bind(words.to_owned());
        Ok(format!("has_words({texts},{place})"))
    }

    /// Whether a table is the one that is queried, or one that it extends.
    fn is_own(&self, table: &str) -> bool {
        self.scope.class.lineage.contains(&table)
    }

    /// Runs `work` with another table in place of the one that is queried, for what access controls
    /// ask: no bound of the caller's counts.
    pub(super) fn beside<T>(
        &mut self,
        class: &'static Class,
        work: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.looked_at += 1;
        let scope = Scope::new(class, format!("s{}", self.looked_at));
        let outer = std::mem::replace(&mut self.scope, scope);
        let done = work(self);
        self.scope = outer;
        done
    }

    /// Runs `work` with another table in place of the one that is queried.
    pub(super) fn inside<T>(
        &mut self,
        class: &'static Class,
        work: impl FnOnce(&mut Self) -> Result<T, Unfit>,
    ) -> Result<T, Unfit> {
        self.visit(class);
        self.looked_at += 1;
        if self.looked_at > MAX_LOOKED_AT {
            return Err(Unfit::Unmodelled);
        }
        let scope = Scope::new(class, format!("s{}", self.looked_at));
        let outer = std::mem::replace(&mut self.scope, scope);
        let done = work(self);
        self.scope = outer;
        done
    }
}
