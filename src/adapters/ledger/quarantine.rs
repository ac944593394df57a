//! What is held, and what a reviewer does with it.

use sqlx::query;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use tokio::task::spawn_blocking;

use super::blobs::DataKey;
use super::chunks::{self, SealedChunk};
use super::error::{broken, conflict, damaged, failed, missing};
use super::rows::{DocumentRow, Fields, stored};
use super::{SqliteLedger, access, classes, contents, documents, ingest, proofs, retention};
use crate::domain::digest::unhex;
use crate::domain::document::Format;
use crate::domain::finding::draw_safely;
use crate::domain::id::{ClassId, CollectionId, DocumentId, RevisionId, SourceId};
use crate::domain::root::SignedRoot;
use crate::domain::stamp::ChunkRecord;
use crate::domain::verdict::Basis;
use crate::pipeline::ledger::{HeldRevision, LedgerError, RevisionState, Ruling};

/// Held revisions with what `read` takes, under this condition.
macro_rules! select_held {
    ($condition:literal) => {
        concat!(
            "SELECT r.id, r.fingerprint, r.allows, r.state, r.verdict, r.basis, r.ruling, r.reasons, \
             r.staged_at, r.document, r.collection, r.file_digest, r.severity, r.format, r.target, \
             d.source, d.uri, d.newest, s.name \
             FROM revision r JOIN document d ON d.id = r.document JOIN source s ON s.id = d.source \
             WHERE r.state = 'held' ",
            $condition
        )
    };
}

pub(super) async fn held(ledger: &SqliteLedger) -> Result<Vec<HeldRevision>, LedgerError> {
    let mut tx = ledger.read().await?;
    let rows =
        query(select_held!("ORDER BY r.arrival DESC")).fetch_all(&mut *tx).await.map_err(failed)?;
    read_all(&mut tx, &rows).await
}

/// Dashes are passed over, for people copy them. Nothing begins with no digits at all: an empty
/// variable in a script must not purge the only held revision.
pub(super) async fn held_by_prefix(
    ledger: &SqliteLedger,
    prefix: &str,
) -> Result<Option<HeldRevision>, LedgerError> {
    let digits: String = prefix.trim().chars().filter(|ch| *ch != '-').collect();
    let Some((first, last)) = range(&digits) else { return Ok(None) };
    let mut tx = ledger.read().await?;
    let rows = query(select_held!("AND r.id BETWEEN $1 AND $2 LIMIT 2"))
        .bind(first)
        .bind(last)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
    if rows.len() > 1 {
        return Err(LedgerError::Ambiguous { given: draw_safely(prefix) });
    }
    Ok(read_all(&mut tx, &rows).await?.pop())
}

/// The first and last id that begin with these digits.
fn range(digits: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    if digits.is_empty() || digits.len() > 32 {
        return None;
    }
    Some((unhex(&format!("{digits:0<32}"))?, unhex(&format!("{digits:f<32}"))?))
}

async fn read_all(
    conn: &mut SqliteConnection,
    rows: &[SqliteRow],
) -> Result<Vec<HeldRevision>, LedgerError> {
    let ids = rows.iter().map(|row| Fields(row).id("target", ClassId::new));
    let classes = classes::by_id(conn, &ids.collect::<Result<_, _>>()?).await?;
    let held = rows.iter().map(|row| {
        let fields = Fields(row);
        let head = fields.revision_head()?;
        let target = fields.id("target", ClassId::new)?;
        Ok(HeldRevision {
            document: fields.id("document", DocumentId::new)?,
            source: fields.id("source", SourceId::new)?,
            source_name: fields.parsed("name")?,
            uri: fields.text("uri")?,
            collection: fields.id("collection", CollectionId::new)?,
            file_digest: fields.digest("file_digest")?,
            severity: fields.severity()?,
            format: fields.named_if("format", &Format::all().collect::<Vec<_>>(), Format::name)?,
            class: classes
                .get(&target)
                .cloned()
                .ok_or_else(|| damaged(format!("access class {target}")))?,
            outdated: fields.id_if("newest", RevisionId::new)? != Some(head.revision),
            head,
        })
    });
    held.collect()
}

/// A revision that a ruling is on.
struct Ruled {
    document: DocumentRow,
    collection: CollectionId,
    class: ClassId,
    wrapped_key: Vec<u8>,
}

/// `Conflict` unless it is held.
async fn ruled(conn: &mut SqliteConnection, revision: RevisionId) -> Result<Ruled, LedgerError> {
    let row = query(
        "SELECT document, collection, state, target, wrapped_key \
         FROM revision WHERE id = $1",
    )
    .bind(revision.bytes().as_slice())
    .fetch_optional(&mut *conn)
    .await
    .map_err(failed)?
    .ok_or_else(|| missing(format!("revision {revision}")))?;
    let fields = Fields(&row);
    if fields.state()? != RevisionState::Held {
        return Err(conflict(format!("revision {revision}")));
    }
    Ok(Ruled {
        document: documents::get(conn, fields.id("document", DocumentId::new)?).await?,
        collection: fields.id("collection", CollectionId::new)?,
        class: fields.id("target", ClassId::new)?,
        wrapped_key: fields.bytes("wrapped_key")?,
    })
}

pub(super) async fn release(
    ledger: &SqliteLedger,
    ruling: &Ruling,
    (chunks, root): (&[ChunkRecord], &SignedRoot),
    generation: u64,
) -> Result<(), LedgerError> {
    let mut tx = ledger.read().await?;
    let wrapped_key = ruled(&mut tx, ruling.revision).await?.wrapped_key;
    drop(tx);
    let sealed = seal(ledger, ruling.revision, wrapped_key, chunks.to_vec()).await?;
    let mut tx = ledger.write().await?;
    let Ruled { document, collection, class, .. } = ruled(&mut tx, ruling.revision).await?;
    if document.newest != Some(ruling.revision) || document.next_generation() != generation {
        return Err(conflict(format!("revision {}", ruling.revision)));
    }
    record(&mut tx, ruling, "release").await?;
    ingest::supersede_pending(&mut tx, document.id, ruling.revision, ruling.at).await?;
    pend(&mut tx, ruling, class, generation).await?;
    access::take_generation(&mut tx, document.id, generation).await?;
    ingest::set_class_unserved(&mut tx, &document, class).await?;
    chunks::insert(&mut tx, ruling.revision, collection, sealed).await?;
    proofs::insert(&mut tx, ruling.revision, root).await?;
    tx.commit().await.map_err(failed)
}

async fn seal(
    ledger: &SqliteLedger,
    revision: RevisionId,
    wrapped_key: Vec<u8>,
    records: Vec<ChunkRecord>,
) -> Result<Vec<SealedChunk>, LedgerError> {
    let keys = ledger.keys.clone();
    let work = move || {
        let key = DataKey::unwrap(revision, &wrapped_key, &keys)?;
        chunks::seal(&records, &key)
    };
    spawn_blocking(work).await.map_err(broken)?
}

/// The released revision waits for its points.
async fn pend(
    conn: &mut SqliteConnection,
    ruling: &Ruling,
    class: ClassId,
    generation: u64,
) -> Result<(), LedgerError> {
    let basis = Basis::Released { ruling: ruling.id };
    query(
        "UPDATE revision SET state = 'pending', basis = $2, ruling = $3, class = $4, target = $4, \
         generation = $5, changed_at = $6, allows = NULL WHERE id = $1",
    )
    .bind(ruling.revision.bytes().as_slice())
    .bind(basis.name())
    .bind(ingest::ruling(basis))
    .bind(class.bytes().as_slice())
    .bind(stored(generation)?)
    .bind(ruling.at.0)
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}

/// The contents go with their key; of the digests, by which somebody could tell what they were, keyed
/// hashes stay. What called for the verdict stays, and so does the path.
pub(super) async fn purge(ledger: &SqliteLedger, ruling: &Ruling) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    let Ruled { document, .. } = ruled(&mut tx, ruling.revision).await?;
    if retention::is_on_hold(&mut tx, document.id).await? {
        return Err(LedgerError::OnHold { document: document.id });
    }
    record(&mut tx, ruling, "purge").await?;
    contents::destroy(&mut tx, ruling.revision).await?;
    contents::forget_digests(&mut tx, ruling.revision, &ledger.keys).await?;
    query("UPDATE revision SET state = 'purged', changed_at = $2 WHERE id = $1")
        .bind(ruling.revision.bytes().as_slice())
        .bind(ruling.at.0)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    if document.newest == Some(ruling.revision) {
        documents::clear_signature(&mut tx, document.id).await?;
    }
    tx.commit().await.map_err(failed)?;
    ledger.wipe().await
}

async fn record(
    conn: &mut SqliteConnection,
    ruling: &Ruling,
    decision: &str,
) -> Result<(), LedgerError> {
    query(
        "INSERT INTO ruling (id, revision, decision, actor, second, reason, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(ruling.id.bytes().as_slice())
    .bind(ruling.revision.bytes().as_slice())
    .bind(decision)
    .bind(&ruling.actor)
    .bind(&ruling.second)
    .bind(&ruling.reason)
    .bind(ruling.at.0)
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn a_prefix_of_an_odd_number_of_digits_spans_its_half_byte() {
        let (first, last) = range("abc").unwrap();
        assert_eq!((first.len(), last.len()), (16, 16));
        assert_eq!((first[..2].to_vec(), last[..2].to_vec()), (vec![0xab, 0xc0], vec![0xab, 0xcf]));
    }

    #[test]
    fn no_digits_and_no_hexadecimal_digits_are_no_prefix() {
        assert!(range("").is_none());
        assert!(range("xyz").is_none());
        assert!(range(&"a".repeat(33)).is_none());
    }
}
