//! The shared cache: never over budget, expired first, typed, and not flushed by a scan.

use std::sync::Arc;
use std::time::Duration;

use codestrata::cache::ManualClock;
use codestrata::{ErrorKind, SharedCache};
use proptest::prelude::*;

fn cache(limit: u64, ttl: Option<Duration>) -> (SharedCache, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (SharedCache::with_clock(limit, ttl, Arc::clone(&clock)), clock)
}

#[test]
fn a_value_comes_back_until_its_time_is_over() {
    let (cache, clock) = cache(1 << 20, None);
    cache.set("a", &(1_u32, "text".to_owned()), Some(Duration::from_secs(60))).unwrap();
    cache.set("forever", &7_u64, None).unwrap();
    clock.advance(Duration::from_secs(59));
    assert_eq!(cache.get::<(u32, String)>("a").unwrap(), Some((1, "text".to_owned())));
    clock.advance(Duration::from_secs(1));
    assert_eq!(cache.get::<(u32, String)>("a").unwrap(), None);
    assert_eq!(cache.get::<u64>("forever").unwrap(), Some(7));
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.expired, stats.keys), (2, 1, 1, 1));
}

#[test]
fn the_default_time_holds_where_none_is_given() {
    let (cache, clock) = cache(1 << 20, Some(Duration::from_secs(10)));
    cache.set("default", &1_u8, None).unwrap();
    cache.set("longer", &2_u8, Some(Duration::from_secs(20))).unwrap();
    clock.advance(Duration::from_secs(10));
    assert_eq!(cache.get::<u8>("default").unwrap(), None);
    assert_eq!(cache.get::<u8>("longer").unwrap(), Some(2));
}

#[test]
fn setting_again_starts_the_time_anew() {
    let (cache, clock) = cache(1 << 20, None);
    cache.set("k", &1_u8, Some(Duration::from_secs(10))).unwrap();
    clock.advance(Duration::from_secs(9));
    cache.set("k", &2_u8, Some(Duration::from_secs(10))).unwrap();
    clock.advance(Duration::from_secs(9));
    // Other insertions sweep what is over: the first deadline of `k` is, and must not take the second value along.
    cache.set("other", &0_u8, None).unwrap();
    assert_eq!(cache.get::<u8>("k").unwrap(), Some(2));
    assert!(cache.remove("k") && !cache.remove("k"));
}

#[test]
fn another_type_is_an_error_and_not_garbage() {
    let (cache, _) = cache(1 << 20, None);
    cache.set("n", &1_u32, None).unwrap();
    let error = cache.get::<u64>("n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("u32") && error.to_string().contains("u64"), "{error}");
    assert_eq!(cache.get::<u32>("n").unwrap(), Some(1));
}

#[test]
fn a_value_larger_than_the_cache_is_refused_and_counted() {
    let (cache, _) = cache(10_000, None);
    cache.set("small", &1_u8, None).unwrap();
    cache.set("large", &vec![0_u8; 20_000], Some(Duration::from_secs(1))).unwrap();
    assert_eq!(cache.get::<Vec<u8>>("large").unwrap(), None);
    assert_eq!(cache.get::<u8>("small").unwrap(), Some(1), "it pushed nothing out");
    assert_eq!(cache.stats().refused, 1);
}

#[test]
fn a_cache_of_no_bytes_keeps_nothing_and_works() {
    let (cache, _) = cache(0, None);
    cache.set("k", &1_u8, None).unwrap();
    assert_eq!(cache.get::<u8>("k").unwrap(), None);
    assert_eq!((cache.stats().bytes, cache.stats().limit_bytes), (0, 0));
}

#[test]
fn what_is_over_makes_room_before_anything_that_is_not() {
    let (cache, clock) = cache(100_000, None);
    for n in 0..40 {
        cache.set(&format!("short{n}"), &vec![0_u8; 1_000], Some(Duration::from_secs(1))).unwrap();
    }
    for n in 0..40 {
        cache.set(&format!("long{n}"), &vec![0_u8; 1_000], None).unwrap();
    }
    clock.advance(Duration::from_secs(2));
    for n in 0..40 {
        cache.set(&format!("new{n}"), &vec![0_u8; 1_000], None).unwrap();
    }
    let stats = cache.stats();
    assert_eq!((stats.expired, stats.evicted_for_room), (40, 0));
    assert!((0..40).all(|n| cache.get::<Vec<u8>>(&format!("long{n}")).unwrap().is_some()));
}

#[test]
fn a_scan_does_not_flush_what_is_hot() {
    let (cache, _) = cache(200_000, None);
    for n in 0..50 {
        cache.set(&format!("hot{n}"), &vec![0_u8; 1_000], None).unwrap();
    }
    for _ in 0..3 {
        for n in 0..50 {
            cache.get::<Vec<u8>>(&format!("hot{n}")).unwrap();
        }
    }
    for n in 0..2_000 {
        cache.set(&format!("scanned{n}"), &vec![0_u8; 1_000], None).unwrap();
    }
    let kept = (0..50).filter(|n| cache.get::<Vec<u8>>(&format!("hot{n}")).unwrap().is_some()).count();
    assert!(kept >= 45, "a scan of ten times the cache left {kept} of 50 hot entries");
    assert!(cache.stats().evicted_for_room > 1_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_is_never_over_budget(
        limit in 0_u64..400_000,
        steps in proptest::collection::vec((0_u16..300, 0_usize..30_000, proptest::option::of(0_u64..5), 0_u64..3), 1..200),
    ) {
        let (cache, clock) = cache(limit, None);
        for (key, size, ttl, pause) in steps {
            cache.set(&format!("key{key}"), &vec![0_u8; size], ttl.map(Duration::from_secs)).unwrap();
            clock.advance(Duration::from_secs(pause));
            let stats = cache.stats();
            prop_assert!(stats.bytes <= limit, "{} of {limit} bytes", stats.bytes);
        }
    }
}
