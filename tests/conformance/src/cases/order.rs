//! Whether a history of calls has an order: a moment for each call, between its beginning and its end, such that one
//! after the other they answer what they answered.
//!
//! The search is that of Wing and Gong (*Testing and verifying concurrent objects*, 1993), with Lowe's memory of states that
//! led nowhere (*Testing for linearizability*, 2017): a call may come first of those that are left if it began before
//! any other of them had ended.

use std::collections::HashSet;

/// So many keys a history speaks of.
pub(super) const KEYS: usize = 3;

/// What is under each key: nothing, or the number that was put.
pub(super) type State = [Option<u32>; KEYS];

// A search that has come so far is given up: the history then counts for nothing.
const MOST_STEPS: usize = 1_000_000;

/// One call, and what it answered.
#[derive(Clone, Debug)]
pub(super) enum Call {
    /// A batch: what it required, what each key it writes has after it, and whether it was applied.
    Apply { requires: Vec<(usize, Option<u32>)>, writes: Vec<(usize, Option<u32>)>, ended: Ended },
    /// What some keys had at one moment.
    Read(Vec<(usize, Option<u32>)>),
}

/// How a batch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Applied,
    /// A precondition did not hold.
    Refused,
    /// It was given up, and may be applied at any time, or never.
    Unknown,
}

/// A call with the times between which it took effect. No two times of a history are the same.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) task: usize,
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) call: Call,
}

impl Event {
    fn is_optional(&self) -> bool {
        matches!(&self.call, Call::Apply { ended: Ended::Unknown, .. })
    }

    /// The state after the call, if it can have answered so in this one.
    fn step(&self, state: &State) -> Option<State> {
        let has = |(key, value): &(usize, Option<u32>)| state.get(*key) == Some(value);
        match &self.call {
            Call::Read(found) => found.iter().all(has).then_some(*state),
            Call::Apply { requires, writes, ended } => match (requires.iter().all(has), ended) {
                (true, Ended::Refused) | (false, Ended::Applied) => None,
                (false, Ended::Refused | Ended::Unknown) => Some(*state),
                (true, Ended::Applied | Ended::Unknown) => {
                    let mut next = *state;
                    for (key, value) in writes {
                        if let Some(slot) = next.get_mut(*key) {
                            *slot = *value;
                        }
                    }
                    Some(next)
                }
            },
        }
    }
}

/// Whether a history of at most 64 calls has an order that begins with nothing stored; not known if the search takes
/// too long.
pub(super) fn has_order(history: &[Event]) -> Option<bool> {
    let all: u64 = (0..history.len()).fold(0, |mask, at| mask | 1 << at);
    let needed = (0..history.len())
        .zip(history)
        .filter(|(_, event)| !event.is_optional())
        .fold(0_u64, |mask, (at, _)| mask | 1 << at);
    let mut seen = HashSet::new();
    let mut open: Vec<(u64, State)> = vec![(all, State::default())];
    while let Some((left, state)) = open.pop() {
        if left & needed == 0 {
            return Some(true);
        }
        if seen.len() > MOST_STEPS {
            return None;
        }
        let remaining = || (0..history.len()).zip(history).filter(|(at, _)| left & (1 << at) != 0);
        let first_end = remaining().map(|(_, event)| event.ended).min().unwrap_or(u64::MAX);
        for (at, event) in remaining().filter(|(_, event)| event.began < first_end) {
            let Some(next) = event.step(&state) else { continue };
            let after = (left & !(1 << at), next);
            if seen.insert(after) {
                open.push(after);
            }
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::{Call, Ended, Event, has_order};

    fn event(task: usize, began: u64, ended: u64, call: Call) -> Event {
        Event { task, began, ended, call }
    }

    fn put(key: usize, value: u32) -> Call {
        Call::Apply { requires: Vec::new(), writes: vec![(key, Some(value))], ended: Ended::Applied }
    }

    fn read(key: usize, value: Option<u32>) -> Call {
        Call::Read(vec![(key, value)])
    }

    #[test]
    fn a_read_beside_a_put_may_see_it_or_not() {
        for value in [None, Some(1)] {
            let history = [event(0, 1, 4, put(0, 1)), event(1, 2, 3, read(0, value))];
            assert_eq!(has_order(&history), Some(true));
        }
    }

    #[test]
    fn a_read_after_a_put_sees_it() {
        let history = [event(0, 1, 2, put(0, 1)), event(1, 3, 4, read(0, None))];
        assert_eq!(has_order(&history), Some(false));
    }

    #[test]
    fn what_was_seen_is_not_unseen() {
        let put = event(0, 1, 9, put(0, 1));
        let history = [put, event(1, 2, 3, read(0, Some(1))), event(2, 4, 5, read(0, None))];
        assert_eq!(has_order(&history), Some(false));
    }

    #[test]
    fn two_batches_that_each_require_what_the_other_writes_to_be_absent_have_no_order() {
        let batch = |own, other| Call::Apply {
            requires: vec![(other, None)],
            writes: vec![(own, Some(1))],
            ended: Ended::Applied,
        };
        let history = [event(0, 1, 4, batch(0, 1)), event(1, 2, 3, batch(1, 0))];
        assert_eq!(has_order(&history), Some(false));
    }

    #[test]
    fn a_batch_that_was_given_up_may_come_late_or_never_but_not_twice() {
        let given_up = |writes| Call::Apply { requires: Vec::new(), writes, ended: Ended::Unknown };
        let lost = event(0, 1, u64::MAX, given_up(vec![(0, Some(1))]));
        let never = [lost.clone(), event(1, 2, 3, read(0, None))];
        let late = [lost.clone(), event(1, 2, 3, read(0, None)), event(1, 4, 5, read(0, Some(1)))];
        let twice = [
            lost,
            event(1, 2, 3, read(0, Some(1))),
            event(1, 4, 5, put(0, 2)),
            event(1, 6, 7, read(0, Some(1))),
        ];
        assert_eq!(
            (has_order(&never), has_order(&late), has_order(&twice)),
            (Some(true), Some(true), Some(false))
        );
    }

    #[test]
    fn half_of_a_batch_is_no_order() {
        let both = Call::Apply {
            requires: Vec::new(),
            writes: vec![(0, Some(1)), (1, Some(1))],
            ended: Ended::Applied,
        };
        let half = Call::Read(vec![(0, Some(1)), (1, None)]);
        assert_eq!(has_order(&[event(0, 1, 4, both), event(1, 2, 3, half)]), Some(false));
    }
}
