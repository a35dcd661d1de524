//! A page keeps to the limits of its request, and says where the next one begins.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use codestrata_core::limits::{DEFAULT_PAGE_BYTES, MAX_PAGE_BYTES, MAX_PAGE_ITEMS};
use codestrata_core::{KeyRange, Page, PageBuilder, ScanRequest};

fn all() -> ScanRequest {
    ScanRequest::new(KeyRange::all())
}

/// What an engine with these entries answers.
fn page(request: &ScanRequest, entries: &[(&str, &str)]) -> Page {
    let mut page = PageBuilder::new(request);
    let _ = entries.iter().all(|(key, value)| page.push(key.as_bytes(), value.as_bytes()));
    page.finish()
}

fn keys(page: &Page) -> Vec<&str> {
    page.iter().map(|(key, _)| std::str::from_utf8(key).unwrap()).collect()
}

const ENTRIES: &[(&str, &str)] = &[("a", "12"), ("b", "12"), ("c", "12")];

#[test]
fn a_page_that_holds_everything_has_no_next() {
    let page = page(&all().max_items(3).max_bytes(9), ENTRIES);
    assert_eq!(keys(&page), ["a", "b", "c"]);
    assert_eq!(page.next(), None);
}

#[test]
fn items_over_the_limit_go_to_the_next_page() {
    let page = page(&all().max_items(2), ENTRIES);
    assert_eq!(keys(&page), ["a", "b"]);
    assert_eq!(page.next(), Some(&KeyRange::new("b\0", None)));
}

#[test]
fn bytes_over_the_limit_go_to_the_next_page() {
    assert_eq!(keys(&page(&all().max_bytes(6), ENTRIES)), ["a", "b"]);
    assert_eq!(keys(&page(&all().max_bytes(5), ENTRIES)), ["a"]);
}

#[test]
fn the_first_item_comes_however_large_it_is() {
    let page = page(&all().max_bytes(1), ENTRIES);
    assert_eq!(keys(&page), ["a"]);
    assert!(page.next().is_some());
}

#[test]
fn values_that_are_left_out_count_for_nothing() {
    let page = page(&all().max_bytes(3).keys_only(), ENTRIES);
    assert_eq!(keys(&page), ["a", "b", "c"]);
    assert!(page.iter().all(|(_, value)| value.is_empty()));
}

#[test]
fn a_reverse_page_goes_on_before_its_last_key_and_keeps_the_start() {
    let request = ScanRequest::new(KeyRange::new("a", Some("z".into()))).reverse().max_items(1);
    let page = page(&request, &[("c", ""), ("b", "")]);
    assert_eq!(page.next(), Some(&KeyRange::new("a", Some("c".into()))));
}

#[test]
fn a_limit_outside_the_seams_is_brought_inside() {
    let request = all().max_items(0).max_bytes(0);
    assert_eq!((request.item_limit(), request.byte_limit()), (1, 1));
    let request = all().max_items(usize::MAX).max_bytes(usize::MAX);
    assert_eq!((request.item_limit(), request.byte_limit()), (MAX_PAGE_ITEMS, MAX_PAGE_BYTES));
    assert_eq!((all().item_limit(), all().byte_limit()), (MAX_PAGE_ITEMS, DEFAULT_PAGE_BYTES));
}

#[test]
fn shared_items_are_the_borrowed_ones() {
    let page = page(&all(), ENTRIES);
    for ((key, value), (shared_key, shared_value)) in page.iter().zip(page.iter_shared()) {
        assert_eq!((key, value), (shared_key.as_ref(), shared_value.as_ref()));
    }
    assert_eq!(page.iter_shared().len(), 3);
}

#[test]
fn a_page_that_was_expected_to_be_full_is_as_any_other() {
    for request in [all(), all().max_bytes(1), all().max_bytes(6), all().max_items(2)] {
        let mut expected = PageBuilder::new(&request);
        // As well before the first item as after one.
        expected.expect_full();
        for (key, value) in ENTRIES {
            if !expected.push(key.as_bytes(), value.as_bytes()) {
                break;
            }
            expected.expect_full();
        }
        let (expected, usual) = (expected.finish(), page(&request, ENTRIES));
        assert_eq!((keys(&expected), expected.next()), (keys(&usual), usual.next()));
    }
}
