//! An edit costs what its file takes, whatever the size of the repository.

use codestrata::{GraphStorage, StorageConfig};

use crate::bounds::{Allowed, EDIT_OF_A_BODY, NEW_FUNCTION, at_most};
use crate::project::file;
use crate::project::sources::State;
use crate::support::counting::Cost;
use crate::{opened, stored};

/// The file that is edited: in the middle of the first part.
const EDITED: usize = 30;

/// What two edits cost a process that has not asked for anything before.
async fn costs(times: usize) -> [Cost; 2] {
    let (_, _, below) = stored(times, StorageConfig::in_memory()).await;
    let (storage, counts) = opened(&below, StorageConfig::in_memory());
    let mut costs = [Cost::default(); 2];
    for (cost, state) in costs.iter_mut().zip([State::OtherBody, State::NewFunction]) {
        let summary = storage.graph().replace_file("r", file(0, EDITED, state)).await.unwrap();
        assert_eq!((summary.replaced, summary.unchanged), (1, 0));
        *cost = counts.take();
    }
    costs
}

fn hold(what: &str, cost: Cost, allowed: Allowed) {
    assert_eq!(
        (cost.batches, cost.flushes),
        (1, 0),
        "{what} is one commit, and nothing waits for another flush"
    );
    at_most(&format!("{what}: calls that read"), cost.reads, allowed.reads);
    at_most(&format!("{what}: keys read"), cost.keys_read, allowed.keys_read);
    at_most(&format!("{what}: scans"), cost.scans, allowed.scans);
    at_most(&format!("{what}: bytes read"), cost.bytes_read, allowed.bytes_read);
    at_most(&format!("{what}: operations"), cost.operations, allowed.operations);
    at_most(&format!("{what}: bytes written"), cost.bytes_written, allowed.bytes_written);
}

#[tokio::test]
async fn an_edit_asks_no_more_of_the_backend_than_its_file_needs_in_a_repository_of_any_size() {
    for times in [1, 3] {
        let [body, function] = costs(times).await;
        hold(&format!("an edit of a body, x{times}"), body, EDIT_OF_A_BODY);
        hold(&format!("a new function, x{times}"), function, NEW_FUNCTION);
    }
}
