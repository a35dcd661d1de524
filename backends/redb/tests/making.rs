//! Several who make the same store at once end with one store.

mod child;

use child::{open, runtime};
use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{ErrorKind, OpenMode};

#[test]
fn one_of_several_makers_wins_and_the_others_open_or_are_locked_out() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/store.redb");
        let makers: Vec<_> = (0..4_u8)
            .map(|maker| {
                let path = path.clone();
                std::thread::spawn(move || {
                    runtime().block_on(async {
                        match open(&path, OpenMode::Create).await {
                            Ok(store) => {
                                store.apply(puts(&[([maker], "")]).unwrap()).await.unwrap();
                                store.close().await.unwrap();
                                1
                            }
                            Err(error) => {
                                assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
                                0
                            }
                        }
                    })
                })
            })
            .collect();
        let written: usize = makers.into_iter().map(|maker| maker.join().unwrap()).sum();
        assert!(written > 0, "somebody wins");
        runtime().block_on(async {
            let store = open(&path, OpenMode::Existing).await.unwrap();
            assert_eq!(
                everything(&*store).await.unwrap().len(),
                written,
                "nobody replaces what another has made"
            );
        });
        let left = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "nothing is left beside the store");
    }
}
