//! Whether the inverted index leads to every file that it must lead to.

use std::ops::RangeInclusive;

use codestrata_core::Result;

use super::reading::Reading;
use super::report::{Subject, Verification};
use super::tables::Files;
use crate::graph::view::View;
use crate::keyspace::{self, FileOrd, Table};
use crate::link::term::Term;
use crate::postings::{bucket_of, describe, postings_in, terms_of};

/// Looks for every term of every file. A file too many may be named, as updates leave them; none may be missing.
pub(super) async fn check(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    files: &Files,
    report: &mut Verification,
) -> Result<()> {
    let (mut postings, lost) = buckets(view, reading, report).await?;
    let has_lost_deltas = deltas(view, reading, &mut postings, report).await?;
    postings.sort_unstable();
    let is_lost = |term: Term| {
        let bucket = bucket_of(term, view.head.bucket_bits);
        has_lost_deltas || lost.iter().any(|lost| lost.contains(&bucket))
    };
    let mut touched = 0_u64;
    for file in &files.stored {
        let terms = terms_of(&file.segment, &file.links);
        report.postings += u64::try_from(terms.len()).unwrap_or(u64::MAX);
        let is_missing = |term: &&Term| postings.binary_search(&(**term, file.ordinal)).is_err();
        // Where some cannot be read, that is the reason.
        touched += u64::from(terms.iter().any(|term| is_missing(&term) && is_lost(*term)));
        let is_missing = |term: &&Term| !is_lost(**term) && is_missing(term);
        let missing: Vec<&Term> = terms.iter().filter(is_missing).collect();
        let Some(first) = missing.first() else { continue };
        let message = format!(
            "of {} postings {} are missing: that of {} is one",
            terms.len(),
            missing.len(),
            describe(&file.segment, **first)
        );
        report.findings.add(Some(&file.entry.path), Subject::Index, message);
    }
    if touched > 0 {
        let message = format!("what cannot be read of the index are ways to {touched} files");
        report.findings.add(None, Subject::Index, message);
    }
    Ok(())
}

/// What the buckets lead to, and the numbers of those that cannot be read. What lies in the wrong one is never found,
/// and so leads nowhere.
async fn buckets(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    report: &mut Verification,
) -> Result<(Vec<(Term, FileOrd)>, Vec<RangeInclusive<u32>>)> {
    let mut postings = Vec::new();
    let table = keyspace::table(view.head.space, Table::Bucket);
    let lost = reading
        .each(table, false, |key, value| {
            let number = keyspace::first_number(key);
            match postings_in(value) {
                Err(error) => {
                    let message = format!("bucket {}: {error}", number.unwrap_or_default());
                    report.findings.add(None, Subject::Index, message);
                }
                Ok(found) => {
                    let before = (postings.len(), found.len());
                    let is_here = |term: Term| Some(bucket_of(term, view.head.bucket_bits)) == number;
                    postings.extend(found.into_iter().filter(|(term, _)| is_here(*term)));
                    let strays = before.0 + before.1 - postings.len();
                    if strays > 0 {
                        let message =
                            format!("bucket {} has {strays} postings of others", number.unwrap_or_default());
                        report.findings.add(None, Subject::Index, message);
                    }
                }
            }
        })
        .await?;
    let final_bucket = bucket_of(Term::MAX, view.head.bucket_bits);
    let mut numbers = Vec::new();
    for lost in lost {
        let Some(some) = lost.numbers(0, final_bucket) else { continue };
        let message = lost.says(&format!(
            "of the buckets 0 to {final_bucket} those from {} to {}",
            some.start(),
            some.end()
        ));
        report.findings.add(None, Subject::Index, message);
        numbers.push(some);
    }
    Ok((postings, numbers))
}

/// What was added since, if the head says that there is something; and whether some of it cannot be read.
async fn deltas(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    postings: &mut Vec<(Term, FileOrd)>,
    report: &mut Verification,
) -> Result<bool> {
    let mut count = 0_u64;
    let table = keyspace::table(view.head.space, Table::Delta);
    let lost = reading
        .each(table, true, |key, _| {
            count += 1;
            let posting = keyspace::first_number(key).zip(keyspace::last_ordinal(key));
            postings.extend(posting.filter(|_| view.head.has_deltas));
        })
        .await?;
    if count > 0 && !view.head.has_deltas {
        let message = format!("there are {count} deltas, and the head says that there are none");
        report.findings.add(None, Subject::Head, message);
    }
    let mut is_lost = false;
    for lost in lost.iter().filter(|_| view.head.has_deltas) {
        is_lost = true;
        report.findings.add(None, Subject::Index, lost.says("postings that were added since"));
    }
    Ok(is_lost)
}
