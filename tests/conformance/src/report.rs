//! The suite as a function: every case in turn, and a report for people and programs.

use std::fmt;
use std::time::{Duration, Instant};

use codestrata_core::{Capabilities, DamageDetection};

use crate::case::{Case, judge};
use crate::child;
use crate::factory::Factory;
use crate::table::CASES;
use crate::violation::Violation;

/// How a case ended.
#[derive(Debug)]
pub enum Verdict {
    /// The backend does what the contract demands.
    Passed,
    /// There was nothing to check, and why: what the backend does not claim, or what this machine cannot try.
    NotApplicable(String),
    /// The backend breaks the contract.
    Failed(Violation),
}

/// One case and how it ended.
#[derive(Debug)]
pub struct Entry {
    case: Case,
    verdict: Verdict,
    took: Duration,
}

impl Entry {
    /// The case.
    #[must_use]
    pub const fn case(&self) -> &Case {
        &self.case
    }

    /// How it ended.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// How long it took.
    #[must_use]
    pub const fn took(&self) -> Duration {
        self.took
    }
}

/// What the suite found about a backend.
#[derive(Debug)]
pub struct Report {
    subject: String,
    entries: Vec<Entry>,
}

impl Report {
    /// Whether no case failed.
    #[must_use]
    pub fn is_conformant(&self) -> bool {
        self.failures().next().is_none()
    }

    /// Every case that was run, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The cases that failed.
    pub fn failures(&self) -> impl Iterator<Item = (&Case, &Violation)> {
        self.entries.iter().filter_map(|entry| match &entry.verdict {
            Verdict::Failed(violation) => Some((&entry.case, violation)),
            _ => None,
        })
    }
}

impl fmt::Display for Report {
    /// A line for each case that failed or did not apply, and one with the counts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = [0_usize; 3];
        let [passed, failed, apart] = &mut counts;
        for Entry { case, verdict, .. } in &self.entries {
            match verdict {
                Verdict::Passed => *passed += 1,
                Verdict::NotApplicable(why) => {
                    *apart += 1;
                    writeln!(f, "not applicable  {case}: {why}")?;
                }
                Verdict::Failed(violation) => {
                    *failed += 1;
                    writeln!(f, "FAILED          {case}\n  {violation}")?;
                }
            }
        }
        writeln!(f, "{}", self.subject)?;
        write!(f, "{passed} cases passed, {failed} failed, {apart} did not apply")
    }
}

/// Runs every case against a backend, one after the other, and reports.
///
/// Some cases start the program that calls this again, with the same arguments: that process becomes what the case
/// needs when it comes to this call, and ends in it. So whatever the program does before is done there too.
///
/// ```no_run
/// # use codestrata_core::{BackendDescriptor, OpenFuture, OpenRequest};
/// # fn open(_: OpenRequest) -> OpenFuture { Box::pin(async { Err(codestrata_core::unsupported("opening")) }) }
/// # const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("lmdb", open);
/// let report = codestrata_conformance::check(&DESCRIPTOR.into());
/// println!("{report}");
/// assert!(report.is_conformant());
/// ```
#[must_use]
pub fn check(factory: &Factory) -> Report {
    check_only(factory, |_| true)
}

/// As [`check`], with the cases that are chosen.
#[must_use]
pub fn check_only(factory: &Factory, mut is_chosen: impl FnMut(&Case) -> bool) -> Report {
    child::act(factory);
    // Another factory of this program may be the one that is meant.
    let meant = if child::is_wanted() { &[][..] } else { CASES };
    let entries = meant.iter().filter(|case| is_chosen(case)).map(|case| {
        let begun = Instant::now();
        Entry { case: *case, verdict: judge(factory, case), took: begun.elapsed() }
    });
    Report { entries: entries.collect(), subject: summary(factory) }
}

/// What a run covers, for people: how many cases there are, and what the backend claims and does not claim.
#[must_use]
pub fn summary(factory: &Factory) -> String {
    let descriptor = factory.descriptor();
    let claims = descriptor.declared_capabilities();
    let list = |claimed: bool| {
        let names: Vec<&str> = capabilities(claims)
            .into_iter()
            .filter(|(_, has)| *has == claimed)
            .map(|(name, _)| name)
            .collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let given = |is_given: bool| if is_given { "given" } else { "not given, so not tried" };
    format!(
        "{}: {} cases; claimed and exercised: {}; not claimed and checked to be refused: {}; damage is detected: {}; \
         a medium that fails: {}; a newer format: {}",
        descriptor.name(),
        CASES.len(),
        list(true),
        list(false),
        claims.damage_detection().as_str(),
        given(factory.faulty().is_some()),
        given(factory.newer_format().is_some()),
    )
}

fn capabilities(claims: &Capabilities) -> [(&'static str, bool); 8] {
    [
        ("snapshots", claims.snapshots()),
        ("consistent pages", claims.consistent_pages()),
        ("persistent", claims.persistent()),
        ("synced", claims.synced()),
        ("readers beside a writer", claims.readers_beside_writer()),
        ("several writers", claims.several_writers()),
        ("read-only media", claims.read_only_media()),
        ("damage detection", claims.damage_detection() > DamageDetection::None),
    ]
}
