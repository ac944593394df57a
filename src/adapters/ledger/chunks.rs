//! Chunk records: their rows, which stay, and their blobs, which go when their revision ends.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite, query};
use tokio::task::spawn_blocking;

use super::blobs::{Blob, DataKey, Keys, Kind};
use super::error::{broken, conflict, damaged, failed};
use super::rows::Fields;
use super::{SqliteLedger, contents, proofs};
use crate::domain::digest::Digest;
use crate::domain::id::{ChunkId, CollectionId, PointId, RevisionId};
use crate::domain::stamp::ChunkRecord;
use crate::domain::vector::Vectors;
use crate::pipeline::ledger::{LedgerError, RevisionState};

/// Chunk rows in one statement.
const ROWS_PER_INSERT: usize = 256;
/// Nesting of a kept payload. Seals refuse what is nested deeper than 32.
const PAYLOAD_DEPTH_MAX: usize = 64;

/// A chunk's blob. In postcard and not in JSON: every bit of a number is sealed, and JSON's decimal
/// digits do not bring all of them back. A stored format: fields and variants may only be added with
/// a new blob kind.
#[derive(Serialize, Deserialize)]
struct Kept {
    payload: Vec<(String, KeptValue)>,
    vectors: Vectors,
    origin: Vec<u8>,
    origin_mac: [u8; 32],
    key: String,
}

#[derive(Serialize, Deserialize)]
enum KeptValue {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// A chunk, ready for its rows.
#[derive(Debug)]
pub(super) struct SealedChunk {
    point: PointId,
    chunk: ChunkId,
    ordinal: u32,
    origin: Digest,
    key: String,
    blob: Blob,
}

/// Seals records under their revision's key. Slow for many: call it where blocking is allowed.
pub(super) fn seal(
    records: &[ChunkRecord],
    key: &DataKey,
) -> Result<Vec<SealedChunk>, LedgerError> {
    records.iter().map(|record| seal_one(record, key)).collect()
}

fn seal_one(record: &ChunkRecord, key: &DataKey) -> Result<SealedChunk, LedgerError> {
    let deep = || conflict(format!("payload of chunk {}", record.chunk));
    let kept = Kept {
        payload: keep_object(&record.payload, PAYLOAD_DEPTH_MAX).ok_or_else(deep)?,
        vectors: record.vectors.clone(),
        origin: record.origin.clone(),
        origin_mac: record.origin_mac.0,
        key: record.key.clone(),
    };
    Ok(SealedChunk {
        point: record.point,
        chunk: record.chunk,
        ordinal: record.ordinal,
        origin: Digest::of(&record.origin),
        key: record.key.clone(),
        blob: key.seal(Kind::Chunk, &postcard::to_stdvec(&kept).map_err(broken)?)?,
    })
}

/// Writes chunks of a revision. Points and chunks that were ever used are refused.
pub(super) async fn insert(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    collection: CollectionId,
    chunks: Vec<SealedChunk>,
) -> Result<(), LedgerError> {
    for rows in chunks.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO chunk (point, chunk, revision, collection, ordinal, origin, seal_key, \
             blob) ",
        );
        insert.push_values(rows, |mut row, chunk| {
            row.push_bind(chunk.point.bytes().as_slice())
                .push_bind(chunk.chunk.bytes().as_slice())
                .push_bind(revision.bytes().as_slice())
                .push_bind(collection.bytes().as_slice())
                .push_bind(i64::from(chunk.ordinal))
                .push_bind(chunk.origin.0.as_slice())
                .push_bind(chunk.key.as_str())
                .push_bind(chunk.blob.address.0.as_slice());
        });
        insert.build().execute(&mut *conn).await.map_err(failed)?;
    }
    let blobs = chunks.into_iter().map(|chunk| chunk.blob).collect();
    contents::insert(conn, revision, blobs).await
}

/// Puts newly sealed records in the place of those that a revision has: all of them, over the same
/// origins; `Conflict` otherwise.
pub(super) async fn replace(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    chunks: Vec<SealedChunk>,
) -> Result<(), LedgerError> {
    let other = || conflict(format!("chunks of revision {revision}"));
    let counted = query("SELECT COUNT(*) AS count FROM chunk WHERE revision = $1")
        .bind(revision.bytes().as_slice())
        .fetch_one(&mut *conn)
        .await
        .map_err(failed)?;
    if usize::try_from(Fields(&counted).number("count")?).ok() != Some(chunks.len()) {
        return Err(other());
    }
    query("DELETE FROM blob WHERE revision = $1 AND kind = $2")
        .bind(revision.bytes().as_slice())
        .bind(Kind::Chunk as i64)
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    for chunk in &chunks {
        let done = query(
            "UPDATE chunk SET seal_key = $3, blob = $4 \
             WHERE point = $1 AND revision = $2 AND origin = $5 AND chunk = $6",
        )
        .bind(chunk.point.bytes().as_slice())
        .bind(revision.bytes().as_slice())
        .bind(chunk.key.as_str())
        .bind(chunk.blob.address.0.as_slice())
        .bind(chunk.origin.0.as_slice())
        .bind(chunk.chunk.bytes().as_slice())
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
        if done.rows_affected() != 1 {
            return Err(other());
        }
    }
    contents::insert(conn, revision, chunks.into_iter().map(|chunk| chunk.blob).collect()).await
}

/// The records of a revision, in their order.
pub(super) async fn load(
    conn: &mut SqliteConnection,
    ledger: &SqliteLedger,
    revision: RevisionId,
    wrapped_key: Vec<u8>,
) -> Result<Vec<ChunkRecord>, LedgerError> {
    let rows = query(
        "SELECT c.point, c.chunk, c.ordinal, c.origin, c.blob, b.sealed FROM chunk c \
         LEFT JOIN blob b ON b.revision = c.revision AND b.kind = $2 AND b.address = c.blob \
         WHERE c.revision = $1 ORDER BY c.ordinal",
    )
    .bind(revision.bytes().as_slice())
    .bind(Kind::Chunk as i64)
    .fetch_all(conn)
    .await
    .map_err(failed)?;
    let sealed = rows.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let keys = ledger.keys.clone();
    let open = move || open(revision, &wrapped_key, &keys, &sealed);
    spawn_blocking(open).await.map_err(broken)?
}

/// A chunk as its rows have it.
struct ChunkRow {
    point: PointId,
    chunk: ChunkId,
    ordinal: u32,
    origin: Digest,
    address: Digest,
    sealed: Vec<u8>,
}

fn row(row: &sqlx::sqlite::SqliteRow) -> Result<ChunkRow, LedgerError> {
    let fields = Fields(row);
    let ordinal = fields.number("ordinal")?;
    Ok(ChunkRow {
        point: fields.id("point", PointId::new)?,
        chunk: fields.id("chunk", ChunkId::new)?,
        ordinal: u32::try_from(ordinal).map_err(|_| damaged("column ordinal"))?,
        origin: fields.digest("origin")?,
        address: fields.digest("blob")?,
        sealed: fields.bytes("sealed")?,
    })
}

fn open(
    revision: RevisionId,
    wrapped_key: &[u8],
    keys: &Keys,
    rows: &[ChunkRow],
) -> Result<Vec<ChunkRecord>, LedgerError> {
    let key = DataKey::unwrap(revision, wrapped_key, keys)?;
    rows.iter().map(|row| open_one(&key, row)).collect()
}

fn open_one(key: &DataKey, row: &ChunkRow) -> Result<ChunkRecord, LedgerError> {
    let plain = key.open(Kind::Chunk, &row.address, &row.sealed)?;
    let kept: Kept =
        postcard::from_bytes(&plain).map_err(|_| damaged(format!("chunk {}", row.chunk)))?;
    if Digest::of(&kept.origin) != row.origin {
        return Err(damaged(format!("origin of chunk {}", row.chunk)));
    }
    Ok(ChunkRecord {
        chunk: row.chunk,
        point: row.point,
        ordinal: row.ordinal,
        payload: object(kept.payload)
            .ok_or_else(|| damaged(format!("payload of chunk {}", row.chunk)))?,
        vectors: kept.vectors,
        origin: kept.origin,
        origin_mac: Digest(kept.origin_mac),
        key: kept.key,
    })
}

/// Ends a revision's chunks: the store is to forget their points, their contents go, and what says
/// that they once were stays.
pub(super) async fn retire(
    conn: &mut SqliteConnection,
    revision: RevisionId,
    state: RevisionState,
    at: crate::domain::time::Timestamp,
) -> Result<(), LedgerError> {
    query("UPDATE revision SET state = $2, changed_at = $3 WHERE id = $1")
        .bind(revision.bytes().as_slice())
        .bind(state.name())
        .bind(at.0)
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    query("DELETE FROM blob WHERE revision = $1 AND kind = $2")
        .bind(revision.bytes().as_slice())
        .bind(Kind::Chunk as i64)
        .execute(&mut *conn)
        .await
        .map_err(failed)?;
    for sql in [
        "INSERT INTO dropped_point (point, collection) \
         SELECT point, collection FROM chunk WHERE revision = $1",
        "UPDATE chunk SET blob = NULL, seal_key = NULL WHERE revision = $1",
    ] {
        query(sql).bind(revision.bytes().as_slice()).execute(&mut *conn).await.map_err(failed)?;
    }
    proofs::forget(conn, revision).await
}

fn keep_object(map: &Map<String, Value>, depth: usize) -> Option<Vec<(String, KeptValue)>> {
    let depth = depth.checked_sub(1)?;
    map.iter().map(|(name, value)| Some((name.clone(), keep(value, depth)?))).collect()
}

/// `None` past the depth.
fn keep(value: &Value, depth: usize) -> Option<KeptValue> {
    Some(match value {
        Value::Null => KeptValue::Null,
        Value::Bool(flag) => KeptValue::Bool(*flag),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => KeptValue::Unsigned(number),
            (None, Some(number)) => KeptValue::Signed(number),
            (None, None) => KeptValue::Float(number.as_f64()?),
        },
        Value::String(text) => KeptValue::Text(text.clone()),
        Value::Array(items) => {
            let depth = depth.checked_sub(1)?;
            KeptValue::List(items.iter().map(|item| keep(item, depth)).collect::<Option<_>>()?)
        }
        Value::Object(map) => KeptValue::Object(keep_object(map, depth)?),
    })
}

/// The depth was bounded when it was kept, and nobody else could have sealed it.
fn object(entries: Vec<(String, KeptValue)>) -> Option<Map<String, Value>> {
    entries.into_iter().map(|(name, kept)| Some((name, value(kept)?))).collect()
}

fn value(kept: KeptValue) -> Option<Value> {
    Some(match kept {
        KeptValue::Null => Value::Null,
        KeptValue::Bool(flag) => Value::Bool(flag),
        KeptValue::Unsigned(number) => Value::Number(number.into()),
        KeptValue::Signed(number) => Value::Number(number.into()),
        KeptValue::Float(number) => Value::Number(Number::from_f64(number)?),
        KeptValue::Text(text) => Value::String(text),
        KeptValue::List(items) => {
            Value::Array(items.into_iter().map(value).collect::<Option<_>>()?)
        }
        KeptValue::Object(entries) => Value::Object(object(entries)?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{PAYLOAD_DEPTH_MAX, keep_object, object};

    fn round_trip(map: &Map<String, Value>) -> Option<Map<String, Value>> {
        let bytes = postcard::to_stdvec(&keep_object(map, PAYLOAD_DEPTH_MAX)?).unwrap();
        object(postcard::from_bytes(&bytes).unwrap())
    }

    #[test]
    fn every_bit_of_a_payload_comes_back() {
        let payload = json!({
            "max": u64::MAX, "min": i64::MIN, "float": 0.1 + 0.2, "tiny": f64::MIN_POSITIVE,
            "deep": [null, true, {"text": "ä\u{202e}", "list": []}],
        });
        let payload = payload.as_object().unwrap();
        let again = round_trip(payload).unwrap();
        assert_eq!(again, *payload);
        assert_eq!(
            again["float"].as_f64().unwrap().to_bits(),
            payload["float"].as_f64().unwrap().to_bits()
        );
    }

    #[test]
    fn a_payload_nested_past_the_bound_is_refused() {
        let mut deep = json!({});
        for _ in 0..PAYLOAD_DEPTH_MAX {
            deep = json!({ "a": deep });
        }
        assert!(round_trip(deep.as_object().unwrap()).is_none());
    }
}
