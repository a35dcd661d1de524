//! The indexer.
