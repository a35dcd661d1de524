//! What the figures should be. Of SQLite, unless it says otherwise.

use crate::report::Goal::{self, AboveBy, NoMoreThan, TimesAtLeast, TimesAtMost};

pub(crate) const STORE: Goal = TimesAtMost(0.3);
pub(crate) const DISK: Goal = NoMoreThan(60.0);
pub(crate) const ARCHIVE: Goal = NoMoreThan(20.0);
pub(crate) const OPEN_WARM: Goal = TimesAtMost(0.5);
pub(crate) const OPEN_COLD: Goal = TimesAtMost(1.0);
pub(crate) const LOAD: Goal = TimesAtMost(0.75);
/// In bytes, whatever the reference takes.
pub(crate) const RESIDENT: Goal = NoMoreThan(50e6);
pub(crate) const REPLACE: Goal = TimesAtMost(0.5);
/// Of one append and its sync in the same run.
pub(crate) const REPLACE_FLOOR: Goal = TimesAtMost(2.5);
/// Of a store that was made anew.
pub(crate) const AFTER_REPLACEMENTS: Goal = TimesAtMost(1.3);
/// In seconds.
pub(crate) const UNCHANGED: Goal = NoMoreThan(0.25);
/// Of parsing and extracting alone on as many threads.
pub(crate) const INDEXING: Goal = TimesAtMost(1.5);
/// In bytes.
pub(crate) const INDEXING_PEAK: Goal = NoMoreThan(400e6);
/// Of opening the stored graph and answering.
pub(crate) const FROM_SOURCE: Goal = TimesAtLeast(100.0);
/// Of one thread.
pub(crate) const TWO_THREADS: Goal = TimesAtLeast(1.7);

/// Of redb used directly, with the same work and the same durability.
pub(crate) const SEAM_SCAN: Goal = TimesAtMost(1.5);
pub(crate) const SEAM_LOAD: Goal = TimesAtMost(1.2);
pub(crate) const SEAM_GET: Goal = TimesAtMost(1.3);
pub(crate) const SEAM_COMMIT: Goal = TimesAtMost(1.2);

/// Of `quick_cache` used directly.
pub(crate) const CACHE_HIT: Goal = TimesAtMost(1.3);
/// Of what the best fixed choice of entries would hit.
pub(crate) const CACHE_RATIO: Goal = TimesAtLeast(0.94);
/// More than an exact LRU.
pub(crate) const CACHE_SCANS: Goal = AboveBy(0.015);
/// In bytes.
pub(crate) const CACHE_OVERHEAD: Goal = NoMoreThan(90.0);

/// Of the same at the smallest size.
pub(crate) const INDEXING_PEAK_GROWTH: Goal = TimesAtMost(1.5);

/// The goal of a measurement of growth beside SQLite at the same size, where it has one.
pub(crate) fn beside_sqlite(measure: &str) -> Option<Goal> {
    match measure {
        "open, warm" => Some(OPEN_WARM),
        "open, page cache dropped" => Some(OPEN_COLD),
        _ => None,
    }
}

/// The goal of a measurement beside itself at the smallest size, of which this one is so many times.
pub(crate) fn of_growth(measure: &str, times: f64) -> Goal {
    TimesAtMost(match measure {
        // A tenth more than in proportion.
        "store" => 1.1 * times,
        "replace one file" => 1.3,
        _ => 1.5,
    })
}

/// The goal of a question, by the name of its measurement.
pub(crate) fn of_question(measure: &str) -> Goal {
    TimesAtMost(match measure {
        "3-hop callers of the 20 hottest" => 0.15,
        "3-hop all kinds from 20 hubs" => 0.05,
        "by name" => 0.5,
        _ => 0.3,
    })
}
