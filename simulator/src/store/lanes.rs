//! Heavy reads beside light ones: a long query does not delay a short one.
//!
//! A read begins light. One that is still running after [`LIGHT`] steps is heavy: it waits for one
//! of the few heavy places, gives the place to the next in line after a slice, and stands still
//! while light reads run. It does so for a bounded time, so that it always gets on. Nobody has to
//! say beforehand what a query will cost. It measures work in steps and reads no clock.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Instructions of SQLite's virtual machine in one step: tens of microseconds.
pub(super) const INSTRUCTIONS: i32 = 1000;
/// Steps after which a read is heavy: more than a record with everything it refers to takes.
const LIGHT: u32 = 20;
/// Steps after which a heavy read lets the next in line have its place.
const SLICE: u32 = 200;
/// How long a heavy read stands still for light ones, at most.
const STANDS: Duration = Duration::from_millis(5);
/// Steps that it then takes whoever waits.
const OWED: u32 = 40;

/// Who reads, and who waits to.
pub(super) struct Lanes {
    /// Light reads that run.
    light: AtomicUsize,
    /// Heavy reads that stand still for them.
    standing: AtomicUsize,
    line: Mutex<Line>,
    moved: Condvar,
    /// Heavy reads that run at once, at most.
    places: usize,
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
            light: AtomicUsize::new(0),
            standing: AtomicUsize::new(0),
            line: Mutex::default(),
            moved: Condvar::new(),
            places,
        }
    }

    fn light_leaves(&self) {
        let last = self.light.fetch_sub(1, Ordering::SeqCst) == 1;
        if last && self.standing.load(Ordering::SeqCst) > 0 {
            drop(self.line());
            self.moved.notify_all();
        }
    }

    /// Waits in line for a heavy place.
    fn heavy_enters(&self) {
        let mut line = self.line();
        let ticket = line.tickets;
        line.tickets += 1;
        line.waiting.push_back(ticket);
        while line.running >= self.places || line.waiting.front() != Some(&ticket) {
            line = self.wait(line);
        }
        line.waiting.pop_front();
        line.running += 1;
        drop(line);
        // The next in line may find a place too.
        self.moved.notify_all();
    }

    fn heavy_leaves(&self) {
        self.line().running -= 1;
        self.moved.notify_all();
    }

    fn someone_waits(&self) -> bool {
        !self.line().waiting.is_empty()
    }

    /// Stands still until no light read runs; says whether that took too long.
    fn stand_still(&self) -> bool {
        let line = self.line();
        self.standing.fetch_add(1, Ordering::SeqCst);
        let busy = |_: &mut Line| self.light.load(Ordering::SeqCst) > 0;
        let waited = self.moved.wait_timeout_while(line, STANDS, busy);
        let (line, result) = waited.unwrap_or_else(PoisonError::into_inner);
        self.standing.fetch_sub(1, Ordering::SeqCst);
        drop(line);
        result.timed_out()
    }

    fn wait<'l>(&self, line: MutexGuard<'l, Line>) -> MutexGuard<'l, Line> {
        let moved = self.moved.wait(line);
        moved.unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The course of the reads of one connection, one after another.
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
    owed: AtomicU32,
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
            runs,
            heavy,
            steps,
            owed,
        } = &*self.state;
        heavy.store(false, Ordering::Relaxed);
        steps.store(0, Ordering::Relaxed);
        owed.store(0, Ordering::Relaxed);
        runs.store(!within_another, Ordering::Relaxed);
        if !within_another {
            self.lanes.light.fetch_add(1, Ordering::SeqCst);
        }
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
                state.heavy.store(true, Ordering::Relaxed);
                self.lanes.light_leaves();
                self.lanes.heavy_enters();
                state.steps.store(0, Ordering::Relaxed);
            }
            return;
        }
        if steps >= SLICE {
            state.steps.store(0, Ordering::Relaxed);
            if self.lanes.someone_waits() {
                self.lanes.heavy_leaves();
                self.lanes.heavy_enters();
            }
        }
        let owed = state.owed.load(Ordering::Relaxed);
        if owed > 0 {
            state.owed.store(owed - 1, Ordering::Relaxed);
        } else if self.lanes.light.load(Ordering::SeqCst) > 0 && self.lanes.stand_still() {
            state.owed.store(OWED, Ordering::Relaxed);
        }
    }

    /// The read has ended, well or not.
    pub(super) fn end(&self) {
        if !self.state.runs.swap(false, Ordering::Relaxed) {
            return;
        }
        if self.state.heavy.load(Ordering::Relaxed) {
            self.lanes.heavy_leaves();
        } else {
            self.lanes.light_leaves();
        }
    }
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
        assert_eq!(lanes.light.load(Ordering::SeqCst), 0);
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
    fn a_long_read_stands_still_for_a_short_one_and_gets_on_all_the_same() {
        let lanes = Arc::new(Lanes::with_places(1));
        let short = course(&lanes);
        short.begin(false);
        let long = heavy(&lanes);
        // The short one never ends: after it has stood still, the long one has steps to take.
        long.step();
        assert_eq!(long.state.owed.load(Ordering::Relaxed), OWED);
        for _ in 0..OWED {
            long.step();
        }
        assert_eq!(long.state.owed.load(Ordering::Relaxed), 0);
        short.end();
        long.step();
        assert_eq!(long.state.owed.load(Ordering::Relaxed), 0);
        long.end();
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
