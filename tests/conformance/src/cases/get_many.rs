//! `get_many`: one answer for each key, in their order, within the limits.

use codestrata_core::limits::{MAX_GET_BYTES, MAX_GET_KEYS};
use codestrata_core::{Batch, Bytes, ErrorKind, Key};

use crate::Lab;
use crate::lab::key;
use crate::random::Random;
use crate::violation::{Outcome, demand, demand_equal, demand_error};

#[expect(clippy::unnecessary_wraps, reason = "it stands for an answer, which is an Option")]
fn some(value: &'static str) -> Option<Bytes> {
    Some(Bytes::from_static(value.as_bytes()))
}

pub async fn values_come_in_the_order_of_the_keys(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]).await?;
    let values = store.get_many(&[key("c")?, key("a")?, key("b")?]).await?;
    demand_equal("values come in the order of the keys", &values, &vec![some("3"), some("1"), some("2")])
}

pub async fn a_key_may_be_named_twice(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2")]).await?;
    let values = store.get_many(&[key("a")?, key("b")?, key("a")?, key("x")?, key("x")?]).await?;
    demand_equal("each naming has its answer", &values, &vec![some("1"), some("2"), some("1"), None, None])
}

pub async fn no_keys_give_no_values(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"1")]).await?;
    demand_equal("no keys, no values", &store.get_many(&[]).await?, &Vec::<Option<Bytes>>::new())
}

pub async fn missing_keys_among_present_ones_are_none(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"b", b"1"), (b"d", b"")]).await?;
    let values = store.get_many(&[key("a")?, key("b")?, key("c")?, key("d")?, key("e")?]).await?;
    demand_equal("a missing key is None at its place", &values, &vec![None, some("1"), None, some(""), None])
}

pub async fn as_many_keys_as_allowed_are_answered(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"\x00\x07", b"1"), (b"\xff\xff", b"2")]).await?;
    let keys: Vec<Key> = (0..=u16::MAX).map(|number| key(number.to_be_bytes())).collect::<Result<_, _>>()?;
    demand_equal("the suite asks for the limit", &keys.len(), &MAX_GET_KEYS)?;
    let values = store.get_many(&keys).await?;
    demand_equal("there is an answer for each key", &values.len(), &MAX_GET_KEYS)?;
    let found: Vec<usize> =
        values.iter().enumerate().filter(|(_, value)| value.is_some()).map(|(at, _)| at).collect();
    demand_equal(
        "only the keys that are there have values, the last one too",
        &found,
        &vec![7, keys.len() - 1],
    )
}

pub async fn one_key_too_many_is_too_large(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let keys = vec![key("k")?; MAX_GET_KEYS + 1];
    demand_error("a get_many over the limit of keys", store.get_many(&keys).await, ErrorKind::TooLarge)
        .map(drop)
}

pub async fn too_many_bytes_are_too_large(lab: &Lab) -> Outcome {
    let size = lab.claims().max_value_bytes().min(16 * 1024 * 1024);
    let store = lab.store().await?;
    store.apply(Batch::new().put(key("k")?, vec![7; size])).await?;
    let most = MAX_GET_BYTES / size;
    if most >= MAX_GET_KEYS {
        // Values so small never reach the limit.
        return Ok(());
    }
    let within = store.get_many(&vec![key("k")?; most]).await?;
    demand(
        "values up to the limit are returned",
        within.iter().flatten().all(|value| value.len() == size),
        within.len(),
    )?;
    drop(within);
    let over = store.get_many(&vec![key("k")?; most + 1]).await;
    demand_error("a get_many over the limit of bytes", over.map(|values| values.len()), ErrorKind::TooLarge)
        .map(drop)
}

pub async fn thousands_of_keys_each_have_their_answer(lab: &Lab) -> Outcome {
    const ASKED: usize = 40_000;
    let store = lab.store().await?;
    // Two of three numbers are there.
    let there = |number: u32| !number.is_multiple_of(3);
    let batch = (0..20_000_u32).filter(|number| there(*number)).try_fold(Batch::new(), |batch, number| {
        Ok::<_, codestrata_core::Error>(batch.put(key(number.to_be_bytes())?, number.to_le_bytes().to_vec()))
    })?;
    store.apply(batch).await?;
    // In no order, many of them twice and far apart, some beyond the last one.
    let mut random = Random::seeded(3);
    let asked: Vec<u32> =
        (0..ASKED).map(|_| u32::try_from(random.below(20_100)).unwrap_or_default()).collect();
    let keys: Vec<Key> = asked.iter().map(|number| key(number.to_be_bytes())).collect::<Result<_, _>>()?;
    let values = store.get_many(&keys).await?;
    demand_equal("there is an answer for each of many keys", &values.len(), &ASKED)?;
    for (at, (number, value)) in asked.iter().zip(&values).enumerate() {
        let expected = (there(*number) && *number < 20_000).then(|| number.to_le_bytes());
        demand(
            &format!("the answer at place {at} of {ASKED} is that of its key"),
            value.as_deref() == expected.as_ref().map(<[u8; 4]>::as_slice),
            (number, value),
        )?;
    }
    Ok(())
}

pub async fn get_agrees_with_get_many(lab: &Lab) -> Outcome {
    let large = vec![7; 200_000];
    let written: [(&[u8], &[u8]); 5] =
        [(b"\x00", b"first"), (b"empty", b""), (b"k", b"1"), (b"large", &large), (b"\xff", b"last")];
    let store = lab.store_with(&written).await?;
    let mut expected: Vec<(Key, Option<Bytes>)> = Vec::new();
    for (name, value) in written {
        expected.push((key(name)?, Some(Bytes::copy_from_slice(value))));
    }
    for missing in [b"\x00\x00".as_slice(), b"emptY", b"k\x00", b"l", b"\xfe", b"\xff\xff"] {
        expected.push((key(missing)?, None));
    }
    for (name, value) in &expected {
        demand(&format!("get answers for {name:?}"), store.get(name).await? == *value, value.is_some())?;
    }
    let (keys, values): (Vec<Key>, Vec<Option<Bytes>>) = expected.into_iter().unzip();
    let found = store.get_many(&keys).await?;
    let wrong = found.iter().zip(&values).position(|(found, value)| found != value);
    demand("get_many answers the same", found.len() == values.len() && wrong.is_none(), (found.len(), wrong))
}
