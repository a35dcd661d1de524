//! The inverted index: which files a term leads to.
//!
//! It has two parts. A full store writes the *buckets*: all postings sorted by term, cut by the leading bits of the
//! term into values of about two kilobytes. What changes later is added as single keys, the *deltas*. The index
//! may name a file that no longer has the term, never leave one out: whoever asks verifies with the file itself.
//! So an update never rewrites a bucket, and a posting that is gone need not be removed from one.

use bincode::{Decode, Encode};
use codestrata_core::Result;
use rayon::prelude::*;

use crate::codec::{Column, RecordKind, decode, encode};
use crate::keyspace::FileOrd;
use crate::limits::MAX_SORTED_POSTINGS;
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
    terms: Column,
    files: Column,
}

/// Every term that leads to a file, sorted.
pub(crate) fn terms_of(segment: &Segment, links: &LinkRecord) -> Vec<Term> {
    let mut terms: Vec<Term> = links.asked().collect();
    terms.extend(segment.module().map(|module| term::provides(module.stem)));
    terms.extend(symbols_of(segment).map(|(symbol, _)| term::exports_symbol(&symbol)));
    for row in 0..segment.node_count() {
        terms.push(term::defines_parts(&segment.id_parts(row)));
        terms.push(term::names(segment.name(row)));
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// By how many leading bits an index of so many postings is divided.
fn bits_for(postings: usize) -> u8 {
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

/// What leads to each file, and the inverted index of it. Files are numbered in the order in which they are added.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TermsOfFiles {
    /// Of all files, one after the other.
    terms: Vec<Term>,
    /// Where those of each file end.
    ends: Vec<usize>,
}

impl TermsOfFiles {
    /// Adds the next file, by its terms, which must be sorted.
    pub(crate) fn push(&mut self, terms: &[Term]) {
        self.terms.extend_from_slice(terms);
        self.ends.push(self.terms.len());
    }

    /// By how many leading bits the index is divided.
    pub(crate) fn bits(&self) -> u8 {
        bits_for(self.terms.len())
    }

    /// The inverted index, to be made part by part.
    pub(crate) fn into_parts(self) -> IndexParts {
        let begins = [0].into_iter().chain(self.ends.iter().copied()).take(self.ends.len()).collect();
        let parts = self.terms.len().div_ceil(MAX_SORTED_POSTINGS).max(1);
        let buckets = 1_u32 << self.bits();
        let length = buckets.div_ceil(u32::try_from(parts).unwrap_or(u32::MAX)).max(1);
        IndexParts { bits: self.bits(), files: self, next: begins, bucket: 0, buckets, length }
    }
}

/// Encoded buckets with their numbers, in order.
type Buckets = Vec<(u32, Vec<u8>)>;

/// Groups of buckets that are made side by side.
const GROUPS: u32 = 16;

/// An inverted index that is made some buckets at a time, so that what is made together has a bounded number of postings:
/// terms are hashes, and the buckets about alike.
pub(crate) struct IndexParts {
    files: TermsOfFiles,
    /// The first term of each file that is not in a bucket yet: they are sorted.
    next: Vec<usize>,
    bits: u8,
    /// The next bucket.
    bucket: u32,
    buckets: u32,
    /// So many buckets are made together.
    length: u32,
}

impl IndexParts {
    /// The next buckets, encoded, in order; those without postings are left out. None at the end.
    ///
    /// Every posting is dealt to a group of buckets, and on all cores those of each group to their buckets, which fit the
    /// cache of a core and are sorted one by one. Sorting all at once took three times as many instructions.
    ///
    /// Cost: a look at each of their postings, and at each file.
    pub(crate) fn next_part(&mut self) -> Option<Result<Buckets>> {
        let first = self.bucket;
        if first >= self.buckets {
            return None;
        }
        let end = first.saturating_add(self.length).min(self.buckets);
        self.bucket = end;
        let (bits, of_group) = (self.bits, (end - first).div_ceil(GROUPS).max(1));
        let mut groups: Vec<Vec<u64>> = (0..GROUPS).map(|_| Vec::new()).collect();
        let places = (0_u32..).zip(&mut self.next).zip(&self.files.ends);
        for ((file, next), file_end) in places {
            for term in self.files.terms.get(*next..*file_end).unwrap_or_default() {
                let bucket = bucket_of(*term, bits);
                if bucket >= end {
                    break;
                }
                *next += 1;
                if let Some(group) = groups.get_mut((bucket.saturating_sub(first) / of_group) as usize) {
                    group.push(u64::from(*term) << 32 | u64::from(file));
                }
            }
        }
        let firsts = (first..).step_by(of_group as usize);
        let groups: Vec<(u32, Vec<u64>)> = firsts.zip(groups).collect();
        let made = groups.into_par_iter().map(|(first, postings)| encoded(&postings, bits, first, of_group));
        Some(made.collect::<Result<Vec<Buckets>>>().map(|groups| groups.into_iter().flatten().collect()))
    }
}

/// So many buckets from this one on, encoded.
fn encoded(postings: &[u64], bits: u8, first: u32, count: u32) -> Result<Buckets> {
    let place = |posting: u64| bucket_of((posting >> 32) as Term, bits).wrapping_sub(first) as usize;
    let mut sizes = vec![0_usize; count as usize];
    for posting in postings {
        if let Some(size) = sizes.get_mut(place(*posting)) {
            *size += 1;
        }
    }
    let mut buckets: Vec<Vec<u64>> = sizes.into_iter().map(Vec::with_capacity).collect();
    for posting in postings {
        if let Some(bucket) = buckets.get_mut(place(*posting)) {
            bucket.push(*posting);
        }
    }
    let buckets = (first..).zip(buckets).filter(|(_, postings)| !postings.is_empty());
    let encoded = buckets.map(|(number, mut postings)| {
        postings.sort_unstable();
        Ok((number, encode(RecordKind::Postings, &Bucket::of(&postings))?))
    });
    encoded.collect()
}

impl Bucket {
    /// Of sorted postings, each a term in the upper half and a file in the lower.
    fn of(postings: &[u64]) -> Self {
        let mut last = 0;
        let differences = postings.iter().map(|posting| {
            let term = (posting >> 32) as Term;
            let difference = term.wrapping_sub(last);
            last = term;
            difference
        });
        Self {
            terms: differences.collect(),
            files: postings.iter().map(|posting| (posting & 0xffff_ffff) as FileOrd).collect(),
        }
    }
}

/// All postings of a bucket, in their order.
pub(crate) fn postings_in(bytes: &[u8]) -> Result<Vec<(Term, FileOrd)>> {
    let bucket: Bucket = decode(RecordKind::Postings, bytes)?;
    let postings = 0..bucket.terms.len();
    let terms = bucket.terms.range(postings.clone()).scan(0_u32, |last, difference| {
        *last = last.wrapping_add(difference);
        Some(*last)
    });
    Ok(terms.zip(bucket.files.range(postings)).collect())
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
    for posting in 0..bucket.terms.len() {
        term = term.wrapping_add(bucket.terms.get(posting));
        if term > wanted {
            break;
        }
        if term == wanted {
            files.push(bucket.files.get(posting));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The index of files, and how many parts it was made in.
    fn made(files: &[Vec<Term>]) -> (Vec<(Term, FileOrd)>, usize) {
        let mut all = TermsOfFiles::default();
        for terms in files {
            all.push(terms);
        }
        let (bits, mut index) = (all.bits(), all.into_parts());
        let (mut postings, mut parts, mut last) = (Vec::new(), 0, None);
        while let Some(made) = index.next_part() {
            parts += 1;
            for (number, bucket) in made.unwrap() {
                assert!(last < Some(number) && number < 1 << bits);
                last = Some(number);
                let bucket = postings_in(&bucket).unwrap();
                assert!(bucket.iter().all(|(term, _)| bucket_of(*term, bits) == number));
                postings.extend(bucket);
            }
        }
        (postings, parts)
    }

    #[test]
    fn an_index_has_every_posting_in_order_in_however_many_parts_it_is_made() {
        assert_eq!(made(&[]), (Vec::new(), 1));
        for (count, parts) in [(MAX_SORTED_POSTINGS, 1), (MAX_SORTED_POSTINGS + 1, 2)] {
            let count = u32::try_from(count).unwrap();
            let term = |posting: u32| posting.wrapping_mul(0x9e37_79b1);
            let files: Vec<Vec<Term>> = (0..count)
                .step_by(1 << 16)
                .map(|first| {
                    let mut terms: Vec<Term> = (first..(first + (1 << 16)).min(count)).map(term).collect();
                    terms.sort_unstable();
                    terms
                })
                .collect();
            let mut expected: Vec<(Term, FileOrd)> =
                (0..count).map(|posting| (term(posting), posting >> 16)).collect();
            expected.sort_unstable();
            assert!(made(&files) == (expected, parts), "{count} postings");
        }
    }
}
