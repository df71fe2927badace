//! The records of an instance: SQLite, one physical table per root class.
//!
//! A database file is copied from an image that is built once per process. One writer and a few
//! readers share it (WAL); a read sees one snapshot. All methods block: call them off the async
//! workers. Empty values are `''`, never NULL. What may be read by whom is not decided here.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use tempfile::TempDir;

use crate::query::Session;

pub mod actions;
pub(crate) mod attachments;
mod error;
mod image;
pub mod records;
pub(crate) mod schema;
pub mod seed;
mod sys_id;
pub(crate) mod text;
mod visibility;

pub use error::StoreError;
pub use records::{Author, Committed, Records, Values};
use schema::Schema;
pub(crate) use sys_id::{SysIds, hex, named_id};
pub(crate) use visibility::access_condition;
pub use visibility::{Visible, visible};

/// Connections that read at the same time, at most.
const READERS: usize = 4;

/// The records of one instance: one writer, a pool of readers. Clones share the database.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

type Listener = Arc<dyn Fn(&[Committed]) + Send + Sync>;

struct Shared {
    path: PathBuf,
    writer: Mutex<Writer>,
    readers: Mutex<Readers>,
    returned: Condvar,
    listener: RwLock<Option<Listener>>,
    was_made: bool,
    schema: &'static Schema,
    // Dropped last: the connections above must be closed before the folder goes.
    _folder: Option<TempDir>,
}

struct Writer {
    connection: Connection,
    ids: SysIds,
}

struct Readers {
    idle: Vec<Connection>,
    open: usize,
}

impl Store {
    /// Opens the database of an instance, or makes it where the file is missing. Without a file it
    /// lives in a temporary folder that goes with the last clone.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not such a database.
    pub fn open(file: Option<&Path>) -> Result<Self, StoreError> {
        Self::open_with(schema::base(), file)
    }

    fn open_with(schema: &'static Schema, file: Option<&Path>) -> Result<Self, StoreError> {
        let (path, folder) = match file {
            Some(path) => (path.to_owned(), None),
            None => {
                let folder = tempfile::Builder::new().prefix("snowproof-").tempdir()?;
                (folder.path().join("instance.db"), Some(folder))
            }
        };
        let was_made = image::place(schema, &path)?;
        let connection = connect(&path)?;
        let synchronous = if folder.is_some() { "OFF" } else { "NORMAL" };
        connection.pragma_update(None, "synchronous", synchronous)?;
        Ok(Self {
            shared: Arc::new(Shared {
                path,
                writer: Mutex::new(Writer {
                    connection,
                    ids: SysIds::seeded(0),
                }),
                readers: Mutex::new(Readers {
                    idle: Vec::new(),
                    open: 0,
                }),
                returned: Condvar::new(),
                listener: RwLock::new(None),
                was_made,
                schema,
                _folder: folder,
            }),
        })
    }

    /// Whether this opening made the database; a kept one is already populated.
    #[must_use]
    pub fn was_made(&self) -> bool {
        self.shared.was_made
    }

    /// The tables of the instance.
    pub(crate) fn schema(&self) -> &'static Schema {
        self.shared.schema
    }

    /// Hands every committed transaction's changes to `listener`, in the order of the commits and
    /// before the writer returns. The listener may read the store and must not write to it.
    pub fn set_listener(&self, listener: impl Fn(&[Committed]) + Send + Sync + 'static) {
        let mut place = self
            .shared
            .listener
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Some(Arc::new(listener));
    }

    /// Starts the sequence of generated `sys_id`s over from this seed.
    pub fn seed_ids(&self, seed: u64) {
        self.writer().ids = SysIds::seeded(seed);
    }

    /// Runs `work` in one transaction: committed when it succeeds, undone when it fails.
    ///
    /// # Errors
    /// Whatever `work` fails with, or the database.
    pub fn write<T, E: From<StoreError>>(
        &self,
        author: &Author,
        work: impl FnOnce(&mut Records<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut writer = self.writer();
        let Writer { connection, ids } = &mut *writer;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let mut records = Records::new(&transaction, self.shared.schema, author, ids);
        let done = work(&mut records)?;
        let committed = records.into_committed();
        transaction.commit().map_err(StoreError::from)?;
        if !committed.is_empty() {
            let listener = self
                .shared
                .listener
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if let Some(listener) = listener {
                // The writer is still held, so that listeners see commits in their order.
                listener(&committed);
            }
        }
        drop(writer);
        Ok(done)
    }

    /// Runs `work` on one snapshot of the records.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut reader = self.shared.reader()?;
        let connection = reader.connection.as_mut().ok_or_else(|| {
            StoreError::Invalid("a reader was used after it was given back".to_owned())
        })?;
        let snapshot = connection.transaction().map_err(StoreError::from)?;
        work(&snapshot)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.shared
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that reads, on loan: it is given back even when a reader panics.
struct Reader<'s> {
    /// There until it is given back.
    connection: Option<Connection>,
    shared: &'s Shared,
}

impl Shared {
    fn reader(&self) -> Result<Reader<'_>, StoreError> {
        let mut readers = self.readers();
        let idle = loop {
            if let Some(connection) = readers.idle.pop() {
                break Some(connection);
            }
            if readers.open < READERS {
                readers.open += 1;
                break None;
            }
            let returned = self.returned.wait(readers);
            readers = returned.unwrap_or_else(PoisonError::into_inner);
        };
        drop(readers);
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path).inspect_err(|_| {
                self.readers().open -= 1;
                self.returned.notify_one();
            })?,
        };
        Ok(Reader {
            connection: Some(connection),
            shared: self,
        })
    }

    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.shared.readers().idle.extend(self.connection.take());
        self.shared.returned.notify_one();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.shared.path)
            .finish_non_exhaustive()
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Plans do not depend on bound values; otherwise SQLite prepares a cached statement again
    // whenever its LIMIT is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    text::register(&connection)?;
    Ok(connection)
}

/// The session of the instance itself, for queries that no user runs.
pub(crate) const SYSTEM: Session<'static> = Session {
    user_name: "system",
    user_sys_id: "system",
    unix: std::time::Duration::ZERO,
};
