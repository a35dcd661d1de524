//! The thousandth call is as good as the first: what counts, fills up or wears out has not been noticed before.

use codestrata_core::{Batch, Bytes, Durability, KeyRange, ScanRequest};

use crate::Lab;
use crate::lab::{Entries, entries, everything, key, puts, walk};
use crate::violation::{Outcome, demand_equal};

// More than 1,024 and than 2,000, where counters of ten bits and round limits end.
const CALLS: u16 = 2_100;

/// The key of a number, in the order of the numbers.
fn name(number: u16) -> [u8; 2] {
    number.to_be_bytes()
}

pub async fn thousands_of_batches_are_all_there(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    for number in 0..CALLS {
        let batch = puts(&[(name(number), number.to_le_bytes())])?;
        store.apply(batch.durability(Durability::Buffered)).await?;
        // Counters of eight bits, and every hundredth.
        if number % 256 < 2 || number % 100 < 2 {
            let found = walk(&*store, &ScanRequest::new(KeyRange::all()).keys_only()).await?.len();
            demand_equal("each batch so far is there", &found, &(usize::from(number) + 1))?;
        }
    }
    let expected: Vec<_> = (0..CALLS).map(|number| (name(number), number.to_le_bytes())).collect();
    demand_equal("every batch of thousands is there", &everything(&*store).await?, &entries(&expected))
}

pub async fn thousands_of_reads_are_all_answered(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]).await?;
    let b = key("b")?;
    let request = ScanRequest::new(KeyRange::new("b", None));
    let (value, rest): (Option<Bytes>, Entries) =
        (Some(Bytes::from_static(b"2")), entries(&[("b", "2"), ("c", "3")]));
    for number in 0..CALLS {
        let what = format!("read {number} is as good as the first");
        // Three reads a round, so that each kind is at each place of a round number.
        demand_equal(&what, &store.get(&b).await?, &value)?;
        demand_equal(&what, &store.get_many(std::slice::from_ref(&b)).await?, &vec![value.clone()])?;
        demand_equal(&what, &store.scan(&request).await?.iter_shared().collect::<Entries>(), &rest)?;
    }
    Ok(())
}

pub async fn a_key_that_is_written_over_and_over_has_its_last_value(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let (k, other) = (key("k")?, key("other")?);
    store.apply(Batch::new().put(other.clone(), "stays")).await?;
    for number in 0..CALLS {
        // Every seventh time it goes, and comes back on the condition that it went.
        if number % 7 == 6 {
            store.apply(Batch::new().delete(k.clone()).durability(Durability::Buffered)).await?;
        }
        let batch = if number == 0 || number % 7 == 6 {
            Batch::new().require_absent(k.clone())
        } else {
            Batch::new().require_equals(k.clone(), (number - 1).to_be_bytes().to_vec())
        };
        let batch = batch.put(k.clone(), number.to_be_bytes().to_vec());
        store.apply(batch.durability(Durability::Buffered)).await?;
    }
    let expected =
        [("k".as_bytes(), (CALLS - 1).to_be_bytes().to_vec()), ("other".as_bytes(), b"stays".to_vec())];
    demand_equal(
        "the last value is there, and what lies beside it",
        &everything(&*store).await?,
        &entries(&expected),
    )
}
