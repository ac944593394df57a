//! Sources shrink: documents stop being served, and what was kept of them is destroyed.

use sqlx::query;
use sqlx::sqlite::SqliteConnection;

use super::error::failed;
use super::rows::{DocumentRow, Fields};
use super::{SqliteLedger, access, chunks, contents, documents, query as reading, retention};
use crate::domain::id::{DocumentId, RevisionId, SourceId};
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::{LedgerError, RevisionState, Served};

pub(super) async fn served(
    ledger: &SqliteLedger,
    source: SourceId,
) -> Result<Vec<Served>, LedgerError> {
    let rows = query(
        "SELECT id, uri, container FROM document WHERE source = $1 AND serving IS NOT NULL \
         ORDER BY uri",
    )
    .bind(source.bytes().as_slice())
    .fetch_all(&ledger.readers)
    .await
    .map_err(failed)?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            Ok(Served {
                document: fields.id("id", DocumentId::new)?,
                uri: fields.text("uri")?,
                container: fields.text_if("container")?,
            })
        })
        .collect()
}

pub(super) async fn remove(
    ledger: &SqliteLedger,
    documents: &[DocumentId],
    at: Timestamp,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    let mut changed = false;
    for document in documents {
        let document = documents::get(&mut tx, *document).await?;
        remove_one(&mut tx, &document, at).await?;
        changed |= document.serving.is_some();
    }
    if changed {
        reading::advance_epoch(&mut tx).await?;
    }
    tx.commit().await.map_err(failed)?;
    ledger.wipe().await
}

/// Older revisions of it were kept for their history; that ends with the document, unless a matter of law holds it.
/// Quarantined ones are a reviewer's.
pub(super) async fn remove_one(
    conn: &mut SqliteConnection,
    document: &DocumentRow,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let is_on_hold = retention::is_on_hold(conn, document.id).await?;
    for (revision, state) in revisions(conn, document.id).await? {
        match state {
            RevisionState::Held => continue,
            RevisionState::Pending | RevisionState::Serving => {
                chunks::retire(conn, revision, RevisionState::Removed, at).await?;
            }
            RevisionState::Superseded
            | RevisionState::Rejected
            | RevisionState::Purged
            | RevisionState::Removed => {}
        }
        if !is_on_hold {
            contents::destroy(conn, revision).await?;
        }
        if document.newest == Some(revision) {
            documents::clear_signature(conn, document.id).await?;
        }
    }
    access::forget_moves(conn, document.id).await?;
    serve_nothing(conn, document.id, at).await
}

pub(super) async fn serve_nothing(
    conn: &mut SqliteConnection,
    document: DocumentId,
    at: Timestamp,
) -> Result<(), LedgerError> {
    query("UPDATE document SET serving = NULL, changed_at = $2 WHERE id = $1")
        .bind(document.bytes().as_slice())
        .bind(at.0)
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(super) async fn revisions(
    conn: &mut SqliteConnection,
    document: DocumentId,
) -> Result<Vec<(RevisionId, RevisionState)>, LedgerError> {
    let rows = query("SELECT id, state FROM revision WHERE document = $1")
        .bind(document.bytes().as_slice())
        .fetch_all(conn)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            Ok((fields.id("id", RevisionId::new)?, fields.state()?))
        })
        .collect()
}
