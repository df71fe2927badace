//! The `snowproof` command.
fn main() {}
