//! Configurations to copy and change.

/// Configurations to copy: a name, and the text of a commented `codestrata.toml`.
pub const PRESETS: &[(&str, &str)] = &[
    ("file", include_str!("../presets/file.toml")),
    ("memory", include_str!("../presets/memory.toml")),
    ("redb", include_str!("../presets/redb.toml")),
    ("redb-shared-analysis", include_str!("../presets/redb-shared-analysis.toml")),
    ("redb-separate-analysis", include_str!("../presets/redb-separate-analysis.toml")),
    ("sled", include_str!("../presets/sled.toml")),
];
