//! `openai`: any server that answers `POST {base_url}/embeddings` as OpenAI's does.
//!
//! Each text gets two vectors: `dense`, which the server makes, and `lexical`, which is made here, so that
//! both ways of searching and their fusion work. A question goes to the server only for the first.
//!
//! Lets through on purpose: the server reads every text that it embeds, and may give vectors that do not
//! belong to them. The pipeline hands over admitted text up to `label_max` and nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use tokio::task::JoinSet;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::lexical::{self, LexicalEmbedder};
use super::openai_server::Server;
use crate::adapters::outbound::{self, OutboundError};
use crate::domain::access::Label;
use crate::domain::digest::Digest;
use crate::domain::limits::{EMBED_DOCUMENT_MS_MAX, EMBED_QUESTION_MS_MAX};
use crate::domain::source::{EmbedderIdentity, Name};
use crate::domain::vector::{Vector, VectorShape, Vectors};
use crate::pipeline::ports::{EmbedError, Embedder, Usage};

/// The name of the server's vector.
pub const DENSE: &str = "dense";

/// What an administrator says of a server.
#[derive(Clone)]
pub struct Options {
    /// What collections are made with.
    pub name: Name,
    /// Where it is, without `/embeddings`.
    pub base_url: Url,
    /// The model's name at the server.
    pub model: String,
    /// What its vectors have.
    pub dimensions: u32,
    /// What the server wants to see.
    pub key: Option<Zeroizing<String>>,
    /// The highest label of a text that may be sent.
    pub label_max: Label,
    /// Texts in one request.
    pub batch_texts: usize,
    /// Bytes of text in one request; a text above it goes alone.
    pub batch_bytes: usize,
    /// Wait for one answer.
    pub timeout: Duration,
    /// Times that one request is tried.
    pub attempts: u64,
    /// Requests at once.
    pub concurrent: usize,
    /// Whether the request names the dimensions.
    pub send_dimensions: bool,
    /// Whether numbers are asked for in base64.
    pub base64: bool,
    /// Certificates to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// What a million tokens cost, in millionths of a currency.
    pub price_micros: Option<u64>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("name", &self.name).field("model", &self.model).finish()
    }
}

/// The embedder.
#[derive(Debug)]
pub struct OpenAiEmbedder {
    model: String,
    dimensions: u32,
    label_max: Label,
    batch_texts: usize,
    batch_bytes: usize,
    server: Arc<Server>,
}

impl OpenAiEmbedder {
    /// Makes it; nothing is sent yet.
    pub fn new(options: &Options) -> Result<Self, OutboundError> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &options.key {
            let bearer = Zeroizing::new(format!("Bearer {}", key.as_str()));
            let refuse = |_| OutboundError::Header { what: "the embedder's key" };
            let mut value = HeaderValue::from_str(&bearer).map_err(refuse)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = outbound::client(headers, options.ca_file.as_deref())?;
        Ok(Self {
            model: options.model.clone(),
            dimensions: options.dimensions,
            label_max: options.label_max,
            batch_texts: options.batch_texts.max(1),
            batch_bytes: options.batch_bytes,
            server: Arc::new(Server::new(client, options)),
        })
    }

    /// The server's vectors of texts, in order. Batches go out side by side; one that is given up ends the
    /// others.
    async fn dense(&self, texts: &[&str], wait: Duration) -> Result<Vec<Vec<f32>>, EmbedError> {
        let until = Instant::now() + wait;
        let mut tasks = JoinSet::new();
        for (number, batch) in self.batches(texts).into_iter().enumerate() {
            let server = Arc::clone(&self.server);
            tasks.spawn(async move { (number, server.vectors(batch, until).await) });
        }
        let mut done = BTreeMap::new();
        while let Some(task) = tasks.join_next().await {
            let (number, vectors) =
                task.map_err(|_| EmbedError { detail: "a request was lost".to_owned() })?;
            done.insert(number, vectors?);
        }
        Ok(done.into_values().flatten().collect())
    }

    fn batches(&self, texts: &[&str]) -> Vec<Vec<String>> {
        let mut batches: Vec<Vec<String>> = Vec::new();
        let mut bytes = 0_usize;
        for text in texts {
            bytes = bytes.saturating_add(text.len());
            match batches.last_mut() {
                Some(batch) if batch.len() < self.batch_texts && bytes <= self.batch_bytes => {
                    batch.push((*text).to_owned());
                }
                Some(_) | None => {
                    bytes = text.len();
                    batches.push(vec![(*text).to_owned()]);
                }
            }
        }
        batches
    }
}

#[async_trait]
impl Embedder for OpenAiEmbedder {
    /// The model is the identity, and not the address: another server of the same model may take over.
    fn identity(&self) -> EmbedderIdentity {
        let lexical = LexicalEmbedder.identity();
        let dimensions = self.dimensions.to_string();
        let parts = [b"openai", self.model.as_bytes(), dimensions.as_bytes(), &lexical.digest.0];
        EmbedderIdentity { name: self.model.clone(), digest: Digest::of_parts(parts) }
    }

    fn shapes(&self) -> BTreeMap<String, VectorShape> {
        let dense = VectorShape::Dense { dimensions: self.dimensions };
        let mut shapes = LexicalEmbedder.shapes();
        shapes.insert(DENSE.to_owned(), dense);
        shapes
    }

    async fn embed(&self, texts: &[&str]) -> Result<Vec<Vectors>, EmbedError> {
        let wait = Duration::from_millis(EMBED_DOCUMENT_MS_MAX);
        let mut vectors = LexicalEmbedder.embed(texts).await?;
        let dense = self.dense(texts, wait).await?;
        for (vectors, dense) in vectors.iter_mut().zip(dense) {
            vectors.insert(DENSE.to_owned(), Vector::Dense(dense));
        }
        Ok(vectors)
    }

    async fn embed_question(&self, question: &str, using: &str) -> Result<Vector, EmbedError> {
        match using {
            lexical::NAME => LexicalEmbedder.embed_question(question, using).await,
            DENSE => {
                let wait = Duration::from_millis(EMBED_QUESTION_MS_MAX);
                let vector = self.dense(&[question], wait).await?.into_iter().next();
                let nothing = || EmbedError { detail: "a question without a vector".to_owned() };
                Ok(Vector::Dense(vector.ok_or_else(nothing)?))
            }
            _ => Err(EmbedError { detail: "it makes no vector of this name".to_owned() }),
        }
    }

    fn label_max(&self) -> Option<Label> {
        Some(self.label_max)
    }

    fn usage(&self) -> Option<Usage> {
        Some(self.server.usage())
    }
}
