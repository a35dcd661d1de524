//! What a store keeps in memory for each key, and that `stats` says as much, and not much more.

use codestrata_conformance::bare::block_on;
use codestrata_core::{Batch, Bytes, Key, OpenRequest, Options};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const KEYS: u32 = 100_000;

#[test]
fn the_memory_for_each_key_is_what_stats_say() {
    for (order, step) in [("ascending", 1_u32), ("scattered", 77_773)] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new().with("path", folder.path().display().to_string());
        let before = Region::new(ALLOCATOR);
        let store = block_on(codestrata_backend_file::DESCRIPTOR.open(OpenRequest::new(options))).unwrap();
        let mut number = 0_u32;
        for _ in 0..KEYS / 1_000 {
            let mut batch = Batch::new();
            for _ in 0..1_000 {
                // 40 bytes, as many as a path or a name may have.
                let name: Bytes = format!("{number:040}").into();
                batch = batch.put(Key::new(name).unwrap(), vec![7; 100]);
                number = (number + step) % KEYS;
            }
            block_on(store.apply(batch)).unwrap();
        }
        let change = before.change();
        // What was reallocated is in both figures already.
        let taken = change.bytes_allocated - change.bytes_deallocated;
        let stats = block_on(store.stats()).unwrap();
        assert_eq!(stats.keys, Some(u64::from(KEYS)), "{order}");
        let (each, said) = (taken as u64 / u64::from(KEYS), stats.memory_bytes.unwrap() / u64::from(KEYS));
        println!("{order}: {each} bytes a key of 40 bytes, {said} by stats");
        assert!(each <= said && said < each * 3 / 2, "{order}: {each} bytes a key, {said} by stats");
    }
}
