//! What was answered is not read again while nothing has changed.

use codestrata::limits::MAX_RESULTS;
use codestrata::{GraphStorage, Queries, StorageConfig};

use crate::project::file;
use crate::project::sources::State;
use crate::stored;
use crate::support::counting::Cost;

async fn ask_everything(queries: &Queries) {
    let id = "part0/m30.py::function_0_30_1";
    assert!(queries.node(id).await.unwrap().is_some());
    assert!(!queries.callers(id, MAX_RESULTS).await.unwrap().results.is_empty());
    assert!(!queries.callees(id, MAX_RESULTS).await.unwrap().0.results.is_empty());
    assert_eq!(queries.resolve("function_0_30_1").await.unwrap().results.len(), 1);
}

#[tokio::test]
async fn a_question_that_was_answered_reads_nothing_from_the_backend_until_something_changes() {
    let (storage, counts, _) = stored(1, StorageConfig::in_memory()).await;
    let queries = storage.query("r");
    ask_everything(&queries).await;
    assert_ne!(counts.take().reads, 0, "the first time everything is read");
    ask_everything(&queries).await;
    assert_eq!(counts.take(), Cost::default());
    storage.graph().replace_file("r", file(0, 30, State::OtherBody)).await.unwrap();
    counts.take();
    ask_everything(&queries).await;
    assert_ne!(counts.take().reads, 0, "the file that has changed");
    ask_everything(&queries).await;
    assert_eq!(counts.take(), Cost::default());
}
