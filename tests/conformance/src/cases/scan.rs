//! Scans: half-open ranges in byte order, forwards and backwards.

use codestrata_core::limits::MAX_SCAN_REQUESTS;
use codestrata_core::{Batch, Bytes, ErrorKind, KeyRange, ReadView, ScanRequest};

use crate::Lab;
use crate::cases::oracle::{demand_page, demand_walk};
use crate::lab::{Entries, entries, everything, key, puts, walk};
use crate::violation::{Outcome, demand, demand_equal, demand_error};

const LETTERS: &[(&[u8], &[u8])] = &[(b"a", b"1"), (b"b", b"2"), (b"c", b"3"), (b"d", b"4")];

fn between(start: &'static str, end: &'static str) -> KeyRange {
    KeyRange::new(start, Some(Bytes::from_static(end.as_bytes())))
}

async fn names(view: &dyn ReadView, request: &ScanRequest) -> Outcome<Vec<Bytes>> {
    Ok(walk(view, request).await?.into_iter().map(|(name, _)| name).collect())
}

pub async fn an_empty_store_has_an_empty_last_page(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for request in [ScanRequest::new(KeyRange::all()), ScanRequest::new(KeyRange::all()).reverse()] {
        let page = store.scan(&request).await?;
        demand(
            "an empty store has one empty page and no next",
            page.is_empty() && page.next().is_none(),
            &page,
        )?;
    }
    Ok(())
}

pub async fn everything_comes_in_order(lab: &Lab) -> Outcome {
    let shuffled: Vec<_> = [2, 0, 3, 1].iter().filter_map(|at| LETTERS.get(*at).copied()).collect();
    let store = lab.store_with(&shuffled).await?;
    demand_equal("a scan is in the order of the keys", &everything(&*store).await?, &entries(LETTERS))
}

pub async fn reverse_is_the_exact_reverse(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let found = walk(&*store, &ScanRequest::new(KeyRange::all()).reverse()).await?;
    let expected: Entries = entries(LETTERS).into_iter().rev().collect();
    demand_equal("a reverse scan is the forward one from its end", &found, &expected)
}

pub async fn the_start_is_included_and_the_end_excluded(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let request = ScanRequest::new(between("b", "d"));
    demand_equal("b..d is b and c", &names(&*store, &request).await?, &vec!["b", "c"])?;
    demand_equal("and so in reverse", &names(&*store, &request.reverse()).await?, &vec!["c", "b"])
}

pub async fn an_inverted_range_is_empty(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    for range in [between("d", "a"), between("b", "b"), between("", ""), between("zz", "a")] {
        for request in [ScanRequest::new(range.clone()), ScanRequest::new(range.clone()).reverse()] {
            let page = store.scan(&request).await?;
            demand(
                "a range without keys has one empty page",
                page.is_empty() && page.next().is_none(),
                (&request, &page),
            )?;
        }
    }
    Ok(())
}

pub async fn bounds_may_lie_between_keys(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let request = ScanRequest::new(between("aa", "cc"));
    demand_equal("aa..cc is b and c", &names(&*store, &request).await?, &vec!["b", "c"])?;
    let after_b = ScanRequest::new(KeyRange::new("b\0", None));
    demand_equal("b\\0.. begins after b", &names(&*store, &after_b).await?, &vec!["c", "d"])?;
    let long = Bytes::from(vec![b'b'; codestrata_core::limits::MAX_KEY_BYTES + 1]);
    let request = ScanRequest::new(KeyRange::new(long, None));
    demand_equal("a bound may be longer than a key", &names(&*store, &request).await?, &vec!["c", "d"])
}

pub async fn a_prefix_ends_before_its_successor(lab: &Lab) -> Outcome {
    let written: [&[u8]; 6] = [b"a", b"a\xfe", b"a\xff", b"a\xff\x00", b"a\xff\xff", b"b"];
    let store = lab.store_with(&written.map(|name| (name, b"".as_slice()))).await?;
    let found = names(&*store, &ScanRequest::new(KeyRange::prefix(b"a\xff".as_slice()))).await?;
    demand_equal(
        "a prefix has all that begins with it",
        &found,
        &vec![&b"a\xff"[..], b"a\xff\x00", b"a\xff\xff"],
    )?;
    let all = names(&*store, &ScanRequest::new(KeyRange::prefix("")).reverse()).await?;
    demand_equal("the empty prefix has everything", &all.len(), &written.len())
}

pub async fn a_prefix_of_highest_bytes_has_no_end(lab: &Lab) -> Outcome {
    let written: [&[u8]; 4] = [b"\xfe\xff", b"\xff", b"\xff\xff", b"\xff\xff\xff"];
    let store = lab.store_with(&written.map(|name| (name, b"".as_slice()))).await?;
    let request = ScanRequest::new(KeyRange::prefix(b"\xff\xff".as_slice()));
    demand_equal(
        "FF FF goes to the last key",
        &names(&*store, &request).await?,
        &vec![&b"\xff\xff"[..], b"\xff\xff\xff"],
    )?;
    demand_equal(
        "and so in reverse",
        &names(&*store, &request.reverse()).await?,
        &vec![&b"\xff\xff\xff"[..], b"\xff\xff"],
    )
}

pub async fn every_pair_of_bounds_agrees_with_a_model(lab: &Lab) -> Outcome {
    let written: [&[u8]; 9] = [b"\x00", b"\x00\x00", b"a", b"a\x00", b"aa", b"b", b"\x7f", b"\x80", b"\xff"];
    let store = lab.store_with(&written.map(|name| (name, name))).await?;
    let all = everything(&*store).await?;
    let mut bounds: Vec<Bytes> = written.map(Bytes::from_static).to_vec();
    bounds.extend([Bytes::new(), Bytes::from_static(b"a\x01"), Bytes::from_static(b"\xff\xff")]);
    let ends: Vec<Option<Bytes>> = bounds.iter().cloned().map(Some).chain([None]).collect();
    for start in &bounds {
        for end in &ends {
            let range = KeyRange::new(start.clone(), end.clone());
            let mut expected: Entries =
                all.iter().filter(|(name, _)| range.contains(name)).cloned().collect();
            let request = ScanRequest::new(range).max_items(3);
            demand_equal(
                &format!("{request:?} is as a model has it"),
                &walk(&*store, &request).await?,
                &expected,
            )?;
            expected.reverse();
            let request = request.reverse();
            demand_equal(
                &format!("{request:?} is as a model has it"),
                &walk(&*store, &request).await?,
                &expected,
            )?;
        }
    }
    Ok(())
}

pub async fn keys_only_leaves_the_values_out(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let found = walk(&*store, &ScanRequest::new(KeyRange::all()).keys_only()).await?;
    demand_equal(
        "keys come with empty values",
        &found,
        &entries(&[("a", ""), ("b", ""), ("c", ""), ("d", "")]),
    )
}

pub async fn scan_many_answers_each_request_in_order(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let requests = [
        ScanRequest::new(between("c", "e")),
        ScanRequest::new(KeyRange::all()).reverse().max_items(1),
        ScanRequest::new(between("x", "z")),
        ScanRequest::new(between("a", "b")).keys_only(),
        ScanRequest::new(between("c", "e")),
    ];
    let pages = store.scan_many(&requests).await?;
    let found: Vec<Entries> = pages.iter().map(|page| page.iter_shared().collect()).collect();
    let expected = vec![
        entries(&[("c", "3"), ("d", "4")]),
        entries(&[("d", "4")]),
        Entries::new(),
        entries(&[("a", "")]),
        entries(&[("c", "3"), ("d", "4")]),
    ];
    demand_equal("each request has its page, in their order", &found, &expected)?;
    let next = pages.get(1).and_then(|page| page.next()).is_some();
    demand("a page of scan_many says that it has a next one", next, &pages)
}

pub async fn scan_many_of_nothing_is_nothing(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    demand_equal("no requests, no pages", &store.scan_many(&[]).await?.len(), &0)
}

pub async fn one_request_too_many_is_too_large(lab: &Lab) -> Outcome {
    let store = lab.store_with(LETTERS).await?;
    let request = ScanRequest::new(between("a", "b"));
    let within = store.scan_many(&vec![request.clone(); MAX_SCAN_REQUESTS]).await?;
    demand_equal("as many requests as allowed are answered", &within.len(), &MAX_SCAN_REQUESTS)?;
    let over = store.scan_many(&vec![request; MAX_SCAN_REQUESTS + 1]).await;
    demand_error("a scan_many over the limit", over.map(|pages| pages.len()), ErrorKind::TooLarge).map(drop)
}

/// Requests of every shape over a store of some dozens of short keys with values of up to 40 bytes.
pub(super) fn shapes(bounds: &[&'static [u8]]) -> Vec<ScanRequest> {
    let mut requests = Vec::new();
    let ends = bounds.iter().map(|end| Some(Bytes::from_static(end))).chain([None]);
    let ranges = ends.flat_map(|end| bounds.iter().map(move |start| KeyRange::new(*start, end.clone())));
    for range in ranges {
        for (items, bytes) in [(1, 1_000), (4, 1_000), (1_000, 1), (1_000, 45), (7, 90), (1_000, 100_000)] {
            let request = ScanRequest::new(range.clone()).max_items(items).max_bytes(bytes);
            requests.extend([
                request.clone(),
                request.clone().reverse(),
                request.clone().keys_only(),
                request.reverse().keys_only(),
            ]);
        }
    }
    requests
}

/// What the shapes are asked of.
pub(super) fn shaped() -> Vec<(Vec<u8>, Vec<u8>)> {
    let first: [&[u8]; 6] = [b"\x00", b"a", b"a\xff", b"b", b"\x80", b"\xff"];
    let mut written: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for begin in first {
        for last in [None, Some(0), Some(b'a'), Some(0xFF)] {
            let name: Vec<u8> = begin.iter().copied().chain(last).collect();
            let value = vec![b'v'; written.len() * 13 % 41];
            written.push((name, value));
        }
    }
    written.sort();
    written.dedup_by(|one, other| one.0 == other.0);
    written
}

pub(super) const BOUNDS: &[&[u8]] = &[b"", b"\x00", b"\x00\x00", b"a\xff", b"b\x00", b"m", b"\xff\xff"];

pub async fn every_shape_of_request_is_answered_right(lab: &Lab) -> Outcome {
    let written = shaped();
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    for request in shapes(BOUNDS) {
        demand_walk(&*store, &request, &entries(&written)).await?;
    }
    Ok(())
}

pub async fn each_of_many_requests_has_its_own_page(lab: &Lab) -> Outcome {
    let written = shaped();
    let all = entries(&written);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    // As many as are allowed, no two beside each other alike, and every one of them again at the end.
    let mut requests = shapes(BOUNDS);
    requests.truncate(MAX_SCAN_REQUESTS / 2);
    requests.extend(requests.clone().into_iter().rev());
    let pages = store.scan_many(&requests).await?;
    demand_equal("there is a page for each request", &pages.len(), &requests.len())?;
    for (page, request) in pages.iter().zip(&requests) {
        demand_page(page, request, &all)?;
        // Each can be continued by itself.
        if let Some(next) = page.next() {
            let request = request.over(next.clone());
            demand_page(&store.scan(&request).await?, &request, &all)?;
        }
    }
    Ok(())
}

pub async fn deleted_keys_between_live_ones_hide_none(lab: &Lab) -> Outcome {
    const COUNT: u32 = 12_000;
    let store = lab.store().await?;
    let numbers: Vec<([u8; 4], &str)> = (0..COUNT).map(|number| (number.to_be_bytes(), "v")).collect();
    store.apply(puts(&numbers)?).await?;
    // Some go one by one, some in ranges; few stay, far apart.
    let stays = |number: u32| number % 3_000 == 2_999;
    let single =
        (0..COUNT / 2).filter(|number| !stays(*number)).try_fold(Batch::new(), |batch, number| {
            Ok::<_, codestrata_core::Error>(batch.delete(key(number.to_be_bytes())?))
        })?;
    store.apply(single).await?;
    let bound = |number: u32| Bytes::copy_from_slice(&number.to_be_bytes());
    let ranges = Batch::new()
        .delete_range(KeyRange::new(bound(6_000), Some(bound(8_999))))
        .delete_range(KeyRange::new(bound(9_000), Some(bound(11_999))));
    store.apply(ranges).await?;
    let left: Vec<_> = numbers.into_iter().filter(|(name, _)| stays(u32::from_be_bytes(*name))).collect();
    let all = ScanRequest::new(KeyRange::all());
    for request in [all.clone(), all.clone().max_items(1), all.max_items(2).max_bytes(5).keys_only()] {
        demand_walk(&*store, &request, &entries(&left)).await?;
        demand_walk(&*store, &request.reverse(), &entries(&left)).await?;
    }
    let gap = ScanRequest::new(KeyRange::new(bound(3_000), Some(bound(5_999))));
    demand_walk(&*store, &gap, &entries(&left)).await?;
    demand_walk(&*store, &gap.reverse(), &entries(&left)).await
}
