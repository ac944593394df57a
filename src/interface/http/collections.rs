//! `/v1/collections`: where chunks are searched.

use std::collections::BTreeMap;

use axum::Json as Answer;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allowed::{Administers, Allowed, Lists};
use super::body::Json;
use super::model::parse;
use super::problem::{Problem, Refusals};
use crate::domain::source::Collection;
use crate::domain::vector::VectorShape;

/// A collection.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CollectionBody {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// What makes its vectors.
    embedder: String,
    /// Digest of everything that its vectors depend on.
    embedder_digest: String,
    /// Its named vectors: `sparse`, or the number of dimensions.
    vectors: BTreeMap<String, ShapeBody>,
}

/// What a collection keeps under a vector's name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ShapeBody {
    /// Cosine similarity.
    Dense {
        /// How many dimensions.
        dimensions: u32,
    },
    /// Dot product over term ids.
    Sparse {},
}

impl From<&Collection> for CollectionBody {
    fn from(collection: &Collection) -> Self {
        let shape = |shape: &VectorShape| match shape {
            VectorShape::Dense { dimensions } => ShapeBody::Dense { dimensions: *dimensions },
            VectorShape::Sparse => ShapeBody::Sparse {},
        };
        let vectors = collection.vectors.iter();
        Self {
            id: collection.id.to_string(),
            name: collection.name.to_string(),
            embedder: collection.embedder.name.clone(),
            embedder_digest: collection.embedder.digest.to_string(),
            vectors: vectors.map(|(name, one)| (name.clone(), shape(one))).collect(),
        }
    }
}

/// Collections.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CollectionList {
    collections: Vec<CollectionBody>,
}

/// A collection to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CollectionWanted {
    /// Lower-case letters, digits, `-`, `_`, `.`; unique in the workspace.
    name: String,
    /// `lexical`, or a name under `[embedders]` of the configuration.
    #[serde(default = "lexical")]
    embedder: String,
    /// Dense vectors that pipelines bring with every chunk: names, and how wide they are.
    #[serde(default)]
    dense: BTreeMap<String, u32>,
}

fn lexical() -> String {
    crate::adapters::embedders::lexical_name().to_string()
}

/// Collections that the key reaches.
#[utoipa::path(get, path = "/v1/collections", tag = "administration",
    responses((status = 200, body = CollectionList), Refusals))]
pub(super) async fn list(allowed: Allowed<Lists>) -> Result<Answer<CollectionList>, Problem> {
    let collections = allowed.collections().await?;
    let collections = collections.iter().map(CollectionBody::from).collect();
    Ok(Answer(CollectionList { collections }))
}

/// Make a collection.
#[utoipa::path(post, path = "/v1/collections", tag = "administration", request_body = CollectionWanted,
    responses((status = 201, body = CollectionBody), Refusals))]
pub(super) async fn create(
    allowed: Allowed<Administers>,
    Json(wanted, _room): Json<CollectionWanted>,
) -> Result<(StatusCode, Answer<CollectionBody>), Problem> {
    if allowed.app.key().collections.is_some() {
        let detail = "a key that is bound to some collections makes no others";
        return Err(Problem::forbidden("reach-refused", detail));
    }
    let name = parse(&wanted.name, "name")?;
    let embedder = parse(&wanted.embedder, "embedder")?;
    let mut given = BTreeMap::new();
    for (name, dimensions) in wanted.dense {
        given.insert(parse(&name, "dense")?, VectorShape::Dense { dimensions });
    }
    let actor = allowed.app.actor();
    let guard = &allowed.present.guard;
    let collection = guard.create_collection(name, &embedder, &given, &actor).await?;
    Ok((StatusCode::CREATED, Answer(CollectionBody::from(&collection))))
}
