//! Every key of a configuration file, as data.
//!
//! | key | takes | default | what it is |
//! |---|---|---|---|
//! | `storage` | section | required | Where graphs are kept. |
//! | `storage.backend` | text | required | The engine, by the name under which it is registered. |
//! | `storage.durability` | one of `strongest`, `synced`, `buffered` | `strongest` | What an acknowledged commit survives. |
//! | `storage.compression` | one of `none`, `lz4`, `zstd` | | How larger values are made smaller; may change at any time. Without it, `lz4` on an engine that outlives the process, else `none`. |
//! | `storage.timeout` | duration | | How long a call to the engine may take; without it, any time. |
//! | `storage.retries` | count | | How often a call that failed for a passing reason is made again; without it, never. |
//! | `storage.history` | number | `20` | How many versions of each graph the history of changes keeps; 0 keeps none. |
//! | `storage.options` | options | | The engine's own options; `codestrata backends` lists them. |
//! | `analysis` | section | | Where analysis results are kept, and for how long. |
//! | `analysis.backend` | text | | An engine for a store of its own; without it, results are kept in `[storage]`. |
//! | `analysis.durability` | one of `strongest`, `synced`, `buffered` | `strongest` | As in `[storage]`, for a store of its own. |
//! | `analysis.compression` | one of `none`, `lz4`, `zstd` | | As in `[storage]`, for a store of its own. |
//! | `analysis.timeout` | duration | | As in `[storage]`, for a store of its own. |
//! | `analysis.retries` | count | | As in `[storage]`, for a store of its own. |
//! | `analysis.options` | options | | The options of that engine. |
//! | `analysis.retention` | duration | | Results older than this are deleted; without it, age deletes nothing. |
//! | `analysis.max_results` | count | | Results kept for each repository and type; without it, number deletes nothing. |
//! | `cache` | section | | The memory that every store shares. |
//! | `cache.capacity` | size | `128MiB` | What it may hold; `0` turns it off. |
//! | `cache.default_ttl` | duration | | How long an entry without a lifetime of its own lives; without it, until it is evicted. |
//!
//! A *size* is a whole number of bytes or text with a unit (`"64MiB"`), a *duration* is text with a unit (`"30s"`,
//! `"1h 30m"`, `"30d"`), a *count* is a whole number from 1, a *number* one from 0. A test holds this table to [`KEYS`], from which the
//! parser takes its suggestions.

use codestrata_core::nearest;

/// What kind of value a key takes.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A section: `[storage]`.
    Section,
    /// A section whose keys are declared by the backend: `[storage.options]`.
    Options,
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A number of bytes, as an integer or as text with a unit.
    ByteSize,
    /// A span of time, as text with a unit.
    Duration,
    /// A whole number, at least 1.
    Count,
    /// A whole number, 0 among them.
    Number,
}

impl KeyKind {
    /// The kind as people name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Section => "section",
            Self::Options => "options",
            Self::Text => "text",
            Self::Choice(_) => "one of",
            Self::ByteSize => "size",
            Self::Duration => "duration",
            Self::Count => "count",
            Self::Number => "number",
        }
    }
}

/// One key of the file.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Where it stands, with dots between the parts: `cache.capacity`.
    pub path: &'static str,
    /// What it takes.
    pub kind: KeyKind,
    /// What is used when it is left out, as people would write it.
    pub default: Option<&'static str>,
    /// Whether it must be given.
    pub required: bool,
    /// What it is, in one sentence.
    pub summary: &'static str,
}

impl KeySpec {
    const fn new(path: &'static str, kind: KeyKind, summary: &'static str) -> Self {
        Self { path, kind, default: None, required: false, summary }
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// Its last part: `capacity` of `cache.capacity`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, name)| name)
    }

    /// The section it stands in: `cache` of `cache.capacity`, and nothing for a section of the file itself.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(section, _)| section)
    }
}

pub(crate) const DURABILITIES: &[&str] = &["strongest", "synced", "buffered"];

pub(crate) const COMPRESSIONS: &[&str] = &["none", "lz4", "zstd"];

/// Every key, in the order in which people write them.
pub const KEYS: &[KeySpec] = &[
    KeySpec::new("storage", KeyKind::Section, "Where graphs are kept.").required(),
    KeySpec::new("storage.backend", KeyKind::Text, "The engine, by the name under which it is registered.")
        .required(),
    KeySpec::new(
        "storage.durability",
        KeyKind::Choice(DURABILITIES),
        "What an acknowledged commit survives.",
    )
    .default("strongest"),
    KeySpec::new(
        "storage.compression",
        KeyKind::Choice(COMPRESSIONS),
        "How larger values are made smaller; may change at any time. Without it, `lz4` on an engine that outlives the process, else `none`.",
    ),
    KeySpec::new(
        "storage.timeout",
        KeyKind::Duration,
        "How long a call to the engine may take; without it, any time.",
    ),
    KeySpec::new(
        "storage.retries",
        KeyKind::Count,
        "How often a call that failed for a passing reason is made again; without it, never.",
    ),
    KeySpec::new(
        "storage.history",
        KeyKind::Number,
        "How many versions of each graph the history of changes keeps; 0 keeps none.",
    )
    .default("20"),
    KeySpec::new(
        "storage.options",
        KeyKind::Options,
        "The engine's own options; `codestrata backends` lists them.",
    ),
    KeySpec::new("analysis", KeyKind::Section, "Where analysis results are kept, and for how long."),
    KeySpec::new(
        "analysis.backend",
        KeyKind::Text,
        "An engine for a store of its own; without it, results are kept in `[storage]`.",
    ),
    KeySpec::new(
        "analysis.durability",
        KeyKind::Choice(DURABILITIES),
        "As in `[storage]`, for a store of its own.",
    )
    .default("strongest"),
    KeySpec::new(
        "analysis.compression",
        KeyKind::Choice(COMPRESSIONS),
        "As in `[storage]`, for a store of its own.",
    ),
    KeySpec::new("analysis.timeout", KeyKind::Duration, "As in `[storage]`, for a store of its own."),
    KeySpec::new("analysis.retries", KeyKind::Count, "As in `[storage]`, for a store of its own."),
    KeySpec::new("analysis.options", KeyKind::Options, "The options of that engine."),
    KeySpec::new(
        "analysis.retention",
        KeyKind::Duration,
        "Results older than this are deleted; without it, age deletes nothing.",
    ),
    KeySpec::new(
        "analysis.max_results",
        KeyKind::Count,
        "Results kept for each repository and type; without it, number deletes nothing.",
    ),
    KeySpec::new("cache", KeyKind::Section, "The memory that every store shares."),
    KeySpec::new("cache.capacity", KeyKind::ByteSize, "What it may hold; `0` turns it off.")
        .default("128MiB"),
    KeySpec::new(
        "cache.default_ttl",
        KeyKind::Duration,
        "How long an entry without a lifetime of its own lives; without it, until it is evicted.",
    ),
];

/// The keys of a section; of the file itself for `""`.
pub(crate) fn children(section: &str) -> impl Iterator<Item = &'static KeySpec> {
    KEYS.iter().filter(move |key| key.section() == section)
}

/// What to say of a key that the section does not have: the one that was meant, the section it belongs to, or
/// all that there are.
pub(crate) fn suggest(section: &str, name: &str) -> String {
    if let Some(near) = nearest(name, children(section).map(KeySpec::name)) {
        return format!("did you mean `{near}`?");
    }
    if let Some(elsewhere) = KEYS.iter().find(|key| key.name() == name && !key.section().is_empty()) {
        return format!("`{name}` belongs in [{}]", elsewhere.section());
    }
    let known: Vec<&str> = children(section).map(KeySpec::name).collect();
    let known = known.join(", ");
    match section {
        "" => format!("the sections are: {known}"),
        "storage" | "analysis" => {
            format!("[{section}] has: {known}; what the backend itself takes belongs in [{section}.options]")
        }
        _ => format!("[{section}] has: {known}"),
    }
}
