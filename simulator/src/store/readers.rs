//! The connections that read, each on loan for one snapshot.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use rusqlite::types::Value;

use super::lanes::{Course, INSTRUCTIONS, Lanes};
use super::{StoreError, connect};

/// Connections that read at the same time, at most. What is slow is limited by the lanes.
const MOST: usize = 96;
/// Connections that are kept open while nobody reads.
const KEPT: usize = 8;
/// Counts that a connection remembers.
const COUNTS: usize = 64;

thread_local! {
    /// Whether this thread is inside a read.
    static READS: Cell<bool> = const { Cell::new(false) };
}

/// A pool of connections to one database.
pub(super) struct Readers {
    path: PathBuf,
    lanes: Arc<Lanes>,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    /// The one that was used last is lent first: it remembers most.
    idle: Vec<Reading>,
    lent: usize,
}

/// A connection, and what it remembers.
struct Reading {
    connection: Connection,
    course: Course,
    counts: Counts,
}

/// The records at one moment. Every statement that it runs sees the same.
pub(crate) struct Snapshot<'r> {
    connection: &'r Connection,
    counts: RefCell<&'r mut Counts>,
}

/// How many rows statements counted, as of one version of the database.
#[derive(Default)]
struct Counts {
    version: i64,
    /// By statement and its values, written as text.
    known: HashMap<String, i64>,
}

impl Readers {
    pub(super) fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            lanes: Arc::default(),
            pool: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut loan = self.lend()?;
        let reading = loan.reading.as_mut().ok_or_else(|| {
            StoreError::Invalid("a reader was used after it was given back".to_owned())
        })?;
        let _open = Open::begin(&reading.connection)?;
        work(&Snapshot {
            connection: &reading.connection,
            counts: RefCell::new(&mut reading.counts),
        })
    }

    fn lend(&self) -> Result<Loan<'_>, StoreError> {
        let mut pool = self.pool();
        while pool.lent >= MOST {
            let returned = self.returned.wait(pool);
            pool = returned.unwrap_or_else(PoisonError::into_inner);
        }
        pool.lent += 1;
        let idle = pool.idle.pop();
        drop(pool);
        let mut loan = Loan {
            reading: None,
            within_another: READS.replace(true),
            readers: self,
        };
        let reading = match idle {
            Some(reading) => reading,
            None => self.open()?,
        };
        reading.course.begin(loan.within_another);
        loan.reading = Some(reading);
        Ok(loan)
    }

    fn open(&self) -> Result<Reading, StoreError> {
        let mut connection = connect(&self.path)?;
        let course = Course::new(Arc::clone(&self.lanes));
        let steps = course.clone();
        // `true` would interrupt the query: here is the place of a quota.
        connection.progress_handler(
            INSTRUCTIONS,
            Some(move || {
                steps.step();
                false
            }),
        )?;
        Ok(Reading {
            connection,
            course,
            counts: Counts::default(),
        })
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan: it is given back even when a read panics.
struct Loan<'s> {
    /// There until it is given back, unless it could not be opened.
    reading: Option<Reading>,
    within_another: bool,
    readers: &'s Readers,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        READS.set(self.within_another);
        let reading = self.reading.take();
        if let Some(reading) = &reading {
            reading.course.end();
        }
        let mut pool = self.readers.pool();
        pool.lent -= 1;
        // What is not kept is closed once the pool is free again.
        let closed = if pool.idle.len() < KEPT {
            pool.idle.extend(reading);
            None
        } else {
            reading
        };
        drop(pool);
        self.readers.returned.notify_one();
        drop(closed);
    }
}

/// An open transaction that reads.
struct Open<'c>(&'c Connection);

impl<'c> Open<'c> {
    fn begin(connection: &'c Connection) -> Result<Self, StoreError> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let ended = self
            .0
            .prepare_cached("COMMIT")
            .and_then(|mut statement| statement.execute([]));
        if ended.is_err() {
            // A statement is still open, or the file has failed: nothing was written either way.
            let _closed_with_the_connection = self.0.execute_batch("ROLLBACK");
        }
    }
}

impl Snapshot<'_> {
    /// How many rows a statement counts. What was counted before, and cannot have changed since,
    /// is not counted again.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn count(&self, statement: &str, values: &[Value]) -> Result<i64, StoreError> {
        let version = self
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        let name = format!("{statement}\n{values:?}");
        let mut counts = self.counts.borrow_mut();
        if counts.version != version || counts.known.len() >= COUNTS {
            counts.known.clear();
            counts.version = version;
        }
        if let Some(count) = counts.known.get(&name) {
            return Ok(*count);
        }
        let count = self
            .prepare_cached(statement)?
            .query_row(rusqlite::params_from_iter(values), |row| row.get(0))?;
        counts.known.insert(name, count);
        Ok(count)
    }
}

impl Deref for Snapshot<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}
