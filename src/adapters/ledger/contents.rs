//! The bytes of a revision and what was made of them: sealed before they are written, opened and
//! checked when they are read.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite, query};
use tokio::task::spawn_blocking;

use super::SqliteLedger;
use super::blobs::{Blob, DataKey, Keys, Kind};
use super::error::{broken, damaged, failed, missing};
use super::rows::Fields;
use crate::domain::digest::Digest;
use crate::domain::id::RevisionId;
use crate::pipeline::ledger::{Contents, LedgerError};

/// Blobs in one statement: three statements' overhead is nothing beside their bytes, and the whole
/// of it lies in memory once more.
const BLOBS_PER_INSERT: usize = 64;

/// What goes into a revision's row and into `blob`.
#[derive(Debug)]
pub(super) struct SealedContents {
    pub(super) wrapped_key: Vec<u8>,
    pub(super) file: Digest,
    pub(super) document: Option<Digest>,
    pub(super) findings: Digest,
    pub(super) redacted: Option<Digest>,
    pub(super) blobs: Vec<Blob>,
}

/// Seals contents under this key. Slow for large files: call it where blocking is allowed.
pub(super) fn seal(
    contents: &Contents,
    key: &DataKey,
    keys: &Keys,
) -> Result<SealedContents, LedgerError> {
    let mut blobs = Vec::new();
    let mut put = |blob: Blob| {
        let address = blob.address;
        blobs.push(blob);
        address
    };
    let document = contents.document.as_ref();
    let redacted = contents.redacted.as_ref();
    Ok(SealedContents {
        wrapped_key: key.wrapped(keys)?,
        file: put(key.seal(Kind::File, &contents.file)?),
        document: document
            .map(|one| seal_json(key, Kind::Document, one))
            .transpose()?
            .map(&mut put),
        findings: put(seal_json(key, Kind::Findings, &contents.findings)?),
        redacted: redacted
            .map(|one| seal_json(key, Kind::Redacted, one))
            .transpose()?
            .map(&mut put),
        blobs,
    })
}

fn seal_json(key: &DataKey, kind: Kind, value: &impl Serialize) -> Result<Blob, LedgerError> {
    key.seal(kind, &serde_json::to_vec(value).map_err(broken)?)
}

/// Writes blobs. Equal contents of one kind lie there once.
pub(super) async fn insert(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    blobs: Vec<Blob>,
) -> Result<(), LedgerError> {
    let mut blobs = blobs.into_iter().peekable();
    while blobs.peek().is_some() {
        let mut insert =
            QueryBuilder::<Sqlite>::new("INSERT INTO blob (revision, kind, address, sealed) ");
        insert.push_values(blobs.by_ref().take(BLOBS_PER_INSERT), |mut row, blob| {
            row.push_bind(revision.bytes().as_slice())
                .push_bind(blob.kind as i64)
                .push_bind(blob.address.0.to_vec())
                .push_bind(blob.sealed);
        });
        insert.push(" ON CONFLICT DO NOTHING");
        insert.build().execute(&mut *conn).await.map_err(failed)?;
    }
    Ok(())
}

/// The contents of a revision.
pub(super) async fn load(
    ledger: &SqliteLedger,
    revision: RevisionId,
) -> Result<Contents, LedgerError> {
    let mut tx = ledger.read().await?;
    let row =
        query("SELECT wrapped_key, file, read, findings, redacted FROM revision WHERE id = $1")
            .bind(revision.bytes().as_slice())
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed)?
            .ok_or_else(|| missing(format!("revision {revision}")))?;
    let fields = Fields(&row);
    let wrapped = fields
        .bytes_if("wrapped_key")?
        .ok_or_else(|| missing(format!("what revision {revision} contained")))?;
    let file = sealed(&mut tx, revision, Kind::File, fields.digest("file")?).await?;
    let document = sealed_if(&mut tx, revision, Kind::Document, fields.digest_if("read")?).await?;
    let findings = sealed(&mut tx, revision, Kind::Findings, fields.digest("findings")?).await?;
    let redacted =
        sealed_if(&mut tx, revision, Kind::Redacted, fields.digest_if("redacted")?).await?;
    drop(tx);
    let keys = ledger.keys.clone();
    let open = move || {
        let key = DataKey::unwrap(revision, &wrapped, &keys)?;
        Ok(Contents {
            file: key.open(Kind::File, &file.0, &file.1)?,
            document: document.map(|one| open_json(&key, Kind::Document, &one)).transpose()?,
            findings: open_json(&key, Kind::Findings, &findings)?,
            redacted: redacted.map(|one| open_json(&key, Kind::Redacted, &one)).transpose()?,
        })
    };
    spawn_blocking(open).await.map_err(broken)?
}

/// A blob with its address, still sealed.
type Sealed = (Digest, Vec<u8>);

async fn sealed(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    kind: Kind,
    address: Digest,
) -> Result<Sealed, LedgerError> {
    let row = query("SELECT sealed FROM blob WHERE revision = $1 AND kind = $2 AND address = $3")
        .bind(revision.bytes().as_slice())
        .bind(kind as i64)
        .bind(address.0.as_slice())
        .fetch_optional(conn)
        .await
        .map_err(failed)?
        .ok_or_else(|| damaged(format!("{kind:?} blob of revision {revision}")))?;
    Ok((address, Fields(&row).bytes("sealed")?))
}

async fn sealed_if(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    kind: Kind,
    address: Option<Digest>,
) -> Result<Option<Sealed>, LedgerError> {
    match address {
        Some(address) => sealed(conn, revision, kind, address).await.map(Some),
        None => Ok(None),
    }
}

fn open_json<T: DeserializeOwned>(
    key: &DataKey,
    kind: Kind,
    (address, sealed): &Sealed,
) -> Result<T, LedgerError> {
    let plain = key.open(kind, address, sealed)?;
    serde_json::from_slice(&plain).map_err(|_| damaged(format!("{kind:?} blob")))
}

/// What stays of a revision's digests is enough for us to know them again, and nothing that others could test a guess
/// against.
pub(super) async fn forget_digests(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    keys: &Keys,
) -> Result<(), LedgerError> {
    let row = query("SELECT fingerprint, file_digest FROM revision WHERE id = $1")
        .bind(revision.bytes().as_slice())
        .fetch_optional(&mut *conn)
        .await
        .map_err(failed)?
        .ok_or_else(|| missing(format!("revision {revision}")))?;
    let fields = Fields(&row);
    let (fingerprint, file) = (fields.digest("fingerprint")?, fields.digest("file_digest")?);
    query("UPDATE revision SET fingerprint = $2, file_digest = $3 WHERE id = $1")
        .bind(revision.bytes().as_slice())
        .bind(keys.tombstone("fingerprint", &fingerprint).0.as_slice())
        .bind(keys.tombstone("file", &file).0.as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Destroys the key and blobs of a revision: `ledger.wipe` must follow the commit.
pub(super) async fn destroy(
    conn: &mut SqliteConnection,
    revision: RevisionId,
) -> Result<(), LedgerError> {
    for sql in [
        "DELETE FROM blob WHERE revision = $1",
        "UPDATE revision SET wrapped_key = NULL, file = NULL, read = NULL, findings = NULL, \
         redacted = NULL WHERE id = $1",
    ] {
        query(sql).bind(revision.bytes().as_slice()).execute(&mut *conn).await.map_err(failed)?;
    }
    Ok(())
}
