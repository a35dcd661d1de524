//! Pages: within their limits, always making progress, each key once.

use codestrata_core::limits::{MAX_KEY_BYTES, MAX_PAGE_BYTES, MAX_PAGE_ITEMS};
use codestrata_core::{Batch, Bytes, KeyRange, ScanRequest};

use crate::Lab;
use crate::cases::oracle::{demand_page, demand_walk};
use crate::lab::{Entries, entries, key, puts, walk};
use crate::violation::{Outcome, demand, demand_equal};

fn numbered(count: usize) -> Vec<(String, String)> {
    (0..count).map(|number| (format!("key-{number:05}"), format!("value {number}"))).collect()
}

fn all() -> ScanRequest {
    ScanRequest::new(KeyRange::all())
}

pub async fn pages_of_one_item_visit_everything(lab: &Lab) -> Outcome {
    let written = numbered(30);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    demand_equal(
        "no key is missed or doubled",
        &walk(&*store, &all().max_items(1)).await?,
        &entries(&written),
    )
}

pub async fn pages_of_every_size_visit_everything_once(lab: &Lab) -> Outcome {
    let written = numbered(60);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    for size in [2, 3, 7, 29, 30, 59, 60, 61, 1_000] {
        let found = walk(&*store, &all().max_items(size)).await?;
        demand_equal(&format!("pages of {size} miss and double no key"), &found, &entries(&written))?;
    }
    Ok(())
}

pub async fn pages_of_round_sizes_visit_everything_once(lab: &Lab) -> Outcome {
    // Sizes of the buffers that pages are gathered in, and one more and less.
    let written = numbered(2_600);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let snapshot = if lab.claims().snapshots() { Some(store.snapshot().await?) } else { None };
    let mut expected = entries(&written);
    for reverse in [false, true] {
        for round in [64, 100, 128, 256, 512, 1_000, 1_024, 2_048] {
            for size in [round - 1, round, round + 1] {
                let request = if reverse { all().reverse() } else { all() }.max_items(size);
                let mut found = walk(&*store, &request).await?;
                if let (Some(snapshot), true) = (&snapshot, found == expected) {
                    found = walk(&**snapshot, &request).await?;
                }
                demand(
                    "pages of a round size miss and double no key",
                    found == expected,
                    format_args!("{} keys of {} in pages of {size}", found.len(), expected.len()),
                )?;
            }
        }
        expected.reverse();
    }
    Ok(())
}

pub async fn a_byte_limit_cuts_pages(lab: &Lab) -> Outcome {
    let written = numbered(200);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    // `walk` holds each page to the limit.
    for bytes in [1, 17, 18, 19, 100, 1_000, 1_000_000] {
        let found = walk(&*store, &all().max_bytes(bytes)).await?;
        demand_equal(&format!("pages of {bytes} bytes miss and double no key"), &found, &entries(&written))?;
    }
    let found = walk(&*store, &all().max_bytes(100).max_items(3)).await?;
    demand_equal("and so with both limits", &found, &entries(&written))
}

pub async fn an_item_over_the_byte_limit_still_comes(lab: &Lab) -> Outcome {
    let large = "x".repeat(300_000);
    let written = [("a", "1"), ("b", large.as_str()), ("c", large.as_str()), ("d", "4")];
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    for request in [all().max_bytes(1_000), all().max_bytes(1), all().max_bytes(299_999)] {
        demand_equal(
            "a scan gets past an item over the limit",
            &walk(&*store, &request).await?,
            &entries(&written),
        )?;
        let reverse = walk(&*store, &request.reverse()).await?;
        let expected: Entries = entries(&written).into_iter().rev().collect();
        demand_equal("and so in reverse", &reverse, &expected)?;
    }
    Ok(())
}

pub async fn reverse_pages_visit_everything_once(lab: &Lab) -> Outcome {
    let written = numbered(60);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let expected: Entries = entries(&written).into_iter().rev().collect();
    for request in [all().max_items(1), all().max_items(7), all().max_bytes(50), all().max_items(60)] {
        let found = walk(&*store, &request.clone().reverse()).await?;
        demand_equal(&format!("{request:?} in reverse misses and doubles no key"), &found, &expected)?;
    }
    Ok(())
}

pub async fn a_page_may_end_on_a_prefix_of_the_next_key(lab: &Lab) -> Outcome {
    let written: [&[u8]; 8] =
        [b"a", b"a\x00", b"a\x00\x00", b"a\x00\x01", b"aa", b"a\xff", b"a\xff\x00", b"b"];
    let written = written.map(|name| (name, b"v".as_slice()));
    let store = lab.store_with(&written).await?;
    for size in 1..=written.len() {
        let request = all().max_items(size);
        demand_equal(
            "the next page starts right after the last key",
            &walk(&*store, &request).await?,
            &entries(&written),
        )?;
        let expected: Entries = entries(&written).into_iter().rev().collect();
        let found = walk(&*store, &request.reverse()).await?;
        demand_equal("and so in reverse", &found, &expected)?;
    }
    Ok(())
}

pub async fn keys_that_stay_are_seen_once_whatever_changes(lab: &Lab) -> Outcome {
    let written = numbered(40);
    let store = lab.store().await?;
    for reverse in [false, true] {
        store.apply(Batch::new().delete_range(KeyRange::all())).await?;
        store.apply(puts(&written)?).await?;
        let mut request = if reverse { all().reverse().max_items(3) } else { all().max_items(3) };
        let mut seen: Vec<String> = Vec::new();
        let mut round = 0;
        loop {
            let page = store.scan(&request).await?;
            seen.extend(page.iter().map(|(name, _)| String::from_utf8_lossy(name).into_owned()));
            let Some(next) = page.next() else { break };
            request = request.over(next.clone());
            // Around the place where the scan stands: others come and go, and the last key seen goes.
            let last = seen.last().cloned().unwrap_or_default();
            let mut batch = puts(&[(format!("{last}-after"), "new"), (format!("a{round}"), "new")])?;
            if round % 2 == 1 {
                batch = batch.delete(key(&last)?);
            }
            store.apply(batch).await?;
            round += 1;
        }
        let mut stayed: Vec<String> =
            seen.into_iter().filter(|name| name.starts_with("key-") && !name.ends_with("-after")).collect();
        stayed.sort();
        let expected: Vec<String> = written.iter().map(|(name, _)| name.clone()).collect();
        demand_equal("keys that are there all the time are seen once", &stayed, &expected)?;
    }
    Ok(())
}

pub async fn keys_only_pages_visit_everything_once(lab: &Lab) -> Outcome {
    let value = "x".repeat(500);
    let written: Vec<(String, &str)> =
        (0..50).map(|number| (format!("{number:02}"), value.as_str())).collect();
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let expected: Vec<(&str, &str)> = written.iter().map(|(name, _)| (name.as_str(), "")).collect();
    for request in [all().max_items(7), all().max_bytes(9), all().max_bytes(2)] {
        let found = walk(&*store, &request.keys_only()).await?;
        demand_equal("keys come once, without values", &found, &entries(&expected))?;
    }
    Ok(())
}

pub async fn a_large_store_is_paged_at_the_seams_own_limits(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let count = u32::try_from(MAX_PAGE_ITEMS).unwrap_or(u32::MAX) + 1_000;
    let batch = (0..count).try_fold(Batch::new(), |batch, number| {
        Ok::<_, codestrata_core::Error>(batch.put(key(number.to_be_bytes())?, "v"))
    })?;
    store.apply(batch).await?;
    let page = store.scan(&all().max_items(usize::MAX).max_bytes(usize::MAX)).await?;
    demand("no page is over the seam's limit", page.len() <= MAX_PAGE_ITEMS && page.next().is_some(), &page)?;
    let found = walk(&*store, &all()).await?;
    let in_order =
        found.iter().zip(0..count).all(|((name, _), number)| name.as_ref() == number.to_be_bytes());
    demand("all keys come, in order", in_order && found.len() == count as usize, found.len())?;
    let mut backwards = walk(&*store, &all().reverse()).await?;
    backwards.reverse();
    demand("and so in reverse", backwards == found, backwards.len())?;
    if lab.claims().snapshots() {
        let then = walk(&*store.snapshot().await?, &all()).await?;
        demand("and so in a snapshot", then == found, then.len())?;
    }
    Ok(())
}

pub async fn a_scan_goes_on_after_the_longest_keys(lab: &Lab) -> Outcome {
    // The next page after a key of the longest length starts at a bound of one byte more.
    let written: Vec<(Vec<u8>, Vec<u8>)> = [b"".as_slice(), b"\x00", b"\xff"]
        .iter()
        .flat_map(|end| [0x00, b'k', 0xFF].map(|byte| (byte, *end)))
        .map(|(byte, end)| {
            let mut name = vec![byte; MAX_KEY_BYTES - end.len()];
            name.extend_from_slice(end);
            (name, vec![byte])
        })
        .collect();
    let mut written: Vec<(Vec<u8>, Vec<u8>)> =
        written.into_iter().chain([(vec![b'z'], Vec::new())]).collect();
    written.sort();
    written.dedup();
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let stored = entries(&written);
    for request in [all().max_items(1), all().max_items(2), all().max_bytes(1)] {
        demand_walk(&*store, &request, &stored).await?;
        demand_walk(&*store, &request.clone().reverse(), &stored).await?;
        for (name, _) in &stored {
            // Bounds of such a length on both sides.
            let after = KeyRange::all().after(name);
            demand_walk(&*store, &request.over(after.clone()), &stored).await?;
            demand_walk(&*store, &request.over(after).reverse(), &stored).await?;
            let until = KeyRange::from(&key(name)?);
            demand_walk(&*store, &request.over(until.clone()), &stored).await?;
            demand_walk(&*store, &request.over(until).reverse(), &stored).await?;
            let prefix = KeyRange::prefix(name.clone());
            demand_walk(&*store, &request.over(prefix), &stored).await?;
        }
    }
    Ok(())
}

pub async fn the_next_page_shows_what_was_written_meanwhile(lab: &Lab) -> Outcome {
    // Of six keys, the one on which the first page ends, the very next place in the direction of the scan, and a key
    // further on.
    let directions = [
        (all().max_items(3), "key-00002", "key-00002\0", "key-00004"),
        (all().max_items(3).reverse(), "key-00003", "key-00002\u{ff}", "key-00000"),
    ];
    for (request, last, beyond, further) in directions {
        let mut written = numbered(6);
        let store = lab.store().await?;
        store.apply(puts(&written)?).await?;
        let page = store.scan(&request).await?;
        demand_page(&page, &request, &entries(&written))?;
        // An engine may make its pages shorter; then there is nothing to be learnt here.
        let ended = page.iter().last().map(|(name, _)| name);
        let Some(next) = page.next().filter(|_| ended == Some(last.as_bytes())) else { continue };
        store.apply(puts(&[(beyond, "new"), (further, "changed")])?.delete(key(last)?)).await?;
        written.retain(|(name, _)| name != last && name != further);
        written
            .extend([(beyond, "new"), (further, "changed")].map(|(name, value)| (name.into(), value.into())));
        written.sort();
        // A scan of what is left is a call like any other: it sees every batch that was acknowledged before it.
        let request = request.over(next.clone());
        demand_page(&store.scan(&request).await?, &request, &entries(&written))?;
    }
    Ok(())
}

pub async fn what_is_left_may_be_read_in_another_way(lab: &Lab) -> Outcome {
    let written = entries(&numbered(30));
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let first = all().max_items(11);
    for first in [first.clone(), first.reverse()] {
        let page = store.scan(&first).await?;
        let Some(next) = page.next() else { continue };
        // The range that is left is data: for requests of any direction and limits, and for deletes.
        for other in [all(), all().max_items(2), all().reverse(), all().max_bytes(40).reverse().keys_only()] {
            demand_walk(&*store, &other.over(next.clone()), &written).await?;
        }
        store.apply(Batch::new().delete_range(next.clone())).await?;
        let left: Entries = written.iter().filter(|(name, _)| !next.contains(name)).cloned().collect();
        demand_walk(&*store, &all(), &left).await?;
        store.apply(puts(&written)?).await?;
    }
    Ok(())
}

pub async fn values_count_for_nothing_where_they_are_left_out(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let large = vec![7; 3_000];
    let names: Vec<String> = (0..40).map(|number| format!("{number:04}")).collect();
    for reverse in [false, true] {
        let request = all().keys_only().max_bytes(40);
        let request = if reverse { request.reverse() } else { request };
        let mut lengths = Vec::new();
        for value in [&[], large.as_slice()] {
            let written: Vec<(&String, &[u8])> = names.iter().map(|name| (name, value)).collect();
            store.apply(puts(&written)?).await?;
            lengths.push(store.scan(&request).await?.len());
        }
        let same = lengths.iter().all(|length| Some(length) == lengths.first());
        demand("a page of keys only is as long whatever the values are", same, &lengths)?;
    }
    Ok(())
}

pub async fn pages_of_large_values_keep_to_the_seams_own_bytes(lab: &Lab) -> Outcome {
    // Together more than a page may have, and one that is more than a page by itself where a value may be.
    let most = lab.claims().max_value_bytes();
    let sizes = [1 << 20, 3 << 20, MAX_PAGE_BYTES + 9, 5, 7 << 20, 6 << 20, 4 << 20, 2 << 20];
    let mut written = Entries::new();
    let store = lab.store().await?;
    for (size, number) in sizes.into_iter().zip(0_u8..) {
        let entry = (Bytes::from(vec![number]), Bytes::from(vec![number; size.min(most)]));
        store.apply(puts(std::slice::from_ref(&entry))?).await?;
        written.push(entry);
    }
    let largest = || all().max_bytes(usize::MAX);
    for request in
        [largest(), largest().reverse(), largest().keys_only(), largest().max_bytes(5 << 20), all()]
    {
        let mut left = request.clone();
        loop {
            let page = store.scan(&left).await?;
            demand(
                "a page of values of some MiB is right",
                demand_page(&page, &left, &written).is_ok(),
                &page,
            )?;
            let Some(next) = page.next() else { break };
            left = left.over(next.clone());
        }
    }
    Ok(())
}

pub async fn pages_as_long_as_buffers_are_visit_everything_once(lab: &Lab) -> Outcome {
    // The lengths at which an engine may change its way of reading, and their neighbours.
    let written = numbered(2_500);
    let stored = entries(&written);
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    for size in [63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1_000, 1_023, 1_024, 1_025] {
        for request in [all().max_items(size), all().max_items(size).reverse()] {
            let mut found = walk(&*store, &request).await?;
            found.sort();
            let what = format!("pages of {size} items miss and double no key");
            demand(&what, found == stored, (found.len(), &request))?;
            if lab.claims().snapshots() {
                let mut found = walk(&*store.snapshot().await?, &request).await?;
                found.sort();
                demand(
                    &format!("{what}, nor do those of a snapshot"),
                    found == stored,
                    (found.len(), &request),
                )?;
            }
        }
    }
    Ok(())
}
