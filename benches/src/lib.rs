//! Ratios against a named baseline, measured in one run; each bench is a file in `benches/`.
