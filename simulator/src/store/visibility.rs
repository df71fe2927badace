//! Which records of a table a user may see at this moment.

use std::time::Duration;

use super::records::text_of;
use super::{Store, StoreError};
use crate::policy::{Access, Identity, Policy};
use crate::query::{Builder, Query, Reach, Session};
use crate::setup::Operation;

/// The records of a table, divided by whether a user may see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visible {
    /// Visible records with their `sys_mod_count`, ordered by id.
    pub visible: Vec<(String, u64)>,
    /// How many further records are hidden.
    pub hidden: u64,
}

/// A user, by what the policy lets it read.
#[derive(Debug)]
struct Reader<'a> {
    policy: &'a Policy,
    identity: Identity,
}

impl Reach for Reader<'_> {
    fn reads_all(&self) -> bool {
        self.identity.roles.contains("admin")
    }

    fn read_access(&self, table: &str) -> Access {
        self.policy.access(&self.identity, Operation::Read, table)
    }

    fn guards_fields(&self) -> bool {
        self.policy.guards_fields(&self.identity)
    }

    fn field_access(&self, table: &str, column: &str) -> Access {
        self.policy.may_read_field(&self.identity, table, column)
    }
}

/// Divides the records of a table by whether the user of this name may read them. An unknown
/// user sees none; an unknown table has none. Row conditions that depend on the time are those of
/// `unix`, UNIX time. Blocks.
///
/// # Errors
/// When the database fails.
pub fn visible(
    store: &Store,
    policy: &Policy,
    user_name: &str,
    table: &str,
    unix: Duration,
) -> Result<Visible, StoreError> {
    let Some(class) = store.schema().class(table) else {
        return Ok(Visible::default());
    };
    let user = policy.user(user_name);
    let access = user.map_or(Access::Hidden, |user| {
        policy.access(&user.into(), Operation::Read, table)
    });
    let reader = user.map(|user| Reader {
        policy,
        identity: user.into(),
    });
    let session = Session {
        user_name,
        user_sys_id: user.map_or("", |user| &user.sys_id),
        unix,
        time_zone: user.map_or("UTC", |user| &user.time_zone),
        reach: reader.as_ref().map(|reader| reader as &dyn Reach),
    };
    let mut builder = Builder::new(class, session);
    let shown = access_condition(&mut builder, &access);
    let statement = format!(
        "SELECT t.sys_id, t.sys_mod_count, {shown} {} WHERE {} ORDER BY t.sys_id",
        builder.source(),
        builder.of_class(),
    );
    store.read(|connection| {
        let mut statement = connection.prepare_cached(&statement)?;
        let mut rows = statement.query(rusqlite::params_from_iter(&builder.parameters))?;
        let mut found = Visible::default();
        while let Some(row) = rows.next()? {
            if row.get::<_, bool>(2)? {
                let count = text_of(row.get_ref(1)?).parse().unwrap_or(0);
                found.visible.push((row.get(0)?, count));
            } else {
                found.hidden += 1;
            }
        }
        Ok(found)
    })
}

/// The condition that access controls let a row be seen, and that of the record it belongs to, if
/// it is part of one. They read whatever they ask about. A row
/// condition that is not valid for the table lets nothing pass.
pub(crate) fn access_condition(builder: &mut Builder<'_>, access: &Access) -> String {
    let row_conditions = match access {
        Access::Granted { row_conditions } => row_conditions,
        Access::Refused | Access::Hidden => return "0".to_owned(),
    };
    let parents = builder.parents_readable();
    if row_conditions.is_empty() {
        return parents.unwrap_or_else(|| "1".to_owned());
    }
    let (mut invalid, mut unmodelled) = (Vec::new(), Vec::new());
    std::mem::swap(&mut invalid, &mut builder.invalid);
    std::mem::swap(&mut unmodelled, &mut builder.unmodelled);
    let mut alternatives = vec!["0".to_owned()];
    for condition in row_conditions {
        let query = Query::parse(condition);
        let sql = builder.for_system(|builder| builder.condition(&query));
        let understood = builder.invalid.is_empty() && builder.unmodelled.is_empty();
        builder.invalid.clear();
        if understood {
            alternatives.push(sql);
        } else {
            builder.unmodelled.clear();
            unmodelled.push(format!("row condition {condition}"));
            // It stays in the statement, for the parameters that it has bound.
            alternatives.push(format!("(0 AND {sql})"));
        }
    }
    builder.invalid = invalid;
    builder.unmodelled = unmodelled;
    let condition = format!("coalesce(({}),0)", alternatives.join(" OR "));
    match parents {
        Some(parents) => format!("({condition} AND {parents})"),
        None => condition,
    }
}
