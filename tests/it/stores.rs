//! Every vector store against the text of the port, and what is particular to the one on disk.

mod conformance;
mod edge;
mod exactness;
mod filters;
mod workshop;

use alnage::adapters::stores::{EdgeStore, MemoryStore};

#[tokio::test]
async fn the_store_in_memory_conforms() {
    conformance::conforms(&MemoryStore::default()).await;
}

#[tokio::test]
async fn the_store_on_disk_conforms() {
    let dir = tempfile::tempdir().unwrap();
    conformance::conforms(&EdgeStore::open(dir.path()).unwrap()).await;
}

#[tokio::test]
async fn the_store_on_disk_conforms_with_segments_that_are_full_at_once() {
    let dir = tempfile::tempdir().unwrap();
    conformance::conforms(&EdgeStore::open_with(dir.path(), 1).unwrap()).await;
}
