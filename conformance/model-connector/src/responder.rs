//! A tiny HTTP responder on port 0 for this crate's tests: it answers each request with whatever a
//! function makes of its head.
