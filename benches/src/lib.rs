//! What the benches share: each is a file in `benches/` and prints ratios against a named baseline,
//! measured in one run.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a benchmark that cannot go on stops"
)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub mod baseline;
pub mod caller;
pub mod cpu;
pub mod instance;

/// Any free port of this machine.
pub const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Whether cargo only wants to know that the bench runs.
#[must_use]
pub fn is_tried() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// The middle one of these figures.
#[must_use]
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
