//! Expiry, erasure and legal holds.
//!
//! What holds a document is a hold of its own or one of the file that it is inside of. Erasing empties every row that
//! was made of its contents; the rows themselves stay, with ids that say nothing, so that a point which is put back is
//! known for what it is.

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, query};
use uuid::Uuid;

use super::error::{broken, damaged, failed, missing};
use super::removal::{self, remove_one, revisions};
use super::rows::{DocumentRow, Fields};
use super::{SqliteLedger, access, chunks, contents, documents, query as reading};
use crate::domain::finding::draw_safely;
use crate::domain::id::{CollectionId, DocumentId, RevisionId};
use crate::domain::retention::{LegalHold, Retention};
use crate::domain::source::Name;
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::{LedgerError, RevisionState};
use crate::pipeline::retention::{Erasure, Keeping};

/// Holds of document `d`: its own, and those of the file that it is inside of.
macro_rules! holds_of_d {
    () => {
        "FROM document o JOIN legal_hold h ON h.document = o.id \
         WHERE o.id = d.id OR (o.source = d.source AND o.uri = d.container)"
    };
}

#[async_trait]
impl Keeping for SqliteLedger {
    async fn retention(&self, document: DocumentId) -> Result<Retention, LedgerError> {
        let mut tx = self.read().await?;
        let row = documents::get(&mut tx, document).await?;
        let erased = query("SELECT erased_at FROM document WHERE id = $1")
            .bind(document.bytes().as_slice())
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        let holds = query(
            "SELECT h.matter, h.reason, h.actor, h.placed_at \
             FROM document o JOIN legal_hold h ON h.document = o.id \
             WHERE o.id = $1 OR (o.source = $2 AND o.uri = $3) ORDER BY h.matter, o.id",
        )
        .bind(document.bytes().as_slice())
        .bind(row.source.bytes().as_slice())
        .bind(&row.container)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let holds = holds.iter().map(|row| {
            let fields = Fields(row);
            Ok(LegalHold {
                matter: fields.parsed("matter")?,
                reason: fields.text("reason")?,
                actor: fields.text("actor")?,
                placed_at: fields.moment("placed_at")?,
            })
        });
        Ok(Retention {
            expires_at: row.expires_at,
            erased_at: Fields(&erased).moment_if("erased_at")?,
            holds: holds.collect::<Result<_, LedgerError>>()?,
        })
    }

    async fn set_expiry(
        &self,
        document: DocumentId,
        expires_at: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let mut tx = self.write().await?;
        documents::get(&mut tx, document).await?;
        query("UPDATE document SET expires_at = $2 WHERE id = $1")
            .bind(document.bytes().as_slice())
            .bind(expires_at.map(|at| at.0))
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        reading::advance_epoch(&mut tx).await?;
        tx.commit().await.map_err(failed)
    }

    /// What serves nothing and is held, or of which nothing is kept, is done with.
    async fn expired(&self, now: Timestamp, limit: usize) -> Result<Vec<DocumentId>, LedgerError> {
        let rows = query(concat!(
            "SELECT e.id FROM document e WHERE e.expires_at <= $1 AND e.container IS NULL AND EXISTS (",
            "SELECT 1 FROM document d JOIN revision r ON r.document = d.id ",
            "WHERE (d.id = e.id OR (d.source = e.source AND d.container = e.uri)) ",
            "AND r.wrapped_key IS NOT NULL AND (r.state IN ('pending', 'serving') OR NOT EXISTS (SELECT 1 ",
            holds_of_d!(),
            "))) ORDER BY e.expires_at LIMIT $2"
        ))
        .bind(now.0)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(failed)?;
        rows.iter().map(|row| Fields(row).id("id", DocumentId::new)).collect()
    }

    async fn place_hold(&self, document: DocumentId, hold: &LegalHold) -> Result<(), LedgerError> {
        let mut tx = self.write().await?;
        documents::get(&mut tx, document).await?;
        let placed = query(
            "INSERT INTO legal_hold (document, matter, reason, actor, placed_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(document.bytes().as_slice())
        .bind(hold.matter.as_str())
        .bind(&hold.reason)
        .bind(&hold.actor)
        .bind(hold.placed_at.0)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        if placed.rows_affected() == 0 {
            return Err(LedgerError::Taken { name: hold.matter.clone() });
        }
        tx.commit().await.map_err(failed)
    }

    async fn lift_hold(
        &self,
        document: DocumentId,
        matter: &Name,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let mut tx = self.write().await?;
        let held = documents::get(&mut tx, document).await?;
        let lifted = query("DELETE FROM legal_hold WHERE document = $1 AND matter = $2")
            .bind(document.bytes().as_slice())
            .bind(matter.as_str())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        if lifted.rows_affected() == 0 {
            return Err(missing(format!(
                "hold `{}` of document {document}",
                draw_safely(matter.as_str())
            )));
        }
        for document in with_members(&mut tx, &held).await? {
            // What has expired is to be erased, of which this would be a part.
            let is_over = document.expires_at.is_some_and(|end| end <= at);
            if document.serving.is_some() || is_over {
                continue;
            }
            let revisions = revisions(&mut tx, document.id).await?;
            if revisions.iter().any(|(_, state)| *state == RevisionState::Removed) {
                remove_one(&mut tx, &document, at).await?;
            }
        }
        tx.commit().await.map_err(failed)?;
        self.wipe().await
    }

    async fn on_hold(&self, documents: &[DocumentId]) -> Result<Vec<DocumentId>, LedgerError> {
        let mut tx = self.read().await?;
        let mut held = Vec::new();
        for document in documents {
            if is_on_hold(&mut tx, *document).await? {
                held.push(*document);
            }
        }
        Ok(held)
    }

    async fn erase(
        &self,
        documents: &[DocumentId],
        place: bool,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let mut tx = self.write().await?;
        for document in documents {
            if is_on_hold(&mut tx, *document).await? {
                return Err(LedgerError::OnHold { document: *document });
            }
        }
        for document in documents {
            erase_one(self, &mut tx, *document, at).await?;
            if place {
                forget_place(&mut tx, *document, at).await?;
            }
        }
        reading::advance_epoch(&mut tx).await?;
        tx.commit().await.map_err(failed)?;
        self.wipe().await
    }

    async fn left(&self, now: Timestamp) -> Result<Erasure, LedgerError> {
        let mut tx = self.read().await?;
        let gone = "SELECT d.id FROM document d LEFT JOIN document o ON o.source = d.source AND o.uri = d.container \
                    WHERE (d.erased_at IS NOT NULL OR COALESCE(o.expires_at, d.expires_at) <= $1)";
        let count = AssertSqlSafe(format!("SELECT COUNT(*) AS documents FROM ({gone})"));
        let row = query(count).bind(now.0).fetch_one(&mut *tx).await.map_err(failed)?;
        let documents = Fields(&row).number("documents")?;
        let mut left = Vec::new();
        for (what, of) in [
            ("served", "d.serving IS NOT NULL"),
            ("signature", "EXISTS (SELECT 1 FROM signature s WHERE s.document = d.id)"),
            (
                "contents",
                "EXISTS (SELECT 1 FROM revision r WHERE r.document = d.id AND (r.wrapped_key IS NOT NULL \
                 OR EXISTS (SELECT 1 FROM blob b WHERE b.revision = r.id)))",
            ),
            (
                "chunks",
                "EXISTS (SELECT 1 FROM revision r JOIN chunk c ON c.revision = r.id \
                 WHERE r.document = d.id AND c.blob IS NOT NULL)",
            ),
            (
                "answers",
                "EXISTS (SELECT 1 FROM revision r JOIN idempotent i ON i.revision = r.id \
                 WHERE r.document = d.id)",
            ),
            (
                "points",
                "EXISTS (SELECT 1 FROM revision r JOIN chunk c ON c.revision = r.id \
                 JOIN dropped_point p ON p.point = c.point WHERE r.document = d.id)",
            ),
        ] {
            let held = concat!("EXISTS (SELECT 1 ", holds_of_d!(), ")");
            let sql = AssertSqlSafe(format!("{gone} AND {of} AND NOT {held} ORDER BY d.id"));
            for row in query(sql).bind(now.0).fetch_all(&mut *tx).await.map_err(failed)? {
                left.push((Fields(&row).id("id", DocumentId::new)?, what));
            }
        }
        let rows = query(
            "SELECT id, erased_from FROM collection WHERE erased_from IS NOT NULL ORDER BY id",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        let files = rows.iter().map(|row| {
            let fields = Fields(row);
            Ok((fields.id("id", CollectionId::new)?, fields.moment("erased_from")?))
        });
        Ok(Erasure {
            documents: usize::try_from(documents).map_err(|_| damaged("count of documents"))?,
            left,
            files: files.collect::<Result<_, LedgerError>>()?,
        })
    }
}

async fn with_members(
    conn: &mut SqliteConnection,
    document: &DocumentRow,
) -> Result<Vec<DocumentRow>, LedgerError> {
    let rows = query("SELECT id FROM document WHERE id = $1 OR (source = $2 AND container = $3)")
        .bind(document.id.bytes().as_slice())
        .bind(document.source.bytes().as_slice())
        .bind(&document.uri)
        .fetch_all(&mut *conn)
        .await
        .map_err(failed)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(documents::get(conn, Fields(row).id("id", DocumentId::new)?).await?);
    }
    Ok(found)
}

/// Whether a matter of law keeps what there is of a document.
pub(super) async fn is_on_hold(
    conn: &mut SqliteConnection,
    document: DocumentId,
) -> Result<bool, LedgerError> {
    let row = query(concat!(
        "SELECT 1 FROM document d WHERE d.id = $1 AND EXISTS (SELECT 1 ",
        holds_of_d!(),
        ")"
    ))
    .bind(document.bytes().as_slice())
    .fetch_optional(conn)
    .await
    .map_err(failed)?;
    Ok(row.is_some())
}

async fn erase_one(
    ledger: &SqliteLedger,
    conn: &mut SqliteConnection,
    document: DocumentId,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let row = documents::get(conn, document).await?;
    note_files(conn, document, at).await?;
    for (revision, state) in revisions(conn, document).await? {
        match state {
            RevisionState::Pending | RevisionState::Serving => {
                chunks::retire(conn, revision, RevisionState::Removed, at).await?;
            }
            RevisionState::Held | RevisionState::Superseded | RevisionState::Rejected => {
                set_removed(conn, revision, at).await?;
            }
            RevisionState::Purged | RevisionState::Removed => {}
        }
        contents::destroy(conn, revision).await?;
        forget_digests(ledger, conn, revision).await?;
    }
    documents::clear_signature(conn, document).await?;
    access::forget_moves(conn, document).await?;
    removal::serve_nothing(conn, row.id, at).await
}

/// Words of it may lie in the files of the stores that it was ever placed in.
async fn note_files(
    conn: &mut SqliteConnection,
    document: DocumentId,
    at: Timestamp,
) -> Result<(), LedgerError> {
    query(
        "UPDATE collection SET erased_from = COALESCE(erased_from, $2) WHERE id IN \
         (SELECT c.collection FROM chunk c JOIN revision r ON r.id = c.revision WHERE r.document = $1)",
    )
    .bind(document.bytes().as_slice())
    .bind(at.0)
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn set_removed(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    at: Timestamp,
) -> Result<(), LedgerError> {
    query("UPDATE revision SET state = 'removed', changed_at = $2 WHERE id = $1")
        .bind(revision.bytes().as_slice())
        .bind(at.0)
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Digests that a guess at the contents could be held against, and what was said of them.
async fn forget_digests(
    ledger: &SqliteLedger,
    conn: &mut SqliteConnection,
    revision: RevisionId,
) -> Result<(), LedgerError> {
    contents::forget_digests(conn, revision, &ledger.keys).await?;
    query("UPDATE chunk SET origin = $2 WHERE revision = $1")
        .bind(revision.bytes().as_slice())
        .bind([0; 32].as_slice())
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    for sql in [
        "DELETE FROM rescan WHERE chunk IN (SELECT chunk FROM chunk WHERE revision = $1)",
        "DELETE FROM idempotent WHERE revision = $1",
        "DELETE FROM approval WHERE revision = $1",
        "UPDATE ruling SET reason = '' WHERE revision = $1",
    ] {
        query(sql).bind(revision.bytes().as_slice()).execute(&mut *conn).await.map_err(failed)?;
    }
    Ok(())
}

/// A name says much of a document. What stands in its place is drawn, so that nobody can have taken it before.
async fn forget_place(
    conn: &mut SqliteConnection,
    document: DocumentId,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let mut drawn = [0; 16];
    getrandom::fill(&mut drawn).map_err(broken)?;
    query(
        "UPDATE document SET uri = $3, container = NULL, erased_at = $2, expires_at = NULL \
         WHERE id = $1",
    )
    .bind(document.bytes().as_slice())
    .bind(at.0)
    .bind(format!("erased:{}", Uuid::from_bytes(drawn)))
    .execute(conn)
    .await
    .map_err(failed)?;
    Ok(())
}
