//! The end of a prefix range is the first key after all keys with the prefix, if there is one.

use codestrata_core::{Bytes, Key, KeyRange};
use proptest::prelude::*;

fn end_of(prefix: &[u8]) -> Option<Bytes> {
    KeyRange::prefix(prefix.to_vec()).end().cloned()
}

#[test]
fn the_last_byte_that_can_grow_grows_and_the_rest_goes() {
    for (prefix, end) in [
        (&b"a"[..], Some(&b"b"[..])),
        (b"ab", Some(b"ac")),
        (b"a\xff", Some(b"b")),
        (b"a\xff\xff", Some(b"b")),
        (b"a\xfe\xff", Some(b"a\xff")),
        (b"\x00", Some(b"\x01")),
        (b"\xff\x00\xff", Some(b"\xff\x01")),
        (b"", None),
        (b"\xff", None),
        (b"\xff\xff\xff", None),
    ] {
        assert_eq!(end_of(prefix).as_deref(), end, "the end of {prefix:?}");
    }
}

#[test]
fn the_range_of_a_key_holds_that_key_only() {
    let range = KeyRange::from(&Key::new("ab").unwrap());
    assert!(
        range.contains(b"ab") && !range.contains(b"a") && !range.contains(b"ab\0") && !range.contains(b"abc")
    );
}

#[test]
fn a_range_that_can_hold_no_key_is_empty() {
    let range = |start: &'static str, end: &'static str| KeyRange::new(start, Some(end.into()));
    for empty in [range("b", "a"), range("a", "a"), range("", ""), range("", "\0")] {
        assert!(empty.is_empty(), "{empty:?}");
    }
    for full in [range("a", "b"), range("a", "a\0"), range("", "\0\0"), KeyRange::all()] {
        assert!(!full.is_empty(), "{full:?}");
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF]), 0..5)
}

proptest! {
    #[test]
    fn a_range_of_a_prefix_holds_what_begins_with_it(prefix in bytes(), key in bytes()) {
        prop_assert_eq!(KeyRange::prefix(prefix.clone()).contains(&key), key.starts_with(&prefix));
    }

    #[test]
    fn what_follows_a_key_is_all_that_is_greater(last in bytes(), key in bytes()) {
        prop_assert_eq!(KeyRange::all().after(&last).contains(&key), key > last);
        prop_assert_eq!(KeyRange::all().before(&last).contains(&key), key < last);
    }

    #[test]
    fn an_empty_range_holds_nothing(start in bytes(), end in bytes(), key in bytes()) {
        let range = KeyRange::new(start, Some(end.into()));
        prop_assume!(!key.is_empty());
        prop_assert!(!range.is_empty() || !range.contains(&key));
    }
}
