//! Allow entries. They are never deleted: why something was let in stays on record.

use sqlx::AssertSqlSafe;
use sqlx::query;
use sqlx::sqlite::SqliteRow;

use super::SqliteLedger;
use super::error::{conflict, damaged, failed, missing};
use super::rows::{Fields, placeholders};
use crate::domain::allow::{AllowEnd, AllowEntry, AllowScope};
use crate::domain::id::{AllowId, SourceId};
use crate::domain::limits::ALLOW_ENTRIES_MAX;
use crate::domain::time::Timestamp;
use crate::pipeline::ledger::LedgerError;

/// All of them or none; `Conflict` when a source would have too many.
pub(super) async fn add(ledger: &SqliteLedger, entries: &[AllowEntry]) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    for entry in entries {
        let content = match entry.scope {
            AllowScope::Content(digest) => Some(digest.0.to_vec()),
            AllowScope::Rule => None,
        };
        query(
            "INSERT INTO allow_entry (id, source, rule, content, severity, reason, actor, second, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(entry.id.bytes().as_slice())
        .bind(entry.source.bytes().as_slice())
        .bind(&entry.rule)
        .bind(content)
        .bind(entry.severity.name())
        .bind(&entry.reason)
        .bind(&entry.actor)
        .bind(&entry.second)
        .bind(entry.created_at.0)
        .bind(entry.expires_at.map(|at| at.0))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        let of_source = query("SELECT COUNT(*) AS entries FROM allow_entry WHERE source = $1")
            .bind(entry.source.bytes().as_slice())
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        if Fields(&of_source).number("entries")? > ALLOW_ENTRIES_MAX as u64 {
            return Err(conflict(format!("a source with {ALLOW_ENTRIES_MAX} allow entries")));
        }
    }
    tx.commit().await.map_err(failed)
}

/// Those of these sources, newest first.
pub(super) async fn of_sources(
    ledger: &SqliteLedger,
    sources: &[SourceId],
) -> Result<Vec<AllowEntry>, LedgerError> {
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT id, source, rule, content, severity, reason, actor, second, created_at, expires_at, \
         ended_at, ended_by, ended_why FROM allow_entry WHERE source IN ({}) \
         ORDER BY created_at DESC, id",
        placeholders(1, sources.len())
    );
    let mut all = query(AssertSqlSafe(sql));
    for source in sources {
        all = all.bind(source.bytes().as_slice());
    }
    let rows = all.fetch_all(&ledger.readers).await.map_err(failed)?;
    rows.iter().map(read).collect()
}

/// An entry ends once.
pub(super) async fn end(
    ledger: &SqliteLedger,
    id: AllowId,
    end: &AllowEnd,
) -> Result<(), LedgerError> {
    let mut tx = ledger.write().await?;
    let found = query("SELECT ended_at FROM allow_entry WHERE id = $1")
        .bind(id.bytes().as_slice())
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?
        .ok_or_else(|| missing(format!("allow entry {id}")))?;
    if Fields(&found).number_if("ended_at")?.is_some() {
        return Err(conflict(format!("allow entry {id}")));
    }
    query("UPDATE allow_entry SET ended_at = $2, ended_by = $3, ended_why = $4 WHERE id = $1")
        .bind(id.bytes().as_slice())
        .bind(end.at.0)
        .bind(&end.actor)
        .bind(&end.reason)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    tx.commit().await.map_err(failed)
}

fn read(row: &SqliteRow) -> Result<AllowEntry, LedgerError> {
    let fields = Fields(row);
    let moment = |column: &str| {
        Ok(fields.number_if(column)?.and_then(|at| i64::try_from(at).ok()).map(Timestamp))
    };
    let ended = match moment("ended_at")? {
        None => None,
        Some(at) => Some(AllowEnd {
            at,
            actor: fields.text("ended_by")?,
            reason: fields.text("ended_why")?,
        }),
    };
    Ok(AllowEntry {
        id: fields.id("id", AllowId::new)?,
        source: fields.id("source", SourceId::new)?,
        rule: fields.text("rule")?,
        scope: fields.digest_if("content")?.map_or(AllowScope::Rule, AllowScope::Content),
        severity: fields.severity()?.ok_or_else(|| damaged("column severity"))?,
        reason: fields.text("reason")?,
        actor: fields.text("actor")?,
        second: fields.text_if("second")?,
        created_at: fields.moment("created_at")?,
        expires_at: moment("expires_at")?,
        ended,
    })
}
