//! The calls of the seam, as data: what metrics, spans and fault plans name them by.

/// A call of the seam. Reads of a snapshot have the names of the same reads of the store.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// [`ReadView::get`](codestrata_core::ReadView::get).
    Get,
    /// [`ReadView::get_many`](codestrata_core::ReadView::get_many).
    GetMany,
    /// [`ReadView::scan`](codestrata_core::ReadView::scan).
    Scan,
    /// [`ReadView::scan_many`](codestrata_core::ReadView::scan_many).
    ScanMany,
    /// [`Backend::apply`](codestrata_core::Backend::apply).
    Apply,
    /// [`Backend::snapshot`](codestrata_core::Backend::snapshot).
    Snapshot,
    /// [`Backend::flush`](codestrata_core::Backend::flush).
    Flush,
    /// [`Backend::close`](codestrata_core::Backend::close).
    Close,
    /// [`Backend::stats`](codestrata_core::Backend::stats).
    Stats,
    /// [`Backend::compact`](codestrata_core::Backend::compact).
    Compact,
    /// [`Backend::verify`](codestrata_core::Backend::verify).
    Verify,
}

impl Operation {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 11] = [
        Self::Get,
        Self::GetMany,
        Self::Scan,
        Self::ScanMany,
        Self::Apply,
        Self::Snapshot,
        Self::Flush,
        Self::Close,
        Self::Stats,
        Self::Compact,
        Self::Verify,
    ];

    /// Those that a snapshot has as well.
    pub const READS: [Self; 4] = [Self::Get, Self::GetMany, Self::Scan, Self::ScanMany];

    /// Its name in metrics and spans: that of the method.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::GetMany => "get_many",
            Self::Scan => "scan",
            Self::ScanMany => "scan_many",
            Self::Apply => "apply",
            Self::Snapshot => "snapshot",
            Self::Flush => "flush",
            Self::Close => "close",
            Self::Stats => "stats",
            Self::Compact => "compact",
            Self::Verify => "verify",
        }
    }

    /// Its place in [`ALL`](Self::ALL).
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
