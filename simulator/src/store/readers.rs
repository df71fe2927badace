//! The connections that read, each on loan for one snapshot.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::lanes::{Course, INSTRUCTIONS, Lanes};
use super::{StoreError, connect};

mod memory;

pub(crate) use memory::Mark;
use memory::Memory;

/// Connections that read at the same time, at most. What is slow is limited by the lanes.
const MOST: usize = 96;
/// Connections that are kept open while nobody reads.
const KEPT: usize = 8;

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
    memory: Memory,
}

/// The records at one moment. Every statement that it runs sees the same.
pub(crate) struct Snapshot<'r> {
    connection: &'r Connection,
    course: &'r Course,
    memory: RefCell<&'r mut Memory>,
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

    /// A `single` statement sees one moment by itself.
    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        single: bool,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut loan = self.lend()?;
        let reading = loan.reading.as_mut().ok_or_else(|| {
            StoreError::Invalid("a reader was used after it was given back".to_owned())
        })?;
        let _open = if single {
            None
        } else {
            Some(Open::begin(&reading.connection)?)
        };
        work(&Snapshot {
            connection: &reading.connection,
            course: &reading.course,
            memory: RefCell::new(&mut reading.memory),
        })
    }

    /// Runs work that is long and reads nothing, in the lane of heavy reads.
    pub(super) fn at_length<T>(&self, work: impl FnOnce(&LongWork) -> T) -> T {
        let course = Course::new(Arc::clone(&self.lanes));
        course.begin(READS.get());
        course.grow_heavy();
        work(&LongWork(course))
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
            memory: Memory::default(),
        })
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Work in the lane of heavy reads; it leaves the lane when it is dropped.
#[derive(Debug)]
pub(crate) struct LongWork(Course);

impl LongWork {
    /// A piece of tens of microseconds is done: others have their turn.
    pub(crate) fn step(&self) {
        self.0.step();
    }
}

impl Drop for LongWork {
    fn drop(&mut self) {
        self.0.end();
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
    /// Work on what was read has taken a step: a long one lets others have their turn.
    pub(crate) fn step(&self) {
        self.course.step();
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
