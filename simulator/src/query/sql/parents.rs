//! Records that are visible as the record they belong to is: entries of journals, attachments and
//! their attributes (*assumed*; for attachments the Attachment API asks for the roles "required to
//! read" the record).

use super::Builder;
use crate::policy::Access;
use crate::store::schema::{Class, Kind};

/// Where a table says to which record its records belong: the columns of its table and its id.
const PARENTS: [(&str, &str, &str); 2] = [
    ("sys_journal_field", "name", "element_id"),
    ("sys_attachment", "table_name", "table_sys_id"),
];
const ATTACHMENT: &str = "sys_attachment";
const ATTRIBUTE: &str = "sys_attachment_attribute";

impl Builder<'_> {
    /// Whether the session reads records of the table only as it reads others.
    pub(super) fn asks_parents(&self, class: &Class) -> bool {
        let is_part =
            class.name == ATTRIBUTE || PARENTS.iter().any(|(name, ..)| *name == class.name);
        let asked = self.session.reach.filter(|_| !self.walks_freely);
        is_part && asked.is_some_and(|reach| !reach.reads_all())
    }

    /// The condition that the session may read what the records of the table belong to, where it
    /// is to be asked. What belongs to no record shows to nobody else (*assumed*).
    pub(crate) fn parents_readable(&mut self) -> Option<String> {
        let class = self.scope.class;
        if !self.asks_parents(class) {
            return None;
        }
        let alias = self.scope.alias.clone();
        if class.name == ATTRIBUTE {
            let attachments = class.schema().class(ATTACHMENT)?;
            let ids = self.beside(attachments, |builder| builder.ids_within(&Access::ALL));
            return Some(format!("{alias}.attachment IN ({ids})"));
        }
        let (_, table, id) = PARENTS.iter().find(|(name, ..)| *name == class.name)?;
        let (table, id) = (format!("{alias}.{table}"), format!("{alias}.{id}"));
        // An attachment that is hidden from its record's list belongs to it all the same.
        let table = match class.name {
            ATTACHMENT => format!(
                "CASE WHEN substr({table},1,5) = 'ZZ_YY' THEN substr({table},6) ELSE {table} END"
            ),
            _ => table,
        };
        // What of a class's conditions does not fit is no fault of the query.
        let unmodelled = self.unmodelled.len();
        let mut readable = vec!["0".to_owned()];
        for root in class
            .schema()
            .classes
            .values()
            .filter(|class| class.is_root())
        {
            let ids = self.ids_in_reach(root).into_iter();
            let ids: Vec<String> = ids.map(|ids| format!("{id} IN ({ids})")).collect();
            readable.extend(super::balanced(&ids, "OR").map(|ids| {
                let names = super::names(root);
                format!("({table} IN ({names}) AND {ids})")
            }));
        }
        self.unmodelled.truncate(unmodelled);
        let readable = super::balanced(&readable, "OR")?;
        Some(match class.name {
            ATTACHMENT => readable,
            _ => format!("({readable}{})", self.open_elements(class)),
        })
    }

    /// The ids of the records of a table, and of those that extend it, that the session may read:
    /// class by class, unless it may read all.
    fn ids_in_reach(&mut self, root: &'static Class) -> Vec<String> {
        if self.read_access(root) == Access::ALL {
            return vec![format!("SELECT sys_id FROM \"{}\"", root.root)];
        }
        let mut found = Vec::new();
        for class in root
            .family
            .iter()
            .filter_map(|name| root.schema().class(name))
        {
            let access = self.read_access(class);
            if matches!(access, Access::Granted { .. }) {
                found.push(self.beside(class, |builder| builder.ids_within(&access)));
            }
        }
        found
    }

    /// And no entry of a column that the session may not read in all records.
    fn open_elements(&self, class: &Class) -> String {
        let alias = &self.scope.alias;
        let parents = class.schema().classes.values();
        let journals = parents.flat_map(|parent| {
            let journals = parent.columns.values();
            journals
                .filter(|column| column.kind == Kind::Journal)
                .filter(|column| !self.reads_whole_column(parent, column.name))
                .map(|column| (parent.name, column.name))
        });
        let closed = journals.map(|(table, column)| {
            format!(" AND NOT ({alias}.name = '{table}' AND {alias}.element = '{column}')")
        });
        closed.collect()
    }
}
