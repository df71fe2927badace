//! Small worlds to ask about: servers, their makers and users, and what hangs on them.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use proptest::prelude::*;

use crate::store::{Author, Store, StoreError, Values};

/// The table that is asked for.
pub(super) const TABLE: &str = "cmdb_ci_server";
/// The caller.
pub(super) const ME: &str = "00000000000000000000000000000010";

pub(super) const MAKERS: [&str; 3] = ["Acme", "ÄCME north", "Bolt"];

/// A record: its values as they are stored.
pub(super) type Record = BTreeMap<&'static str, String>;

/// Moments that are apart by whole units, before and after clocks change and where years begin.
fn even_moments() -> impl Strategy<Value = String> {
    prop_oneof![
        (7..10_u8).prop_map(|day| {
            let hour = if day < 8 { 18 } else { 17 };
            format!("2026-03-{day:02} {hour}:30:45")
        }),
        (7..10_u8, 17..19_u8).prop_map(|(day, hour)| format!("2026-03-{day:02} {hour}:30:45")),
        (1..10_u8).prop_map(|day| format!("2023-01-{day:02} 17:30:45")),
        (2..6_u8).prop_map(|month| format!("2026-{month:02}-08 17:30:45")),
    ]
}

/// Many servers of which the moments alone matter.
pub(super) fn worlds_of_moments() -> impl Strategy<Value = World> {
    let server = (even_moments(), even_moments());
    proptest::collection::vec(server, 12..16).prop_map(|servers| {
        let servers = servers.into_iter().enumerate().map(|(at, dates)| {
            record([
                ("sys_id", id(4, at)),
                ("sys_class_name", TABLE.to_owned()),
                ("purchase_date", dates.0[..10].to_owned()),
                ("install_date", dates.0),
                ("start_date", dates.1),
            ])
        });
        World {
            tables: BTreeMap::from([(TABLE, servers.collect())]),
        }
    })
}

/// Records by table; children are among their parents' records.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) tables: BTreeMap<&'static str, Vec<Record>>,
}

/// An id of the kind and number.
pub(super) fn id(kind: usize, number: usize) -> String {
    format!("{:032x}", kind * 16 + number)
}

pub(super) fn moments() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        // Around the change of clocks.
        (6..10_u8, 0..24_u8, 0..60_u8)
            .prop_map(|(day, hour, minute)| format!("2026-03-{day:02} {hour:02}:{minute:02}:45")),
        (2023..2027_u16, 1..13_u8, 1..29_u8)
            .prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02} 03:30:45")),
        Just("2026-03-08 05:00:00".to_owned()),
        Just("2026-03-08 18:30:45".to_owned()),
    ]
}

pub(super) fn days() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        (6..10_u8).prop_map(|day| format!("2026-03-{day:02}")),
        (2023..2027_u16, 1..13_u8).prop_map(|(year, month)| format!("{year}-{month:02}-28")),
    ]
}

fn some(kind: usize, count: usize) -> impl Strategy<Value = String> {
    proptest::option::of(0..count)
        .prop_map(move |at| at.map_or_else(String::new, |at| id(kind, at)))
}

fn number() -> impl Strategy<Value = String> {
    proptest::option::of(-3..20_i64)
        .prop_map(|number| number.map_or_else(String::new, |number| number.to_string()))
}

fn record<const N: usize>(values: [(&'static str, String); N]) -> Record {
    values.into_iter().collect()
}

fn servers() -> impl Strategy<Value = Vec<Record>> {
    let values = (
        (
            "[aAbBäÄ ]{0,3}",
            "(Linux|AIX 7|linux AIX|)",
            number(),
            number(),
        ),
        (any::<bool>(), any::<bool>(), "[12]?"),
        (moments(), moments(), days()),
        (some(2, MAKERS.len()), some(1, 4), some(3, 3)),
    );
    let server = values.prop_map(
        |(texts, (is_virtual, is_linux, kernel), dates, references)| {
            let class = if is_linux {
                "cmdb_ci_linux_server"
            } else {
                TABLE
            };
            let kernel = if is_linux { kernel } else { String::new() };
            record([
                ("sys_class_name", class.to_owned()),
                ("name", texts.0),
                ("os", texts.1),
                ("ram", texts.2),
                ("cpu_count", texts.3),
                ("virtual", is_virtual.to_string()),
                ("kernel_release", kernel),
                ("install_date", dates.0),
                ("start_date", dates.1),
                ("purchase_date", dates.2),
                ("manufacturer", references.0),
                ("assigned_to", references.1),
                ("assignment_group", references.2),
            ])
        },
    );
    proptest::collection::vec(server, 0..9)
}

pub(super) fn worlds() -> impl Strategy<Value = World> {
    let users = proptest::collection::vec(some(1, 4), 4..5);
    let members = proptest::collection::vec((some(1, 4), some(3, 3)), 0..4);
    let relations = proptest::collection::vec((some(4, 9), "[12a]?"), 0..9);
    (servers(), users, members, relations).prop_map(|(mut servers, users, members, relations)| {
        for (at, server) in servers.iter_mut().enumerate() {
            server.insert("sys_id", id(4, at));
        }
        let makers = MAKERS
            .iter()
            .enumerate()
            .map(|(at, name)| record([("sys_id", id(2, at)), ("name", (*name).to_owned())]));
        let users = users.into_iter().enumerate().map(|(at, manager)| {
            record([
                ("sys_id", id(1, at)),
                ("user_name", format!("user.{at}")),
                ("name", format!("User {at}")),
                ("manager", manager),
            ])
        });
        let members = members.into_iter().enumerate().map(|(at, (user, group))| {
            record([("sys_id", id(5, at)), ("user", user), ("group", group)])
        });
        let relations = relations
            .into_iter()
            .enumerate()
            .map(|(at, (parent, port))| {
                record([("sys_id", id(6, at)), ("parent", parent), ("port", port)])
            });
        World {
            tables: BTreeMap::from([
                (TABLE, servers),
                ("core_company", makers.collect()),
                ("sys_user", users.collect()),
                ("sys_user_grmember", members.collect()),
                ("cmdb_rel_ci", relations.collect()),
            ]),
        }
    })
}

pub(super) fn fill(world: &World) -> Store {
    let store = Store::open(None).unwrap();
    let author = Author::system(Duration::from_secs(1_767_600_000));
    let done = store.write(&author, |records| {
        let tables: Vec<&str> = world.tables.keys().copied().collect();
        let named = [&tables[..], &["cmdb_ci", "task"]].concat();
        crate::store::seed::make_room(records, &named)?;
        for (table, rows) in &world.tables {
            for row in rows {
                let class = row.get("sys_class_name").map_or(*table, String::as_str);
                let values: Values = row
                    .iter()
                    .filter(|(name, value)| {
                        **name != "sys_class_name"
                            && !(**name == "kernel_release" && value.is_empty())
                    })
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect();
                records.insert(class, &values)?;
            }
        }
        Ok::<_, StoreError>(())
    });
    done.unwrap();
    store
}

/// A store with what every instance has.
pub(super) fn empty() -> &'static Store {
    static STORE: OnceLock<Store> = OnceLock::new();
    STORE.get_or_init(|| Store::open(None).unwrap())
}

/// How many tables there are, and how many records in some of them.
pub(super) fn census(store: &Store) -> Vec<i64> {
    let counted = store.read(|connection| {
        let count = |table: &&str| {
            let statement = format!("SELECT count(*) FROM \"{table}\"");
            Ok(connection.query_row(&statement, [], |row| row.get(0))?)
        };
        let tables = [
            "sqlite_schema",
            "sys_user",
            "sys_properties",
            "sys_user_role",
        ];
        tables.iter().map(count).collect::<Result<_, StoreError>>()
    });
    counted.unwrap()
}
