//! Looking a document up: by where it came from, by id, and by what its text is like.

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, query};
use uuid::Uuid;

use super::SqliteLedger;
use super::classes;
use super::error::{damaged, failed, missing};
use super::rows::{DocumentRow, Fields, batches, placeholders};
use crate::domain::finding::draw_safely;
use crate::domain::id::{DocumentId, RevisionId, SourceId};
use crate::domain::source::Tenant;
use crate::pipeline::ledger::{
    DocumentHead, LedgerError, NewRevision, RevisionHead, RevisionState, Similar,
};

/// A document with what `DocumentRow` reads, and this condition. What is inside a file expires with it.
macro_rules! select_document {
    ($($condition:literal)?) => {
        concat!(
            "SELECT d.id, d.source, s.tenant, d.uri, d.container, d.class, d.generation, d.last_generation, \
             d.serving, d.newest, COALESCE(o.expires_at, d.expires_at) AS expires_at \
             FROM document d JOIN source s ON s.id = d.source \
             LEFT JOIN document o ON o.source = d.source AND o.uri = d.container WHERE ",
            $($condition)?
        )
    };
}

pub(super) use select_document;

pub(super) async fn head(
    ledger: &SqliteLedger,
    source: SourceId,
    uri: &str,
) -> Result<Option<DocumentHead>, LedgerError> {
    let mut tx = ledger.read().await?;
    match at(&mut tx, source, uri).await? {
        Some(document) => whole(&mut tx, document).await.map(Some),
        None => Ok(None),
    }
}

/// An id is looked up before a URI, so that no file can be named to stand in a document's way.
pub(super) async fn document(
    ledger: &SqliteLedger,
    id_or_uri: &str,
) -> Result<Option<DocumentHead>, LedgerError> {
    let mut tx = ledger.read().await?;
    if let Ok(id) = id_or_uri.parse::<DocumentId>()
        && let Some(document) = find(&mut tx, id).await?
    {
        return whole(&mut tx, document).await.map(Some);
    }
    let rows = query(select_document!("d.uri = $1 LIMIT 2"))
        .bind(id_or_uri)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
    match rows.as_slice() {
        [] => Ok(None),
        [row] => whole(&mut tx, DocumentRow::read(row)?).await.map(Some),
        _ => Err(LedgerError::Ambiguous { given: draw_safely(id_or_uri) }),
    }
}

/// The document of this id.
pub(super) async fn find(
    conn: &mut SqliteConnection,
    id: DocumentId,
) -> Result<Option<DocumentRow>, LedgerError> {
    let row = query(select_document!("d.id = $1"))
        .bind(id.bytes().as_slice())
        .fetch_optional(conn)
        .await
        .map_err(failed)?;
    row.as_ref().map(DocumentRow::read).transpose()
}

/// The document of this id, which somebody says there is.
pub(super) async fn get(
    conn: &mut SqliteConnection,
    id: DocumentId,
) -> Result<DocumentRow, LedgerError> {
    find(conn, id).await?.ok_or_else(|| missing(format!("document {id}")))
}

/// The document at this place of a source.
pub(super) async fn at(
    conn: &mut SqliteConnection,
    source: SourceId,
    uri: &str,
) -> Result<Option<DocumentRow>, LedgerError> {
    let row = query(select_document!("d.source = $1 AND d.uri = $2"))
        .bind(source.bytes().as_slice())
        .bind(uri)
        .fetch_optional(conn)
        .await
        .map_err(failed)?;
    row.as_ref().map(DocumentRow::read).transpose()
}

pub(super) async fn whole(
    conn: &mut SqliteConnection,
    document: DocumentRow,
) -> Result<DocumentHead, LedgerError> {
    let latest = match document.newest {
        Some(newest) => Some(revision_head(conn, newest).await?),
        None => None,
    };
    Ok(DocumentHead {
        document: document.id,
        source: document.source,
        class: classes::get(conn, document.class).await?,
        next_generation: document.next_generation(),
        serving: document.serving,
        expires_at: document.expires_at,
        uri: document.uri,
        container: document.container,
        latest,
    })
}

/// Documents inside a file.
pub(super) async fn members(
    ledger: &SqliteLedger,
    source: SourceId,
    container: &str,
) -> Result<Vec<DocumentHead>, LedgerError> {
    let mut tx = ledger.read().await?;
    let rows = query(select_document!("d.source = $1 AND d.container = $2 ORDER BY d.uri"))
        .bind(source.bytes().as_slice())
        .bind(container)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(whole(&mut tx, DocumentRow::read(row)?).await?);
    }
    Ok(found)
}

async fn revision_head(
    conn: &mut SqliteConnection,
    revision: RevisionId,
) -> Result<RevisionHead, LedgerError> {
    let row = query(
        "SELECT id, fingerprint, allows, state, verdict, basis, ruling, reasons, staged_at \
         FROM revision WHERE id = $1",
    )
    .bind(revision.bytes().as_slice())
    .fetch_optional(conn)
    .await
    .map_err(failed)?
    .ok_or_else(|| damaged(format!("revision {revision}")))?;
    Fields(&row).revision_head()
}

/// Lookup keys lie by tenant, so that no flood of one tenant slows the question of another.
pub(super) async fn similar(
    ledger: &SqliteLedger,
    tenant: &Tenant,
    keys: &[u64],
    except: Option<DocumentId>,
    limit: usize,
) -> Result<Vec<Similar>, LedgerError> {
    let mut tx = ledger.read().await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let except = except.map_or(Uuid::nil(), |document| document.uuid());
    let mut found = std::collections::BTreeMap::new();
    for batch in batches(keys) {
        let names = placeholders(4, batch.len());
        let sql = format!(
            "SELECT s.document, s.signature FROM signature s JOIN (SELECT document, COUNT(*) AS shared \
             FROM signature_key WHERE tenant = $1 AND document <> $2 AND lookup IN ({names}) \
             GROUP BY document ORDER BY shared DESC, document LIMIT $3) k ON k.document = s.document"
        );
        let mut query = query(AssertSqlSafe(sql))
            .bind(tenant.as_str())
            .bind(except.as_bytes().as_slice())
            .bind(limit);
        for key in &batch {
            query = query.bind(key.cast_signed());
        }
        for row in query.fetch_all(&mut *tx).await.map_err(failed)? {
            let fields = Fields(&row);
            found.insert(fields.id("document", DocumentId::new)?, fields.bytes("signature")?);
        }
    }
    let found = found.into_iter().map(|(document, signature)| Similar { document, signature });
    Ok(found.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
}

/// Sets what a document's newest revision is like; a rejected one is like nothing.
pub(super) async fn set_signature(
    conn: &mut SqliteConnection,
    document: &DocumentRow,
    new: &NewRevision,
    state: RevisionState,
) -> Result<(), LedgerError> {
    clear_signature(conn, document.id).await?;
    let Some((signature, keys)) = &new.signature else { return Ok(()) };
    if state == RevisionState::Rejected {
        return Ok(());
    }
    query("INSERT INTO signature (document, signature) VALUES ($1, $2)")
        .bind(document.id.bytes().as_slice())
        .bind(signature.as_slice())
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    for batch in batches(keys) {
        let rows: Vec<String> =
            (3..3 + batch.len()).map(|number| format!("($1, ${number}, $2)")).collect();
        let sql = format!(
            "INSERT INTO signature_key (tenant, lookup, document) VALUES {} ON CONFLICT DO NOTHING",
            rows.join(", ")
        );
        let mut insert = query(AssertSqlSafe(sql))
            .bind(document.tenant.as_str())
            .bind(document.id.bytes().as_slice());
        for key in batch {
            insert = insert.bind(key.cast_signed());
        }
        insert.execute(&mut *conn).await.map_err(failed)?;
    }
    Ok(())
}

/// The keys go with it.
pub(super) async fn clear_signature(
    conn: &mut SqliteConnection,
    document: DocumentId,
) -> Result<(), LedgerError> {
    query("DELETE FROM signature WHERE document = $1")
        .bind(document.bytes().as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}
