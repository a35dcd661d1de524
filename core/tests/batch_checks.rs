//! A batch is checked against the limits and capabilities of a store before anything is done.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use codestrata_core::limits::{MAX_BATCH_OPS, MAX_KEY_BYTES, MAX_VALUE_BYTES};
use codestrata_core::{
    Acknowledge, Batch, Bytes, Capabilities, Durability, ErrorKind, Key, KeyRange, Op, Precondition,
};

const PLAIN: Capabilities = Capabilities::minimal();
const SYNCED: Capabilities = Capabilities::minimal().with_persistent().with_synced();

fn key() -> Key {
    Key::new("key").unwrap()
}

#[test]
fn a_key_has_one_to_the_limit_of_bytes() {
    assert_eq!(Key::new("").unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(Key::new(vec![0; MAX_KEY_BYTES + 1]).unwrap_err().kind(), ErrorKind::TooLarge);
    assert_eq!(Key::new(vec![0; MAX_KEY_BYTES]).unwrap().as_slice().len(), MAX_KEY_BYTES);
}

#[test]
fn every_part_of_a_batch_counts() {
    let batch = Batch::new()
        .require_absent(key())
        .require_equals(key(), "12345")
        .put(key(), "1234567")
        .delete(key())
        .delete_range(KeyRange::new("ab", Some("abcd".into())));
    assert_eq!(batch.byte_size(), 3 + 3 + 5 + 3 + 7 + 3 + 2 + 4);
    assert_eq!((batch.len(), batch.preconditions().len(), batch.ops().len()), (5, 2, 3));
    assert!(!batch.is_empty() && Batch::new().is_empty());
}

#[test]
fn a_value_up_to_the_limit_is_taken_and_one_byte_more_is_not() {
    let small = PLAIN.with_max_value_bytes(10);
    assert!(Batch::new().put(key(), vec![0; 10]).check(&small).is_ok());
    for over in [Batch::new().put(key(), vec![0; 11]), Batch::new().require_equals(key(), vec![0; 11])] {
        let error = over.check(&small).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.to_string().contains("11") && error.to_string().contains("10"), "{error}");
    }
    assert_eq!(PLAIN.with_max_value_bytes(usize::MAX).max_value_bytes(), MAX_VALUE_BYTES);
}

#[test]
fn a_batch_up_to_the_limit_is_taken_and_one_byte_more_is_not() {
    let small = PLAIN.with_max_batch_bytes(8);
    assert!(Batch::new().put(key(), "12345").check(&small).is_ok());
    assert_eq!(Batch::new().put(key(), "123456").check(&small).unwrap_err().kind(), ErrorKind::TooLarge);
}

#[test]
fn operations_and_preconditions_are_counted_together() {
    let mut batch = Batch::new();
    for _ in 0..MAX_BATCH_OPS - 1 {
        batch.add(Op::Delete(key()));
    }
    batch.add_precondition(Precondition::Absent(key()));
    assert!(batch.check(&PLAIN).is_ok());
    batch.add_precondition(Precondition::Absent(key()));
    assert_eq!(batch.check(&PLAIN).unwrap_err().kind(), ErrorKind::TooLarge);
}

#[test]
fn durability_is_what_was_asked_for_or_refused() {
    let asked = |durability, capabilities: &Capabilities| {
        Batch::new().durability(durability).check(capabilities).map_err(|error| error.kind())
    };
    assert_eq!(asked(Durability::Strongest, &SYNCED), Ok(Acknowledge::Synced));
    assert_eq!(asked(Durability::Synced, &SYNCED), Ok(Acknowledge::Synced));
    assert_eq!(asked(Durability::Buffered, &SYNCED), Ok(Acknowledge::Visible));
    assert_eq!(asked(Durability::Strongest, &PLAIN), Ok(Acknowledge::Visible));
    assert_eq!(asked(Durability::Buffered, &PLAIN), Ok(Acknowledge::Visible));
    assert_eq!(asked(Durability::Synced, &PLAIN), Err(ErrorKind::Unsupported));
}

#[test]
fn an_empty_value_is_not_an_absence() {
    let absent = Precondition::Absent(key());
    let empty = Precondition::Equals(key(), Bytes::new());
    assert!(absent.holds(None) && !absent.holds(Some(b"")) && !absent.holds(Some(b"x")));
    assert!(!empty.holds(None) && empty.holds(Some(b"")) && !empty.holds(Some(b"x")));
    assert_eq!(absent.failed().kind(), ErrorKind::PreconditionFailed);
}
