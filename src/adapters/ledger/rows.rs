//! From rows to values and back. Everything that is read is checked; what does not hold is `Damaged`.

use serde::de::DeserializeOwned;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Row as _, Type, query};
use uuid::Uuid;

use super::error::{broken, conflict, damaged, failed};
use crate::domain::digest::Digest;
use crate::domain::finding::Severity;
use crate::domain::id::{ClassId, DocumentId, RevisionId, RulingId, SourceId};
use crate::domain::policy::Verdict;
use crate::domain::source::Tenant;
use crate::domain::time::Timestamp;
use crate::domain::verdict::Basis;
use crate::pipeline::ledger::{LedgerError, RevisionHead, RevisionState};

/// One row, by column.
#[derive(Clone, Copy)]
pub(super) struct Fields<'r>(pub(super) &'r SqliteRow);

impl Fields<'_> {
    fn value<T>(&self, column: &str) -> Result<T, LedgerError>
    where
        T: for<'a> Decode<'a, Sqlite> + Type<Sqlite>,
    {
        self.0.try_get(column).map_err(|_| damaged(format!("column {column}")))
    }

    /// An id; `wrap` says of which kind.
    pub(super) fn id<T>(&self, column: &str, wrap: fn(Uuid) -> T) -> Result<T, LedgerError> {
        self.id_if(column, wrap)?.ok_or_else(|| damaged(format!("column {column}")))
    }

    pub(super) fn id_if<T>(
        &self,
        column: &str,
        wrap: fn(Uuid) -> T,
    ) -> Result<Option<T>, LedgerError> {
        let Some(bytes) = self.bytes_if(column)? else { return Ok(None) };
        let uuid = Uuid::from_slice(&bytes).map_err(|_| damaged(format!("column {column}")))?;
        Ok(Some(wrap(uuid)))
    }

    pub(super) fn digest(&self, column: &str) -> Result<Digest, LedgerError> {
        self.digest_if(column)?.ok_or_else(|| damaged(format!("column {column}")))
    }

    pub(super) fn digest_if(&self, column: &str) -> Result<Option<Digest>, LedgerError> {
        let Some(bytes) = self.bytes_if(column)? else { return Ok(None) };
        let bytes = bytes.try_into().map_err(|_| damaged(format!("column {column}")))?;
        Ok(Some(Digest(bytes)))
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>, LedgerError> {
        self.value(column)
    }

    pub(super) fn bytes_if(&self, column: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        self.value(column)
    }

    pub(super) fn text(&self, column: &str) -> Result<String, LedgerError> {
        self.value(column)
    }

    pub(super) fn text_if(&self, column: &str) -> Result<Option<String>, LedgerError> {
        self.value(column)
    }

    /// A count or generation.
    pub(super) fn number(&self, column: &str) -> Result<u64, LedgerError> {
        self.number_if(column)?.ok_or_else(|| damaged(format!("column {column}")))
    }

    pub(super) fn number_if(&self, column: &str) -> Result<Option<u64>, LedgerError> {
        let number: Option<i64> = self.value(column)?;
        number
            .map(|number| u64::try_from(number).map_err(|_| damaged(format!("column {column}"))))
            .transpose()
    }

    pub(super) fn moment(&self, column: &str) -> Result<Timestamp, LedgerError> {
        self.value(column).map(Timestamp)
    }

    pub(super) fn moment_if(&self, column: &str) -> Result<Option<Timestamp>, LedgerError> {
        Ok(self.value::<Option<i64>>(column)?.map(Timestamp))
    }

    /// A text that its own type parses.
    pub(super) fn parsed<T: std::str::FromStr>(&self, column: &str) -> Result<T, LedgerError> {
        self.text(column)?.parse().map_err(|_| damaged(format!("column {column}")))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, LedgerError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| damaged(format!("column {column}")))
    }

    /// One of a closed set of names.
    pub(super) fn named<T: Copy>(
        &self,
        column: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Result<T, LedgerError> {
        self.named_if(column, all, name)?.ok_or_else(|| damaged(format!("column {column}")))
    }

    pub(super) fn named_if<T: Copy>(
        &self,
        column: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Result<Option<T>, LedgerError> {
        let Some(text) = self.text_if(column)? else { return Ok(None) };
        let found = all.iter().copied().find(|one| name(*one) == text);
        found.map(Some).ok_or_else(|| damaged(format!("column {column}")))
    }

    pub(super) fn state(&self) -> Result<RevisionState, LedgerError> {
        self.named("state", &RevisionState::ALL, RevisionState::name)
    }

    pub(super) fn verdict(&self) -> Result<Verdict, LedgerError> {
        self.named("verdict", &Verdict::ALL, Verdict::name)
    }

    pub(super) fn severity(&self) -> Result<Option<Severity>, LedgerError> {
        self.named_if("severity", &Severity::ALL, Severity::name)
    }

    /// Columns `basis` and `ruling`.
    pub(super) fn basis(&self) -> Result<Option<Basis>, LedgerError> {
        let ruling = self.id_if("ruling", RulingId::new)?;
        match (self.text_if("basis")?.as_deref(), ruling) {
            (None, None) => Ok(None),
            (Some("policy"), None) => Ok(Some(Basis::Policy)),
            (Some("observed"), None) => Ok(Some(Basis::Observed)),
            (Some("adopted"), None) => Ok(Some(Basis::Adopted)),
            (Some("released"), Some(ruling)) => Ok(Some(Basis::Released { ruling })),
            _ => Err(damaged("column basis")),
        }
    }

    /// A row of `revision`.
    pub(super) fn revision_head(&self) -> Result<RevisionHead, LedgerError> {
        Ok(RevisionHead {
            revision: self.id("id", RevisionId::new)?,
            fingerprint: self.digest("fingerprint")?,
            allows: self.digest_if("allows")?,
            state: self.state()?,
            verdict: self.verdict()?,
            basis: self.basis()?,
            reasons: self.json("reasons")?,
            at: self.moment("staged_at")?,
        })
    }
}

/// A row of `document` with its source's tenant.
#[derive(Debug)]
pub(super) struct DocumentRow {
    pub(super) id: DocumentId,
    pub(super) source: SourceId,
    pub(super) tenant: Tenant,
    pub(super) uri: String,
    pub(super) container: Option<String>,
    pub(super) class: ClassId,
    pub(super) generation: u64,
    pub(super) last_generation: u64,
    pub(super) serving: Option<RevisionId>,
    pub(super) newest: Option<RevisionId>,
    pub(super) expires_at: Option<Timestamp>,
}

impl DocumentRow {
    pub(super) fn read(row: &SqliteRow) -> Result<Self, LedgerError> {
        let fields = Fields(row);
        Ok(Self {
            id: fields.id("id", DocumentId::new)?,
            source: fields.id("source", SourceId::new)?,
            tenant: fields.parsed("tenant")?,
            uri: fields.text("uri")?,
            container: fields.text_if("container")?,
            class: fields.id("class", ClassId::new)?,
            generation: fields.number("generation")?,
            last_generation: fields.number("last_generation")?,
            serving: fields.id_if("serving", RevisionId::new)?,
            newest: fields.id_if("newest", RevisionId::new)?,
            expires_at: fields.moment_if("expires_at")?,
        })
    }

    /// The generation that its next placement takes.
    pub(super) const fn next_generation(&self) -> u64 {
        self.last_generation.saturating_add(1)
    }
}

/// A generation for the database.
pub(super) fn stored(generation: u64) -> Result<i64, LedgerError> {
    i64::try_from(generation).map_err(|_| conflict(format!("generation {generation}")))
}

/// A value as the JSON text that `Fields::json` reads.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String, LedgerError> {
    serde_json::to_string(value).map_err(broken)
}

/// Ids in one statement; SQLite's bound on parameters is 32,766, PostgreSQL's 65,535.
const BATCH: usize = 512;

/// Cuts ids into batches for `IN (…)`. Each is filled up to a power of two by repeating its last id,
/// which changes no set, so that few different statements have to be prepared.
pub(super) fn batches<T>(ids: &[T]) -> impl Iterator<Item = Vec<T>> + Send + '_
where
    T: Copy + Send + Sync,
{
    ids.chunks(BATCH).map(|chunk| {
        let mut batch = chunk.to_vec();
        if let Some(last) = chunk.last() {
            batch.resize(chunk.len().next_power_of_two(), *last);
        }
        batch
    })
}

/// `$first, $first+1, …`
pub(super) fn placeholders(first: usize, count: usize) -> String {
    let names: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    names.join(", ")
}

/// Rows of a query that ends in `IN`, for these ids.
pub(super) async fn select_in(
    conn: &mut SqliteConnection,
    sql: &'static str,
    ids: &[Uuid],
) -> Result<Vec<SqliteRow>, LedgerError> {
    let mut rows = Vec::with_capacity(ids.len());
    for batch in batches(ids) {
        let sql = format!("{sql} ({})", placeholders(1, batch.len()));
        let mut query = query(AssertSqlSafe(sql));
        for id in &batch {
            query = query.bind(id.as_bytes().as_slice());
        }
        rows.extend(query.fetch_all(&mut *conn).await.map_err(failed)?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::{batches, placeholders};

    #[test]
    fn batches_hold_every_id_and_come_in_few_sizes() {
        let ids: Vec<u32> = (0..1_100).collect();
        let sizes: Vec<usize> = batches(&ids).map(|batch| batch.len()).collect();
        assert_eq!(sizes, [512, 512, 128]);
        let mut seen: Vec<u32> = batches(&ids).flatten().collect();
        seen.dedup();
        assert_eq!(seen, ids);
        assert_eq!(batches::<u32>(&[]).count(), 0);
    }

    #[test]
    fn placeholders_count_on_from_the_first() {
        assert_eq!(placeholders(2, 3), "$2, $3, $4");
    }
}
