//! What a session may read of the tables that a query walks to or looks at.

use super::{Builder, Unfit};
use crate::policy::Access;
use crate::store::access_condition;
use crate::store::schema::Class;

impl Builder<'_> {
    /// The ids of the records of the table that the session may read.
    pub(super) fn readable_ids(&mut self) -> Result<String, Unfit> {
        let readable = self.readable()?;
        let (source, of_class) = (self.source(), self.of_class());
        let alias = &self.scope.alias;
        Ok(format!(
            "SELECT {alias}.sys_id {source} WHERE {of_class}{readable}"
        ))
    }

    /// What further condition a record of the table must meet for the session to read it: nothing,
    /// or one that follows on another.
    pub(super) fn readable(&mut self) -> Result<String, Unfit> {
        match self.read_access(self.scope.class) {
            Access::Refused | Access::Hidden => Err(Unfit::Invalid),
            access if access == Access::ALL && !self.asks_parents(self.scope.class) => {
                Ok(String::new())
            }
            access => Ok(format!(" AND {}", access_condition(self, &access))),
        }
    }

    /// The ids of the records of the table that an access covers.
    pub(super) fn ids_within(&mut self, access: &Access) -> String {
        let covered = access_condition(self, access);
        let (source, of_class) = (self.source(), self.of_class());
        let alias = &self.scope.alias;
        format!("SELECT {alias}.sys_id {source} WHERE {of_class} AND {covered}")
    }

    pub(super) fn read_access(&self, class: &Class) -> Access {
        match self.session.reach {
            Some(reach) if !self.walks_freely => reach.read_access(class.name),
            _ => Access::ALL,
        }
    }

    /// Tells whoever asks that the query leads to a table.
    pub(super) fn visit(&self, class: &Class) {
        if let Some(reach) = self.session.reach.filter(|_| !self.walks_freely) {
            reach.visits(class.name);
        }
    }

    /// Whether the session may read a column of every record of the table.
    pub(super) fn reads_whole_column(&self, class: &Class, column: &str) -> bool {
        let reach = self.session.reach;
        reach.is_none_or(|reach| reach.field_access(class.name, column) == Access::ALL)
    }

    /// Tables that walks led to, whether or not the session may read them.
    pub(crate) fn walked_to(&self) -> &[&'static Class] {
        &self.scope.walked_to
    }

    /// Whether the session may read every record of these tables, to which the query leads.
    pub(crate) fn reads_whole(&self, classes: &[&'static Class]) -> bool {
        let reads = |class: &&'static Class| {
            self.visit(class);
            self.read_access(class) == Access::ALL && !self.asks_parents(class)
        };
        classes.iter().all(reads)
    }

    /// Whether there may be columns that the session may not read.
    pub(crate) fn guards_fields(&self) -> bool {
        self.session
            .reach
            .is_some_and(|reach| reach.guards_fields())
    }

    /// Whether columns that it may not read are there, and empty.
    pub(crate) fn shows_closed(&self) -> bool {
        self.session.reach.is_some_and(|reach| reach.shows_closed())
    }

    /// Runs `work` for the instance itself, which may read everything.
    pub(crate) fn for_system<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let reach = self.session.reach.take();
        let done = work(self);
        self.session.reach = reach;
        done
    }
}
