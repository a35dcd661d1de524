//! Stores that are opened, made, locked or recognised wrongly. The switches are in the journal.

use crate::mutant::Mutant;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_journal(fault, &["opening", "processes", "reopening", "meta"])
}

const fn damaged(fault: &'static str) -> Mutant {
    Mutant::of_journal(fault, &["damage", "opening", "durability"])
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("the mode Existing creates"),
    one("the mode ReadOnly creates"),
    one("the mode ReadOnly opens to write"),
    one("the mode Create begins a new store"),
    one("a reader takes batches and drops them"),
    one("a reader sees what was there when it was opened"),
    one("the folders above a new store are not made"),
    one("there is no lock"),
    one("the lock holds in its own process only"),
    one("the lock is the presence of a file"),
    one("the lock is never given up"),
    one("the lock is given up after the first batch"),
    one("closing leaves the lock until the store is dropped"),
    one("only closing gives up the lock"),
    one("opening waits for the lock for ever").hanging(),
    one("a locked store is called Internal"),
    one("a locked store is called Unavailable"),
    one("an empty file is taken for a new store"),
    one("a foreign file is overwritten"),
    one("a path that is no folder is called Internal"),
    one("a folder of other things is taken for a new store"),
    one("everybody may read the files"),
    one("writers do not wait for each other").shared(),
    one("a writer does not read what others wrote").shared(),
    damaged("a newer format is read as this one"),
    damaged("checksums are not checked"),
    damaged("what follows damage is dropped in silence"),
    damaged("a damaged store is opened empty"),
    damaged("damage is called NotFound"),
    damaged("damage is called Internal"),
    damaged("damage makes it panic"),
    damaged("damage makes it abort"),
    damaged("damage makes it hang").hanging(),
    damaged("damage is met without a place"),
];
