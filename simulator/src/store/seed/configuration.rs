//! Transform maps that every instance ships with.
//!
//! The map of `imp_user` to `sys_user` is documented (wire-core 4.3); its fields are *assumed*.

use crate::store::records::{Records, row};
use crate::store::{StoreError, named_id};

/// Fields of `imp_user` that go to the column of the same name.
const USER_FIELDS: [&str; 16] = [
    "user_name",
    "first_name",
    "middle_name",
    "last_name",
    "email",
    "title",
    "phone",
    "home_phone",
    "mobile_phone",
    "employee_number",
    "street",
    "city",
    "state",
    "zip",
    "country",
    "active",
];

pub(super) fn ship_transform_maps(records: &mut Records<'_>) -> Result<(), StoreError> {
    let map = named_id("sys_transform_map:User");
    let values = row([
        ("sys_id", map.as_str()),
        ("name", "User"),
        ("source_table", "imp_user"),
        ("target_table", "sys_user"),
    ]);
    records.insert("sys_transform_map", &values)?;
    // The documented sample names the user `user_id`; that the address coalesces is assumed.
    let fields = USER_FIELDS.iter().map(|field| (*field, *field));
    for (source, target) in fields.chain([("user_id", "user_name")]) {
        let coalesce = if target == "email" { "true" } else { "false" };
        let values = row([
            ("map", map.as_str()),
            ("source_table", "imp_user"),
            ("source_field", source),
            ("target_table", "sys_user"),
            ("target_field", target),
            ("coalesce", coalesce),
        ]);
        records.insert("sys_transform_entry", &values)?;
    }
    Ok(())
}
