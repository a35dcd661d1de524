//! What goes wrong, and when: the same every time for one plan.

use std::time::Duration;

use codestrata_core::ErrorKind;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::operation::Operation;

/// At which calls of an operation something goes wrong. Calls are counted for each operation by itself, from 0, over the
/// store and all its snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At every call.
    Always,
    /// At so many calls of a thousand, chosen by the seed; more than 1,000 is always.
    PerMille(u16),
    /// At so many calls from the first.
    First(u64),
    /// At the call of this number.
    Call(u64),
    /// At the call of this number and all that follow.
    From(u64),
}

/// What goes wrong at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not passed on, and answers with an error of this kind.
    Fail(ErrorKind),
    /// It is passed on after a time.
    Delay(Duration),
    /// Of a batch: it is applied, and the answer is `CommitUnknown`.
    LoseAcknowledgement,
    /// Of a batch: it is applied or not, as the seed decides, and the answer is `CommitUnknown`.
    TearAcknowledgement,
    /// Of a scan: the page is cut, and says so.
    CutPage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    operation: Operation,
    when: When,
    fault: Fault,
}

/// What goes wrong, and when.
///
/// Which calls are hit depends on the seed, the operation and the number of the call among those of its operation, and on
/// nothing else: no clock, and no other call. `Debug` shows all of it, so that a test that fails can print what repeats it.
///
/// ```
/// use codestrata::ErrorKind;
/// use codestrata::layers::{FaultPlan, Operation, When};
///
/// let plan = FaultPlan::seeded(7)
///     .fail(&Operation::READS, When::PerMille(50), ErrorKind::Unavailable)
///     .tear_acknowledgements(When::PerMille(100));
/// assert_eq!(plan, plan.clone());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    seed: u64,
    rules: Vec<Rule>,
}

impl FaultPlan {
    /// Nothing goes wrong yet. All choices come from the seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seed, rules: Vec::new() }
    }

    /// Calls are not passed on and fail with this kind. `CommitUnknown` for a batch is then a batch that was lost.
    #[must_use]
    pub fn fail(self, operations: &[Operation], when: When, kind: ErrorKind) -> Self {
        self.with(operations, when, Fault::Fail(kind))
    }

    /// Calls are passed on after a time. It may come together with another fault.
    #[must_use]
    pub fn delay(self, operations: &[Operation], when: When, time: Duration) -> Self {
        self.with(operations, when, Fault::Delay(time))
    }

    /// Batches are passed on, and when they succeed the answer is lost: `CommitUnknown`.
    #[must_use]
    pub fn lose_acknowledgements(self, when: When) -> Self {
        self.with(&[Operation::Apply], when, Fault::LoseAcknowledgement)
    }

    /// The connection breaks somewhere inside `apply`: `CommitUnknown`, and by the seed the batch was applied or not.
    #[must_use]
    pub fn tear_acknowledgements(self, when: When) -> Self {
        self.with(&[Operation::Apply], when, Fault::TearAcknowledgement)
    }

    /// Pages of `scan` and `scan_many` have half their items and go on after them, as those of an engine with limits of
    /// its own may at any time.
    #[must_use]
    pub fn cut_pages(self, when: When) -> Self {
        self.with(&[Operation::Scan, Operation::ScanMany], when, Fault::CutPage)
    }

    fn with(mut self, operations: &[Operation], when: When, fault: Fault) -> Self {
        self.rules.extend(operations.iter().map(|&operation| Rule { operation, when, fault }));
        self
    }

    /// What goes wrong at this call, in the order of the rules.
    pub(super) fn faults(&self, operation: Operation, number: u64) -> impl Iterator<Item = Fault> {
        (0..).zip(&self.rules).filter(move |(_, rule)| rule.operation == operation).filter_map(
            move |(position, rule)| {
                let is_hit = match rule.when {
                    When::Always => true,
                    When::PerMille(rate) => {
                        self.random(operation, number, position) % 1_000 < u64::from(rate)
                    }
                    When::First(count) => number < count,
                    When::Call(one) => number == one,
                    When::From(first) => number >= first,
                };
                is_hit.then_some(rule.fault)
            },
        )
    }

    /// One of two ways, for this call.
    pub(super) fn coin(&self, operation: Operation, number: u64) -> bool {
        self.random(operation, number, u64::MAX).is_multiple_of(2)
    }

    fn random(&self, operation: Operation, number: u64, purpose: u64) -> u64 {
        let mut input = [0; 24];
        let parts = [u64::try_from(operation.index()).unwrap_or_default(), number, purpose];
        for (place, part) in input.chunks_exact_mut(8).zip(parts) {
            place.copy_from_slice(&part.to_le_bytes());
        }
        xxh3_64_with_seed(&input, self.seed)
    }
}
