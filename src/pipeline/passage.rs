//! What an answer is made of.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::detect;
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::id::{ChunkId, DocumentId, PointId, RevisionId};
use crate::domain::retrieval::Cleared;
use crate::domain::stamp::TEXT_KEY;
use crate::domain::time::Timestamp;
use crate::domain::verdict::Basis;

use super::beside::masked_fields;
use super::given::{OWN_KEYS, SENSITIVE_KEY};

/// One passage of an answer.
#[derive(Debug, Clone, Serialize)]
pub struct Passage {
    /// The chunk's text.
    pub text: String,
    /// How alike it and the question are, or the sum of reciprocal ranks where several searches were fused;
    /// comparable within one answer only.
    pub score: f32,
    /// The point.
    pub point: PointId,
    /// The chunk.
    pub chunk: ChunkId,
    /// Which secrets or personal data it holds, or held before they were masked: `secret`,
    /// `personal-data`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    /// What was given with the document or the chunk.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// Where it comes from.
    pub citation: Citation,
    /// Whether marks stand in place of secrets or personal data that the caller is not cleared for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
    /// The stamp, on request: opaque here, and checked by whoever has the public key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Value>,
}

/// Where a passage comes from, as its stamp says.
#[derive(Debug, Clone, Serialize)]
pub struct Citation {
    /// Path or URI in the source.
    pub uri: String,
    /// Name of the source.
    pub source: String,
    /// The document's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where in the file.
    pub place: String,
    /// The headings above it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// The document.
    pub document: DocumentId,
    /// The revision.
    pub revision: RevisionId,
    /// SHA-256 of the file.
    pub file_sha256: Digest,
    /// On what ground it was admitted.
    pub basis: Basis,
    /// When it was sealed, RFC 3339.
    #[serde(serialize_with = "rfc_3339")]
    pub sealed_at: Timestamp,
}

impl Passage {
    /// What a cleared hit says, with or without its stamp.
    pub(super) fn of(cleared: Cleared, with_stamp: bool) -> Self {
        let (point, score) = (cleared.point(), cleared.score());
        let (payload, stamp, opened) = cleared.into_parts();
        let origin = &opened.origin;
        let [mut text, mut title, mut source, mut place]: [Option<String>; 4] = Default::default();
        let (mut headings, mut sensitive, mut metadata) = (Vec::new(), Vec::new(), Map::new());
        // Once through: to look for each key would hash it for every hit of every question.
        for (key, value) in payload {
            match key.as_str() {
                TEXT_KEY => text = words(value),
                "title" => title = words(value),
                "source" => source = words(value),
                "place" => place = words(value),
                "headings" => headings = texts(value),
                SENSITIVE_KEY => sensitive = texts(value),
                key if OWN_KEYS.contains(&key) => {}
                _ => {
                    metadata.insert(key, value);
                }
            }
        }
        Self {
            text: text.unwrap_or_default(),
            score,
            point,
            chunk: origin.chunk,
            sensitive,
            metadata,
            citation: Citation {
                uri: origin.uri.clone(),
                source: source.unwrap_or_default(),
                title,
                place: place.unwrap_or_default(),
                headings,
                document: origin.document,
                revision: origin.revision,
                file_sha256: origin.file,
                basis: origin.basis,
                sealed_at: origin.sealed_at,
            },
            masked: false,
            stamp: with_stamp.then_some(stamp),
        }
    }

    /// With a mark in place of every secret and every piece of personal data that the detectors know. The stamp is
    /// of the whole text, and goes.
    #[must_use]
    pub(super) fn masked(self) -> Self {
        let goes = |_: &Finding| true;
        let mask = |text: &str| detect::masked(text, &goes);
        let whole = |text: &String| mask(text).unwrap_or_else(|| text.clone());
        let citation = Citation {
            title: self.citation.title.as_ref().map(whole),
            headings: self.citation.headings.iter().map(whole).collect(),
            ..self.citation.clone()
        };
        let (text, metadata) = (whole(&self.text), masked_fields(&self.metadata, &goes));
        let is_whole = text == self.text
            && metadata == self.metadata
            && citation.title == self.citation.title
            && citation.headings == self.citation.headings;
        match is_whole {
            true => self,
            false => Self { text, metadata, citation, masked: true, stamp: None, ..self },
        }
    }
}

/// The texts of a list in a payload.
fn texts(value: Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.into_iter().filter_map(words).collect(),
        _ => Vec::new(),
    }
}

fn words(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn rfc_3339<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}
