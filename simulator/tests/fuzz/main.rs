//! Mutated inputs against the simulator: never a panic, never a failure of its own, and an answer
//! within a bound.
//!
//! Every seed of `seeds/` is run first, then mutations of them until the time is up:
//! `SNOWPROOF_FUZZ_SECONDS` for each target, 1 if unset. `SNOWPROOF_FUZZ_SEED` picks the mutations.
//! An input that fails is printed as a byte string; add it to the seeds.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says on what"
)]

mod campaign;
mod mutate;
mod queries;
mod socket;
mod surface;
