//! What files import is told as they write it, for the files that are asked for.

mod support;

use codestrata::{GraphStorage, ImportedModule};
use support::{file, stores};

#[tokio::test]
async fn every_import_is_told_once_and_a_file_that_is_not_stored_is_left_out() {
    for store in stores().await {
        let storage = store.storage.graph();
        let calls = ["b.g", "a.f", "b.g"];
        storage.replace_file("r", file("x.py", &[("h", &calls)])).await.unwrap();
        storage.replace_file("r", file("y.py", &[("k", &[])])).await.unwrap();
        storage.replace_file("r", file("z.py", &[("l", &["c.m"])])).await.unwrap();
        let paths = ["x.py", "y.py", "nowhere.py"].map(str::to_owned);
        let imported = storage.imported_modules("r", &paths).await.unwrap();
        let of = |module: &str, name: &str| ImportedModule { module: module.into(), name: Some(name.into()) };
        let expected =
            [("x.py".to_owned(), vec![of("a", "f"), of("b", "g")]), ("y.py".to_owned(), Vec::new())];
        assert_eq!(imported.into_iter().collect::<Vec<_>>(), expected, "{}", store.engine);
        let error = storage.imported_modules("nope", &paths).await.unwrap_err();
        assert_eq!(error.kind(), codestrata::ErrorKind::NotFound, "{}", store.engine);
    }
}
