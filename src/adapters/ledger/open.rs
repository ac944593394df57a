//! Opening the ledger's file: private to its owner, durable at each commit, deleted content
//! overwritten, its key checked before anything is read or written under it.

use std::fs;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Row as _};

use super::blobs::Keys;
use super::error::{broken, damaged, failed};
use super::rows::Fields;
use super::{SqliteLedger, Tx, Write, migrations};
use crate::domain::keys::Secret;
use crate::pipeline::ledger::LedgerError;

/// One process writes at a time: what waits longer behind another one should say so.
const BUSY: Duration = Duration::from_secs(1);
/// Connections that read beside the writer; each has a thread.
const READERS: u32 = 4;
/// How long a call waits for a connection. Transactions take milliseconds; a queue of minutes means
/// that the disk stands still.
const ACQUIRE: Duration = Duration::from_secs(30);

impl SqliteLedger {
    /// Opens the ledger in this file, or makes one. `key` is the workspace's secret for its ledger.
    pub async fn open(path: &Path, key: Secret) -> Result<Self, LedgerError> {
        let path = private_file(path).map_err(broken)?;
        let options = options(&path);
        let keys = Keys::derive(&key);
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON");
        let writer = pool(1).connect_with(writing).await.map_err(failed)?;
        let mut conn = writer.acquire().await.map_err(failed)?;
        migrations::migrate(&mut conn, &keys.check()).await?;
        drop(conn);
        let readers = pool(READERS).connect_lazy_with(options.read_only(true));
        let ledger =
            Self { writer, readers, keys, lease: Arc::default(), wipe_due: Arc::default() };
        ledger.check_key().await?;
        // A crash between a purge and its wipe is made good here; if another process is reading,
        // the next wipe is.
        ledger.checkpoint().await?;
        Ok(ledger)
    }

    /// Ends all connections; what was committed is on disk with or without it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A transaction that writes; only one at a time gets beyond this line.
    pub(super) async fn write(&self) -> Result<Write, LedgerError> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        let begun = match self.writer.begin_with(BEGIN).await {
            // On a full disk SQLite ends a transaction by itself, and the connection still counts it.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await.map_err(failed)?.close().await.map_err(failed)?;
                self.writer.begin_with(BEGIN).await
            }
            begun => begun,
        };
        Ok(Write { tx: begun.map_err(failed)?, open: self.lease.open() })
    }

    /// A transaction that reads one state of the ledger, however many statements it takes.
    pub(super) async fn read(&self) -> Result<Tx, LedgerError> {
        self.readers.begin().await.map_err(failed)
    }

    /// Carries what was deleted, and overwritten with zeros, from the log into the main file and
    /// empties the log: from here on neither holds a copy. Readers can hold this up; then the deletion
    /// stands, what is left is encrypted under a key that is gone, and the next `tidy` tries again.
    pub(super) async fn wipe(&self) -> Result<(), LedgerError> {
        self.wipe_due.store(true, Ordering::Release);
        self.wipe_if_due().await
    }

    /// Wipes what an earlier wipe could not.
    pub(super) async fn wipe_if_due(&self) -> Result<(), LedgerError> {
        if self.wipe_due.swap(false, Ordering::AcqRel) && !self.checkpoint().await? {
            self.wipe_due.store(true, Ordering::Release);
            tracing::info!("traces of what was deleted stay in the log while somebody reads it");
        }
        Ok(())
    }

    /// Whether the log is empty now.
    async fn checkpoint(&self) -> Result<bool, LedgerError> {
        let rows = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_all(&self.writer)
            .await
            .map_err(failed)?;
        let busy: Option<i64> = rows.first().and_then(|row| row.try_get(0).ok());
        Ok(busy == Some(0))
    }

    async fn check_key(&self) -> Result<(), LedgerError> {
        let row = sqlx::query("SELECT key_check FROM ledger")
            .fetch_optional(&self.readers)
            .await
            .map_err(failed)?
            .ok_or_else(|| damaged("first row"))?;
        if self.keys.is_checked_by(&Fields(&row).digest("key_check")?) {
            Ok(())
        } else {
            Err(damaged("key"))
        }
    }
}

/// Makes the file if there is none, and takes it from everybody but its owner. SQLite gives its log
/// and index the main file's mode. An existing file is not opened here: closing it would drop the
/// locks that this process holds on it.
fn private_file(path: &Path) -> std::io::Result<PathBuf> {
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    // Absolute, so that SQLite takes no path for a URI or for `:memory:`.
    let path = path.canonicalize()?;
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(ending);
        match fs::set_permissions(&name, fs::Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(path)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // Against a hand in the file: no functions from its schema, no trust in its cells.
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        // Sorting leaves nothing in temporary files.
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// What `SqliteLedger` is made of.
pub(super) type Pool = SqlitePool;
