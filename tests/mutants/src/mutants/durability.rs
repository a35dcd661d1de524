//! Stores that forget. The switches are in the journal.

use crate::mutant::Mutant;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_journal(fault, &["reopening", "durability", "model"])
}

const fn crash(fault: &'static str) -> Mutant {
    Mutant::of_journal(fault, &["durability", "torn"])
}

const fn fault(fault: &'static str) -> Mutant {
    Mutant::of_journal(fault, &["faults", "resources", "durability", "errors"])
}

const fn compaction(fault: &'static str) -> Mutant {
    Mutant::of_journal(fault, &["upkeep", "durability", "reopening"])
}

pub(super) const MUTANTS: &[Mutant] = &[
    crash("batches are written when the store is closed"),
    crash("batches are written when the store is dropped"),
    crash("batches are written by a timer"),
    crash("buffered batches are written after later synced ones"),
    crash("a torn batch is applied as far as it goes"),
    crash("a large batch is written as several"),
    crash("batches are written behind a torn end"),
    one("flush does nothing"),
    one("closing forgets what was buffered"),
    one("the last batch is left out at every reopen"),
    one("the first batch after a reopen goes over the first of all"),
    one("a batch is replayed from its last operation to its first"),
    one("recovery leaves out the last operation of each batch"),
    one("empty values are lost by a reopen"),
    one("values over 64 KiB are lost by a reopen"),
    one("keys with a zero byte are lost by a reopen"),
    one("a reopen keeps 10,000 keys"),
    one("overwritten values come back after a reopen"),
    one("deletes are lost by a reopen"),
    one("deleted ranges are lost by a reopen"),
    one("ranges without end are lost by a reopen"),
    one("a refused batch comes back after a reopen"),
    fault("a batch is acknowledged before it is synced"),
    fault("nothing is ever synced"),
    fault("a failed sync is not told"),
    fault("a failed sync is told and the store goes on"),
    fault("a failed write is not told"),
    fault("a failed write is told and the store goes on with what it left"),
    fault("a full medium is called Internal"),
    fault("flush does not tell of a failed sync"),
    fault("close does not tell of a failed sync"),
    compaction("compaction loses the last key"),
    compaction("compaction loses empty values"),
    compaction("compaction brings deleted keys back after a reopen"),
    compaction("compaction is lost by a reopen"),
];
