//! The inverted index: which files a term leads to.
//!
//! It has two parts. A full store writes the *buckets*: all postings sorted by term, cut by the leading bits of the
//! term into values of about two kilobytes. What changes later is added as single keys, the *deltas*. The index
//! may name a file that no longer has the term, never leave one out: whoever asks verifies with the file itself.
//! So an update never rewrites a bucket, and a posting that is gone need not be removed from one.

use bincode::{Decode, Encode};
use codestrata_core::Result;

use crate::codec::{RecordKind, decode, encode};
use crate::keyspace::FileOrd;
use crate::link::term::{self, Term};
use crate::link::{LinkRecord, symbols_of};
use crate::segment::Segment;

/// A bucket holds about so many postings.
const POSTINGS_PER_BUCKET: usize = 384;

/// The most leading bits by which the index is divided.
const MAX_BITS: u8 = 24;

#[derive(Encode, Decode)]
struct Bucket {
    /// Terms, sorted, as differences; equal ones have differing files.
    terms: Vec<u32>,
    files: Vec<FileOrd>,
}

/// Every term that leads to a file, sorted.
pub(crate) fn terms_of(segment: &Segment, links: &LinkRecord) -> Vec<Term> {
    let mut terms: Vec<Term> = links.asked().collect();
    terms.extend(segment.module().map(|module| term::provides(module.stem)));
    terms.extend(symbols_of(segment).map(|(symbol, _)| term::exports_symbol(&symbol)));
    for row in 0..segment.node_count() {
        terms.push(term::defines(&segment.id(row)));
        terms.push(term::names(segment.name(row)));
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// By how many leading bits an index of so many postings is divided.
pub(crate) fn bits_for(postings: usize) -> u8 {
    let mut bits = 0;
    while bits < MAX_BITS && postings >> bits > POSTINGS_PER_BUCKET {
        bits += 1;
    }
    bits
}

/// The bucket of a term.
pub(crate) fn bucket_of(term: Term, bits: u8) -> u32 {
    u32::try_from((u64::from(term) << bits) >> 32).unwrap_or_default()
}

/// The buckets of an index, in order; the postings must be sorted.
pub(crate) fn buckets(
    postings: &[(Term, FileOrd)],
    bits: u8,
) -> impl Iterator<Item = Result<(u32, Vec<u8>)>> + '_ {
    postings.chunk_by(move |a, b| bucket_of(a.0, bits) == bucket_of(b.0, bits)).map(move |chunk| {
        let number = chunk.first().map_or(0, |(term, _)| bucket_of(*term, bits));
        let mut last = 0;
        let mut bucket =
            Bucket { terms: Vec::with_capacity(chunk.len()), files: Vec::with_capacity(chunk.len()) };
        for (term, file) in chunk {
            bucket.terms.push(term.wrapping_sub(last));
            bucket.files.push(*file);
            last = *term;
        }
        Ok((number, encode(RecordKind::Postings, &bucket)?))
    })
}

/// All postings of a bucket, in their order.
pub(crate) fn postings_in(bytes: &[u8]) -> Result<Vec<(Term, FileOrd)>> {
    let bucket: Bucket = decode(RecordKind::Postings, bytes)?;
    let terms = bucket.terms.iter().scan(0_u32, |last, difference| {
        *last = last.wrapping_add(*difference);
        Some(*last)
    });
    Ok(terms.zip(bucket.files).collect())
}

/// What of a file a term stands for, in words.
pub(crate) fn describe(segment: &Segment, wanted: Term) -> String {
    if segment.module().is_some_and(|module| term::provides(module.stem) == wanted) {
        return "the module that it is".to_owned();
    }
    for row in 0..segment.node_count() {
        let id = segment.id(row);
        if term::defines(&id) == wanted {
            return format!("the node `{id}`");
        }
        if term::names(segment.name(row)) == wanted {
            return format!("the name `{}`", segment.name(row));
        }
    }
    match symbols_of(segment).find(|(symbol, _)| term::exports_symbol(symbol) == wanted) {
        Some((symbol, _)) => format!("the symbol `{symbol}`"),
        None => "something that its links depend on".to_owned(),
    }
}

/// The files that a bucket has for a term, in order.
pub(crate) fn files_in(bytes: &[u8], wanted: Term) -> Result<Vec<FileOrd>> {
    let bucket: Bucket = decode(RecordKind::Postings, bytes)?;
    let mut term = 0_u32;
    let mut files = Vec::new();
    for (difference, file) in bucket.terms.iter().zip(&bucket.files) {
        term = term.wrapping_add(*difference);
        if term > wanted {
            break;
        }
        if term == wanted {
            files.push(*file);
        }
    }
    Ok(files)
}
