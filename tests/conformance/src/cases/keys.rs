//! Keys are bytes in their unsigned order; values are any bytes, none included.

use codestrata_core::limits::MAX_KEY_BYTES;
use codestrata_core::{Batch, Bytes};

use crate::Lab;
use crate::cases::values::pattern;
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
        let value = pattern(size, 0);
        let name = key(format!("{size}"))?;
        store.apply(Batch::new().put(name.clone(), value.clone())).await?;
        let found = store.get(&name).await?.unwrap_or_default();
        demand("a value comes back as it was", found == value, (size, found.len()))?;
        store.apply(Batch::new().delete(name)).await?;
    }
    Ok(())
}

pub async fn nothing_is_taken_off_either_end(lab: &Lab) -> Outcome {
    // What is trimmed, taken for an end, or added as one, by those who take bytes for text.
    let ends: [&[u8]; 9] = [b" ", b"\0", b"\n", b"\r\n", b"\t", b"/", b"\xff", b"\xc2\xa0", b"\xef\xbb\xbf"];
    let mut written = vec![(b"k".to_vec(), b"v".to_vec())];
    for end in ends {
        written.push(([b"k", end].concat(), [b"v", end].concat()));
        written.push(([end, b"k"].concat(), [end, b"v"].concat()));
        written.push(([b"k", end, end].concat(), end.to_vec()));
    }
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    for (name, value) in &written {
        demand_equal(
            "a key and its value keep their ends",
            &store.get(&key(name)?).await?,
            &Some(value.clone().into()),
        )?;
    }
    written.sort();
    demand_equal("and in a scan", &everything(&*store).await?, &entries(&written))
}

pub async fn long_keys_that_differ_in_one_byte_differ(lab: &Lab) -> Outcome {
    // The places around which engines cut keys, or keep the rest of them elsewhere.
    let steps = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 768, 1_000, MAX_KEY_BYTES];
    let mut written: Vec<(Vec<u8>, Vec<u8>)> = vec![(vec![b'k'; MAX_KEY_BYTES], b"base".to_vec())];
    for place in steps.iter().flat_map(|step| [step - 1, *step]).filter(|place| *place < MAX_KEY_BYTES) {
        let mut name = vec![b'k'; MAX_KEY_BYTES];
        if let Some(byte) = name.get_mut(place) {
            *byte = b'm';
        }
        written.push((name, place.to_be_bytes().to_vec()));
    }
    written.sort();
    written.dedup();
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    demand_equal(
        "keys that differ in one byte, wherever it is, are different keys in their order",
        &everything(&*store).await?,
        &entries(&written),
    )?;
    // Each can be taken away alone.
    while let Some((name, value)) = written.pop() {
        let batch = Batch::new().require_equals(key(&name)?, value).delete(key(&name)?);
        store.apply(batch).await?;
        demand_equal("and each is deleted alone", &everything(&*store).await?, &entries(&written))?;
    }
    Ok(())
}

pub async fn keys_of_every_length_differ(lab: &Lab) -> Outcome {
    // Each begins the next one. Zeros show whether keys are filled up to a length, or end at a zero.
    let mut written: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for byte in [0, b'a', 0xFF] {
        written.extend(
            (1..=MAX_KEY_BYTES)
                .filter(|length| *length < 40 || length % 50 == 0 || *length > MAX_KEY_BYTES - 3)
                .map(|length| (vec![byte; length], length.to_be_bytes().to_vec())),
        );
    }
    let store = lab.store().await?;
    store.apply(puts(&written)?).await?;
    let found = everything(&*store).await?;
    let wrong =
        found.iter().zip(&written).position(|((name, value), (own, length))| name != own || value != length);
    demand(
        "keys that differ in length alone are different keys, the shorter one first",
        wrong.is_none() && found.len() == written.len(),
        (found.len(), wrong),
    )?;
    for (name, length) in written.iter().rev().step_by(9) {
        demand_equal(
            "and each has its own value",
            &store.get(&key(name)?).await?.as_deref(),
            &Some(length.as_slice()),
        )?;
    }
    Ok(())
}

pub async fn no_key_is_reserved(lab: &Lab) -> Outcome {
    // Names that an engine may have given to what it keeps for itself.
    let mut written: Vec<(Vec<u8>, Vec<u8>)> = [
        "meta",
        "_meta",
        "__meta__",
        "metadata",
        "head",
        "_head",
        "__head__",
        "version",
        "__version__",
        "format",
        "schema",
        "sequence",
        "seq",
        "lsn",
        "lock",
        "count",
        "config",
        "default",
        "main",
        "root",
        "manifest",
        "sqlite_master",
        "sqlite_sequence",
        "__sled__default",
        "entries",
        "kv",
        "data",
        ".",
        "..",
        "/",
        "a/b",
        "_",
        "$",
        "%",
        "'",
        "\"",
        "\\",
        "--",
        "*",
        "?",
    ]
    .iter()
    .map(|name| (name.as_bytes().to_vec(), b"mine".to_vec()))
    .collect();
    for byte in [0, 1, 2, 0xFE, 0xFF] {
        for length in [1, 2, 3, 4, 7, 8, 15, 16, 32, MAX_KEY_BYTES] {
            written.push((vec![byte; length], b"mine".to_vec()));
        }
        written.push(([&[byte], b"head".as_slice()].concat(), b"mine".to_vec()));
        written.push(([&[byte], b"meta".as_slice()].concat(), b"mine".to_vec()));
    }
    written.sort();
    let store = lab.store().await?;
    demand_equal("a new store has no keys", &everything(&*store).await?.len(), &0)?;
    for (name, value) in &written {
        let batch = Batch::new().require_absent(key(name)?).put(key(name)?, value.clone());
        store.apply(batch).await?;
    }
    demand_equal("every key is the user's", &everything(&*store).await?, &entries(&written))?;
    for (name, value) in &written {
        let batch = Batch::new().require_equals(key(name)?, value.clone()).delete(key(name)?);
        store.apply(batch).await?;
    }
    demand_equal("also to be deleted", &everything(&*store).await?.len(), &0)?;
    store.apply(puts(&[("k", "1")])?).await?;
    demand_equal("and the store goes on", &everything(&*store).await?, &entries(&[("k", "1")]))
}
