//! What the database says, as the port's errors: what reads back wrong is damage, a unique id that
//! is taken is a conflict, everything else is the database's failure.

use std::fmt::Display;

use crate::pipeline::ledger::LedgerError;

/// SQLite: the file's structure is broken.
const SQLITE_CORRUPT: u32 = 11;
/// SQLite: the file is no database.
const SQLITE_NOTADB: u32 = 26;

/// Sorts a failure of the database.
pub(super) fn failed(error: sqlx::Error) -> LedgerError {
    match &error {
        sqlx::Error::Database(inner) if inner.is_unique_violation() => conflict("an id"),
        sqlx::Error::Database(inner) => {
            let code = inner.code().and_then(|code| code.parse::<u32>().ok());
            match code.map(|code| code & 0xff) {
                Some(SQLITE_CORRUPT | SQLITE_NOTADB) => damaged("file"),
                _ => broken(error),
            }
        }
        sqlx::Error::ColumnDecode { index, .. } => damaged(format!("column {index}")),
        sqlx::Error::ColumnNotFound(column) => damaged(format!("column {column}")),
        _ => broken(error),
    }
}

/// Something around the database failed.
pub(super) fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LedgerError {
    LedgerError::Database { source: error.into() }
}

/// What was read is not what was written.
pub(super) fn damaged(what: impl Display) -> LedgerError {
    LedgerError::Damaged { what: what.to_string() }
}

/// There is no such thing.
pub(super) fn missing(what: impl Display) -> LedgerError {
    LedgerError::NotFound { what: what.to_string() }
}

/// Not in the state that this needs.
pub(super) fn conflict(what: impl Display) -> LedgerError {
    LedgerError::Conflict { what: what.to_string() }
}
