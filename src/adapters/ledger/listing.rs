//! Lists, page by page, and what is on record of one revision.
//!
//! Pages go by keys that do not move: ids of documents, arrival of revisions.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, query};

use super::error::failed;
use super::rows::{DocumentRow, Fields, placeholders};
use super::{SqliteLedger, documents};
use crate::domain::id::{DocumentId, RevisionId, SourceId};
use crate::pipeline::ledger::{DocumentHead, LedgerError, Recorded};

const RECORDED: &str = "SELECT r.id, r.fingerprint, r.allows, r.state, r.verdict, r.basis, r.ruling, \
     r.reasons, r.staged_at, r.document, d.source, d.uri, \
     (SELECT COUNT(*) FROM chunk c WHERE c.revision = r.id) AS chunks \
     FROM revision r JOIN document d ON d.id = r.document WHERE ";

pub(super) async fn documents(
    ledger: &SqliteLedger,
    sources: &[SourceId],
    after: Option<DocumentId>,
    limit: usize,
) -> Result<Vec<DocumentHead>, LedgerError> {
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = ledger.read().await?;
    let sql = format!(
        "{} d.id > $1 AND d.source IN ({}) ORDER BY d.id LIMIT $2",
        documents::select_document!(),
        placeholders(3, sources.len())
    );
    let after = after.map(|id| id.bytes().to_vec()).unwrap_or_default();
    let mut page = query(AssertSqlSafe(sql)).bind(after).bind(bounded(limit));
    for source in sources {
        page = page.bind(source.bytes().as_slice());
    }
    let rows = page.fetch_all(&mut *tx).await.map_err(failed)?;
    let mut heads = Vec::with_capacity(rows.len());
    for row in &rows {
        heads.push(documents::whole(&mut tx, DocumentRow::read(row)?).await?);
    }
    Ok(heads)
}

pub(super) async fn revision(
    ledger: &SqliteLedger,
    revision: RevisionId,
) -> Result<Option<Recorded>, LedgerError> {
    let row = query(AssertSqlSafe(format!("{RECORDED} r.id = $1")))
        .bind(revision.bytes().as_slice())
        .fetch_optional(&ledger.readers)
        .await
        .map_err(failed)?;
    row.as_ref().map(recorded).transpose()
}

pub(super) async fn revisions(
    ledger: &SqliteLedger,
    sources: &[SourceId],
    before: Option<RevisionId>,
    limit: usize,
) -> Result<Vec<Recorded>, LedgerError> {
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = ledger.read().await?;
    let before = arrival(&mut tx, before).await?;
    let sql = format!(
        "{RECORDED} r.arrival < $1 AND d.source IN ({}) ORDER BY r.arrival DESC LIMIT $2",
        placeholders(3, sources.len())
    );
    let mut page = query(AssertSqlSafe(sql)).bind(before).bind(bounded(limit));
    for source in sources {
        page = page.bind(source.bytes().as_slice());
    }
    page.fetch_all(&mut *tx).await.map_err(failed)?.iter().map(recorded).collect()
}

/// When a revision came; without one, later than any.
async fn arrival(
    conn: &mut SqliteConnection,
    revision: Option<RevisionId>,
) -> Result<i64, LedgerError> {
    let Some(revision) = revision else { return Ok(i64::MAX) };
    let row = query("SELECT arrival FROM revision WHERE id = $1")
        .bind(revision.bytes().as_slice())
        .fetch_optional(conn)
        .await
        .map_err(failed)?;
    row.map_or(Ok(i64::MAX), |row| {
        Fields(&row).number("arrival").map(|number| i64::try_from(number).unwrap_or(i64::MAX))
    })
}

fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn recorded(row: &SqliteRow) -> Result<Recorded, LedgerError> {
    let fields = Fields(row);
    Ok(Recorded {
        head: fields.revision_head()?,
        document: fields.id("document", DocumentId::new)?,
        source: fields.id("source", SourceId::new)?,
        uri: fields.text("uri")?,
        chunks: usize::try_from(fields.number("chunks")?).unwrap_or(usize::MAX),
    })
}
