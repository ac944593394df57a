//! A judge on a server: a chat model or a text classifier.
//!
//! Lets through on purpose: the server reads every passage that it judges, and may say anything. The pipeline
//! hands over passages of documents that the local verdict lets through, up to `label_max`, and nothing else; the
//! answer makes a finding milder by one step at most, and none of severity `high`.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use super::budget::Budget;
use super::exchange::Exchange;
use super::{chat, classification};
use crate::adapters::outbound::{self, OutboundError};
use crate::domain::access::Label;
use crate::domain::digest::Digest;
use crate::domain::grey::Probability;
use crate::pipeline::ports::{Judge, JudgeError};

/// What kind of server it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `POST {url}/chat/completions` as OpenAI's.
    OpenAiChat {
        /// The model's name at the server.
        model: String,
    },
    /// `POST {url}` as Hugging Face's text classification.
    TextClassification {
        /// What it is called in findings, and tells it from another model.
        model: String,
        /// Labels that count as an injection.
        positive: Vec<String>,
    },
}

/// What an administrator says of a server.
#[derive(Clone)]
pub struct Options {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub url: Url,
    /// What the server wants to see.
    pub key: Option<Zeroizing<String>>,
    /// The highest label of a document whose passages may be sent.
    pub label_max: Label,
    /// Wait for one answer.
    pub time_out: Duration,
    /// Tries after the first.
    pub retries: u64,
    /// Calls at once.
    pub concurrent: usize,
    /// Calls in an hour, tries among them.
    pub calls_per_hour_max: u64,
    /// Bytes of requests in an hour.
    pub bytes_per_hour_max: u64,
    /// Certificates to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The judge.
#[derive(Debug)]
pub struct HttpJudge {
    kind: Kind,
    label_max: Label,
    exchange: Exchange,
}

impl HttpJudge {
    /// Makes it; nothing is sent yet.
    pub fn new(options: &Options) -> Result<Self, OutboundError> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &options.key {
            let bearer = Zeroizing::new(format!("Bearer {}", key.as_str()));
            let refuse = |_| OutboundError::Header { what: "the judge's key" };
            let mut value = HeaderValue::from_str(&bearer).map_err(refuse)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = outbound::client(headers, options.ca_file.as_deref())?;
        let mut url = options.url.clone();
        if matches!(options.kind, Kind::OpenAiChat { .. }) {
            url.set_path(&format!("{}/chat/completions", url.path().trim_end_matches('/')));
        }
        let budget = Budget::new(options.calls_per_hour_max, options.bytes_per_hour_max);
        let Options { time_out, retries, concurrent, .. } = *options;
        Ok(Self {
            kind: options.kind.clone(),
            label_max: options.label_max,
            exchange: Exchange::new(client, url, time_out, retries, concurrent, budget),
        })
    }

    async fn one(&self, passage: &str) -> Result<Probability, JudgeError> {
        let refuse = |detail: String| JudgeError { detail };
        let no_request = || refuse("no request could be made".to_owned());
        let body = match &self.kind {
            Kind::OpenAiChat { model } => {
                let mut random = [0; 16];
                getrandom::fill(&mut random).map_err(|_| no_request())?;
                chat::request(model, passage, random)
            }
            Kind::TextClassification { .. } => classification::request(passage),
        };
        let answer = self.exchange.ask(body.ok_or_else(no_request)?).await.map_err(refuse)?;
        let read = match &self.kind {
            Kind::OpenAiChat { .. } => chat::parse(&answer),
            Kind::TextClassification { positive, .. } => classification::parse(&answer, positive),
        };
        read.map_err(|why| refuse(format!("its answer is wrong: {why}")))
    }
}

#[async_trait]
impl Judge for HttpJudge {
    fn name(&self) -> &str {
        match &self.kind {
            Kind::OpenAiChat { model } | Kind::TextClassification { model, .. } => model,
        }
    }

    /// The model, and not the address: another server of the same model may take over.
    fn digest(&self) -> Digest {
        let label = self.label_max.name().as_bytes();
        let mut parts: Vec<&[u8]> = vec![b"alnage-judge-http-1", label];
        match &self.kind {
            Kind::OpenAiChat { model } => {
                parts.extend([b"openai-chat", model.as_bytes(), chat::ORDER.as_bytes()]);
            }
            Kind::TextClassification { model, positive } => {
                parts.extend([b"text-classification".as_slice(), model.as_bytes()]);
                parts.extend(positive.iter().map(|label| label.as_bytes()));
            }
        }
        Digest::of_parts(parts)
    }

    fn label_max(&self) -> Option<Label> {
        Some(self.label_max)
    }

    async fn judge(&self, passages: &[&str]) -> Result<Vec<Probability>, JudgeError> {
        try_join_all(passages.iter().map(|passage| self.one(passage))).await
    }
}
