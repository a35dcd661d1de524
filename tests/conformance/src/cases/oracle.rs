//! What a store must answer, worked out from a list of all that it has.
//!
//! A case that compares only the items of a whole walk lets an engine pass whose pages are wrong in ways that cancel
//! out. This holds each page, and where it says to go on, to the list.

use std::collections::BTreeMap;

use codestrata_core::{Bytes, Direction, Op, Page, ReadView, ScanRequest};

use crate::lab::Entries;
use crate::violation::{Outcome, demand, demand_equal};

/// What a request asks for in all, from a store that has these entries in the order of their keys.
pub(super) fn expected(request: &ScanRequest, all: &Entries) -> Entries {
    let mut found: Entries = all.iter().filter(|(name, _)| request.range().contains(name)).cloned().collect();
    if request.direction() == Direction::Reverse {
        found.reverse();
    }
    if request.is_keys_only() {
        for (_, value) in &mut found {
            value.clear();
        }
    }
    found
}

/// Demands that a page is a right answer from a store that has exactly these entries.
#[track_caller]
pub(super) fn demand_page(page: &Page, request: &ScanRequest, all: &Entries) -> Outcome {
    let expected = expected(request, all);
    let found: Entries = page.iter_shared().collect();
    let bytes: usize = found.iter().map(|(name, value)| name.len() + value.len()).sum();
    demand(
        &format!("a page is within its limits ({request:?})"),
        found.len() <= request.item_limit() && (found.len() <= 1 || bytes <= request.byte_limit()),
        (found.len(), bytes),
    )?;
    demand(
        &format!("a page holds an item if there is one ({request:?})"),
        !found.is_empty() || expected.is_empty(),
        page,
    )?;
    let (first, rest) = expected.split_at_checked(found.len()).unwrap_or((&expected, &[]));
    demand_equal(
        &format!("a page holds the next items of the range, in their order ({request:?})"),
        &found,
        &first.to_vec(),
    )?;
    let Some(next) = page.next() else {
        return demand(
            &format!("a page without a next one is the last ({request:?})"),
            rest.is_empty(),
            (page, rest.len()),
        );
    };
    demand(&format!("a page without items is the last one ({request:?})"), !found.is_empty(), page)?;
    let left = self::expected(&request.over(next.clone()), all);
    demand_equal(
        &format!("the range of the next page has what is left, and nothing else ({request:?})"),
        &left,
        &rest.to_vec(),
    )
}

/// Demands that a request and all its next pages are right answers from a store that has exactly these entries.
pub(super) async fn demand_walk(view: &dyn ReadView, request: &ScanRequest, all: &Entries) -> Outcome {
    let mut request = request.clone();
    loop {
        let page = view.scan(&request).await?;
        demand_page(&page, &request, all)?;
        // What is left becomes less with each page, or the demand above would have failed.
        let Some(next) = page.next() else { return Ok(()) };
        request = request.over(next.clone());
    }
}

/// A map that is known to be right.
pub(super) type Model = BTreeMap<Bytes, Bytes>;

/// The entries of a model, in their order.
pub(super) fn list(model: &Model) -> Entries {
    model.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Does to a model what the operations of a batch do to a store.
pub(super) fn carry_out(model: &mut Model, ops: &[Op]) {
    for op in ops {
        match op {
            Op::Put(name, value) => drop(model.insert(name.clone().into_bytes(), value.clone())),
            Op::Delete(name) => drop(model.remove(name.as_slice())),
            Op::DeleteRange(range) => model.retain(|name, _| !range.contains(name)),
        }
    }
}
