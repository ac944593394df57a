//! The schema's versions. Each migration runs once, whole or not at all; the file says how many ran.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, query_scalar, raw_sql};

use super::error::{damaged, failed};
use crate::domain::digest::Digest;
use crate::pipeline::ledger::LedgerError;

/// Only ever added to: what a file has seen must not change.
const MIGRATIONS: [&str; 9] = [
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_service.sql"),
    include_str!("migrations/0003_proofs.sql"),
    include_str!("migrations/0004_members.sql"),
    include_str!("migrations/0005_allow.sql"),
    include_str!("migrations/0006_people.sql"),
    include_str!("migrations/0007_rescans.sql"),
    include_str!("migrations/0008_retention.sql"),
    include_str!("migrations/0009_classes.sql"),
];

/// `ALNG`, in SQLite's header: so that another program's database is never taken for a ledger.
const APPLICATION_ID: i64 = 0x414c_4e47;

/// Brings the schema up to this program's; makes it in an empty file.
pub(super) async fn migrate(
    conn: &mut SqliteConnection,
    key_check: &Digest,
) -> Result<(), LedgerError> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let found = version(&mut tx).await?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(LedgerError::Newer { found, known });
    }
    for (number, script) in (1_i64..).zip(MIGRATIONS) {
        if number <= found {
            continue;
        }
        raw_sql(script).execute(&mut *tx).await.map_err(failed)?;
        // Pragmas take no parameters; this is our own number.
        let pragma = format!("PRAGMA user_version = {number}");
        raw_sql(sqlx::AssertSqlSafe(pragma)).execute(&mut *tx).await.map_err(failed)?;
    }
    if found == 0 {
        let pragma = format!("PRAGMA application_id = {APPLICATION_ID}");
        raw_sql(sqlx::AssertSqlSafe(pragma)).execute(&mut *tx).await.map_err(failed)?;
        sqlx::query("INSERT INTO ledger (id, epoch, key_check) VALUES (1, 0, $1)")
            .bind(key_check.0.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}

/// How many migrations ran here; `Damaged` when this is no ledger.
async fn version(conn: &mut SqliteConnection) -> Result<i64, LedgerError> {
    let application: i64 =
        query_scalar("PRAGMA application_id").fetch_one(&mut *conn).await.map_err(failed)?;
    let version: i64 =
        query_scalar("PRAGMA user_version").fetch_one(&mut *conn).await.map_err(failed)?;
    let tables: i64 = query_scalar("SELECT COUNT(*) FROM sqlite_master")
        .fetch_one(&mut *conn)
        .await
        .map_err(failed)?;
    let is_empty = (application, version, tables) == (0, 0, 0);
    let is_ledger = application == APPLICATION_ID && version > 0;
    if is_empty || is_ledger { Ok(version) } else { Err(damaged("file, which is no ledger,")) }
}
