//! Users with and without names and phones, groups with managers and members.
//!
//! The two groups with ids of their own are those that every instance has (wire-core 5); their
//! names, and everything else, are *assumed*.

use super::organisation::refer;
use super::{id, put};
use crate::store::records::{Records, row};
use crate::store::{StoreError, named_id};

/// The group of this id on every instance with demo data (wire-core 5).
const SERVICE_DESK: &str = "d625dccec0a8016700a222a0f7900d06";
/// Likewise.
const NETWORK: &str = "287ebd7da9fe198100f92cc8d1d2154e";

/// A user.
struct User {
    name: &'static str,
    first: &'static str,
    last: &'static str,
    phone: &'static str,
    department: &'static str,
    location: &'static str,
    manager: &'static str,
    active: bool,
}

const fn user(
    name: &'static str,
    (first, last): (&'static str, &'static str),
    phone: &'static str,
    (department, location): (&'static str, &'static str),
    manager: &'static str,
) -> User {
    User {
        name,
        first,
        last,
        phone,
        department,
        location,
        manager,
        active: true,
    }
}

const USERS: [User; 14] = [
    user(
        "itil",
        ("ITIL", "User"),
        "+49 221 555 0110",
        ("it-ops", "koeln"),
        "manager.it",
    ),
    user(
        "manager.it",
        ("Zoë", "Lindau"),
        "+49 221 555 0111",
        ("it", "koeln"),
        "",
    ),
    user(
        "manager.finance",
        ("Łucja", "Torun"),
        "",
        ("finance", "wien"),
        "",
    ),
    user(
        "manager.sales",
        ("Jürgen", "Weiß"),
        "+43 1 555 0112",
        ("sales", "wien"),
        "",
    ),
    user(
        "agent.desk",
        ("Ana", "Évora"),
        "+49 221 555 0113",
        ("it-ops", "koeln"),
        "manager.it",
    ),
    user(
        "agent.network",
        ("Óscar", "Lund"),
        "",
        ("it-net", "koeln-dc"),
        "manager.it",
    ),
    user(
        "agent.tokyo",
        ("さくら", "東"),
        "+81 3 5555 0114",
        ("it-ops", "tokyo"),
        "manager.it",
    ),
    user(
        "employee",
        ("Joe", "Employee"),
        "(555) 555-0004",
        ("sales", "home"),
        "manager.sales",
    ),
    user(
        "employee.2",
        ("Maud", ""),
        "",
        ("finance", "wien"),
        "manager.finance",
    ),
    user(
        "employee.3",
        ("", "O'Hara"),
        "",
        ("finance", ""),
        "manager.finance",
    ),
    user(
        "employee.4",
        ("Nadia", "de la Cruz"),
        "555-0115",
        ("hr", "koeln"),
        "",
    ),
    user("svc.discovery", ("", ""), "", ("", ""), ""),
    user("svc.monitoring", ("", ""), "", ("", ""), ""),
    User {
        active: false,
        ..user(
            "left.company",
            ("Left", "Company"),
            "",
            ("sales", ""),
            "manager.sales",
        )
    },
];

/// Key, name, manager, parent, members.
const GROUPS: [(&str, &str, &str, &str, &[&str]); 6] = [
    (
        "desk",
        "Service Desk",
        "agent.desk",
        "",
        &["itil", "agent.desk", "agent.tokyo"],
    ),
    (
        "network",
        "Network",
        "agent.network",
        "",
        &["agent.network", "itil"],
    ),
    ("hardware", "Hardware", "itil", "", &["itil"]),
    ("software", "Software", "manager.it", "", &["agent.tokyo"]),
    ("database", "Datenbank", "", "software", &["agent.desk"]),
    ("empty", "Unstaffed", "", "", &[]),
];

pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    for (at, user) in USERS.iter().enumerate() {
        let email = format!("{}@example.com", user.name);
        let technical = user.first.is_empty() && user.last.is_empty();
        let employee = format!("E{:05}", at + 1);
        let flag = |set: bool| if set { "true" } else { "false" };
        let values = row([
            ("sys_id", id("sys_user", user.name).as_str()),
            ("user_name", user.name),
            ("first_name", user.first),
            ("last_name", user.last),
            ("email", if technical { "" } else { email.as_str() }),
            ("phone", user.phone),
            (
                "employee_number",
                if technical { "" } else { employee.as_str() },
            ),
            (
                "department",
                refer("cmn_department", user.department).as_str(),
            ),
            ("location", refer("cmn_location", user.location).as_str()),
            ("manager", refer("sys_user", user.manager).as_str()),
            (
                "company",
                refer("core_company", if technical { "" } else { "north" }).as_str(),
            ),
            ("vip", flag(user.name == "manager.sales")),
            ("active", flag(user.active)),
            ("web_service_access_only", flag(technical)),
        ]);
        put(records, "sys_user", at, &values)?;
    }
    let role = named_id("sys_user_role:itil");
    for (at, name) in ["itil", "agent.desk", "agent.network", "agent.tokyo"]
        .iter()
        .enumerate()
    {
        let values = row([
            ("sys_id", id("sys_user_has_role", name).as_str()),
            ("user", id("sys_user", name).as_str()),
            ("role", role.as_str()),
        ]);
        put(records, "sys_user_has_role", at, &values)?;
    }
    groups(records)
}

fn groups(records: &mut Records<'_>) -> Result<(), StoreError> {
    let mut ties = 0;
    for (at, (key, name, manager, parent, members)) in GROUPS.iter().enumerate() {
        let group = group(key);
        let email = format!("group.{at}@example.com");
        let values = row([
            ("sys_id", group.as_str()),
            ("name", name),
            ("manager", refer("sys_user", manager).as_str()),
            ("parent", refer("sys_user_group", parent).as_str()),
            (
                "email",
                if members.is_empty() {
                    ""
                } else {
                    email.as_str()
                },
            ),
            ("description", if at % 2 == 0 { "" } else { "Demo group" }),
        ]);
        put(records, "sys_user_group", at, &values)?;
        for member in *members {
            let values = row([
                (
                    "sys_id",
                    id("sys_user_grmember", &[key, "/", member].concat()).as_str(),
                ),
                ("user", id("sys_user", member).as_str()),
                ("group", group.as_str()),
            ]);
            put(records, "sys_user_grmember", ties, &values)?;
            ties += 1;
        }
    }
    Ok(())
}

/// The id of a demo group.
pub(super) fn group(key: &str) -> String {
    match key {
        "desk" => SERVICE_DESK.to_owned(),
        "network" => NETWORK.to_owned(),
        _ => id("sys_user_group", key),
    }
}
