//! The bytes of attachments, in a table of their own beside `sys_attachment`.

use rusqlite::{Connection, OptionalExtension};

use super::StoreError;
use super::records::Records;
use super::schema::Class;

/// Bytes of all attachments of an instance, at most: a bound of the simulator.
pub(crate) const MAX_TOTAL: usize = 512 * 1024 * 1024;

/// What a table name begins with while its attachments are hidden from the record's list; seen in
/// clients' uploads, for images of a field.
const HIDDEN: &str = "ZZ_YY";

/// The statements that make what the schema does not.
pub(super) const TABLES: &str = "\
    CREATE TABLE \"sys_attachment/bytes\" (sys_id TEXT PRIMARY KEY, bytes BLOB NOT NULL);\n\
    CREATE INDEX \"sys_attachment/table_sys_id\" ON sys_attachment (table_sys_id);\n";

/// The table of an attachment's record, by the name that the attachment has for it.
pub(crate) fn parent_table(table_name: &str) -> &str {
    table_name.strip_prefix(HIDDEN).unwrap_or(table_name)
}

/// The bytes of an attachment; none if it has none.
pub(crate) fn bytes(connection: &Connection, sys_id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let found = connection
        .prepare_cached("SELECT bytes FROM \"sys_attachment/bytes\" WHERE sys_id = ?")?
        .query_row([sys_id], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Keeps the bytes of an attachment, unless there would be more than [`MAX_TOTAL`] of all; returns
/// whether it did.
pub(crate) fn keep(records: &Records<'_>, sys_id: &str, bytes: &[u8]) -> Result<bool, StoreError> {
    let kept: i64 = records
        .connection
        .prepare_cached("SELECT coalesce(sum(length(bytes)), 0) FROM \"sys_attachment/bytes\"")?
        .query_row([], |row| row.get(0))?;
    if usize::try_from(kept)
        .unwrap_or(usize::MAX)
        .saturating_add(bytes.len())
        > MAX_TOTAL
    {
        return Ok(false);
    }
    records
        .connection
        .prepare_cached(
            "INSERT OR REPLACE INTO \"sys_attachment/bytes\" (sys_id, bytes) VALUES (?, ?)",
        )?
        .execute((sys_id, bytes))?;
    Ok(true)
}

/// Dates an attachment as its uploader says, `YYYY-MM-DD HH:MM:SS` in UTC.
pub(crate) fn date(records: &Records<'_>, sys_id: &str, created: &str) -> Result<(), StoreError> {
    records
        .connection
        .prepare_cached("UPDATE sys_attachment SET sys_created_on = ? WHERE sys_id = ?")?
        .execute((created, sys_id))?;
    Ok(())
}

/// Deletes what made sense only with a deleted record: the attachments of a record, the bytes and
/// the attributes of an attachment.
pub(super) fn gone_with(
    records: &mut Records<'_>,
    class: &Class,
    sys_id: &str,
) -> Result<(), StoreError> {
    match class.name {
        "sys_attachment" => {
            records
                .connection
                .prepare_cached("DELETE FROM \"sys_attachment/bytes\" WHERE sys_id = ?")?
                .execute([sys_id])?;
            while let Some(attribute) =
                records.find("sys_attachment_attribute", "attachment", sys_id)?
            {
                records.delete("sys_attachment_attribute", &attribute)?;
            }
        }
        "sys_attachment_attribute" => {}
        _ => {
            for attachment in of_record(records.connection, class, sys_id)? {
                records.delete("sys_attachment", &attachment)?;
            }
        }
    }
    Ok(())
}

/// The attachments of a record, by the name of its table or of one that it extends.
fn of_record(
    connection: &Connection,
    class: &Class,
    sys_id: &str,
) -> Result<Vec<String>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT sys_id, table_name FROM sys_attachment WHERE table_sys_id = ?")?;
    let found = statement.query_map([sys_id], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut attachments = Vec::new();
    for attachment in found {
        let (attachment, table_name) = attachment?;
        if class.lineage.contains(&parent_table(&table_name)) {
            attachments.push(attachment);
        }
    }
    Ok(attachments)
}
