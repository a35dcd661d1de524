//! Scans over other ranges than were asked for, in another order, or with other items.

use std::sync::Arc;

use codestrata_core::limits::{MAX_KEY_BYTES, MAX_SCAN_REQUESTS};
use codestrata_core::{
    Bytes, Direction, Error, ErrorKind, KeyRange, Page, PageBuilder, ReadView, Result, ScanRequest,
    async_trait,
};

use super::errors::too_large;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["scan", "keys", "paging"], twist)
}

pub(super) fn twist(fault: Fault) -> Arc<dyn Twist> {
    Arc::new(Scans(fault))
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("the end of a range is included"),
    one("the end of a range is included in reverse"),
    one("the start of a range is excluded"),
    one("the start of a range is excluded in reverse"),
    one("the start of a range is ignored"),
    one("the end of a range is ignored"),
    one("the end of a range is ignored in reverse"),
    one("the start of a range is taken for a prefix"),
    one("a range of one key is empty"),
    one("a range without end stops before the last key"),
    one("a range without end stops at FF"),
    one("a bound of FF is no bound"),
    one("a bound that is no key is an error"),
    one("a bound longer than a key is an error"),
    one("a bound longer than a key is cut"),
    one("an inverted range is turned round"),
    one("an inverted range is an error"),
    one("an inverted range is everything"),
    one("an inverted range makes it panic"),
    one("an empty range has its start"),
    one("reverse is forward"),
    one("reverse turns each page round"),
    one("reverse leaves the first key out"),
    one("reverse leaves the last key out"),
    one("keys compare as signed bytes"),
    one("keys compare by their length first"),
    one("keys compare without their case"),
    one("keys compare from their end"),
    one("a longer key comes before those that it begins with"),
    one("keys with a zero byte are left out of scans"),
    one("keys with FF are left out of scans"),
    one("empty values are left out of scans"),
    one("values over 4,096 bytes come empty from scans"),
    one("keys_only is ignored"),
    one("keys_only leaves out keys with empty values"),
    one("keys_only is ignored in reverse"),
    one("keys_only is always on"),
    one("scan_many answers in the order of the ranges"),
    one("scan_many answers equal requests once"),
    one("scan_many leaves empty pages out"),
    one("scan_many leaves the last request out"),
    one("scan_many goes the way of its first request"),
    one("scan_many has the limits of its first request"),
    one("scan_many has the limit of its first request for all together"),
    one("scan_many leaves values out when its first request does"),
    one("scan_many says of no page that it has a next one"),
    one("scan_many of nothing is an error"),
    one("scan_many takes too many requests"),
    one("scan_many refuses as many requests as are allowed"),
    one("scan_many answers nothing after 256 requests"),
];

struct Scans(Fault);

/// What is right, to be spoilt: the items of the page, and how they are asked for.
async fn items(view: &dyn ReadView, request: &ScanRequest) -> Result<Vec<(Bytes, Bytes)>> {
    Ok(view.scan(request).await?.iter_shared().collect())
}

/// A page of these items, under the limits of the request.
pub(super) fn page(request: &ScanRequest, items: &[(Bytes, Bytes)]) -> Page {
    let mut page = PageBuilder::new(request);
    // Full when one is refused.
    let _ = items.iter().all(|(key, value)| page.push(key, value));
    page.finish()
}

/// The bound just behind this one.
fn behind(bound: &Bytes) -> Bytes {
    KeyRange::all().after(bound).start().clone()
}

impl Scans {
    /// The range that is scanned in place of the one that was asked for.
    fn range(&self, range: &KeyRange, direction: Direction) -> Result<KeyRange> {
        let fault = &self.0;
        let reverse = direction == Direction::Reverse;
        let (start, end) = (range.start().clone(), range.end().cloned());
        let inverted = end.as_ref().is_some_and(|end| *end < start);
        let long = start.len() > MAX_KEY_BYTES || end.as_ref().is_some_and(|end| end.len() > MAX_KEY_BYTES);
        let invalid = || Error::new(ErrorKind::InvalidArgument, "the range is not one");
        if range.is_empty() {
            return self.empty_range(range, inverted);
        }
        Ok(match (start, end) {
            (start, Some(end)) if fault.is("the end of a range is included") => {
                KeyRange::new(start, Some(behind(&end)))
            }
            (start, Some(end)) if reverse && fault.is("the end of a range is included in reverse") => {
                KeyRange::new(start, Some(behind(&end)))
            }
            (start, end) if fault.is("the start of a range is excluded") && !start.is_empty() => {
                KeyRange::new(behind(&start), end)
            }
            (start, end)
                if reverse
                    && !start.is_empty()
                    && fault.is("the start of a range is excluded in reverse") =>
            {
                KeyRange::new(behind(&start), end)
            }
            // Only as long as there is an end: pages go on from a start.
            (_, Some(end)) if fault.is("the start of a range is ignored") => {
                KeyRange::new(Bytes::new(), Some(end))
            }
            (start, Some(_)) if fault.is("the end of a range is ignored") && !reverse => {
                KeyRange::new(start, None)
            }
            (start, Some(_)) if fault.is("the end of a range is ignored in reverse") && reverse => {
                KeyRange::new(start, None)
            }
            (start, None) if fault.is("the start of a range is taken for a prefix") => {
                KeyRange::prefix(start)
            }
            (start, Some(end)) if end == behind(&start) && fault.is("a range of one key is empty") => {
                KeyRange::new(start.clone(), Some(start))
            }
            (start, None) if fault.is("a range without end stops at FF") => {
                KeyRange::new(start, Some(Bytes::from_static(b"\xff")))
            }
            (start, Some(end)) if end == [0xFF].as_slice() && fault.is("a bound of FF is no bound") => {
                KeyRange::new(start, None)
            }
            (start, end) if start.is_empty() && fault.is("a bound that is no key is an error") => {
                return end.map_or_else(|| Err(invalid()), |end| Ok(KeyRange::new(start, Some(end))));
            }
            _ if long && fault.is("a bound longer than a key is an error") => return Err(invalid()),
            (start, end) if long && fault.is("a bound longer than a key is cut") => {
                let cut = |bound: Bytes| bound.slice(..bound.len().min(MAX_KEY_BYTES));
                KeyRange::new(cut(start), end.map(cut))
            }
            (start, end) => KeyRange::new(start, end),
        })
    }

    fn empty_range(&self, range: &KeyRange, inverted: bool) -> Result<KeyRange> {
        let fault = &self.0;
        if inverted && fault.is("an inverted range is turned round") {
            return Ok(KeyRange::new(range.end().cloned().unwrap_or_default(), Some(range.start().clone())));
        }
        if inverted && fault.is("an inverted range is an error") {
            return Err(Error::new(ErrorKind::InvalidArgument, "the range is inverted"));
        }
        if inverted && fault.is("an inverted range is everything") {
            return Ok(KeyRange::all());
        }
        assert!(
            !(inverted && fault.is("an inverted range makes it panic")),
            "range start is greater than range end"
        );
        if !inverted && fault.is("an empty range has its start") {
            return Ok(KeyRange::new(range.start().clone(), Some(behind(range.start()))));
        }
        Ok(range.clone())
    }

    fn spoil(&self, request: &ScanRequest, items: &mut Vec<(Bytes, Bytes)>) {
        let fault = &self.0;
        let reverse = request.direction() == Direction::Reverse;
        if fault.is("keys compare as signed bytes") {
            items.sort_by_key(|(key, _)| key.iter().map(|byte| byte.cast_signed()).collect::<Vec<_>>());
        } else if fault.is("keys compare by their length first") {
            items.sort_by_key(|(key, _)| (key.len(), key.clone()));
        } else if fault.is("keys compare without their case") {
            items.sort_by_key(|(key, _)| key.to_ascii_lowercase());
        } else if fault.is("keys compare from their end") {
            items.sort_by_key(|(key, _)| key.iter().rev().copied().collect::<Vec<_>>());
        } else if fault.is("a longer key comes before those that it begins with") {
            items.sort_by_key(|(key, _)| key.iter().copied().chain([0xFF; 8]).collect::<Vec<_>>());
        } else {
            let empty = fault.is("empty values are left out of scans")
                || (request.is_keys_only() && fault.is("keys_only leaves out keys with empty values"));
            items.retain(|(key, value)| {
                let zero = key.contains(&0) && fault.is("keys with a zero byte are left out of scans");
                let high = key.contains(&0xFF) && fault.is("keys with FF are left out of scans");
                !(zero || high || (empty && value.is_empty()))
            });
            for (_, value) in items.iter_mut() {
                if value.len() > 4_096 && fault.is("values over 4,096 bytes come empty from scans") {
                    value.clear();
                }
            }
            return;
        }
        if reverse {
            items.reverse();
        }
    }
}

/// The same request with its values, or without.
fn with_values(request: &ScanRequest, keys_only: bool) -> ScanRequest {
    let mut asked = ScanRequest::new(request.range().clone())
        .max_items(request.item_limit())
        .max_bytes(request.byte_limit());
    if request.direction() == Direction::Reverse {
        asked = asked.reverse();
    }
    if keys_only { asked.keys_only() } else { asked }
}

#[async_trait]
impl Twist for Scans {
    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        let fault = &self.0;
        let reverse = request.direction() == Direction::Reverse;
        let asked = request.over(self.range(request.range(), request.direction())?);
        if fault.is("reverse is forward") && reverse {
            let forward = ScanRequest::new(request.range().clone()).max_items(request.item_limit());
            return view.scan(&forward.max_bytes(request.byte_limit())).await;
        }
        if fault.is("reverse turns each page round") && reverse {
            let forward = ScanRequest::new(request.range().clone()).max_items(request.item_limit());
            let mut found = items(view, &forward.max_bytes(request.byte_limit())).await?;
            found.reverse();
            return Ok(page(request, &found));
        }
        let ignored =
            fault.is("keys_only is ignored") || (fault.is("keys_only is ignored in reverse") && reverse);
        if ignored && request.is_keys_only() {
            return view.scan(&with_values(request, false)).await;
        }
        if fault.is("keys_only is always on") {
            return view.scan(&with_values(request, true)).await;
        }
        if fault.is("keys_only leaves out keys with empty values") && request.is_keys_only() {
            let mut found = items(view, &with_values(request, false)).await?;
            self.spoil(request, &mut found);
            return Ok(page(request, &found));
        }
        if fault.is_one_of(&[
            "keys compare as signed bytes",
            "keys compare by their length first",
            "keys compare without their case",
            "keys compare from their end",
            "a longer key comes before those that it begins with",
            "keys with a zero byte are left out of scans",
            "keys with FF are left out of scans",
            "empty values are left out of scans",
            "values over 4,096 bytes come empty from scans",
        ]) {
            let right = view.scan(&asked).await?;
            let mut found: Vec<_> = right.iter_shared().collect();
            self.spoil(request, &mut found);
            if right.next().is_some()
                && found.len() == right.len()
                && !fault.is("keys compare as signed bytes")
            {
                return Ok(right);
            }
            return Ok(page(request, &found));
        }
        let last_page = |page: &Page| page.next().is_none() && !page.is_empty();
        let right = view.scan(&asked).await?;
        let drops_last = last_page(&right)
            && ((fault.is("a range without end stops before the last key")
                && !reverse
                && request.range().end().is_none())
                || (fault.is("reverse leaves the first key out") && reverse));
        let drops_first =
            fault.is("reverse leaves the last key out") && reverse && request.range().end().is_none();
        if drops_last || drops_first {
            let mut found: Vec<_> = right.iter_shared().collect();
            if drops_last {
                found.pop();
            } else if !found.is_empty() && right.next().is_none() {
                found.remove(0);
            }
            return Ok(page(request, &found));
        }
        Ok(right)
    }

    async fn scan_many(&self, view: &dyn ReadView, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        let fault = &self.0;
        if requests.is_empty() && fault.is("scan_many of nothing is an error") {
            return Err(Error::new(ErrorKind::InvalidArgument, "no requests were made"));
        }
        let most = match () {
            () if fault.is("scan_many takes too many requests") => usize::MAX,
            () if fault.is("scan_many refuses as many requests as are allowed") => MAX_SCAN_REQUESTS - 1,
            () => MAX_SCAN_REQUESTS,
        };
        if requests.len() > most {
            return Err(too_large());
        }
        let mut asked = requests.to_vec();
        let first = requests.first().cloned().unwrap_or_else(|| ScanRequest::new(KeyRange::all()));
        if fault.is("scan_many answers in the order of the ranges") {
            asked.sort_by_key(|one| one.range().start().clone());
        }
        if fault.is("scan_many answers equal requests once") {
            asked = requests
                .iter()
                .enumerate()
                .filter(|(at, one)| !requests.iter().take(*at).any(|before| before == *one))
                .map(|(_, one)| one.clone())
                .collect();
        }
        if fault.is("scan_many leaves the last request out") {
            asked.pop();
        }
        if fault.is("scan_many goes the way of its first request") {
            asked = asked
                .iter()
                .map(|one| match first.direction() {
                    Direction::Reverse => one.clone().reverse(),
                    Direction::Forward => {
                        let forward = ScanRequest::new(one.range().clone()).max_items(one.item_limit());
                        let forward = forward.max_bytes(one.byte_limit());
                        if one.is_keys_only() { forward.keys_only() } else { forward }
                    }
                })
                .collect();
        }
        if fault.is("scan_many has the limits of its first request") {
            for one in &mut asked {
                *one = one.clone().max_items(first.item_limit()).max_bytes(first.byte_limit());
            }
        }
        if fault.is("scan_many leaves values out when its first request does") {
            for one in &mut asked {
                *one = with_values(one, first.is_keys_only());
            }
        }
        let mut pages = Vec::new();
        let mut left = first.item_limit();
        for (at, one) in asked.iter().enumerate() {
            if fault.is("scan_many has the limit of its first request for all together") && left == 0 {
                pages.push(Page::default());
                continue;
            }
            if at >= 256 && fault.is("scan_many answers nothing after 256 requests") {
                pages.push(Page::default());
                continue;
            }
            let mut page_of_one = self.scan(view, one).await?;
            left = left.saturating_sub(page_of_one.len());
            if fault.is("scan_many says of no page that it has a next one") {
                let found: Vec<_> = page_of_one.iter_shared().collect();
                page_of_one = page(one, &found);
            }
            if !(page_of_one.is_empty() && fault.is("scan_many leaves empty pages out")) {
                pages.push(page_of_one);
            }
        }
        Ok(pages)
    }
}
