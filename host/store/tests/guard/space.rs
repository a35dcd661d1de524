//! A node or an edge takes few bytes in the store.

use std::sync::Arc;

use codestrata::{Compression, StorageConfig};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{KeyRange, ReadView, ScanRequest};

use crate::bounds::{BYTES_EACH, BYTES_EACH_LZ4, at_most};
use crate::stored;

/// Bytes of all keys and values for each node and edge.
async fn bytes_each(compression: Compression) -> f64 {
    let (storage, _, below) = stored(3, StorageConfig::in_memory().compression(compression)).await;
    let (_, totals) = storage.query("r").totals().await.unwrap();
    let bytes = bytes(&below).await;
    #[expect(clippy::cast_precision_loss, reason = "counts of a small graph")]
    let each = bytes as f64 / (totals.nodes + totals.edges) as f64;
    each
}

async fn bytes(below: &Arc<MemoryBackend>) -> usize {
    let mut bytes = 0;
    let mut request = Some(ScanRequest::new(KeyRange::all()));
    while let Some(next) = request.take() {
        let page = below.scan(&next).await.unwrap();
        bytes += page.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        request = page.next().map(|rest| next.over(rest.clone()));
    }
    bytes
}

#[tokio::test]
async fn a_node_or_an_edge_takes_few_bytes() {
    at_most("bytes of each node or edge", bytes_each(Compression::None).await, BYTES_EACH);
    at_most("the same with lz4", bytes_each(Compression::Lz4).await, BYTES_EACH_LZ4);
}
