//! Whether the inverted index leads to every file that it must lead to.

use codestrata_core::{Result, ScanRequest};

use super::report::{Subject, Verification};
use super::tables::Files;
use crate::graph::view::View;
use crate::keyspace::{self, FileOrd, Table};
use crate::link::term::Term;
use crate::postings::{bucket_of, describe, postings_in, terms_of};

/// Looks for every term of every file. A file too many may be named, as updates leave them; none may be missing.
pub(super) async fn check(view: &View<'_>, files: &Files, report: &mut Verification) -> Result<()> {
    let mut postings = buckets(view, report).await?;
    deltas(view, &mut postings, report).await?;
    postings.sort_unstable();
    for file in &files.stored {
        let terms = terms_of(&file.segment, &file.links);
        report.postings += u64::try_from(terms.len()).unwrap_or(u64::MAX);
        let is_missing = |term: &&Term| postings.binary_search(&(**term, file.ordinal)).is_err();
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
    Ok(())
}

/// What the buckets lead to. What lies in the wrong one is never found, and so leads nowhere.
async fn buckets(view: &View<'_>, report: &mut Verification) -> Result<Vec<(Term, FileOrd)>> {
    let mut postings = Vec::new();
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::Bucket));
    view.engine
        .for_each(view.reader(), request, |key, value| {
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
            Ok(())
        })
        .await?;
    Ok(postings)
}

/// What was added since, if the head says that there is something.
async fn deltas(
    view: &View<'_>,
    postings: &mut Vec<(Term, FileOrd)>,
    report: &mut Verification,
) -> Result<()> {
    let mut count = 0_u64;
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::Delta)).keys_only();
    view.engine
        .for_each(view.reader(), request, |key, _| {
            count += 1;
            let posting = keyspace::first_number(key).zip(keyspace::last_ordinal(key));
            postings.extend(posting.filter(|_| view.head.has_deltas));
            Ok(())
        })
        .await?;
    if count > 0 && !view.head.has_deltas {
        let message = format!("there are {count} deltas, and the head says that there are none");
        report.findings.add(None, Subject::Head, message);
    }
    Ok(())
}
