//! The columns of an answer, worked out once for each way to ask for them.
//!
//! Which columns an answer shows, and how SQL names them, follows from the table, from what the
//! caller asks for, and from what the caller may read of the tables that fields are walked to. What
//! is remembered holds for whoever may read all of those, and is given to nobody else. Schemas last
//! as long as the process, and so does what was worked out for their classes.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use super::Shown;
use crate::api::query_string::Parameters;
use crate::api::shapes::Display;
use crate::query::{Builder, Joins};
use crate::store::schema::Class;

/// Ways to ask that are remembered.
const MOST: usize = 512;
/// Bytes of the names of fields and view; a longer text is not remembered.
const LONGEST: usize = 4096;

/// The columns of an answer, in order.
#[derive(Debug)]
pub(in crate::api) struct Columns {
    shown: Vec<Shown>,
    /// Those among what was asked for that the caller may not read.
    pub(in crate::api) closed: Vec<String>,
    /// `, t."a", t."b"`: what a statement selects for them.
    pub(super) selected: String,
}

impl Columns {
    /// Of those that are shown, and those that are closed.
    fn of((shown, closed): (Vec<Shown>, Vec<String>)) -> Self {
        let mut selected = String::new();
        for shown in &shown {
            selected.push_str(", ");
            selected.push_str(&shown.sql);
        }
        Self {
            shown,
            closed,
            selected,
        }
    }
}

impl Deref for Columns {
    type Target = [Shown];

    fn deref(&self) -> &[Shown] {
        &self.shown
    }
}

/// Columns with what their builder learned while they were worked out.
#[derive(Debug)]
struct Known {
    columns: Arc<Columns>,
    joins: Joins,
    /// Tables that fields are walked to.
    walked_to: Vec<&'static Class>,
    unmodelled: Vec<String>,
}

/// By class and everything that the caller says about columns.
static KNOWN: LazyLock<RwLock<HashMap<String, Arc<Known>>>> = LazyLock::new(RwLock::default);

/// The columns, as `work_out` gives them, or as it gave them when somebody asked for the same. The
/// builder is left as `work_out` leaves it.
pub(super) fn known_or<'a>(
    class: &'static Class,
    builder: &mut Builder<'a>,
    parameters: &Parameters<'_>,
    work_out: impl FnOnce(&mut Builder<'a>) -> (Vec<Shown>, Vec<String>),
) -> Arc<Columns> {
    let fields = parameters.value("sysparm_fields").unwrap_or("");
    let view = parameters.value("sysparm_view").unwrap_or("");
    // What was joined before decides how later joins are named; who may not read every column gets
    // columns of its own.
    if builder.has_joins() || builder.guards_fields() || fields.len() + view.len() > LONGEST {
        return Arc::new(Columns::of(work_out(builder)));
    }
    let place = std::ptr::from_ref(class).addr();
    let by_value = Display::of(parameters) == Display::Values;
    let key = format!("{place:x} {by_value} {}\n{view}{fields}", view.len());
    let found = {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&key).cloned()
    };
    if let Some(found) = found
        && builder.reads_whole(&found.walked_to)
    {
        builder.set_joins(found.joins.clone());
        builder.unmodelled.extend_from_slice(&found.unmodelled);
        return Arc::clone(&found.columns);
    }
    let before = builder.unmodelled.len();
    let columns = Arc::new(Columns::of(work_out(builder)));
    if !builder.reads_whole(builder.walked_to()) {
        return columns;
    }
    let learned = Known {
        columns: Arc::clone(&columns),
        joins: builder.joins().clone(),
        walked_to: builder.walked_to().to_vec(),
        unmodelled: builder.unmodelled[before..].to_vec(),
    };
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(key, Arc::new(learned));
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Access;
    use crate::query::{Reach, Session};
    use crate::store::{SYSTEM, schema};

    fn ask(query: &str) -> (Arc<Columns>, String, Vec<String>) {
        ask_as(SYSTEM, query)
    }

    fn ask_as(session: Session<'_>, query: &str) -> (Arc<Columns>, String, Vec<String>) {
        let class = schema::base().class("incident").unwrap();
        let mut builder = Builder::new(class, session);
        let columns = super::super::shown(class, &mut builder, &Parameters::read(query));
        (columns, builder.source(), builder.unmodelled)
    }

    #[test]
    fn what_is_remembered_says_the_same() {
        let walks: Vec<String> = (0..50).map(|at| format!("ref{at}.x")).collect();
        for query in [
            String::new(),
            "sysparm_view=mobile".to_owned(),
            "sysparm_fields=number,caller_id.name,work_notes,nothing".to_owned(),
            "sysparm_fields=number,work_notes&sysparm_display_value=all".to_owned(),
            format!("sysparm_fields={}", walks.join(",")),
        ] {
            let (first, source, unmodelled) = ask(&query);
            let (again, source_again, unmodelled_again) = ask(&query);
            assert!(Arc::ptr_eq(&first, &again), "{query}");
            assert_eq!((source, unmodelled), (source_again, unmodelled_again));
        }
        let all = ask("");
        let one = ask("sysparm_fields=number");
        assert_ne!(all.0.len(), one.0.len());
        let joined = ask("sysparm_fields=caller_id.company.name");
        assert!(joined.1.contains("LEFT JOIN"), "{}", joined.1);
    }
    /// Reads everything but users.
    #[derive(Debug)]
    struct ButUsers(Access);

    impl Reach for ButUsers {
        fn read_access(&self, table: &str) -> Access {
            match table {
                "sys_user" => self.0.clone(),
                _ => Access::ALL,
            }
        }
    }

    #[test]
    fn callers_who_may_walk_elsewhere_get_their_own_in_any_order() {
        let closed = ButUsers(Access::Refused);
        let partly = ButUsers(Access::Granted {
            row_conditions: vec!["active=true".to_owned()],
        });
        let by = |reach| Session {
            reach: Some(reach),
            ..SYSTEM
        };
        let walk = "caller_id.phone";
        let walked = format!("sysparm_fields=number,{walk},assignment_group.name");
        let plain = "sysparm_fields=number,assignment_group.name";
        for (view, first) in [("a", None), ("b", Some(&closed)), ("c", Some(&partly))] {
            // Asked for the first time by somebody else each time.
            let query = format!("{walked}&sysparm_view={view}");
            first.map(|first| ask_as(by(first), &query));
            for _ in 0..2 {
                let (columns, source, _) = ask(&query);
                assert!(columns.iter().any(|shown| shown.key == walk));
                assert!(!source.contains("active"), "{source}");
                let (columns, source, _) = ask_as(by(&closed), &query);
                assert!(columns.iter().all(|shown| shown.key != walk));
                assert!(!source.contains("sys_user\" "), "{source}");
                let (columns, source, _) = ask_as(by(&partly), &query);
                assert!(columns.iter().any(|shown| shown.key == walk));
                assert!(source.contains("active"), "{source}");
            }
        }
        // What leads to no table that is closed is the same for all.
        let all = ask(plain).0;
        assert!(Arc::ptr_eq(&all, &ask_as(by(&closed), plain).0));
    }
}
