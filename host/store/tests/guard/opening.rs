//! Opening reads a bounded part of a store, whatever its size.

use codestrata::StorageConfig;

use crate::bounds::{OPENING, at_most};
use crate::{opened, stored};

#[tokio::test]
async fn opening_and_the_first_answer_read_no_more_of_a_larger_store() {
    for times in [1, 3] {
        let (_, _, below) = stored(times, StorageConfig::in_memory()).await;
        let (storage, counts) = opened(&below, StorageConfig::in_memory());
        let id = "part0/m30.py::function_0_30_2";
        assert!(storage.query("r").node(id).await.unwrap().is_some());
        let cost = counts.take();
        at_most(&format!("opening x{times}: calls that read"), cost.reads, OPENING.reads);
        at_most(&format!("opening x{times}: keys read"), cost.keys_read, OPENING.keys_read);
        at_most(&format!("opening x{times}: scans"), cost.scans, OPENING.scans);
        at_most(&format!("opening x{times}: bytes read"), cost.bytes_read, OPENING.bytes_read);
        assert_eq!((cost.batches, cost.flushes), (0, 0), "nothing is written to read");
    }
}
