//! Pages that are too large, that do not go on where they ended, or that do not go on at all.

use std::sync::Arc;

use codestrata_core::{
    Bytes, Direction, KeyRange, Page, PageBuilder, ReadView, Result, ScanRequest, async_trait,
};

use super::errors::too_large;
use super::scans::page;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["paging", "scan"], |fault| Arc::new(Paging(fault)))
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("limits of pages are ignored"),
    one("a page has one item too many"),
    one("a page of one item has two"),
    one("a page has one item too few and so may have none"),
    one("the limit of items is ignored in reverse"),
    one("the limit of bytes is ignored"),
    one("the limit of bytes is ignored in reverse"),
    one("the limit of bytes counts values only"),
    one("the limit of bytes counts keys only"),
    one("the limit of bytes may be exceeded by the last item"),
    one("the limit of bytes is ignored with keys_only"),
    one("the limit of bytes is ignored with a limit of items"),
    one("an item over the limit of bytes is left out"),
    one("an item over the limit of bytes comes without its value"),
    one("an item over the limit of bytes ends the scan"),
    one("an item over the limit of bytes is an error"),
    one("there is never a next page"),
    one("there is no next page in reverse"),
    one("there is no next page with keys_only"),
    one("a page cut by its bytes has no next one"),
    one("a page of 1,000 items has no next one"),
    one("a page of the largest size has no next one"),
    one("a page of one item has no next one"),
    one("the next page begins with the last key"),
    one("the next page leaves out keys that begin with the last key"),
    one("the next page leaves one key out"),
    one("the next page leaves out a key that follows by one byte"),
    one("the next page goes past the end of the range"),
    one("the next page in reverse begins with the last key"),
    one("the next page in reverse leaves one key out"),
    one("the next page in reverse goes past the start of the range"),
    one("the next page in reverse leaves out keys that the last key begins with"),
    one("the last item of all is left out of a page that is full"),
    one("pages of 256 items lose the last"),
];

struct Paging(Fault);

/// A request for all that is left, whatever the limits.
fn unlimited(request: &ScanRequest) -> ScanRequest {
    request.clone().max_items(usize::MAX).max_bytes(usize::MAX)
}

/// A page of these items without a next one: each fits, or the page could not be built.
fn last(request: &ScanRequest, items: &[(Bytes, Bytes)]) -> Page {
    page(&unlimited(request), items)
}

impl Paging {
    /// The limits that are used in place of those that were asked for.
    fn limits(&self, request: &ScanRequest) -> Option<ScanRequest> {
        let fault = &self.0;
        let reverse = request.direction() == Direction::Reverse;
        let asked = request.clone();
        let (items, bytes) = (request.item_limit(), request.byte_limit());
        let any_bytes = fault.is("the limit of bytes is ignored")
            || (fault.is("the limit of bytes is ignored in reverse") && reverse)
            || (fault.is("the limit of bytes is ignored with keys_only") && request.is_keys_only())
            || (fault.is("the limit of bytes is ignored with a limit of items") && items < 1_000);
        if any_bytes {
            return Some(asked.max_bytes(usize::MAX));
        }
        if fault.is("limits of pages are ignored") {
            return Some(unlimited(request));
        }
        if fault.is("a page has one item too many") || (fault.is("a page of one item has two") && items == 1)
        {
            return Some(asked.max_items(items + 1));
        }
        if fault.is("the limit of items is ignored in reverse") && reverse {
            return Some(asked.max_items(usize::MAX));
        }
        if fault.is("the limit of bytes counts keys only") && !request.is_keys_only() {
            // Values of ten bytes or so count for nothing.
            return Some(asked.max_bytes(bytes.saturating_mul(2)));
        }
        None
    }

    /// Where the last page ended, if this request goes on from there.
    fn resumed(&self, request: &ScanRequest) -> Option<KeyRange> {
        let fault = &self.0;
        let range = request.range();
        let (start, end) = (range.start(), range.end());
        if request.direction() == Direction::Reverse {
            let end = end?;
            if fault.is("the next page in reverse begins with the last key") {
                return Some(KeyRange::new(start.clone(), Some(KeyRange::all().after(end).start().clone())));
            }
            return None;
        }
        // The start of a next page is a key with a zero byte behind it.
        let (0, key) = start.split_last().map(|(last, key)| (*last, key))? else { return None };
        let from = if fault.is("the next page begins with the last key") {
            Bytes::copy_from_slice(key)
        } else if fault.is("the next page leaves out keys that begin with the last key") {
            KeyRange::prefix(Bytes::copy_from_slice(key)).end()?.clone()
        } else if fault.is("the next page leaves out a key that follows by one byte") {
            [start.as_ref(), &[0]].concat().into()
        } else {
            return None;
        };
        Some(KeyRange::new(from, end.cloned()))
    }

    /// The items by hand, for what limits alone cannot spoil.
    fn fill(&self, request: &ScanRequest, items: &[(Bytes, Bytes)]) -> Result<Page> {
        let fault = &self.0;
        let mut found = Vec::new();
        let mut bytes = 0;
        for (key, value) in items {
            let size = key.len() + value.len();
            let over = size > request.byte_limit();
            if over && fault.is("an item over the limit of bytes is left out") {
                continue;
            }
            if over && fault.is("an item over the limit of bytes is an error") {
                return Err(too_large());
            }
            if over && fault.is("an item over the limit of bytes ends the scan") {
                return Ok(last(request, &found));
            }
            if over && fault.is("an item over the limit of bytes comes without its value") {
                found.push((key.clone(), Bytes::new()));
                continue;
            }
            let counted = if fault.is("the limit of bytes counts values only") { value.len() } else { size };
            let may_exceed = fault.is("the limit of bytes may be exceeded by the last item");
            let full = if may_exceed {
                bytes >= request.byte_limit()
            } else {
                bytes + counted > request.byte_limit()
            };
            if found.len() >= request.item_limit() || (full && !found.is_empty()) {
                let mut page = PageBuilder::new(request);
                let generous = request.clone().max_bytes(usize::MAX);
                if fault.is_one_of(&["the limit of bytes counts values only"]) || may_exceed {
                    page = PageBuilder::new(&generous);
                    let _ = found.iter().all(|(key, value)| page.push(key, value));
                    page.more();
                    return Ok(page.finish());
                }
                let _ = found.iter().all(|(key, value)| page.push(key, value));
                page.more();
                return Ok(page.finish());
            }
            bytes += counted;
            found.push((key.clone(), value.clone()));
        }
        Ok(last(request, &found))
    }

    fn has_no_next(&self, request: &ScanRequest, page: &Page) -> bool {
        let fault = &self.0;
        let reverse = request.direction() == Direction::Reverse;
        fault.is("there is never a next page")
            || (fault.is("there is no next page in reverse") && reverse)
            || (fault.is("there is no next page with keys_only") && request.is_keys_only())
            || (fault.is("a page cut by its bytes has no next one") && page.len() < request.item_limit())
            || (fault.is("a page of 1,000 items has no next one") && page.len() >= 1_000)
            || (fault.is("a page of the largest size has no next one")
                && page.len() >= codestrata_core::limits::MAX_PAGE_ITEMS)
            || (fault.is("a page of one item has no next one") && page.len() == 1)
    }
}

#[async_trait]
impl Twist for Paging {
    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        let fault = &self.0;
        let reverse = request.direction() == Direction::Reverse;
        if let Some(limits) = self.limits(request) {
            return view.scan(&limits).await;
        }
        if let Some(range) = self.resumed(request) {
            return view.scan(&request.over(range)).await;
        }
        if fault.is_one_of(&[
            "an item over the limit of bytes is left out",
            "an item over the limit of bytes is an error",
            "an item over the limit of bytes ends the scan",
            "an item over the limit of bytes comes without its value",
            "the limit of bytes counts values only",
            "the limit of bytes may be exceeded by the last item",
        ]) {
            let all: Vec<_> = view.scan(&unlimited(request)).await?.iter_shared().collect();
            return self.fill(request, &all);
        }
        let right = view.scan(request).await?;
        let Some(next) = right.next().cloned() else { return Ok(right) };
        let mut items: Vec<_> = right.iter_shared().collect();
        if self.has_no_next(request, &right) {
            return Ok(last(request, &items));
        }
        if fault.is("a page has one item too few and so may have none") {
            items.pop();
            return Ok(last(request, &items));
        }
        if fault.is("the next page goes past the end of the range") && !reverse
            || fault.is("the next page in reverse goes past the start of the range") && reverse
        {
            // Where a page goes on is worked out from the request that it was built for.
            let beyond =
                request.over(KeyRange::new(Bytes::new(), if reverse { next.end().cloned() } else { None }));
            let mut page = PageBuilder::new(&beyond);
            let _ = items.iter().all(|(key, value)| page.push(key, value));
            page.more();
            return Ok(page.finish());
        }
        let gone_on = view.scan(&request.over(next.clone()).max_items(1)).await?;
        let following: Vec<_> = gone_on.iter_shared().collect();
        if fault.is("the last item of all is left out of a page that is full") && gone_on.next().is_none() {
            return Ok(last(request, &items));
        }
        let skips = (fault.is("the next page leaves one key out") && !reverse)
            || (fault.is("the next page in reverse leaves one key out") && reverse)
            || (fault.is("pages of 256 items lose the last") && items.len() == 256)
            || (fault.is("the next page in reverse leaves out keys that the last key begins with")
                && reverse
                && following
                    .first()
                    .is_some_and(|(key, _)| items.last().is_some_and(|(last, _)| last.starts_with(key))));
        if skips && let Some(following) = following.first() {
            // In place of the last item comes the one after it, and from there the scan goes on.
            items.pop();
            items.push(following.clone());
            let mut page = PageBuilder::new(request);
            let _ = items.iter().all(|(key, value)| page.push(key, value));
            page.more();
            return Ok(page.finish());
        }
        Ok(right)
    }
}
