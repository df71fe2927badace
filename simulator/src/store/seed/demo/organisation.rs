//! Companies, locations, departments, models and what else records refer to.
//!
//! All of it is made up, but for the form of the columns (wire-core 6).

use super::{id, put};
use crate::store::StoreError;
use crate::store::records::{Records, row};

/// Key, name, flags (`c`ustomer, `v`endor, `m`anufacturer), city, country, parent.
const COMPANIES: [(&str, &str, &str, &str, &str, &str); 9] = [
    ("north", "Northwind Demo", "c", "Köln", "Germany", ""),
    (
        "north-at",
        "Northwind Demo Österreich",
        "c",
        "Wien",
        "Austria",
        "north",
    ),
    (
        "north-jp",
        "Northwind Demo 日本",
        "c",
        "東京",
        "Japan",
        "north",
    ),
    (
        "supplies",
        "Office Supplies Demo",
        "v",
        "Łódź",
        "Poland",
        "",
    ),
    ("hosting", "Hosting Demo", "v", "Dublin", "Ireland", ""),
    (
        "hpe",
        "Hewlett Packard Enterprise",
        "mv",
        "Houston",
        "USA",
        "",
    ),
    ("dell", "Dell Inc.", "mv", "Round Rock", "USA", ""),
    ("cisco", "Cisco Systems", "m", "San Jose", "USA", ""),
    ("vmware", "VMware", "m", "Palo Alto", "USA", ""),
];

/// Key, name, city, country, latitude and longitude, parent.
type Location = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    (&'static str, &'static str),
    &'static str,
);

const LOCATIONS: [Location; 8] = [
    ("europe", "Europe", "", "", ("", ""), ""),
    ("germany", "Germany", "", "Germany", ("", ""), "europe"),
    (
        "koeln",
        "Köln",
        "Köln",
        "Germany",
        ("50.9375", "6.9603"),
        "germany",
    ),
    (
        "koeln-dc",
        "Köln, Rechenzentrum",
        "Köln",
        "Germany",
        ("50.9412", "6.9582"),
        "koeln",
    ),
    (
        "wien",
        "Wien",
        "Wien",
        "Austria",
        ("48.2082", "16.3738"),
        "europe",
    ),
    ("asia", "Asia", "", "", ("", ""), ""),
    (
        "tokyo",
        "東京",
        "東京",
        "Japan",
        ("35.6762", "139.6503"),
        "asia",
    ),
    ("home", "Home office", "", "", ("", ""), ""),
];

/// Key, name, code, head, parent.
const DEPARTMENTS: [(&str, &str, &str, &str, &str); 6] = [
    ("it", "IT", "1000", "manager.it", ""),
    ("it-ops", "IT Operations", "1100", "itil", "it"),
    ("it-net", "Network Services", "1200", "agent.network", "it"),
    ("finance", "Finance", "2000", "manager.finance", ""),
    ("sales", "Vertrieb & Geschäft", "3000", "manager.sales", ""),
    ("hr", "Human Resources", "4000", "", ""),
];

/// Model name, manufacturer, model number. Rows that are made by rule name them.
const MODELS: [(&str, &str, &str); 9] = [
    ("ProLiant DL380 Gen10", "hpe", "DL380G10"),
    ("ProLiant DL360 Gen11", "hpe", "DL360G11"),
    ("PowerEdge R750", "dell", "R750"),
    ("PowerVault ME5024", "dell", "ME5024"),
    ("Catalyst 9300", "cisco", "C9300-48P"),
    ("ASR 1001-X", "cisco", "ASR1001-X"),
    ("Firepower 2130", "cisco", "FPR2130"),
    ("VMware Virtual Platform", "vmware", ""),
    ("LaserJet Enterprise M611", "hpe", "M611"),
];

const COST_CENTRES: [(&str, &str); 3] = [
    ("Engineering", "CC-100"),
    ("Sales", "CC-300"),
    ("IT", "CC-900"),
];

pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    companies(records)?;
    locations(records)?;
    departments(records)?;
    for (at, (name, manufacturer, number)) in MODELS.iter().enumerate() {
        let maker = COMPANIES.iter().find(|company| company.0 == *manufacturer);
        let shown = [maker.map_or("", |company| company.1), " ", name].concat();
        let values = row([
            ("sys_id", id("cmdb_model", name).as_str()),
            ("name", name),
            ("display_name", shown.as_str()),
            ("model_number", number),
            ("manufacturer", id("core_company", manufacturer).as_str()),
        ]);
        put(records, "cmdb_model", at, &values)?;
    }
    for (at, (name, zone)) in [("24 x 7", "UTC"), ("Weekdays 8 to 17", "Europe/Berlin")]
        .iter()
        .enumerate()
    {
        let values = row([
            ("sys_id", id("cmn_schedule", name).as_str()),
            ("name", name),
            ("time_zone", zone),
        ]);
        put(records, "cmn_schedule", at, &values)?;
    }
    let building = row([
        ("sys_id", id("cmn_building", "koeln").as_str()),
        ("name", "Köln, Haus 1"),
        ("floors", "5"),
        ("location", id("cmn_location", "koeln").as_str()),
    ]);
    put(records, "cmn_building", 0, &building)?;
    let unit = row([
        ("sys_id", id("business_unit", "services").as_str()),
        ("name", "Services"),
        ("bu_head", id("sys_user", "manager.it").as_str()),
        ("company", id("core_company", "north").as_str()),
    ]);
    put(records, "business_unit", 0, &unit)?;
    Ok(())
}

fn companies(records: &mut Records<'_>) -> Result<(), StoreError> {
    for (at, (key, name, flags, city, country, parent)) in COMPANIES.iter().enumerate() {
        let flag = |letter: char| {
            if flags.contains(letter) {
                "true"
            } else {
                "false"
            }
        };
        let parent = refer("core_company", parent);
        let website = format!("https://{key}.example.com");
        let values = row([
            ("sys_id", id("core_company", key).as_str()),
            ("name", name),
            ("customer", flag('c')),
            ("vendor", flag('v')),
            ("manufacturer", flag('m')),
            ("city", city),
            ("country", country),
            ("parent", parent.as_str()),
            ("website", if at % 3 == 0 { "" } else { website.as_str() }),
            (
                "phone",
                if flags.contains('m') {
                    ""
                } else {
                    "+49 221 555 0100"
                },
            ),
        ]);
        put(records, "core_company", at, &values)?;
    }
    Ok(())
}

fn locations(records: &mut Records<'_>) -> Result<(), StoreError> {
    for (at, (key, name, city, country, (latitude, longitude), parent)) in
        LOCATIONS.iter().enumerate()
    {
        let mut full = vec![*name];
        let mut above = *parent;
        while let Some(location) = LOCATIONS.iter().find(|location| location.0 == above) {
            full.push(location.1);
            above = location.5;
        }
        full.reverse();
        let (full, parent) = (full.join("/"), refer("cmn_location", parent));
        let values = row([
            ("sys_id", id("cmn_location", key).as_str()),
            ("name", name),
            ("full_name", full.as_str()),
            ("city", city),
            ("country", country),
            ("latitude", latitude),
            ("longitude", longitude),
            (
                "company",
                refer("core_company", if parent.is_empty() { "" } else { "north" }).as_str(),
            ),
            ("parent", parent.as_str()),
        ]);
        put(records, "cmn_location", at, &values)?;
    }
    Ok(())
}

fn departments(records: &mut Records<'_>) -> Result<(), StoreError> {
    for (at, (name, code)) in COST_CENTRES.iter().enumerate() {
        let values = row([
            ("sys_id", id("cmn_cost_center", code).as_str()),
            ("name", name),
            ("code", code),
        ]);
        put(records, "cmn_cost_center", at, &values)?;
    }
    for (at, (key, name, code, head, parent)) in DEPARTMENTS.iter().enumerate() {
        let (head, parent) = (refer("sys_user", head), refer("cmn_department", parent));
        let values = row([
            ("sys_id", id("cmn_department", key).as_str()),
            ("name", name),
            ("id", code),
            ("code", code),
            ("dept_head", head.as_str()),
            ("primary_contact", head.as_str()),
            ("parent", parent.as_str()),
            ("company", id("core_company", "north").as_str()),
            ("cost_center", id("cmn_cost_center", "CC-900").as_str()),
        ]);
        put(records, "cmn_department", at, &values)?;
    }
    Ok(())
}

/// The id of a demo record, or nothing for no key.
pub(super) fn refer(table: &str, key: &str) -> String {
    if key.is_empty() {
        String::new()
    } else {
        id(table, key)
    }
}
