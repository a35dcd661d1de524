//! Values of every size and look, in every order.

use std::time::Duration;

use codestrata_core::{Batch, Bytes, KeyRange, ScanRequest};

use crate::Lab;
use crate::cases::oracle::demand_walk;
use crate::lab::{Entries, entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal};

/// Bytes that differ from place to place and with the salt, so that a part that is missing, doubled or of another
/// value shows.
pub(super) fn pattern(size: usize, salt: u8) -> Bytes {
    let start = usize::from(salt) * 7 % 251;
    let round: Vec<u8> = (0..=250).collect();
    let mut bytes = round.repeat((start + size) / round.len() + 1);
    bytes.truncate(start + size);
    Bytes::from(bytes).slice(start..)
}

pub async fn values_may_look_like_anything(lab: &Lab) -> Outcome {
    // What an engine might use for itself: marks of what was deleted, lengths, heads of records, texts that mean
    // nothing there; and pairs of key and value that are the same bytes one after the other.
    let values: [&[u8]; 22] = [
        b"\x00",
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x01",
        b"\x02",
        b"\xff",
        b"\xff\xff\xff\xff",
        b"\xde\xad\xbe\xef",
        b"\x80\x00",
        b"\x01\x00\x00\x00\x00",
        b"deleted",
        b"DELETED",
        b"tombstone",
        b"TOMBSTONE",
        b"__tombstone__",
        b"__deleted__",
        b"null",
        b"NULL",
        b"None",
        b"nil",
        b"undefined",
        b" \r\n\t ",
    ];
    let mut written: Vec<(Vec<u8>, Vec<u8>)> =
        (0_u8..).zip(values).map(|(number, value)| (vec![b'v', number], value.to_vec())).collect();
    written.extend([("ab", "c"), ("a", "bc"), ("abc", "")].map(|(name, value)| (name.into(), value.into())));
    // A value that is another key, and one that is its own.
    written.extend([("x", "y"), ("y", "x"), ("z", "z")].map(|(name, value)| (name.into(), value.into())));
    written.sort();
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    for (name, value) in &written {
        demand_equal(
            "a value is bytes, whatever they look like",
            &store.get(&key(name)?).await?.as_deref(),
            &Some(value.as_slice()),
        )?;
    }
    demand_equal("a scan shows them all", &everything(&*store).await?, &entries(&written))
}

/// The sizes at which an engine may begin to store a value or its length in another way, and their neighbours.
fn sizes(most: usize) -> Vec<usize> {
    let steps = [
        16,
        32,
        64,
        128,
        251,
        256,
        512,
        1_024,
        2_048,
        4_096,
        8_192,
        16_384,
        32_768,
        65_536,
        131_072,
        1 << 20,
        1 << 21,
    ];
    let mut sizes: Vec<usize> =
        steps.iter().flat_map(|step| [step - 1, *step, step + 1]).filter(|size| *size <= most).collect();
    sizes.extend([0, 1, 2, 3]);
    sizes
}

pub async fn values_of_unlike_sizes_live_side_by_side(lab: &Lab) -> Outcome {
    let sizes = sizes(lab.claims().max_value_bytes());
    let store = lab.store().await?;
    let mut batch = Batch::new();
    let mut written = Entries::new();
    for (size, salt) in sizes.into_iter().zip(0_u8..) {
        // The order of the keys is not that of the sizes.
        let name = Bytes::from(vec![salt.reverse_bits()]);
        batch = batch.put(key(&name)?, pattern(size, salt));
        written.push((name, pattern(size, salt)));
    }
    store.apply(batch).await?;
    written.sort();
    let names = written.iter().map(|(name, _)| key(name)).collect::<Result<Vec<_>, _>>()?;
    let values = store.get_many(&names).await?;
    for ((_, value), found) in written.iter().zip(&values) {
        demand(
            &format!("a value of {} bytes comes back whole among others", value.len()),
            found.as_ref() == Some(value),
            found.as_ref().map(Bytes::len),
        )?;
    }
    let all = ScanRequest::new(KeyRange::all());
    for request in
        [all.clone(), all.clone().max_bytes(65_536), all.clone().max_items(3).reverse(), all.reverse()]
    {
        demand_walk(&*store, &request, &written).await?;
    }
    Ok(())
}

pub async fn replacing_a_value_leaves_nothing_of_the_old_one(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"before"), (b"c", b"after")]).await?;
    let sizes = [10, 70_000, 3, 1 << 20, 0, 4_096, 4_095, 1, 65_536, 65_537, 20, 300_000, 299_999, 0];
    for (size, salt) in sizes.into_iter().zip(0_u8..) {
        let value = pattern(size.min(lab.claims().max_value_bytes()), salt);
        store.apply(Batch::new().put(key("b")?, value.clone())).await?;
        let found = store.get(&key("b")?).await?.unwrap_or_default();
        demand(
            "the new value is there, and nothing of the old one",
            found == value,
            (size, found.len(), found.iter().zip(&value).position(|(found, value)| found != value)),
        )?;
        let all = entries(&[("a", b"before".as_slice()), ("b", &value), ("c", b"after")]);
        demand("a scan has it once, among its neighbours", everything(&*store).await? == all, size)?;
    }
    Ok(())
}

pub async fn a_value_stays_until_it_is_replaced(lab: &Lab) -> Outcome {
    let written = [("empty", ""), ("k", "1")];
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    // Long enough for what is cached or buffered for a second.
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    demand_equal("no value ends by itself", &everything(&*store).await?, &entries(&written))
}
