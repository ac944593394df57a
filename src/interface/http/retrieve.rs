//! `/v1/retrieve`: what this caller may read about a question, with citations.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asking::Asking;
use super::body::Json;
use super::chunks::VectorBody;
use super::model::{default_name, parse};
use super::problem::{Problem, Refusals};
use super::service::Service;
use crate::domain::filter::Filter;
use crate::domain::limits::CALLER_CHANGES_MAX;
use crate::domain::source::Collection;
use crate::domain::vector::Vector;
use crate::pipeline::ask::{Ask, SearchMode};
use crate::pipeline::error::GuardError;
use crate::pipeline::passage::Passage;
use crate::pipeline::retrieve::Question;
use crate::pipeline::spotlight::{Spotlight, Spotlit};

/// Passages when a question does not say how many.
const K: usize = 5;

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Where to search.
    #[serde(default = "default_name")]
    collection: String,
    /// The question; it may be left out where a vector is given.
    text: Option<String>,
    /// By what the text is searched: `lexical`, `dense` or `hybrid`; by all that the collection's embedder
    /// makes when not said. Not together with a vector.
    mode: Option<String>,
    /// A vector that the application has made; with a text both are searched and fused.
    vector: Option<VectorBody>,
    /// Name of the collection's vector that it is compared with.
    using: Option<String>,
    /// What the metadata must be like, in Qdrant's form: `must`, `should`, `must_not` of conditions on `key`
    /// with `match` or `range`, `is_empty`, `is_null`, and filters in them.
    #[schema(value_type = Option<Object>)]
    filter: Option<serde_json::Value>,
    /// How many passages at most.
    #[schema(minimum = 1, maximum = 100)]
    k: Option<usize>,
    /// Whether each passage comes with its stamp.
    #[serde(default)]
    with_stamp: bool,
    /// Also gives the passages wrapped for a prompt.
    spotlight: Option<Wrapping>,
}

/// How a model is to tell passages from its instructions.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Wrapping {
    /// Between lines that bear a marker of this answer alone.
    Delimited,
    /// With a mark of this answer alone in place of every space.
    Datamarked,
    /// Encoded, so that no word of a passage stands in the prompt.
    Base64,
}

impl From<Wrapping> for Spotlight {
    fn from(wrapping: Wrapping) -> Self {
        match wrapping {
            Wrapping::Delimited => Self::Delimited,
            Wrapping::Datamarked => Self::Datamarked,
            Wrapping::Base64 => Self::Base64,
        }
    }
}

impl Asked {
    fn question<'a>(
        &'a self,
        asking: &'a Asking,
        collection: &'a Collection,
        given: Option<&'a Vector>,
    ) -> Result<Question<'a>, Problem> {
        let missing = |field: &str, what: &str| Err(Problem::field(field, what));
        let mode: Option<SearchMode> = match &self.mode {
            Some(mode) => Some(parse(mode, "mode")?),
            None => None,
        };
        let ask = match (self.text.as_deref(), given, self.using.as_deref()) {
            (Some(text), None, None) => Ask::Text { text, mode },
            (_, Some(_), _) if mode.is_some() => {
                return missing("mode", "a mode is for a text alone");
            }
            (None, Some(vector), Some(using)) => Ask::Vector { using, vector },
            (Some(text), Some(vector), Some(using)) => Ask::Both { text, using, vector },
            (None, None, None) => return missing("text", "a text, or `vector` with `using`"),
            (_, Some(_), None) => return missing("using", "the name of the vector"),
            (_, None, Some(_)) => return missing("vector", "a vector for `using`"),
        };
        let filter = self.filter.as_ref().map(|filter| Filter::parse(filter, "filter")).transpose();
        let filter = filter.map_err(GuardError::from)?;
        let k = self.k.unwrap_or(K);
        let with_stamp = self.with_stamp;
        let Asking { caller, purpose, view_as, .. } = asking;
        let (view_as, purpose) = (*view_as, purpose.as_ref());
        Ok(Question { caller, view_as, purpose, collection, ask, filter, k, with_stamp })
    }
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answered {
    passages: Vec<PassageBody>,
    /// The passages for a prompt, where they were asked for so.
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<PromptBody>,
}

/// Passages for a prompt, and what the model is to be told of them.
#[derive(Debug, Serialize, ToSchema)]
struct PromptBody {
    /// The marker or mark.
    marker: String,
    /// For the system prompt.
    instruction: String,
    /// The passages with their citations.
    text: String,
}

impl From<Spotlit> for PromptBody {
    fn from(spotlit: Spotlit) -> Self {
        let Spotlit { marker, instruction, text } = spotlit;
        Self { marker, instruction, text }
    }
}

/// One passage.
#[derive(Debug, Serialize, ToSchema)]
struct PassageBody {
    /// The chunk's text.
    text: String,
    /// Comparable within one answer only; not there where the key is told none.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    /// The point.
    point: String,
    /// The chunk.
    chunk: String,
    /// Which secrets or personal data it holds, or held before they were masked: `secret`,
    /// `personal-data`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sensitive: Vec<String>,
    /// What was given with the document or the chunk.
    #[schema(value_type = Object)]
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    metadata: serde_json::Map<String, serde_json::Value>,
    citation: CitationBody,
    /// Whether marks stand in place of secrets or personal data that the caller is not cleared for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
    /// The stamp, on request; not of a passage that is masked.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    stamp: Option<serde_json::Value>,
}

/// Where a passage comes from, as its stamp says.
#[derive(Debug, Serialize, ToSchema)]
struct CitationBody {
    /// Path or URI in the source.
    uri: String,
    /// Name of the source.
    source: String,
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
            score: Some(passage.score),
            point: passage.point.to_string(),
            chunk: passage.chunk.to_string(),
            sensitive: passage.sensitive,
            metadata: passage.metadata,
            masked: passage.masked,
            stamp: passage.stamp,
            citation: CitationBody {
                uri: citation.uri,
                source: citation.source,
                title: citation.title,
                place: citation.place,
                headings: citation.headings,
                document: citation.document.to_string(),
                revision: citation.revision.to_string(),
                file_sha256: citation.file_sha256.to_string(),
                basis: citation.basis.name(),
                sealed_at: citation.sealed_at.to_string(),
            },
        }
    }
}

/// Ask a question.
///
/// With the header `Alnage-User` or `Alnage-User-Token` a hit must be allowed for the application and for that
/// user; without them, for the application. A user's token in place of a key asks for that user alone, where its issuer is
/// configured so. Nothing in the answer tells what was withheld.
#[utoipa::path(post, path = "/v1/retrieve", tag = "retrieval", request_body = Asked,
    params(("Alnage-User" = Option<String>, Header, description = "the end user for whom the application asks"),
        ("Alnage-User-Token" = Option<String>, Header, description = "the end user's own token (JWT) of a configured issuer, in place of the name"),
        ("Alnage-View-As" = Option<String>, Header, description = "the user as whom a key with the role admin as well looks, up to its own clearance; on record"),
        ("Alnage-Purpose" = Option<String>, Header, description = "what the application asks for, where access policies want to know it")),
    responses((status = 200, body = Answered), Refusals))]
pub(super) async fn retrieve(
    mut asking: Asking,
    State(service): State<Service>,
    Json(mut asked, _room): Json<Asked>,
) -> Result<Answer<Answered>, Problem> {
    let collection = asking.collection(&parse(&asked.collection, "collection")?).await?;
    let _place = service.gates.retrieve.enter().await?;
    let vector = asked.vector.take().map(|vector| vector.vector("vector")).transpose()?;
    let present = Arc::clone(&asking.present);
    let guard = &present.guard;
    let mut attempts = 0;
    let passages = loop {
        let question = asked.question(&asking, &collection, vector.as_ref())?;
        match guard.retrieve(&question).await {
            Err(GuardError::CallerChanged) if attempts < CALLER_CHANGES_MAX => attempts += 1,
            answered => break answered?,
        }
        asking = asking.again().await?;
    };
    service.metrics.answered(passages.len());
    let spotlit = asked.spotlight.map(|how| guard.spotlit(&passages, how.into())).transpose()?;
    let scored = |passage| {
        let body = PassageBody::from(passage);
        if asking.tells_scores() { body } else { PassageBody { score: None, ..body } }
    };
    let passages = passages.into_iter().map(scored).collect();
    Ok(Answer(Answered { passages, prompt: spotlit.map(PromptBody::from) }))
}
