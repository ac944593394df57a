//! `/v1/retrieve`: what this caller may read about a question, with citations.

use axum::Json as Answer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::allowed::{Allowed, Retrieves};
use super::body::Json;
use super::model::{default_name, parse};
use super::problem::{Problem, Refusals};
use super::service::Service;
use crate::pipeline::retrieve::{Passage, Question};

/// Passages when a question does not say how many.
const K: usize = 5;

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Where to search.
    #[serde(default = "default_name")]
    collection: String,
    /// The question.
    text: String,
    /// How many passages at most.
    #[schema(minimum = 1, maximum = 100)]
    k: Option<usize>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answered {
    passages: Vec<PassageBody>,
}

/// One passage.
#[derive(Debug, Serialize, ToSchema)]
struct PassageBody {
    /// The chunk's text.
    text: String,
    /// Comparable within one answer only.
    score: f32,
    citation: CitationBody,
}

/// Where a passage comes from, as its stamp says.
#[derive(Debug, Serialize, ToSchema)]
struct CitationBody {
    /// Path or URI in the source.
    uri: String,
    /// The document's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Where in the file.
    place: String,
    /// The headings above it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    headings: Vec<String>,
    /// The document.
    document: String,
    /// The revision.
    revision: String,
    /// SHA-256 of the file.
    file_sha256: String,
    /// On what ground it was admitted.
    basis: &'static str,
    /// When it was sealed, RFC 3339.
    sealed_at: String,
}

impl From<Passage> for PassageBody {
    fn from(passage: Passage) -> Self {
        let citation = passage.citation;
        Self {
            text: passage.text,
            score: passage.score,
            citation: CitationBody {
                uri: citation.uri,
                title: citation.title,
                place: citation.place,
                headings: citation.headings,
                document: citation.document.to_string(),
                revision: citation.revision.to_string(),
                file_sha256: citation.file_sha256,
                basis: citation.basis.name(),
                sealed_at: citation.sealed_at,
            },
        }
    }
}

/// Ask a question.
///
/// With the header `Alnage-User` a hit must be allowed for the application and for that user; without
/// it, for the application. Nothing in the answer tells what was withheld.
#[utoipa::path(post, path = "/v1/retrieve", tag = "retrieval", request_body = Asked,
    params(("Alnage-User" = Option<String>, Header, description = "the end user for whom the application asks")),
    responses((status = 200, body = Answered), Refusals))]
pub(super) async fn retrieve(
    allowed: Allowed<Retrieves>,
    State(service): State<Service>,
    Json(asked, _room): Json<Asked>,
) -> Result<Answer<Answered>, Problem> {
    let caller = allowed.caller()?;
    let collection = allowed.collection(&parse(&asked.collection, "collection")?).await?;
    let _place = service.gates.retrieve.enter().await?;
    let question = Question {
        caller: &caller,
        view_as: false,
        collection: &collection,
        text: &asked.text,
        k: asked.k.unwrap_or(K),
    };
    let passages = allowed.present.guard.retrieve(&question).await?;
    service.metrics.answered(passages.len());
    Ok(Answer(Answered { passages: passages.into_iter().map(PassageBody::from).collect() }))
}
