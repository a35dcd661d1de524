//! Backends that are declared and never opened.

use codestrata_core::{
    BackendDescriptor, Capabilities, Error, ErrorKind, OpenFuture, OpenRequest, OptionKind, OptionSpec,
    Registry,
};

fn open(_: OpenRequest) -> OpenFuture {
    Box::pin(async { Err(Error::new(ErrorKind::Unsupported, "a fake opens nothing")) })
}

const REDB: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The file of the store.").required(),
    OptionSpec::new("cache", OptionKind::ByteSize, "Pages in memory."),
    OptionSpec::new("max_age", OptionKind::Duration, "How long a snapshot lives."),
    OptionSpec::new("verify", OptionKind::Boolean, "Whether it is checked when opened."),
    OptionSpec::new("readers", OptionKind::Integer, "How many read at once."),
];

const FILE: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The folder of the store.").required(),
    OptionSpec::new("log_file_size", OptionKind::ByteSize, "When a new log file is begun."),
];

const SLED: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The folder of the store.").required(),
    OptionSpec::new("cache", OptionKind::ByteSize, "Pages in memory."),
    OptionSpec::new("flush_every", OptionKind::Duration, "How often buffered batches are flushed."),
];

const POSTGRES: &[OptionSpec] = &[
    OptionSpec::new("url", OptionKind::Text, "Where the server is.").required().secret(),
    OptionSpec::new("token_size", OptionKind::ByteSize, "A secret that is not text.").secret(),
    OptionSpec::new("schema", OptionKind::Text, "The schema of the tables."),
    OptionSpec::new("pool", OptionKind::Integer, "How many connections."),
];

/// `memory` without options or synced durability, `sled` with options and without it, `redb` with every kind of
/// option, `postgres` with secrets, and `file` for its preset.
#[expect(clippy::unwrap_used, reason = "they have different names")]
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::empty();
    let durable = Capabilities::minimal().with_persistent().with_synced();
    for descriptor in [
        BackendDescriptor::new("memory", open),
        BackendDescriptor::new("file", open).capabilities(durable).options(FILE),
        BackendDescriptor::new("redb", open).capabilities(durable).options(REDB),
        BackendDescriptor::new("sled", open)
            .capabilities(Capabilities::minimal().with_persistent())
            .options(SLED),
        BackendDescriptor::new("postgres", open).capabilities(durable).options(POSTGRES),
    ] {
        registry.register(descriptor).unwrap();
    }
    registry
}
