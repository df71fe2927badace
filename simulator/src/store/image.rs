//! The prebuilt database that every instance's is copied from.
//!
//! Building takes the time of about a thousand inserts; copying takes that of writing a file.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use rusqlite::Connection;

use super::schema::{Kind, Schema};
use super::{Author, Records, StoreError, SysIds, connect, named_id, seed, text};

/// Raised when what is shipped changes and the tables do not.
const VERSION: u32 = 4;
/// `PRAGMA application_id`: `SNOW` in ASCII.
const APPLICATION: i64 = 0x534e_4f57;

/// Physical tables that can be large, and that connectors read in the order of creation too.
const LARGE: [&str; 4] = ["cmdb_ci", "cmdb_rel_ci", "sys_audit_delete", "task"];

/// Makes the file a database where it is missing, and says whether it did.
pub(super) fn place(schema: &'static Schema, path: &Path) -> Result<bool, StoreError> {
    match File::create_new(path) {
        Ok(mut file) => {
            file.write_all(bytes(schema)?)?;
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            check(schema, path).map(|()| false)
        }
        Err(error) => Err(error.into()),
    }
}

fn check(schema: &Schema, path: &Path) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign(path.display().to_string());
    let connection = connect(path)?;
    let number =
        |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let found = number("application_id").and_then(|id| Ok((id, number("user_version")?)));
    match found {
        Ok((APPLICATION, made)) if made == version(schema) => Ok(()),
        Ok(_) | Err(_) => Err(foreign()),
    }
}

fn bytes(schema: &'static Schema) -> Result<&'static [u8], StoreError> {
    if let Some(image) = schema.image.get() {
        return Ok(image);
    }
    let built = build(schema)?;
    Ok(schema.image.get_or_init(|| built))
}

fn build(schema: &'static Schema) -> Result<Vec<u8>, StoreError> {
    let folder = tempfile::Builder::new()
        .prefix("snowproof-image-")
        .tempdir()?;
    let path = folder.path().join("image.db");
    let mut connection = Connection::open(&path)?;
    text::register(&connection)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", version(schema))?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(&tables(schema))?;
    let mut ids = SysIds::seeded(0);
    let author = Author::system(seed::SHIPPED);
    seed::ship(&mut Records::new(&transaction, schema, &author, &mut ids))?;
    transaction.commit()?;
    // Copies are in WAL mode from the start; closing leaves everything in the one file.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(fs::read(path)?)
}

/// `PRAGMA user_version` of a database: a digest of its tables.
fn version(schema: &Schema) -> i64 {
    let digest = named_id(&[&VERSION.to_string(), "\n", &tables(schema)].concat());
    i64::from_str_radix(&digest[..7], 16).unwrap_or(i64::from(VERSION))
}

/// The statements that make every physical table.
fn tables(schema: &Schema) -> String {
    let mut statements = String::from(
        "CREATE TABLE sys_number (prefix TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;\n",
    );
    for class in schema.classes.values().filter(|class| class.is_root()) {
        let table = class.name;
        let columns: Vec<String> = schema
            .physical_columns(table)
            .values()
            .map(|column| {
                let name = column.name;
                match column.kind {
                    Kind::Guid => format!("\"{name}\" TEXT NOT NULL PRIMARY KEY"),
                    kind if kind.is_number() => {
                        format!("\"{name}\" NUMERIC NOT NULL DEFAULT ''")
                    }
                    Kind::Reference(_) => format!("\"{name}\" TEXT NOT NULL DEFAULT ''"),
                    _ => format!(
                        "\"{name}\" TEXT NOT NULL DEFAULT '' COLLATE {}",
                        text::COLLATION
                    ),
                }
            })
            .collect();
        let columns = columns.join(", ");
        statements.push_str(
            &format_args!("CREATE TABLE \"{table}\" ({columns}) WITHOUT ROWID;\n").to_string(),
        );
        // What is skipped in this order is not looked up in the table.
        let holds = if class.family.len() > 1 {
            ", sys_class_name"
        } else {
            ""
        };
        let dates: &[&str] = if LARGE.contains(&table) {
            &["updated", "created"]
        } else {
            &["updated"]
        };
        for date in dates {
            statements.push_str(
                &format_args!(
                    "CREATE INDEX \"{table}/{date}\" ON \"{table}\" (sys_{date}_on, sys_id{holds});\n"
                )
                .to_string(),
            );
        }
        if class.family.len() > 1 {
            // Counting the rows of a class, and skipping some in the order of ids, reads this alone.
            statements.push_str(
                &format_args!(
                    "CREATE INDEX \"{table}/ids\" ON \"{table}\" (sys_id, sys_class_name);\n"
                )
                .to_string(),
            );
        }
        let indexed = [
            "name",
            "number",
            "user_name",
            "user",
            "element_id",
            "email",
            "serial_number",
            "child",
            "id",
        ];
        for column in indexed.iter().filter(|name| class.column(name).is_some()) {
            statements.push_str(
                &format_args!("CREATE INDEX \"{table}/{column}\" ON \"{table}\" (\"{column}\");\n")
                    .to_string(),
            );
        }
        if table == "cmdb_rel_ci" {
            // One item can have thousands of relations.
            statements
                .push_str("CREATE INDEX \"cmdb_rel_ci/ends\" ON cmdb_rel_ci (parent, child);\n");
        }
        if table == "sys_metadata" {
            // Many classes live here, most of them small and read whole.
            statements.push_str(
                "CREATE INDEX \"sys_metadata/class\" ON sys_metadata (sys_class_name COLLATE BINARY, name);\n",
            );
        }
    }
    // Every class can be read by its own name.
    for class in schema.classes.values().filter(|class| !class.is_root()) {
        let (name, root, holds) = (class.name, class.root, class.holds("t"));
        statements.push_str(
            &format_args!(
                "CREATE VIEW \"{name}\" AS SELECT * FROM \"{root}\" AS t WHERE {holds};\n"
            )
            .to_string(),
        );
    }
    statements.push_str(super::attachments::TABLES);
    statements
}

#[cfg(test)]
pub(super) fn tables_can_be_made(schema: &Schema) {
    let connection = Connection::open_in_memory().unwrap();
    text::register(&connection).unwrap();
    connection.execute_batch(&tables(schema)).unwrap();
    for class in schema.classes.values() {
        let names: Vec<String> = class
            .columns
            .keys()
            .map(|name| format!("\"{name}\""))
            .collect();
        let statement = format!("SELECT {} FROM \"{}\"", names.join(","), class.name);
        connection.prepare(&statement).unwrap();
    }
}
