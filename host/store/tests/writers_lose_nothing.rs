//! Several writers of one repository follow each other; no update is lost, in one process or between two.

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use codestrata::{ErrorKind, FileChanges, GraphStorage, StorageConfig, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::Backend;
use support::{Fault, Faulty, all_keys, export, file, stores};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_of_one_process_lose_no_update() {
    for store in stores().await {
        store.storage.graph().replace_file("r", file("base.py", &[("f", &[])])).await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let graph = store.storage.graph().clone();
                tokio::spawn(async move {
                    for step in 0..5 {
                        let path = format!("t{task}_{step}.py");
                        graph.replace_file("r", file(&path, &[("f", &["base.f"])])).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let (version, totals) = store.storage.query("r").totals().await.unwrap();
        assert_eq!((version, totals.files), (41, 41), "{}", store.engine);
        assert_eq!(store.storage.query("r").callers("base.py::f", 100).await.unwrap().results.len(), 40);
    }
}

/// Two stores over one backend know nothing of each other, as two processes of an engine with several writers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_that_share_an_engine_lose_no_update() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let tasks: Vec<_> = (0..3)
        .map(|host| {
            let storage =
                StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(&backend)).unwrap();
            tokio::spawn(async move {
                for step in 0..6 {
                    let path = format!("h{host}_{step}.py");
                    loop {
                        match storage.graph().replace_file("r", file(&path, &[("f", &[])])).await {
                            Ok(_) => break,
                            // Lost ten times in a row: allowed, said plainly, and nothing was stored.
                            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let storage = StorageManager::from_backends(StorageConfig::in_memory(), backend).unwrap();
    let (version, totals) = storage.query("r").totals().await.unwrap();
    assert_eq!((version, totals.files), (18, 18));
}

#[tokio::test]
async fn a_commit_whose_acknowledgement_was_lost_counts_once() {
    for fault in [Fault::LoseAcknowledgement, Fault::LoseCommit] {
        // Small changes are one commit; a first store is several, of which the last one counts.
        for fail_at in 0..6 {
            let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
            let faulty = Arc::new(Faulty::new(below, fail_at, fault));
            let storage = StorageManager::from_backends(StorageConfig::in_memory(), faulty.clone()).unwrap();
            for (version, path) in (1..).zip(["a.py", "b.py", "c.py"]) {
                let summary = storage.graph().replace_file("r", file(path, &[("f", &[])])).await.unwrap();
                assert_eq!(summary.version, version, "{fault:?} at {fail_at}");
            }
            assert_eq!(storage.query("r").totals().await.unwrap().0, 3);
            assert!(storage.graph().delete_graph("r").await.unwrap());
            assert!(faulty.commits.load(Ordering::SeqCst) > 3);
        }
    }
}

#[tokio::test]
async fn a_failure_at_any_commit_leaves_the_old_graph_or_the_new() {
    let first: Vec<_> = (0..40).map(|n| file(&format!("m{n}.py"), &[("f", &["m0.f"])])).collect();
    let second: Vec<_> = (0..90).map(|n| file(&format!("m{n}.py"), &[("g", &["m1.g"])])).collect();
    let mut failures = 0;
    for fail_at in 0..20 {
        let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
        let config = StorageConfig::in_memory;
        let storage = StorageManager::from_backends(config(), Arc::clone(&below)).unwrap();
        let changes = FileChanges { replaced: first.clone(), ..FileChanges::default() };
        storage.graph().update_files("r", changes).await.unwrap();
        let old = export(&storage, "r").await;

        let faulty = Arc::new(Faulty::new(Arc::clone(&below), fail_at, Fault::Refuse(ErrorKind::Full)));
        let failing = StorageManager::from_backends(config(), faulty).unwrap();
        let changes = FileChanges { replaced: second.clone(), replace_all: true, ..FileChanges::default() };
        let outcome = failing.graph().update_files("r", changes.clone()).await;

        let after = StorageManager::from_backends(config(), Arc::clone(&below)).unwrap();
        let now = export(&after, "r").await;
        match outcome {
            Err(error) => {
                failures += 1;
                assert_eq!(error.kind(), ErrorKind::Full);
                assert!(
                    now == old,
                    "a failed update at commit {fail_at} left something else than the old graph"
                );
            }
            Ok(_) => assert!(now != old),
        }
        // The next writer stores the same, and removes what was left: the store is as one that never failed.
        after.graph().update_files("r", changes.clone()).await.unwrap();
        after.graph().replace_file("r", file("m0.py", &[("last", &[])])).await.unwrap();
        let clean = StorageManager::in_memory().unwrap();
        for replaced in [first.clone(), second.clone()] {
            let changes = FileChanges { replaced, replace_all: true, ..FileChanges::default() };
            clean.graph().update_files("r", changes).await.unwrap();
        }
        clean.graph().replace_file("r", file("m0.py", &[("last", &[])])).await.unwrap();
        assert_eq!(export(&after, "r").await, export(&clean, "r").await);
        let (left, expected) = (all_keys(below.as_ref()).await.len(), all_keys(clean.backend()).await.len());
        assert_eq!(left, expected, "commit {fail_at}: keys that nothing refers to were left behind");
    }
    assert!(failures >= 3, "the faults were placed where nothing commits");
}

#[tokio::test]
async fn an_update_whose_future_is_dropped_leaves_old_or_new() {
    for polls in 1..40 {
        let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
        let storage = StorageManager::from_backends(StorageConfig::in_memory(), backend).unwrap();
        storage.graph().replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
        let before = export(&storage, "r").await;
        let changes = FileChanges {
            replaced: (0..80).map(|n| file(&format!("n{n}.py"), &[("f", &["a.f"])])).collect(),
            ..FileChanges::default()
        };
        {
            let mut update = Box::pin(storage.graph().update_files("r", changes.clone()));
            for _ in 0..polls {
                let woken = std::future::poll_fn(|context| {
                    std::task::Poll::Ready(std::future::Future::poll(update.as_mut(), context).is_ready())
                });
                if woken.await {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let now = export(&storage, "r").await;
        let files = storage.query("r").totals().await.unwrap().1.files;
        assert!(now == before || files == 81, "after {polls} polls there are {files} files");
        storage.graph().update_files("r", changes).await.unwrap();
        assert_eq!(storage.query("r").totals().await.unwrap().1.files, 81);
    }
}

/// Another store over the same engine takes a generation that is being written for one that a crash left, where the
/// engine says that only one process writes. Whoever writes it must notice, and may not claim to have stored it.
#[tokio::test]
async fn a_generation_that_was_swept_is_written_again() {
    for fail_at in 0..4 {
        let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
        let config = StorageConfig::in_memory;
        let mut faulty = Faulty::new(Arc::clone(&below), fail_at, Fault::ChangeFirst);
        faulty.other = Some(StorageManager::from_backends(config(), Arc::clone(&below)).unwrap());
        let storage = StorageManager::from_backends(config(), Arc::new(faulty)).unwrap();
        let replaced = vec![file("a.py", &[("f", &[])]), file("b.py", &[("g", &["a.f"])])];
        let changes = FileChanges { replaced, ..FileChanges::default() };
        storage.graph().update_files("r", changes).await.unwrap();
        assert_eq!(storage.graph().list_files("r").await.unwrap().len(), 2, "commit {fail_at}");
        assert_eq!(storage.query("r").callers("a.py::f", 9).await.unwrap().results.len(), 1);
    }
}
