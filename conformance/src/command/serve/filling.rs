//! What is told of an instance while it is filled, and that it can be stopped.
//!
//! A filling that takes less than two seconds is not worth a word.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use snowproof_simulator::store::seed::{Filled, Watch};

use crate::command::printing;

/// How long it is quiet.
const QUIET: Duration = Duration::from_secs(2);
/// Time between two lines, at least.
const BETWEEN: Duration = Duration::from_secs(1);

/// A filling that goes on.
#[derive(Debug, Default)]
pub(super) struct Filling {
    stopped: AtomicBool,
    pace: Mutex<Pace>,
}

impl Filling {
    /// Watches; what it sees goes to stderr.
    pub(super) fn watch(self: &Arc<Self>) -> Watch {
        let filling = Arc::clone(self);
        Watch::new(move |filled| {
            let mut pace = filling.pace.lock().unwrap_or_else(PoisonError::into_inner);
            if filled.of > 0 && pace.is_due(Instant::now()) {
                printing::progress(&told(filled));
            }
            !filling.stopped.load(Ordering::Relaxed)
        })
    }

    /// The next row is the last.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Nothing more is told.
    pub(super) fn end(&self) {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        if pace.told.is_some() {
            printing::progress_ends();
        }
    }
}

/// When something was told.
#[derive(Debug, Default)]
struct Pace {
    began: Option<Instant>,
    told: Option<Instant>,
}

impl Pace {
    fn is_due(&mut self, now: Instant) -> bool {
        let began = *self.began.get_or_insert(now);
        let due = now.duration_since(began) >= QUIET
            && self
                .told
                .is_none_or(|told| now.duration_since(told) >= BETWEEN);
        if due {
            self.told = Some(now);
        }
        due
    }
}

fn told(filled: Filled) -> String {
    let Filled { rows, of } = filled;
    if rows >= of {
        format!("indexing {of} rows")
    } else {
        format!("filled {rows} of {of} rows")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_after_two_seconds_and_once_a_second() {
        let mut pace = Pace::default();
        let began = Instant::now();
        let due: Vec<u64> = (0..=60)
            .map(|tenth| tenth * 100)
            .filter(|millis| pace.is_due(began + Duration::from_millis(*millis)))
            .collect();
        assert_eq!(due, [2000, 3000, 4000, 5000, 6000]);
    }

    #[test]
    fn a_line_says_how_far_it_is() {
        let at = |rows| told(Filled { rows, of: 30_000 });
        assert_eq!(at(1000), "filled 1000 of 30000 rows");
        assert_eq!(at(30_000), "indexing 30000 rows");
    }
}
