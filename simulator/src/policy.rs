//! The compiled policy: users, roles, access controls and rate rules, as stages read them.
//!
//! Settings are records of the store. Every committed write to one of their tables recompiles an
//! immutable, versioned [`Policy`]; the next request is decided by it.
