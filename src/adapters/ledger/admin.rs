//! What an administrator makes: sources and collections.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{SqlSafeStr, query};

use super::SqliteLedger;
use super::error::failed;
use super::rows::{Fields, json};
use crate::domain::id::{CollectionId, SourceId};
use crate::domain::source::{Collection, EmbedderIdentity, Name, Source, TrustTier};
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::LedgerError;

pub(super) async fn create_source(
    ledger: &SqliteLedger,
    source: &Source,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    refuse_taken(&mut tx, "SELECT 1 FROM source WHERE name = $1", &source.name).await?;
    query(
        "INSERT INTO source (id, name, tenant, tier, readers, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(source.id.bytes().as_slice())
    .bind(source.name.as_str())
    .bind(source.tenant.as_str())
    .bind(source.tier.name())
    .bind(json(&source.readers)?)
    .bind(at.0)
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    tx.commit().await.map_err(failed)
}

pub(super) async fn sources(ledger: &SqliteLedger) -> Result<Vec<Source>, LedgerError> {
    let rows = query("SELECT id, name, tenant, tier, readers FROM source ORDER BY name")
        .fetch_all(&ledger.readers)
        .await
        .map_err(failed)?;
    rows.iter().map(source).collect()
}

fn source(row: &SqliteRow) -> Result<Source, LedgerError> {
    let fields = Fields(row);
    Ok(Source {
        id: fields.id("id", SourceId::new)?,
        name: fields.parsed("name")?,
        tenant: fields.parsed("tenant")?,
        tier: fields.named("tier", &TrustTier::ALL, TrustTier::name)?,
        readers: fields.json("readers")?,
    })
}

pub(super) async fn create_collection(
    ledger: &SqliteLedger,
    collection: &Collection,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    refuse_taken(&mut tx, "SELECT 1 FROM collection WHERE name = $1", &collection.name).await?;
    query(
        "INSERT INTO collection (id, name, embedder, embedder_digest, vectors, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(collection.id.bytes().as_slice())
    .bind(collection.name.as_str())
    .bind(&collection.embedder.name)
    .bind(collection.embedder.digest.0.as_slice())
    .bind(json(&collection.vectors)?)
    .bind(at.0)
    .execute(&mut *tx)
    .await
    .map_err(failed)?;
    tx.commit().await.map_err(failed)
}

pub(super) async fn collections(ledger: &SqliteLedger) -> Result<Vec<Collection>, LedgerError> {
    let rows =
        query("SELECT id, name, embedder, embedder_digest, vectors FROM collection ORDER BY name")
            .fetch_all(&ledger.readers)
            .await
            .map_err(failed)?;
    rows.iter().map(collection).collect()
}

fn collection(row: &SqliteRow) -> Result<Collection, LedgerError> {
    let fields = Fields(row);
    Ok(Collection {
        id: fields.id("id", CollectionId::new)?,
        name: fields.parsed("name")?,
        embedder: EmbedderIdentity {
            name: fields.text("embedder")?,
            digest: fields.digest("embedder_digest")?,
        },
        vectors: fields.json("vectors")?,
    })
}

async fn refuse_taken(
    conn: &mut SqliteConnection,
    sql: impl SqlSafeStr,
    name: &Name,
) -> Result<(), LedgerError> {
    let found = query(sql).bind(name.as_str()).fetch_optional(conn).await.map_err(failed)?;
    match found {
        Some(_) => Err(LedgerError::Taken { name: name.clone() }),
        None => Ok(()),
    }
}
