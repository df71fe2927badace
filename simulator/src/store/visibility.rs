//! Which records of a table a user may see at this moment.

use std::time::Duration;

use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use super::records::text_of;
use super::{Store, StoreError, hex};
use crate::journal::{LISTED_AT_MOST, Unlisted};
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
    /// Said in place of `visible` where there are more than [`LISTED_AT_MOST`].
    pub unlisted: Option<Unlisted>,
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
    View::of(store, policy, user_name, table, unix).map_or_else(
        || Ok(Visible::default()),
        |view| view.look(store, LISTED_AT_MOST),
    )
}

/// What a user sees of a table, as a statement. Equal ones see the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    statement: String,
    parameters: Vec<Value>,
}

impl View {
    /// None for an unknown table.
    pub(crate) fn of(
        store: &Store,
        policy: &Policy,
        user_name: &str,
        table: &str,
        unix: Duration,
    ) -> Option<Self> {
        let class = store.schema().class(table)?;
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
        Some(Self {
            statement,
            parameters: builder.parameters,
        })
    }

    /// Lists what is visible, unless it is more than so many records. Blocks.
    pub(crate) fn look(&self, store: &Store, at_most: usize) -> Result<Visible, StoreError> {
        store.read(|connection| {
            let mut statement = connection.prepare_cached(&self.statement)?;
            let mut rows = statement.query(rusqlite::params_from_iter(&self.parameters))?;
            let mut found = Visible::default();
            let mut many: Option<Digested> = None;
            while let Some(row) = rows.next()? {
                if !row.get::<_, bool>(2)? {
                    found.hidden += 1;
                    continue;
                }
                let count = text_of(row.get_ref(1)?).parse().unwrap_or(0);
                if let Some(digested) = &mut many {
                    digested.add(row.get_ref(0)?.as_str().unwrap_or_default(), count);
                    continue;
                }
                found.visible.push((row.get(0)?, count));
                if found.visible.len() > at_most {
                    let digested = many.insert(Digested::default());
                    for (id, count) in found.visible.drain(..) {
                        digested.add(&id, count);
                    }
                    found.visible.shrink_to_fit();
                }
            }
            found.unlisted = many.map(|digested| digested.told(at_most));
            Ok(found)
        })
    }
}

/// Records that are counted and digested in order.
#[derive(Default)]
struct Digested {
    count: u64,
    digest: Sha256,
}

impl Digested {
    fn add(&mut self, sys_id: &str, mod_count: u64) {
        self.count += 1;
        self.digest.update(sys_id);
        self.digest.update(format!(" {mod_count}\n"));
    }

    fn told(self, at_most: usize) -> Unlisted {
        Unlisted {
            count: self.count,
            listed_at_most: u64::try_from(at_most).unwrap_or(u64::MAX),
            digest: hex(&self.digest.finalize()),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::InstanceSetup;
    use crate::store::{Author, seed};

    fn view(store: &Store) -> View {
        let policy = Policy::compile(store, 1).unwrap();
        View::of(store, &policy, "admin", "incident", Duration::ZERO).unwrap()
    }

    #[test]
    fn what_is_too_much_is_counted_and_digested() {
        let store = Store::open(None).unwrap();
        let setup = serde_json::json!({ "tables": { "incident": { "rows": 4 } } });
        let setup: InstanceSetup = serde_json::from_value(setup).unwrap();
        seed::populate(
            &store,
            &setup,
            &Default::default(),
            &Default::default(),
            10,
            1,
        )
        .unwrap();
        let listed = view(&store).look(&store, 4).unwrap();
        assert_eq!((listed.visible.len(), &listed.unlisted), (4, &None));

        let counted = view(&store).look(&store, 3).unwrap();
        assert!(counted.visible.is_empty());
        let unlisted = counted.unlisted.unwrap();
        assert_eq!((unlisted.count, unlisted.listed_at_most), (4, 3));
        let lines = listed.visible.iter();
        let lines: String = lines.map(|(id, count)| format!("{id} {count}\n")).collect();
        assert_eq!(unlisted.digest, hex(&Sha256::digest(lines)));

        let author = Author::system(Duration::ZERO);
        let set = [("category".to_owned(), "hardware".to_owned())];
        store
            .update_where(&author, "incident", "", &set.into_iter().collect())
            .unwrap();
        let changed = view(&store).look(&store, 3).unwrap().unlisted.unwrap();
        assert_ne!(changed.digest, unlisted.digest);
    }

    #[test]
    fn views_are_equal_where_the_same_is_seen() {
        let store = Store::open(None).unwrap();
        let policy = Policy::compile(&store, 1).unwrap();
        let of = |user, table| View::of(&store, &policy, user, table, Duration::ZERO);
        assert_eq!(of("admin", "incident"), of("admin", "incident"));
        assert_ne!(of("admin", "incident"), of("nobody", "incident"));
        assert_ne!(of("admin", "incident"), of("admin", "problem"));
        assert_eq!(of("admin", "nothing"), None);
    }
}
