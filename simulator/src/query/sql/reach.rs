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
            Access::Granted { row_conditions } if row_conditions.is_empty() => Ok(String::new()),
            access => Ok(format!(" AND {}", access_condition(self, &access))),
        }
    }

    pub(super) fn read_access(&self, class: &Class) -> Access {
        let reach = self.session.reach;
        reach.map_or(Access::ALL, |reach| reach.read_access(class.name))
    }

    /// Tables that walks led to, whether or not the session may read them.
    pub(crate) fn walked_to(&self) -> &[&'static Class] {
        &self.scope.walked_to
    }

    /// Whether the session may read every record of these tables.
    pub(crate) fn reads_whole(&self, classes: &[&'static Class]) -> bool {
        let reads = |class: &&'static Class| self.read_access(class) == Access::ALL;
        classes.iter().all(reads)
    }

    /// Runs `work` for the instance itself, which may read everything.
    pub(crate) fn for_system<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let reach = self.session.reach.take();
        let done = work(self);
        self.session.reach = reach;
        done
    }
}
