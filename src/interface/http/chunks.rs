//! `/v1/chunks`: what pipelines with a chunker and embedder of their own bring. Same scan, same decision,
//! same seal.

use std::collections::BTreeMap;
use std::fmt;

use axum::Json as Answer;
use axum::extract::State;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::allowed::{Allowed, Ingests};
use super::body::{Json, Parameters};
use super::documents::{Taking, settled};
use super::model::{Access, ReceiptBody, default_name, parse};
use super::problem::{Problem, ProblemBody, Refusals};
use super::service::Service;
use super::upload::check_uri;
use crate::domain::document::RawDocument;
use crate::domain::limits::{COMMIT_BATCH_DOCUMENTS, HTTP_JSON_BYTES_MAX};
use crate::domain::vector::Vector;
use crate::pipeline::given::{GivenChunk, bytes_of, check_chunks, check_metadata};
use crate::pipeline::receipt::{Intake, Item, Receipt};

/// Documents that another pipeline has cut.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChunkBatch {
    /// Where they come from.
    #[serde(default = "default_name")]
    source: String,
    /// Where they are searched.
    #[serde(default = "default_name")]
    collection: String,
    /// 1 to 32 documents.
    documents: Vec<CutDocument>,
}

/// A document in chunks. All of it is judged together, and each chunk alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CutDocument {
    /// Path or URI in the source: the same one again is a new revision.
    uri: String,
    /// Returned with every chunk.
    #[serde(default)]
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// Who may read it; within what the source gives.
    #[serde(default)]
    access: Option<Access>,
    /// Its chunks, in order.
    chunks: Vec<CutChunk>,
}

/// A chunk.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CutChunk {
    /// Its text: exactly what is scanned, embedded and returned.
    text: String,
    /// Returned with it, over the document's own.
    #[serde(default)]
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// Vectors that the pipeline has made, by the names that the collection gives them.
    #[serde(default)]
    vectors: BTreeMap<String, VectorBody>,
}

/// A vector: dense as a list of numbers, sparse as indices and values.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum VectorBody {
    Dense(Vec<f32>),
    Sparse(SparseBody),
}

/// By what comes, without keeping it in between: a list of numbers is as large as its numbers.
impl<'de> Deserialize<'de> for VectorBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = VectorBody;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of numbers, or `indices` with `values`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<VectorBody, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(VectorBody::Dense)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<VectorBody, A::Error> {
                SparseBody::deserialize(MapAccessDeserializer::new(map)).map(VectorBody::Sparse)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// A sparse vector.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SparseBody {
    /// Term ids.
    indices: Vec<u32>,
    /// Their weights.
    values: Vec<f32>,
}

impl VectorBody {
    /// The vector; a sparse one in its canonical form.
    pub(super) fn vector(self, field: &str) -> Result<Vector, Problem> {
        match self {
            Self::Dense(values) => Ok(Vector::Dense(values)),
            Self::Sparse(SparseBody { indices, values }) if indices.len() == values.len() => {
                Ok(Vector::sparse(indices.into_iter().zip(values)))
            }
            Self::Sparse(_) => Err(Problem::field(field, "as many values as indices")),
        }
    }
}

/// What became of each document, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChunkAnswer {
    results: Vec<ChunkResult>,
}

/// A receipt, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ChunkResult {
    Receipt(ReceiptBody),
    Problem(ProblemBody),
}

/// Take documents in that another pipeline has cut into chunks.
///
/// Each document is answered for itself: one that is refused does not hold up the others.
#[utoipa::path(post, path = "/v1/chunks", tag = "documents", params(Taking), request_body = ChunkBatch,
    responses((status = 200, body = ChunkAnswer), Refusals))]
pub(super) async fn take_in(
    allowed: Allowed<Ingests>,
    Parameters(taking): Parameters<Taking>,
    State(service): State<Service>,
    Json(batch, _room): Json<ChunkBatch, HTTP_JSON_BYTES_MAX>,
) -> Result<Answer<ChunkAnswer>, Problem> {
    let count = batch.documents.len();
    if !(1..=COMMIT_BATCH_DOCUMENTS).contains(&count) {
        return Err(Problem::field(
            "documents",
            format!("1 to {COMMIT_BATCH_DOCUMENTS} documents"),
        ));
    }
    let source = allowed.source(&parse(&batch.source, "source")?).await?;
    let collection = allowed.collection(&parse(&batch.collection, "collection")?).await?;
    let documents = batch.documents.into_iter().enumerate();
    let items: Vec<Item> = documents
        .map(|(index, document)| document.item(&format!("documents[{index}]")))
        .collect::<Result<_, _>>()?;
    let _place = service.gates.ingest.enter().await?;
    let intake = Intake { source, collection, actor: allowed.app.actor() };
    let answers = allowed.present.guard.stage(&intake, items).await?;
    let (mut receipts, mut problems) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Ok(receipt) => {
                receipts.push(receipt);
                problems.push(None);
            }
            Err(error) => problems.push(Some(Problem::from(error))),
        }
    }
    // Where nothing at all was taken in because of the service, it is its answer.
    if receipts.is_empty()
        && let Some(Some(problem)) =
            problems.iter().find(|one| one.as_ref().is_some_and(Problem::is_ours))
    {
        return Err(problem.clone());
    }
    settled(&service, &mut receipts, taking.wait).await;
    receipts.iter().for_each(|receipt| service.metrics.took_in(receipt));
    Ok(Answer(ChunkAnswer { results: in_order(&receipts, problems) }))
}

/// Receipts and problems in the order of the request.
fn in_order(receipts: &[Receipt], problems: Vec<Option<Problem>>) -> Vec<ChunkResult> {
    let mut receipts = receipts.iter();
    let result = |problem: Option<Problem>| match problem {
        Some(problem) => Some(ChunkResult::Problem(problem.into())),
        None => receipts.next().map(|receipt| ChunkResult::Receipt(ReceiptBody::from(receipt))),
    };
    problems.into_iter().filter_map(result).collect()
}

impl CutDocument {
    fn item(self, field: &str) -> Result<Item, Problem> {
        check_uri(&self.uri, &format!("{field}.uri"))?;
        check_metadata(&self.metadata, &format!("{field}.metadata"))?;
        let access = self.access.as_ref().map(|list| list.list(&format!("{field}.access")));
        let access = access.transpose()?;
        let mut chunks = Vec::with_capacity(self.chunks.len());
        for (index, chunk) in self.chunks.into_iter().enumerate() {
            let under = format!("{field}.chunks[{index}].vectors");
            let vectors = chunk.vectors.into_iter().map(|(name, vector)| {
                let vector = vector.vector(&format!("{under}.{name}"))?;
                Ok::<_, Problem>((name, vector))
            });
            let vectors = vectors.collect::<Result<_, _>>()?;
            chunks.push(GivenChunk { text: chunk.text, metadata: chunk.metadata, vectors });
        }
        check_chunks(&chunks, &format!("{field}.chunks"))?;
        let raw = RawDocument { uri: self.uri, declared: None, bytes: bytes_of(&chunks) };
        Ok(Item { metadata: self.metadata, given: Some(chunks), ..Item::file(raw, access) })
    }
}
