//! How far an instance is filled, for whoever waits, and whether to go on.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Rows after which the watch is called again.
const STRIDE: u64 = 1000;

/// How far an instance is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled {
    /// Made-up rows that are in.
    pub rows: u64,
    /// Made-up rows there will be. When as many are in, what is left to do is to index them.
    pub of: u64,
}

/// Is told how far an instance is filled, and says whether to go on. It is called often, and off
/// the async workers; it must not block.
#[derive(Clone)]
pub struct Watch(Arc<dyn Fn(Filled) -> bool + Send + Sync>);

impl Watch {
    /// A watch that calls this; `false` stops the filling, and the instance comes to nothing.
    pub fn new(told: impl Fn(Filled) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// Counts the rows of one filling and tells its watch, if it has one.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    watch: Option<Watch>,
    rows: AtomicU64,
    of: AtomicU64,
    stopped: AtomicBool,
}

impl Progress {
    pub(crate) fn new(watch: Option<Watch>) -> Self {
        Self {
            watch,
            ..Self::default()
        }
    }

    /// So many rows will be made.
    pub(crate) fn expect(&self, rows: u64) {
        self.of.store(rows, Ordering::Relaxed);
    }

    /// One more row is in. Says whether to stop.
    pub(crate) fn row(&self) -> bool {
        let rows = self.rows.fetch_add(1, Ordering::Relaxed) + 1;
        rows.is_multiple_of(STRIDE) && self.tell()
    }

    /// Says how far it is, and whether to stop.
    pub(crate) fn tell(&self) -> bool {
        if let Some(Watch(told)) = &self.watch {
            let filled = Filled {
                rows: self.rows.load(Ordering::Relaxed),
                of: self.of.load(Ordering::Relaxed),
            };
            if !told(filled) {
                self.stopped.store(true, Ordering::Relaxed);
            }
        }
        self.is_stopped()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_is_told_now_and_then_and_can_stop() {
        let told = Arc::new(AtomicU64::new(0));
        let last = Arc::clone(&told);
        let progress = Progress::new(Some(Watch::new(move |filled| {
            assert_eq!(filled.of, 3 * STRIDE);
            last.store(filled.rows, Ordering::Relaxed);
            filled.rows < 2 * STRIDE
        })));
        progress.expect(3 * STRIDE);
        let made = (1..=3 * STRIDE).find(|_| progress.row());
        assert_eq!(made, Some(2 * STRIDE));
        assert_eq!(told.load(Ordering::Relaxed), 2 * STRIDE);
        assert!(progress.is_stopped());
    }

    #[test]
    fn nobody_watching_nothing_stops() {
        let progress = Progress::default();
        assert!(!(0..3 * STRIDE).any(|_| progress.row()));
    }
}
