//! Configuration items that look like found ones: names, addresses and serial numbers are unique
//! over all classes, what a machine runs fits what it is, and much is left empty.

use std::collections::HashMap;

use crate::store::records::{Records, row};
use crate::store::schema::Class;
use crate::store::{StoreError, Values};

/// What the machines of a class are: operating systems with versions, and models.
struct Profile {
    prefix: &'static str,
    systems: &'static [(&'static str, &'static str)],
    models: &'static [&'static str],
}

const LINUX: &[(&str, &str)] = &[
    ("Linux Red Hat", "9.4"),
    ("Linux Ubuntu", "24.04"),
    ("Linux Debian", "12"),
    ("Linux SuSE", "15.6"),
];
const RACKED: &[&str] = &[
    "ProLiant DL380 Gen10",
    "ProLiant DL360 Gen11",
    "PowerEdge R750",
];

/// Addresses that one class takes of 10.0.0.0/8; rows beyond take IPv6.
const ADDRESSES: u64 = 1 << 18;

fn profile(class: &Class) -> Profile {
    let (prefix, systems, models): (_, &[_], &[_]) = match class.name {
        "cmdb_ci_server" => ("srv", LINUX, RACKED),
        "cmdb_ci_linux_server" => ("lnx", LINUX, RACKED),
        "cmdb_ci_win_server" => (
            "win",
            &[
                ("Windows 2022 Standard", "10.0.20348"),
                ("Windows 2019 Datacenter", "10.0.17763"),
            ],
            RACKED,
        ),
        "cmdb_ci_esx_server" => ("esx", &[("ESX", "8.0.3"), ("ESX", "7.0.3")], RACKED),
        "cmdb_ci_aix_server" => ("aix", &[("AIX", "7.3")], &[]),
        "cmdb_ci_solaris_server" => ("sol", &[("Solaris", "11.4")], &[]),
        "cmdb_ci_storage_server" => ("sto", &[], &["PowerVault ME5024"]),
        "cmdb_ci_computer" => ("pc", &[("Windows 11 Enterprise", "10.0.26100")], &[]),
        "cmdb_ci_ip_switch" => ("sw", &[], &["Catalyst 9300"]),
        "cmdb_ci_ip_router" => ("rt", &[], &["ASR 1001-X"]),
        "cmdb_ci_ip_firewall" => ("fw", &[], &["Firepower 2130"]),
        "cmdb_ci_printer" => ("prn", &[], &["LaserJet Enterprise M611"]),
        "cmdb_ci_vmware_instance" => ("vm", &[], &["VMware Virtual Platform"]),
        "cmdb_ci_service" => ("svc", &[], &[]),
        name => (name.trim_start_matches("cmdb_ci_"), &[], &[]),
    };
    Profile {
        prefix,
        systems,
        models,
    }
}

/// Makes the items of one class.
pub(super) struct Items {
    profile: Profile,
    /// Model name to its id and its manufacturer's.
    models: HashMap<String, (String, String)>,
    /// The class's place among all of the instance.
    place: u64,
}

impl Items {
    pub(super) fn new(records: &Records<'_>, class: &Class) -> Result<Self, StoreError> {
        let mut items = records
            .schema()
            .classes
            .values()
            .filter(|other| other.root == class.root);
        let place = items.position(|other| other.name == class.name);
        let mut models = HashMap::new();
        if class.root == "cmdb_ci" {
            let mut statement = records
                .connection
                .prepare_cached("SELECT name, sys_id, manufacturer FROM cmdb_model LIMIT 100")?;
            let found =
                statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
            models = found.collect::<Result<_, _>>()?;
        }
        Ok(Self {
            profile: profile(class),
            models,
            place: u64::try_from(place.unwrap_or(0)).unwrap_or(0),
        })
    }

    /// The nth item, from 1.
    pub(super) fn row(&self, class: &Class, n: u64) -> Values {
        let name = format!("{}-{n:05}", self.profile.prefix);
        let dealt = mixed(n);
        let mut values = row([("name", name.as_str())]);
        let mut give = |name: &str, value: String| {
            values.insert(name.to_owned(), value);
        };
        give("asset_tag", format!("P{:02}{n:07}", self.place));
        give("short_description", description(n));
        if class.name == "cmdb_ci_service" {
            give("busines_criticality", "2 - somewhat critical".to_owned());
        }
        let (installed, operational) = status(dealt);
        give("install_status", installed.to_owned());
        give("operational_status", operational.to_owned());
        let source = [
            "ServiceNow",
            "ServiceNow",
            "ImportSet",
            "Other Automated",
            "Manual Entry",
        ];
        give("discovery_source", pick(&source, dealt >> 8));
        let environment = ["production", "production", "test", "development", ""];
        give("environment", pick(&environment, dealt >> 16));
        if !dealt.is_multiple_of(5) {
            give("first_discovered", "2025-11-03 02:14:00".to_owned());
            give(
                "last_discovered",
                format!("2026-01-{:02} 02:14:00", 1 + dealt % 5),
            );
        }
        if class.lineage.contains(&"cmdb_ci_hardware") || class.column("vm_inst_id").is_some() {
            self.machine(&name, n, dealt, &mut give);
        }
        values
    }

    /// What only something on the network has.
    fn machine(&self, name: &str, n: u64, dealt: u64, give: &mut impl FnMut(&str, String)) {
        give("ip_address", address(self.place, n));
        give("mac_address", {
            let low = n.to_be_bytes();
            format!(
                "02:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}",
                self.place & 255,
                low[4],
                low[5],
                low[6],
                low[7]
            )
        });
        let prefix = self.profile.prefix.to_uppercase();
        give("serial_number", format!("SN{prefix}{n:08}"));
        give("vm_inst_id", format!("vm-{:02}{n:08}", self.place));
        give("host_name", name.to_owned());
        // Some are known by their short name alone.
        if n % 7 != 6 {
            give("fqdn", format!("{name}.example.com"));
            give("dns_domain", "example.com".to_owned());
        }
        let place = |count: usize, from: u64| usize::try_from(from).unwrap_or(0) % count.max(1);
        let systems = self.profile.systems;
        if let Some((os, version)) = systems.get(place(systems.len(), dealt >> 24)) {
            give("os", (*os).to_owned());
            give("os_version", (*version).to_owned());
        }
        let models = self.profile.models;
        let model = models.get(place(models.len(), dealt >> 32));
        if let Some((model, manufacturer)) = model.and_then(|name| self.models.get(*name)) {
            give("model_id", model.clone());
            give("manufacturer", manufacturer.clone());
        }
        give("cpu_count", (1 + n % 4).to_string());
        give("cpu_core_count", (4 * (1 + n % 4)).to_string());
        give("ram", (4096 * (1 + n % 8)).to_string());
        give("disk_space", (100 * (1 + n % 5)).to_string());
    }
}

/// Every fifth description needs more than ASCII, and more than one byte or UTF-16 unit; some are
/// empty.
fn description(n: u64) -> String {
    if n.is_multiple_of(5) {
        format!("Serveur de données n° {n} – Köln 東京 \u{1f5a5}")
    } else if n % 11 == 3 {
        String::new()
    } else {
        format!("Demo item {n}")
    }
}

/// Install and operational status that go together: four of five items are in use.
const fn status(dealt: u64) -> (&'static str, &'static str) {
    match dealt % 20 {
        0 => ("7", "6"),
        1 => ("3", "3"),
        2 => ("6", "5"),
        3 => ("100", "2"),
        _ => ("1", "1"),
    }
}

/// An address of its own for every item of every class, private or unique local.
fn address(place: u64, n: u64) -> String {
    if place < 64 && n < ADDRESSES {
        let low = place * ADDRESSES + n;
        format!(
            "10.{}.{}.{}",
            (low >> 16) & 255,
            (low >> 8) & 255,
            low & 255
        )
    } else {
        format!("fd00:{place:x}::{:x}:{:x}", (n >> 16) & 0xffff, n & 0xffff)
    }
}

fn pick(of: &[&str], at: u64) -> String {
    let at = usize::try_from(at).unwrap_or(0) % of.len().max(1);
    of.get(at).copied().unwrap_or_default().to_owned()
}

/// A number that looks random and is always the same for `n` (the finaliser of `SplitMix64`).
const fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
