//! The records of the image: roles, access controls, the administrator, properties.

use super::configuration::ship_transform_maps;
use super::dictionary::describe_schema;
use super::roles::{CONTROLS, OPEN_TO_ANY_ROLE, ROLES};
use super::{ADMIN, put_acl};
use crate::policy::{LOCKS, LOCKS_FOR_A_TIME};
use crate::store::records::{Records, row};
use crate::store::{StoreError, named_id};

/// Relation types with the ids they have everywhere (wire-core 6); an empty id is not known and is
/// made here (*assumed*). Identification takes them by name.
const RELATION_TYPES: [(&str, &str, &str); 13] = [
    ("1a9cb166f1571100a92eb60da2bce5c5", "Depends on", "Used by"),
    ("60bc4e22c0a8010e01f074cbe6bd73c3", "Runs on", "Runs"),
    (
        "607ad1b2c0a8010e01941856b365af90",
        "Exchanges data with",
        "Exchanges data with",
    ),
    (
        "55c95bf6c0a8010e0118ec7056ebc54d",
        "Contains",
        "Contained by",
    ),
    ("", "Owns", "Owned by"),
    ("", "Hosted on", "Hosts"),
    ("", "IP Connection", "IP Connection"),
    ("", "Uses", "Used by"),
    ("", "Connects to", "Connected by"),
    ("", "Managed by", "Manages"),
    ("", "Members", "Member of"),
    ("", "Instantiates", "Instance of"),
    ("", "Virtualized by", "Virtualizes"),
];

/// What follows from failed logins, and whether that is in force on a new instance (wire-failures
/// 1.4). The event's name is *assumed*.
const LOCKOUTS: [(&str, &str); 2] = [(LOCKS, "false"), (LOCKS_FOR_A_TIME, "true")];

/// Properties connectors read (wire-core 6). All values are *assumed* but for those of OAuth, which
/// are documented of new instances (wire-failures 2); `instance_name` is that of a store of its own,
/// a simulator writes the instance's.
const PROPERTIES: [(&str, &str); 13] = [
    ("glide.buildname", "Australia"),
    (
        "glide.buildname.full",
        "glide-australia-02-11-2026__patch1-04-01-2026",
    ),
    (
        "glide.war",
        "glide-australia-02-11-2026__patch1-04-01-2026.zip",
    ),
    (
        "glide.buildtag",
        "glide-australia-02-11-2026__patch1-04-01-2026",
    ),
    (
        "glide.buildtag.last",
        "glide-australia-02-11-2026__patch1-04-01-2026",
    ),
    ("glide.builddate", "04-01-2026_0938"),
    ("glide.installation.name", "ServiceNow"),
    ("glide.sys.default.tz", "UTC"),
    ("instance_name", "instance"),
    ("glide.product.name", "ServiceNow"),
    ("glide.user.max_unlock_attempts", "5"),
    ("glide.oauth.allow.parameters.in.post.body.only", "true"),
    ("glide.oauth.state.parameter.required", "true"),
];

/// Inserts everything that every instance ships with.
pub(crate) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    ship_scope(records)?;
    describe_schema(records)?;
    for (name, _) in ROLES {
        let sys_id = role_id(name);
        let values = row([
            ("sys_id", sys_id.as_str()),
            ("name", name),
            ("sys_name", name),
        ]);
        records.insert("sys_user_role", &values)?;
    }
    for (role, contained) in ROLES {
        for contains in *contained {
            let (role, contains) = (role_id(role), role_id(contains));
            let tie = row([("role", role.as_str()), ("contains", contains.as_str())]);
            records.insert("sys_user_role_contains", &tie)?;
        }
    }
    let any_role: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
    for (table, operations, roles, denial) in CONTROLS {
        for operation in *operations {
            ship_acl(records, table, operation, roles, denial)?;
        }
    }
    for table in OPEN_TO_ANY_ROLE {
        ship_acl(records, table, "read", &any_role, "refuse")?;
    }
    let admin = row([
        ("sys_id", ADMIN),
        ("user_name", "admin"),
        ("first_name", "System"),
        ("last_name", "Administrator"),
    ]);
    records.insert("sys_user", &admin)?;
    let role = role_id("admin");
    let tie = row([("user", ADMIN), ("role", role.as_str())]);
    records.insert("sys_user_has_role", &tie)?;
    for (sys_id, parent, child) in RELATION_TYPES {
        let name = format!("{parent}::{child}");
        let made = named_id(&format!("cmdb_rel_type:{name}"));
        let sys_id = if sys_id.is_empty() { &made } else { sys_id };
        let values = row([
            ("sys_id", sys_id),
            ("name", name.as_str()),
            ("parent_descriptor", parent),
            ("child_descriptor", child),
        ]);
        records.insert("cmdb_rel_type", &values)?;
    }
    super::identification::ship(records)?;
    for (name, value) in PROPERTIES {
        records.insert("sys_properties", &row([("name", name), ("value", value)]))?;
    }
    for (name, active) in LOCKOUTS {
        let sys_id = named_id(&format!("sysevent_script_action:{name}"));
        let values = row([
            ("sys_id", sys_id.as_str()),
            ("name", name),
            ("event_name", "login.failed"),
            ("active", active),
        ]);
        records.insert("sysevent_script_action", &values)?;
    }
    ship_transform_maps(records)?;
    super::api_access::ship(records)?;
    super::demo::ship(records)
}

/// The global application, whose id is a word (wire-core 1.5).
fn ship_scope(records: &mut Records<'_>) -> Result<(), StoreError> {
    let values = row([
        ("name", "Global"),
        ("scope", "global"),
        ("source", "global"),
    ]);
    let sys_id = records.insert("sys_scope", &values)?;
    records.connection.execute(
        "UPDATE sys_package SET sys_id = 'global' WHERE sys_id = ?",
        [sys_id],
    )?;
    Ok(())
}

fn role_id(name: &str) -> String {
    named_id(&format!("sys_user_role:{name}"))
}

fn ship_acl(
    records: &mut Records<'_>,
    table: &str,
    operation: &str,
    roles: &[&str],
    denial: &str,
) -> Result<(), StoreError> {
    let sys_id = named_id(&format!("sys_security_acl:{table}:{operation}"));
    let values = row([
        ("sys_id", sys_id.as_str()),
        ("name", table),
        ("operation", operation),
        ("u_denial", denial),
    ]);
    put_acl(records, &values, roles.iter().copied())
}
