//! Configuration items of many classes, and what they depend on.
//!
//! The ids of the relation types are those of every instance (wire-core 6); the items are made up.

use super::{id, put};
use crate::store::StoreError;
use crate::store::records::{Records, row};
use crate::store::seed::source::Source;

/// Class and name of each item.
const ITEMS: [(&str, &str); 28] = [
    ("cmdb_ci_service", "E-Mail"),
    ("cmdb_ci_service", "Payroll Services"),
    ("cmdb_ci_service_auto", "Shop (Produktion)"),
    ("service_offering", "E-Mail, Europe"),
    ("cmdb_ci_appl", "Shop"),
    ("cmdb_ci_appl", "Mail Transfer"),
    ("cmdb_ci_web_server", "nginx@lnx-demo-1"),
    ("cmdb_ci_db_mysql_instance", "shop@lnx-demo-2"),
    ("cmdb_ci_db_mssql_instance", "payroll@win-demo-1"),
    ("cmdb_ci_server", "srv-demo-1"),
    ("cmdb_ci_linux_server", "lnx-demo-1"),
    ("cmdb_ci_linux_server", "lnx-demo-2"),
    ("cmdb_ci_linux_server", "lnx-demo-3"),
    ("cmdb_ci_linux_server", "lnx-demo-4"),
    ("cmdb_ci_win_server", "win-demo-1"),
    ("cmdb_ci_win_server", "win-demo-2"),
    ("cmdb_ci_win_server", "win-demo-3"),
    ("cmdb_ci_esx_server", "esx-demo-1"),
    ("cmdb_ci_esx_server", "esx-demo-2"),
    ("cmdb_ci_vmware_instance", "vm-demo-1"),
    ("cmdb_ci_cluster", "cluster-demo"),
    ("cmdb_ci_storage_server", "sto-demo-1"),
    ("cmdb_ci_ip_switch", "sw-demo-1"),
    ("cmdb_ci_ip_router", "rt-demo-1"),
    ("cmdb_ci_ip_firewall", "fw-demo-1"),
    ("cmdb_ci_printer", "Drucker Köln 1"),
    ("cmdb_ci_computer", "laptop-demo-1"),
    ("cmdb_ci_disk", "lun-demo-1"),
];

const DEPENDS_ON: &str = "1a9cb166f1571100a92eb60da2bce5c5";
const RUNS_ON: &str = "60bc4e22c0a8010e01f074cbe6bd73c3";
const EXCHANGES: &str = "607ad1b2c0a8010e01941856b365af90";

/// Parent, type, child: the parent depends on the child, or runs on it.
const RELATIONS: [(&str, &str, &str); 20] = [
    ("Shop (Produktion)", DEPENDS_ON, "Shop"),
    ("Shop", DEPENDS_ON, "nginx@lnx-demo-1"),
    ("Shop", DEPENDS_ON, "shop@lnx-demo-2"),
    ("nginx@lnx-demo-1", RUNS_ON, "lnx-demo-1"),
    ("shop@lnx-demo-2", RUNS_ON, "lnx-demo-2"),
    ("lnx-demo-2", DEPENDS_ON, "sto-demo-1"),
    ("lnx-demo-1", DEPENDS_ON, "sto-demo-1"),
    ("Payroll Services", DEPENDS_ON, "payroll@win-demo-1"),
    ("payroll@win-demo-1", RUNS_ON, "win-demo-1"),
    ("win-demo-1", DEPENDS_ON, "sto-demo-1"),
    ("E-Mail", DEPENDS_ON, "Mail Transfer"),
    ("E-Mail, Europe", DEPENDS_ON, "E-Mail"),
    ("Mail Transfer", RUNS_ON, "lnx-demo-3"),
    ("vm-demo-1", RUNS_ON, "esx-demo-1"),
    ("cluster-demo", DEPENDS_ON, "esx-demo-1"),
    ("cluster-demo", DEPENDS_ON, "esx-demo-2"),
    ("sto-demo-1", EXCHANGES, "sw-demo-1"),
    ("sw-demo-1", EXCHANGES, "rt-demo-1"),
    ("rt-demo-1", EXCHANGES, "fw-demo-1"),
    ("Shop", EXCHANGES, "Mail Transfer"),
];

pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    for (at, (class, name)) in ITEMS.iter().enumerate() {
        let mut source = Source::new(records, class)?;
        let mut values = source.row(u64::try_from(at).unwrap_or(0));
        let own = row([("sys_id", id("cmdb_ci", name).as_str()), ("name", name)]);
        values.extend(own);
        if values.get("host_name").is_some_and(|name| !name.is_empty()) {
            values.insert("host_name".to_owned(), (*name).to_owned());
        }
        if values.get("fqdn").is_some_and(|name| !name.is_empty()) {
            values.insert("fqdn".to_owned(), [name, ".example.com"].concat());
        }
        if *class == "service_offering" {
            values.insert("parent".to_owned(), id("cmdb_ci", "E-Mail"));
        }
        put(records, class, at, &values)?;
    }
    for (at, (parent, kind, child)) in RELATIONS.iter().enumerate() {
        let name = [parent, ">", child].concat();
        let values = row([
            ("sys_id", id("cmdb_rel_ci", &name).as_str()),
            ("parent", id("cmdb_ci", parent).as_str()),
            ("child", id("cmdb_ci", child).as_str()),
            ("type", kind),
        ]);
        put(records, "cmdb_rel_ci", at, &values)?;
    }
    for (at, name) in ["lnx-demo-1", "win-demo-1", "laptop-demo-1"]
        .iter()
        .enumerate()
    {
        let tag = format!("P90{at:05}");
        let values = row([
            ("sys_id", id("alm_asset", name).as_str()),
            ("display_name", [&tag, " - ", name].concat().as_str()),
            ("asset_tag", tag.as_str()),
            ("ci", id("cmdb_ci", name).as_str()),
            ("model", id("cmdb_model", "PowerEdge R750").as_str()),
            ("company", id("core_company", "north").as_str()),
        ]);
        put(records, "alm_hardware", at, &values)?;
    }
    Ok(())
}
