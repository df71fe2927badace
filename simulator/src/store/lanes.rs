//! Heavy reads beside light ones: a long query does not delay a short one.
//!
//! A read begins light. One that is still running after [`LIGHT`] steps is heavy: it waits for one
//! of the few heavy places, gives the place to the next in line after a slice, and again and again
//! lets others have its core: whoever has been woken meanwhile runs at once, and not when the
//! scheduler would take the core away. While others read it blinks, because some schedulers let
//! whoever yields go on to the end of its slice, which is milliseconds. Nobody has to say beforehand
//! what a query will cost. It measures work in steps and reads no clock.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Instructions of SQLite's virtual machine in one step: tens of microseconds.
pub(super) const INSTRUCTIONS: i32 = 1000;
/// Steps after which a read is heavy: more than a record with everything it refers to takes.
const LIGHT: u32 = 20;
/// Steps after which a heavy read lets the next in line have its place.
const SLICE: u32 = 200;
/// Steps after which it lets others have its core. Fewer would leave a long read nothing where all
/// cores are busy: some schedulers take a whole slice from whoever yields.
const BREATH: u32 = 4;
/// How long it lets go of its core after each step while others read: as short as the system's timers
/// allow, some fifty microseconds.
const BLINK: Duration = Duration::from_nanos(1);

/// Who waits to read at length.
pub(super) struct Lanes {
    line: Mutex<Line>,
    moved: Condvar,
    /// Heavy reads that run at once, at most.
    places: usize,
    /// Counts the reads that have begun.
    begun: AtomicU64,
}

#[derive(Default)]
struct Line {
    running: usize,
    waiting: VecDeque<u64>,
    tickets: u64,
}

impl Default for Lanes {
    /// One core is left to whatever is light.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_places(cores.saturating_sub(1).max(1))
    }
}

impl Lanes {
    fn with_places(places: usize) -> Self {
        Self {
            line: Mutex::default(),
            moved: Condvar::new(),
            places,
            begun: AtomicU64::new(0),
        }
    }

    /// Waits in line for a heavy place.
    fn enter(&self) {
        let mut line = self.line();
        let ticket = line.tickets;
        line.tickets += 1;
        line.waiting.push_back(ticket);
        while line.running >= self.places || line.waiting.front() != Some(&ticket) {
            let moved = self.moved.wait(line);
            line = moved.unwrap_or_else(PoisonError::into_inner);
        }
        line.waiting.pop_front();
        line.running += 1;
        drop(line);
        // The next in line may find a place too.
        self.moved.notify_all();
    }

    fn leave(&self) {
        self.line().running -= 1;
        self.moved.notify_all();
    }

    fn someone_waits(&self) -> bool {
        !self.line().waiting.is_empty()
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The course of the reads of one connection, one after another, or of other long work.
#[derive(Clone)]
pub(super) struct Course {
    lanes: Arc<Lanes>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    runs: AtomicBool,
    heavy: AtomicBool,
    /// Steps of the read; once it is heavy, of its slice.
    steps: AtomicU32,
    /// Reads that had begun when it last looked.
    seen: AtomicU64,
}

impl Course {
    pub(super) fn new(lanes: Arc<Lanes>) -> Self {
        Self {
            lanes,
            state: Arc::default(),
        }
    }

    /// A read begins. One within another keeps no lane: it would wait for itself.
    pub(super) fn begin(&self, within_another: bool) {
        let State {
            runs, heavy, steps, ..
        } = &*self.state;
        self.lanes.begun.fetch_add(1, Ordering::Relaxed);
        heavy.store(false, Ordering::Relaxed);
        steps.store(0, Ordering::Relaxed);
        runs.store(!within_another, Ordering::Relaxed);
    }

    /// The read has taken a step, and may have to wait before the next.
    pub(super) fn step(&self) {
        let state = &*self.state;
        if !state.runs.load(Ordering::Relaxed) {
            return;
        }
        let steps = state.steps.fetch_add(1, Ordering::Relaxed) + 1;
        if !state.heavy.load(Ordering::Relaxed) {
            if steps >= LIGHT {
                self.grow_heavy();
            }
        } else if steps >= SLICE {
            state.steps.store(0, Ordering::Relaxed);
            if self.lanes.someone_waits() {
                self.lanes.leave();
                self.lanes.enter();
            }
        } else {
            let begun = self.lanes.begun.load(Ordering::Relaxed);
            if state.seen.swap(begun, Ordering::Relaxed) != begun {
                blink();
            } else if steps.is_multiple_of(BREATH) {
                std::thread::yield_now();
            }
        }
    }

    /// What runs is heavy from here on, however short it was.
    pub(super) fn grow_heavy(&self) {
        let state = &*self.state;
        if state.runs.load(Ordering::Relaxed) && !state.heavy.swap(true, Ordering::Relaxed) {
            self.lanes.enter();
            state.steps.store(0, Ordering::Relaxed);
        }
    }

    /// The read has ended, well or not.
    pub(super) fn end(&self) {
        let ran = self.state.runs.swap(false, Ordering::Relaxed);
        if ran && self.state.heavy.load(Ordering::Relaxed) {
            self.lanes.leave();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it waits for nothing: a thread that sleeps lets go of its core at once"
)]
fn blink() {
    std::thread::sleep(BLINK);
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Course")
            .field("heavy", &self.state.heavy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    fn course(lanes: &Arc<Lanes>) -> Course {
        Course::new(Arc::clone(lanes))
    }

    fn heavy(lanes: &Arc<Lanes>) -> Course {
        let course = course(lanes);
        course.begin(false);
        for _ in 0..LIGHT {
            course.step();
        }
        course
    }

    #[test]
    fn a_short_read_never_waits() {
        let lanes = Arc::new(Lanes::with_places(1));
        let long = heavy(&lanes);
        for _ in 0..100 {
            let short = course(&lanes);
            short.begin(false);
            for _ in 1..LIGHT {
                short.step();
            }
            short.end();
        }
        long.end();
        assert_eq!(lanes.line().running, 0);
    }

    #[test]
    fn long_reads_take_turns() {
        let lanes = Arc::new(Lanes::with_places(1));
        let first = heavy(&lanes);
        let (done, finished) = channel();
        let second = thread::spawn({
            let lanes = Arc::clone(&lanes);
            move || {
                let second = heavy(&lanes);
                for _ in 0..SLICE {
                    second.step();
                }
                second.end();
                done.send(()).unwrap();
            }
        });
        // The first never ends, and yet the second gets through.
        while finished.try_recv().is_err() {
            first.step();
        }
        assert!(first.state.heavy.load(Ordering::Relaxed));
        first.end();
        second.join().unwrap();
    }

    #[test]
    fn at_most_so_many_long_reads_run_at_once() {
        let lanes = Arc::new(Lanes::with_places(2));
        let both = [heavy(&lanes), heavy(&lanes)];
        assert_eq!(lanes.line().running, 2);
        both.iter().for_each(Course::end);
        let most = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let read = heavy(&lanes);
                    for _ in 0..3 * SLICE {
                        most.fetch_max(lanes.line().running, Ordering::SeqCst);
                        read.step();
                    }
                    read.end();
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 2);
        assert_eq!(lanes.line().running, 0);
    }

    #[test]
    fn a_read_within_another_does_not_wait_for_it() {
        let lanes = Arc::new(Lanes::with_places(1));
        let outer = heavy(&lanes);
        let inner = course(&lanes);
        inner.begin(true);
        for _ in 0..10 * SLICE {
            inner.step();
        }
        inner.end();
        assert_eq!(lanes.line().running, 1);
        outer.end();
    }
}
