//! Ingest: a judged revision is staged, and committed once its points are in the store.
//!
//! Access may change between the two. `set_access` decides for itself who reads the pending revision
//! too; a held or rejected newcomer narrows it. Either way the points of the pending revision lie
//! where they were staged, so the commit goes by the later decision at the next generation, and notes
//! that the points are still to be moved there.

use sqlx::query;
use sqlx::sqlite::SqliteConnection;
use tokio::task::spawn_blocking;

use super::blobs::{DataKey, Keys};
use super::chunks::{self, SealedChunk};
use super::contents::{self, SealedContents};
use super::error::{broken, conflict, failed, missing};
use super::rows::{DocumentRow, Fields, json, stored};
use super::{SqliteLedger, access, classes, documents, proofs, query as reading};
use crate::domain::id::{ClassId, DocumentId, RevisionId};
use crate::domain::time::Timestamp;
use crate::domain::verdict::Basis;
use crate::pipeline::ledger::{Keep, LedgerError, NewRevision, RevisionState};

pub(super) async fn stage(ledger: &SqliteLedger, new: &NewRevision) -> Result<(), LedgerError> {
    // Sealed before the transaction: nobody else waits for the cipher.
    let (mut contents, chunks) = seal(new, ledger.keys.clone()).await?;
    let mut tx = ledger.write().await?;
    let document = document(&mut tx, new).await?;
    let generation = document.next_generation();
    if new.generation != generation {
        return Err(conflict(format!("document {}", document.id)));
    }
    let blobs = contents.as_mut().map(|one| std::mem::take(&mut one.blobs)).unwrap_or_default();
    insert_revision(&mut tx, new, generation, contents.as_ref()).await?;
    contents::insert(&mut tx, new.revision, blobs).await?;
    note_newest(&mut tx, document.id, new.revision, generation, new.at).await?;
    documents::set_signature(&mut tx, &document, new, state(&new.keep)).await?;
    match &new.keep {
        Keep::Admitted { root, .. } => {
            supersede_pending(&mut tx, document.id, new.revision, new.at).await?;
            chunks::insert(&mut tx, new.revision, new.collection, chunks).await?;
            proofs::insert(&mut tx, new.revision, root).await?;
            set_class_unserved(&mut tx, &document, new.class.id).await?;
        }
        Keep::Held { .. } | Keep::Rejected => {
            narrow(&mut tx, &document, new, generation).await?;
        }
    }
    tx.commit().await.map_err(failed)
}

/// Seals what is to be kept, where blocking hurts nobody.
async fn seal(
    new: &NewRevision,
    keys: Keys,
) -> Result<(Option<SealedContents>, Vec<SealedChunk>), LedgerError> {
    let (contents, records) = match &new.keep {
        Keep::Admitted { contents, chunks, .. } => (contents.clone(), chunks.clone()),
        Keep::Held { contents } => (contents.clone(), Vec::new()),
        Keep::Rejected => return Ok((None, Vec::new())),
    };
    let revision = new.revision;
    let work = move || {
        let key = DataKey::fresh(revision)?;
        Ok((Some(contents::seal(&contents, &key, &keys)?), chunks::seal(&records, &key)?))
    };
    spawn_blocking(work).await.map_err(broken)?
}

const fn state(keep: &Keep) -> RevisionState {
    match keep {
        Keep::Admitted { .. } => RevisionState::Pending,
        Keep::Held { .. } => RevisionState::Held,
        Keep::Rejected => RevisionState::Rejected,
    }
}

/// The document of a new revision, made when there is none; `Conflict` when its id or its place is
/// another's.
async fn document(
    conn: &mut SqliteConnection,
    new: &NewRevision,
) -> Result<DocumentRow, LedgerError> {
    if let Some(document) = documents::at(conn, new.source, &new.uri).await? {
        if document.id != new.document {
            return Err(conflict(format!("document {}", document.id)));
        }
        classes::check(conn, &new.class, &document.tenant).await?;
        if document.container != new.container {
            set_container(conn, new).await?;
        }
        return Ok(document);
    }
    if documents::find(conn, new.document).await?.is_some() {
        return Err(conflict(format!("document {}", new.document)));
    }
    let source = query("SELECT tenant FROM source WHERE id = $1")
        .bind(new.source.bytes().as_slice())
        .fetch_optional(&mut *conn)
        .await
        .map_err(failed)?
        .ok_or_else(|| missing(format!("source {}", new.source)))?;
    classes::check(conn, &new.class, &Fields(&source).parsed("tenant")?).await?;
    query(
        "INSERT INTO document (id, source, uri, class, generation, last_generation, changed_at, \
         container) VALUES ($1, $2, $3, $4, 0, 0, $5, $6)",
    )
    .bind(new.document.bytes().as_slice())
    .bind(new.source.bytes().as_slice())
    .bind(&new.uri)
    .bind(new.class.id.bytes().as_slice())
    .bind(new.at.0)
    .bind(new.container.as_deref())
    .execute(&mut *conn)
    .await
    .map_err(failed)?;
    documents::get(conn, new.document).await
}

/// What was a file of its own is now inside another, or the other way round.
async fn set_container(conn: &mut SqliteConnection, new: &NewRevision) -> Result<(), LedgerError> {
    query("UPDATE document SET container = $2 WHERE id = $1")
        .bind(new.document.bytes().as_slice())
        .bind(new.container.as_deref())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn insert_revision(
    conn: &mut SqliteConnection,
    new: &NewRevision,
    generation: u64,
    contents: Option<&SealedContents>,
) -> Result<(), LedgerError> {
    let collection = query("SELECT 1 FROM collection WHERE id = $1")
        .bind(new.collection.bytes().as_slice())
        .fetch_optional(&mut *conn)
        .await
        .map_err(failed)?;
    if collection.is_none() {
        return Err(missing(format!("collection {}", new.collection)));
    }
    let (basis, ruling, format) = match &new.keep {
        Keep::Admitted { contents, basis, .. } => (Some(*basis), ruling(*basis), Some(contents)),
        Keep::Held { contents } => (None, None, Some(contents)),
        Keep::Rejected => (None, None, None),
    };
    let format = format.and_then(|contents| contents.document.as_ref());
    query(
        "INSERT INTO revision (id, document, collection, state, verdict, basis, ruling, reasons, \
         severity, format, fingerprint, file_digest, policy, rules, reader, class, generation, \
         target, staged_at, changed_at, wrapped_key, file, read, findings, redacted, allows) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $16, \
         $18, $18, $19, $20, $21, $22, $23, $24)",
    )
    .bind(new.revision.bytes().as_slice())
    .bind(new.document.bytes().as_slice())
    .bind(new.collection.bytes().as_slice())
    .bind(state(&new.keep).name())
    .bind(new.verdict.name())
    .bind(basis.map(Basis::name))
    .bind(ruling)
    .bind(json(&new.reasons)?)
    .bind(new.severity.map(|severity| severity.name()))
    .bind(format.map(|document| document.format.name()))
    .bind(new.fingerprint.0.as_slice())
    .bind(new.file_digest.0.as_slice())
    .bind(new.policy.0.as_slice())
    .bind(new.rules.0.as_slice())
    .bind(&new.reader)
    .bind(new.class.id.bytes().as_slice())
    .bind(stored(generation)?)
    .bind(new.at.0)
    .bind(contents.map(|one| one.wrapped_key.as_slice()))
    .bind(contents.map(|one| one.file.0.as_slice()))
    .bind(contents.and_then(|one| one.document).map(|one| one.0.to_vec()))
    .bind(contents.map(|one| one.findings.0.as_slice()))
    .bind(contents.and_then(|one| one.redacted).map(|one| one.0.to_vec()))
    .bind(new.allows.map(|state| state.0.to_vec()))
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}

/// The ruling behind a basis.
pub(super) fn ruling(basis: Basis) -> Option<Vec<u8>> {
    match basis {
        Basis::Released { ruling } => Some(ruling.bytes().to_vec()),
        Basis::Policy | Basis::Observed | Basis::Adopted => None,
    }
}

/// Every staged revision takes a generation, whether points of it are placed or not.
async fn note_newest(
    conn: &mut SqliteConnection,
    document: DocumentId,
    revision: RevisionId,
    generation: u64,
    at: Timestamp,
) -> Result<(), LedgerError> {
    query("UPDATE document SET newest = $2, last_generation = $3, changed_at = $4 WHERE id = $1")
        .bind(document.bytes().as_slice())
        .bind(revision.bytes().as_slice())
        .bind(stored(generation)?)
        .bind(at.0)
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Pending revisions of a document, other than this one, make way for it.
pub(super) async fn supersede_pending(
    conn: &mut SqliteConnection,
    document: DocumentId,
    newer: RevisionId,
    at: Timestamp,
) -> Result<(), LedgerError> {
    for (older, _) in pending_of(conn, document).await? {
        if older != newer {
            chunks::retire(conn, older, RevisionState::Superseded, at).await?;
        }
    }
    Ok(())
}

/// Pending revisions of a document and who is to read them.
async fn pending_of(
    conn: &mut SqliteConnection,
    document: DocumentId,
) -> Result<Vec<(RevisionId, ClassId)>, LedgerError> {
    let rows = query("SELECT id, target FROM revision WHERE document = $1 AND state = 'pending'")
        .bind(document.bytes().as_slice())
        .fetch_all(conn)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            Ok((fields.id("id", RevisionId::new)?, fields.id("target", ClassId::new)?))
        })
        .collect()
}

/// Who would read a document that serves nothing.
pub(super) async fn set_class_unserved(
    conn: &mut SqliteConnection,
    document: &DocumentRow,
    class: ClassId,
) -> Result<(), LedgerError> {
    if document.serving.is_some() {
        return Ok(());
    }
    query("UPDATE document SET class = $2 WHERE id = $1")
        .bind(document.id.bytes().as_slice())
        .bind(class.bytes().as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

/// A revision that takes nobody's place still narrows who reads the ones before it: what is served,
/// by `narrowed`, and what is about to be, by its own class. Narrowing starts from the ledger's present
/// state, so that a revocation between the caller's look and this transaction is not undone.
async fn narrow(
    conn: &mut SqliteConnection,
    document: &DocumentRow,
    new: &NewRevision,
    generation: u64,
) -> Result<(), LedgerError> {
    let mut unserved = new.class.id;
    for (pending, target) in pending_of(conn, document.id).await? {
        unserved = classes::narrowed(conn, target, &new.class).await?;
        query("UPDATE revision SET target = $2 WHERE id = $1")
            .bind(pending.bytes().as_slice())
            .bind(unserved.bytes().as_slice())
            .execute(&mut *conn)
            .await
            .map_err(failed)?;
    }
    set_class_unserved(conn, document, unserved).await?;
    if let Some(asked) = &new.narrowed
        && document.serving.is_some()
    {
        classes::check(conn, asked, &document.tenant).await?;
        let class = classes::narrowed(conn, document.class, asked).await?;
        access::place(conn, document, class, generation, new.at).await?;
        reading::advance_epoch(conn).await?;
    }
    Ok(())
}

pub(super) async fn commit(
    ledger: &SqliteLedger,
    revisions: &[RevisionId],
    at: Timestamp,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    let mut changed = false;
    for revision in revisions {
        changed |= commit_one(&mut tx, *revision, at).await?;
    }
    if changed {
        reading::advance_epoch(&mut tx).await?;
    }
    tx.commit().await.map_err(failed)
}

/// Whether it was pending, and serves now.
async fn commit_one(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    at: Timestamp,
) -> Result<bool, LedgerError> {
    let row =
        query("SELECT document, state, class, generation, target FROM revision WHERE id = $1")
            .bind(revision.bytes().as_slice())
            .fetch_optional(&mut *conn)
            .await
            .map_err(failed)?
            .ok_or_else(|| missing(format!("revision {revision}")))?;
    let fields = Fields(&row);
    if fields.state()? != RevisionState::Pending {
        return Ok(false);
    }
    let document = documents::get(conn, fields.id("document", DocumentId::new)?).await?;
    let (staged, generation) = (fields.id("class", ClassId::new)?, fields.number("generation")?);
    let target = fields.id("target", ClassId::new)?;
    if let Some(replaced) = document.serving {
        chunks::retire(conn, replaced, RevisionState::Superseded, at).await?;
    }
    serve(conn, document.id, revision, at).await?;
    // What was still to be moved were the points of the replaced revision.
    access::forget_moves(conn, document.id).await?;
    let lying = DocumentRow { class: staged, generation, serving: Some(revision), ..document };
    if target == staged {
        access::set_placement(conn, lying.id, staged, generation, at).await?;
    } else {
        let next = lying.next_generation();
        access::place(conn, &lying, target, next, at).await?;
    }
    Ok(true)
}

async fn serve(
    conn: &mut SqliteConnection,
    document: DocumentId,
    revision: RevisionId,
    at: Timestamp,
) -> Result<(), LedgerError> {
    query("UPDATE revision SET state = 'serving', changed_at = $2 WHERE id = $1")
        .bind(revision.bytes().as_slice())
        .bind(at.0)
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    query("UPDATE document SET serving = $2 WHERE id = $1")
        .bind(document.bytes().as_slice())
        .bind(revision.bytes().as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}
