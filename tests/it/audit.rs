//! The audit log: what the stories leave in it, and what nobody can do to it unnoticed.

mod log;
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use alnage::adapters::audit_log::{AuditLog, Fault, Verification, verify};
use alnage::domain::audit::Durability;
use alnage::domain::id::{CollectionId, DocumentId, PointId, RevisionId};
use alnage::domain::keys::Secret;
use alnage::domain::signing::Signer;
use alnage::domain::time::Timestamp;
use alnage::pipeline::events::Event;
use alnage::pipeline::ports::{EventError, EventSink as _};
use uuid::Uuid;

fn signer() -> Signer {
    Signer::of(&Secret::new([7; 32]))
}

fn open(folder: &Path) -> AuditLog {
    AuditLog::open(folder, &signer(), Durability::Default).unwrap()
}

fn checked(folder: &Path) -> Result<Verification, Fault> {
    verify(folder, &signer().public(), None)
}

fn served(number: u128) -> Event {
    Event::Served { revision: RevisionId::new(Uuid::from_u128(number)) }
}

fn retrieved(number: u128) -> Event {
    let points = (0..5).map(|point| PointId::new(Uuid::from_u128(number * 100 + point)));
    Event::Retrieved {
        caller: "mara".to_owned(),
        view_as: false,
        tenant: "main".to_owned(),
        spenders: vec!["user:mara".to_owned(), "app:bot".to_owned()],
        collection: CollectionId::new(Uuid::from_u128(1)),
        documents: BTreeMap::from([(DocumentId::new(Uuid::from_u128(number)), points.collect())]),
    }
}

async fn record(log: &AuditLog, event: &Event) -> Result<(), EventError> {
    log.record(Timestamp(1_767_323_045_678), event).await
}

/// A closed log of this many records after its first.
async fn written(folder: &Path, records: u128) {
    let log = open(folder);
    for number in 0..records {
        record(&log, &served(number)).await.unwrap();
    }
}

/// A copy of a log's folder, as a crash at this moment would leave it.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

const FIRST: &str = "00000000000000000001.jsonl";
