//! How what changed since the last run is found.

use std::time::Duration;

/// How it is asked for, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incremental {
    /// From which time on the next run asks.
    pub cursor: Cursor,
    /// How much of the time before that it reads again: a transaction that took long appears behind
    /// the cursor.
    pub overlap: Duration,
    /// By how much the times of its queries are ahead of UTC.
    pub ahead_of_utc: Duration,
    /// What becomes of records that it reads again and that are as they were.
    pub reread: Reread,
    /// Whether it tells what is gone.
    pub deletions: Deletions,
    /// What becomes of the cursor where a run reads nothing from which another could be taken.
    pub empty_run: EmptyRun,
}

impl Default for Incremental {
    fn default() -> Self {
        Self {
            cursor: Cursor::InstanceTime,
            overlap: Duration::from_secs(300),
            ahead_of_utc: Duration::ZERO,
            reread: Reread::LeftOut,
            deletions: Deletions::Told,
            empty_run: EmptyRun::KeepsCursor,
        }
    }
}

/// From which time on the next run asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// When this run began by the instance's clock, that second included.
    InstanceTime,
    /// When this run ended by its own clock, that second included.
    OwnTime,
    /// When the latest record that it read was changed, that second excluded.
    LatestRecord,
}

/// What becomes of records that are read again and are as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reread {
    /// They are left out.
    LeftOut,
    /// They are delivered again.
    Delivered,
}

/// Whether it is told what is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletions {
    /// As `sys_audit_delete` has it; where that cannot be read, the user is told.
    Told,
    /// No.
    Ignored,
}

/// What becomes of the cursor where a run reads nothing from which another could be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyRun {
    /// It stays.
    KeepsCursor,
    /// It is written as nothing.
    ForgetsCursor,
}
