//! Keys are bytes in their unsigned order; values are any bytes, none included.

use codestrata_core::limits::MAX_KEY_BYTES;
use codestrata_core::{Batch, Bytes};

use crate::Lab;
use crate::lab::{entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal};

pub async fn an_empty_value_is_a_value(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"")]).await?;
    demand_equal(
        "an empty value is read as empty, not as absent",
        &store.get(&key("k")?).await?,
        &Some(Bytes::new()),
    )?;
    demand_equal("a scan shows it", &everything(&*store).await?, &entries(&[("k", "")]))
}

pub async fn a_missing_key_reads_as_none(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"kk", b"1")]).await?;
    for name in ["k", "kkk", "a", "z"] {
        demand_equal("a key that was not written has no value", &store.get(&key(name)?).await?, &None)?;
    }
    Ok(())
}

pub async fn overwriting_replaces_the_value(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"a long first value")]).await?;
    store.apply(puts(&[("k", "short")])?).await?;
    demand_equal("the last value is the only one", &everything(&*store).await?, &entries(&[("k", "short")]))
}

pub async fn deleting_a_missing_key_succeeds(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    store.apply(Batch::new().delete(key("absent")?).delete(key("k")?).delete(key("k")?)).await?;
    demand_equal("only what was there is gone", &everything(&*store).await?, &entries::<&str, &str>(&[]))
}

pub async fn keys_compare_as_unsigned_bytes(lab: &Lab) -> Outcome {
    let names: [&[u8]; 5] = [b"\xff", b"\x80", b"\x7f", b"\x00", b"\x01"];
    let store = lab.store_with(&names.map(|name| (name, b"".as_slice()))).await?;
    let expected: [&[u8]; 5] = [b"\x00", b"\x01", b"\x7f", b"\x80", b"\xff"];
    demand_equal(
        "0x7F comes before 0x80",
        &everything(&*store).await?,
        &entries(&expected.map(|name| (name, ""))),
    )
}

pub async fn a_key_sorts_before_those_it_begins(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"aa", b""), (b"a\x00", b""), (b"b", b""), (b"a", b"")]).await?;
    let expected = entries(&[("a", ""), ("a\0", ""), ("aa", ""), ("b", "")]);
    demand_equal("a < a\\0 < aa < b", &everything(&*store).await?, &expected)
}

pub async fn any_bytes_make_a_key_and_a_value(lab: &Lab) -> Outcome {
    let mut expected = Vec::new();
    for byte in 0..=u8::MAX {
        expected.push((vec![byte], vec![byte, 0, byte]));
        // Not UTF-8, and with a zero inside.
        expected.push((vec![byte, 0, 0xC3, 0x28], vec![0xFF, byte]));
    }
    let store = lab.store().await?;
    store.apply(puts(&expected)?).await?;
    demand_equal("every byte is kept as it is", &everything(&*store).await?, &entries(&expected))
}

pub async fn keys_keep_their_case(lab: &Lab) -> Outcome {
    let written = [("KEY", "1"), ("Key", "2"), ("key", "3")];
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    demand_equal("keys that differ in case differ", &everything(&*store).await?, &entries(&written))
}

pub async fn the_longest_key_works(lab: &Lab) -> Outcome {
    let written: Vec<(Vec<u8>, Vec<u8>)> = (0..=9)
        .map(|last| {
            let mut name = vec![0xAB; MAX_KEY_BYTES - 1];
            name.push(last);
            (name, vec![last])
        })
        .collect();
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    demand_equal(
        "keys of the longest length that differ in their last byte differ",
        &everything(&*store).await?,
        &entries(&written),
    )
}

pub async fn values_of_every_size_come_back_whole(lab: &Lab) -> Outcome {
    const MIB: usize = 1024 * 1024;
    let store = lab.store().await?;
    let sizes = [
        1,
        255,
        4_095,
        4_096,
        4_097,
        8_192,
        65_535,
        65_536,
        65_537,
        MIB,
        16 * MIB,
        lab.claims().max_value_bytes(),
    ];
    for size in sizes.into_iter().filter(|size| *size <= lab.claims().max_value_bytes()) {
        let value: Bytes = (0..size).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect();
        let name = key(format!("{size}"))?;
        store.apply(Batch::new().put(name.clone(), value.clone())).await?;
        let found = store.get(&name).await?.unwrap_or_default();
        demand("a value comes back as it was", found == value, (size, found.len()))?;
        store.apply(Batch::new().delete(name)).await?;
    }
    Ok(())
}
