//! Runs a target over its seeds and their mutations, for a time.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use crate::mutate::Mutator;

/// How long one input may take on a busy machine, without optimisation.
const BOUND: Duration = Duration::from_secs(20);

/// Panics of this process, on whatever thread: a runtime catches those of its tasks.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// One target at a time, so that a panic is that of its input.
static TURN: Mutex<()> = Mutex::new(());

/// Prints the input of a target that fails.
struct Shown<'i>(&'i [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input was b\"{}\"", self.0.escape_ascii());
        }
    }
}

/// Runs every seed, then mutations until the time is up.
pub(crate) fn run(seeds: Vec<Vec<u8>>, mut target: impl FnMut(&[u8])) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |about| {
            PANICS.fetch_add(1, Ordering::SeqCst);
            told(about);
        }));
    });
    let turn = TURN.lock();
    let _turn = turn.unwrap_or_else(PoisonError::into_inner);
    let mut one = |input: &[u8]| {
        let _shown = Shown(input);
        let before = PANICS.load(Ordering::SeqCst);
        let began = Instant::now();
        target(input);
        let took = began.elapsed();
        assert_eq!(before, PANICS.load(Ordering::SeqCst), "something panicked");
        assert!(took < BOUND, "it took {took:?}");
    };
    for seed in &seeds {
        one(seed);
    }
    let number = setting("SNOWPROOF_FUZZ_SEED").unwrap_or(1);
    let time = Duration::from_secs(setting("SNOWPROOF_FUZZ_SECONDS").unwrap_or(1));
    let mut mutator = Mutator::new(number, seeds);
    let (began, mut inputs) = (Instant::now(), 0_u64);
    while began.elapsed() < time {
        one(&mutator.next());
        inputs += 1;
    }
    println!("{inputs} mutations of seed {number} in {time:?}");
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap())
}

/// The seeds of a file, which a line of `%%` divides.
pub(crate) fn seeds(text: &str) -> Vec<Vec<u8>> {
    let pieces = text.split("\n%%\n");
    pieces.map(|piece| piece.trim_end().into()).collect()
}
