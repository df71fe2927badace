//! The records of an instance: SQLite, one physical table per root class.
//!
//! A database file is copied from an image that is built once per process. One writer and many
//! readers share it (WAL); a read sees one snapshot, and a long one does not delay a short one. All
//! methods block: call them off the async workers. Empty values are `''`, never NULL. What may be
//! read by whom is not decided here.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use tempfile::TempDir;

use crate::query::Session;
use crate::setup::InstanceSetup;

pub mod actions;
pub(crate) mod attachments;
mod error;
mod image;
mod lanes;
mod readers;
pub mod records;
pub(crate) mod schema;
pub mod seed;
mod sys_id;
pub(crate) mod text;
mod visibility;

pub use error::StoreError;
pub(crate) use error::nearest;
use readers::Readers;
pub(crate) use readers::{LongWork, Mark, Snapshot};
pub use records::{Author, Committed, Records, Values};
use schema::Schema;
pub(crate) use sys_id::{SysIds, hex, named_id};
pub(crate) use visibility::{View, access_condition};
pub use visibility::{Visible, visible};

/// Pages that the writer keeps in memory, at most, in KiB.
const WRITER_CACHE_KIB: i64 = 64 * 1024;
/// Instructions of SQLite's virtual machine after which the writer asks whether to go on.
const ASKED_AFTER: i32 = 100_000;
/// Bytes of the database that a connection reads without copying them.
const MAPPED: i64 = 256 << 20;

/// The records of one instance: one writer, a pool of readers. Clones share the database.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

type Listener = Arc<dyn Fn(&[Committed]) + Send + Sync>;

struct Shared {
    path: PathBuf,
    writer: Mutex<Writer>,
    readers: Readers,
    listener: RwLock<Option<Listener>>,
    was_made: bool,
    schema: &'static Schema,
    // Dropped last: the connections above must be closed before the folder goes.
    folder: Option<TempDir>,
}

struct Writer {
    connection: Connection,
    ids: SysIds,
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

    /// As [`open`](Self::open), with the tables and columns of a set-up's own.
    ///
    /// # Errors
    /// As `open`, and when the set-up's tables or columns cannot be had, or the file was made with
    /// others.
    pub fn open_for(setup: &InstanceSetup, file: Option<&Path>) -> Result<Self, StoreError> {
        Self::open_with(schema::with(setup.dictionary.as_ref())?, file)
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
        // Ids are random: without the pages it has touched, filling a table reads them over and over.
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        Ok(Self {
            shared: Arc::new(Shared {
                readers: Readers::of(&path),
                path,
                writer: Mutex::new(Writer {
                    connection,
                    ids: SysIds::seeded(0),
                }),
                listener: RwLock::new(None),
                was_made,
                schema,
                folder,
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

    /// Interrupts statements that write when this says so. It is asked every few milliseconds.
    pub(crate) fn interrupt_when(
        &self,
        asked: impl FnMut() -> bool + Send + 'static,
    ) -> Result<(), StoreError> {
        let connection = &mut self.writer().connection;
        connection.progress_handler(ASKED_AFTER, Some(asked))?;
        Ok(())
    }

    pub(crate) fn never_interrupt(&self) -> Result<(), StoreError> {
        let connection = &mut self.writer().connection;
        connection.progress_handler(0, None::<fn() -> bool>)?;
        Ok(())
    }

    /// Removes the file of a store that came to nothing, so that the next opening makes it anew.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn discard(self) -> Result<(), StoreError> {
        let path = self.shared.path.clone();
        let is_kept = self.shared.folder.is_none();
        drop(self);
        if is_kept {
            for ending in ["-wal", "-shm", ""] {
                let mut file = path.clone().into_os_string();
                file.push(ending);
                match std::fs::remove_file(file) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(error.into());
                    }
                    _ => {}
                }
            }
        }
        Ok(())
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

    /// Runs `work` on one snapshot of the records. A long read does not delay a short one.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.shared.readers.read(false, work)
    }

    /// As [`read`](Self::read), for work that runs one statement and no more.
    pub(crate) fn read_one<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.shared.readers.read(true, work)
    }

    /// Runs long work on what was read before, in turn with long reads. Blocks.
    pub(crate) fn at_length<T>(&self, work: impl FnOnce(&LongWork) -> T) -> T {
        self.shared.readers.at_length(work)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.shared
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
    connection.pragma_update(None, "mmap_size", MAPPED)?;
    // Plans do not depend on bound values; otherwise SQLite prepares a cached statement again
    // whenever its LIMIT is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    text::register(&connection)?;
    crate::query::register(&connection)?;
    Ok(connection)
}

/// The session of the instance itself, for queries that no user runs.
pub(crate) const SYSTEM: Session<'static> = Session {
    user_name: "system",
    user_sys_id: "system",
    unix: std::time::Duration::ZERO,
    time_zone: "UTC",
    reach: None,
};
