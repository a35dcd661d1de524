//! The store.

pub mod model;
