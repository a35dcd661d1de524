//! Backends that are broken on purpose.
pub mod fault;
pub mod journal;
