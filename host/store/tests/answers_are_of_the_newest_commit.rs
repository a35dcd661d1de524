//! What is kept between questions is never an answer to a later state: whoever wrote last, everybody sees it at once.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::sync::Arc;

use codestrata::query::{Direction, EdgeKinds, Traversal};
use codestrata::{FileChanges, GraphStorage, StorageConfig, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_config::ByteSize;
use codestrata_core::Backend;
use support::{Fault, Faulty, file};

const FILES: u64 = 6;

/// Everything that questions answer of a small repository: nodes, callers, files and a walk.
async fn answers(storage: &StorageManager) -> String {
    if !storage.graph().graph_exists("r").await.unwrap() {
        return "nothing".to_owned();
    }
    let queries = storage.query("r");
    let how = Traversal::along(EdgeKinds::calls()).direction(Direction::Incoming);
    let mut all = vec![format!("{:?}", storage.graph().list_files("r").await.unwrap())];
    for number in 0..FILES {
        for name in ["f", "g"] {
            let id = format!("m{number}.py::{name}");
            all.push(match queries.node(&id).await.unwrap() {
                None => format!("no {id}"),
                Some(node) => {
                    let calling = queries.callers(&id, 100).await.unwrap();
                    let called = queries.callees(&id, 100).await.unwrap();
                    let impact = queries.impact(&id, &how, 100).await.unwrap();
                    format!("{node:?}\n{calling:?}\n{called:?}\n{impact:?}")
                }
            });
        }
        all.push(format!("{:?}", queries.resolve("g").await.unwrap()));
    }
    all.join("\n")
}

/// One random change by one of the writers.
async fn change(storage: &StorageManager, next: &mut impl FnMut(u64) -> u64) {
    let graph = storage.graph();
    let number = next(FILES);
    let path = format!("m{number}.py");
    match next(12) {
        0 => {
            graph.delete_graph("r").await.unwrap();
        }
        1 => {
            let replaced = (0..FILES).map(|n| file(&format!("m{n}.py"), &[("f", &["m0.f"])])).collect();
            let changes =
                FileChanges { replaced, replace_all: true, rewrite: true, ..FileChanges::default() };
            graph.update_files("r", changes).await.unwrap();
        }
        2 | 3 => {
            let changes = FileChanges { removed: vec![path], ..FileChanges::default() };
            graph.update_files("r", changes).await.unwrap();
        }
        4 => {
            let id = format!("{path}::f");
            let exists = graph.graph_exists("r").await.unwrap();
            if exists && storage.query("r").node(&id).await.unwrap().is_some() {
                let noted = [("n".to_owned(), number.into())].into_iter().collect();
                graph.annotate("r", &id, "test", &noted).await.unwrap();
            }
        }
        kind => {
            let called = format!("m{}.{}", next(FILES), if next(2) == 0 { "f" } else { "g" });
            let (calls, none): ([&str; 1], [&str; 0]) = ([called.as_str()], []);
            let functions: &[(&str, &[&str])] =
                if kind < 8 { &[("f", &calls), ("g", &none)] } else { &[("f", &calls)] };
            let changes = FileChanges { replaced: vec![file(&path, functions)], ..FileChanges::default() };
            graph.update_files("r", changes).await.unwrap();
        }
    }
}

#[tokio::test]
async fn two_writers_of_one_store_see_what_the_other_wrote() {
    for has_snapshots in [true, false] {
        for seed in 1..=8_u64 {
            let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
            let open = |cache| {
                let mut shown = Faulty::new(Arc::clone(&below), usize::MAX, Fault::LoseCommit);
                if !has_snapshots {
                    shown = shown.without_snapshots();
                }
                let config = StorageConfig::in_memory().cache_capacity(cache);
                StorageManager::from_backends(config, Arc::new(shown)).unwrap()
            };
            let writers = [open(ByteSize::mebibytes(8)), open(ByteSize::mebibytes(8))];
            let forgetful = open(ByteSize::mebibytes(0));
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut next = |below: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) % below
            };
            for step in 0..40 {
                let writer = usize::try_from(next(2)).unwrap();
                change(&writers[writer], &mut next).await;
                let expected = answers(&forgetful).await;
                for (reader, storage) in writers.iter().enumerate() {
                    if next(3) > 0 {
                        let seen = answers(storage).await;
                        assert!(
                            seen == expected,
                            "seed {seed}, step {step}: {reader} after a change by {writer}\n{seen}\n{expected}"
                        );
                    }
                }
            }
        }
    }
}
