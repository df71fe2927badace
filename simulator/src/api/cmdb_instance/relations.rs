//! The relations of an item: rows of `cmdb_rel_ci`. Of an outbound one the item is the parent, of an
//! inbound one the child.

use rusqlite::Connection;
use serde::Serialize;

use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::query_string::Parameters;
use crate::api::reading::{self, session};
use crate::api::shapes::tables_url;
use crate::query::Builder;
use crate::setup::Operation;
use crate::store::access_condition;

/// Relations of each direction where no limit is given (*assumed*).
const DEFAULT_LIMIT: i64 = 1_000;

/// A relation as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct Relation {
    sys_id: String,
    r#type: Named,
    target: Named,
}

#[derive(Debug, Serialize)]
struct Named {
    display_value: String,
    link: String,
    value: String,
}

/// Which end of a relation the item is.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Parent,
    Child,
}

impl End {
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Child => "child",
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Parent => Self::Child,
            Self::Child => Self::Parent,
        }
    }
}

/// The relations that the caller may see, oldest first.
pub(super) fn read(
    connection: &Connection,
    call: &Owned,
    sys_id: &str,
    item_is: End,
    parameters: &Parameters<'_>,
) -> Result<Vec<Relation>, Failed> {
    let Some(class) = call.store.schema().class("cmdb_rel_ci") else {
        return Ok(Vec::new());
    };
    let mut builder = Builder::new(class, session(call));
    let target = item_is.other().column();
    let fields = format!("sysparm_fields=type,type.name,{target},{target}.name");
    let shown = reading::shown(class, &mut builder, &Parameters::read(&fields));
    let readable = call.access_to(Operation::Read, "cmdb_rel_ci");
    let visible = access_condition(&mut builder, &readable);
    let place = builder.bind(sys_id.to_owned());
    let limit = parameters
        .integer("sysparm_relation_limit")
        .filter(|limit| *limit > 0);
    let limit = builder.bind(limit.unwrap_or(DEFAULT_LIMIT));
    let offset = parameters.integer("sysparm_relation_offset").unwrap_or(0);
    let offset = builder.bind(offset.max(0));
    let rest = format!(
        "WHERE t.\"{}\" = {place} ORDER BY t.sys_created_on, t.sys_id LIMIT {limit} OFFSET {offset}",
        item_is.column()
    );
    let rows = reading::rows(connection, &builder, &shown, &visible, &rest)?;
    let tables = tables_url(call);
    let items = format!(
        "{}/cmdb/instance/cmdb_ci",
        tables.trim_end_matches("/table")
    );
    let relations = rows.into_iter().filter(|row| row.visible).map(|row| {
        let of = |key: &str| {
            let at = shown.iter().position(|shown| shown.key == key);
            let value = at.and_then(|at| row.values.get(at));
            value.unwrap_or("").to_owned()
        };
        Relation {
            r#type: Named {
                display_value: of("type.name"),
                link: format!("{tables}/cmdb_rel_type/{}", of("type")),
                value: of("type"),
            },
            target: Named {
                display_value: of(&format!("{target}.name")),
                link: format!("{items}/{}", of(target)),
                value: of(target),
            },
            sys_id: row.sys_id.clone(),
        }
    });
    Ok(relations.collect())
}
