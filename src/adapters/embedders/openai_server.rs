//! One request to an embedding server, until it is answered or given up.
//!
//! Tried again: 429, 5xx, time-outs, broken connections. Not tried again: any other refusal, and an answer
//! that is wrong. Nothing that the server says is repeated in an error: it may echo the text that it was
//! sent.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, StatusCode, Url};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::openai::Options;
use super::openai_answer::{self, Answer};
use crate::adapters::outbound;
use crate::domain::limits::{EMBED_PAUSE_MS_MAX, EMBED_PAUSE_MS_MIN};
use crate::pipeline::ports::{EmbedError, Usage};

/// A server, and what was asked of it.
#[derive(Debug)]
pub(super) struct Server {
    client: Client,
    name: String,
    url: Url,
    model: String,
    dimensions: u32,
    send_dimensions: bool,
    base64: bool,
    timeout: Duration,
    attempts: u64,
    price_micros: Option<u64>,
    room: Semaphore,
    /// The last request was given up: the next ones are tried once, so that a folder of documents does
    /// not wait for each of them in turn.
    ailing: AtomicBool,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    texts: AtomicU64,
    tokens: AtomicU64,
    requests: AtomicU64,
    retries: AtomicU64,
    failures: AtomicU64,
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: &'a [String],
    encoding_format: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
}

/// Why a try came to nothing.
enum Failure {
    /// Another may come to more; the server may say after what time.
    Again(String, Option<Duration>),
    Final(String),
}

impl Server {
    pub(super) fn new(client: Client, options: &Options) -> Self {
        let mut url = options.base_url.clone();
        url.set_path(&format!("{}/embeddings", url.path().trim_end_matches('/')));
        Self {
            client,
            name: options.name.to_string(),
            url,
            model: options.model.clone(),
            dimensions: options.dimensions,
            send_dimensions: options.send_dimensions,
            base64: options.base64,
            timeout: options.timeout,
            attempts: options.attempts.max(1),
            price_micros: options.price_micros,
            room: Semaphore::new(options.concurrent.max(1)),
            ailing: AtomicBool::new(false),
            counters: Counters::default(),
        }
    }

    /// Vectors of texts, in order, or why there are none by then.
    pub(super) async fn vectors(
        &self,
        texts: Vec<String>,
        until: Instant,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let late = || self.error("there was no room for the request in time");
        let room = timeout_at(until, self.room.acquire()).await.map_err(|_| late())?;
        let _room = room.map_err(|_| late())?;
        let request = Request {
            model: &self.model,
            input: &texts,
            encoding_format: if self.base64 { "base64" } else { "float" },
            dimensions: self.send_dimensions.then_some(self.dimensions),
        };
        let body = serde_json::to_vec(&request).map_err(|_| self.error("no request was made"))?;
        let answer = self.tried(body, texts.len(), until).await;
        // What would go on to fail is not waited for by everybody who comes next.
        self.ailing.store(matches!(answer, Err(Failure::Again(..))), Ordering::Relaxed);
        match answer {
            Ok(Answer { vectors, tokens }) => {
                add(&self.counters.texts, texts.len() as u64);
                add(&self.counters.tokens, tokens);
                Ok(vectors)
            }
            Err(Failure::Again(why, _) | Failure::Final(why)) => {
                add(&self.counters.failures, 1);
                Err(self.error(&why))
            }
        }
    }

    async fn tried(&self, body: Vec<u8>, texts: usize, until: Instant) -> Result<Answer, Failure> {
        let attempts = if self.ailing.load(Ordering::Relaxed) { 1 } else { self.attempts };
        let mut attempt = 1;
        loop {
            add(&self.counters.requests, 1);
            add(&self.counters.retries, u64::from(attempt > 1));
            let late = || Failure::Again("it did not answer in time".to_owned(), None);
            let answer = timeout_at(until, self.once(body.clone(), texts)).await;
            let (why, asked) = match answer.unwrap_or_else(|_| Err(late())) {
                Err(Failure::Again(why, asked)) => (why, asked),
                ended => return ended,
            };
            let own = outbound::pause(attempt, EMBED_PAUSE_MS_MIN, EMBED_PAUSE_MS_MAX);
            let pause = asked.unwrap_or_default().max(own);
            let bound = Duration::from_millis(EMBED_PAUSE_MS_MAX);
            if attempt >= attempts || pause > bound || Instant::now() + pause >= until {
                return Err(Failure::Again(why, asked));
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    async fn once(&self, body: Vec<u8>, texts: usize) -> Result<Answer, Failure> {
        let request = self.client.post(self.url.clone());
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let sent = request.timeout(self.timeout).send().await;
        let response = sent.map_err(|error| self.lost(&error))?;
        let status = response.status();
        if !status.is_success() {
            let why = format!("it answered with status {}", status.as_u16());
            let again = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
            return Err(match again {
                true => Failure::Again(why, outbound::retry_after(response.headers())),
                false => Failure::Final(why),
            });
        }
        let dimensions = usize::try_from(self.dimensions).unwrap_or(usize::MAX);
        let bytes = self.bounded(response, openai_answer::bytes_max(texts, dimensions)).await?;
        openai_answer::parse(&bytes, texts, dimensions)
            .map_err(|why| Failure::Final(format!("its answer is wrong: {why}")))
    }

    async fn bounded(&self, mut response: Response, most: usize) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.lost(&error))? {
            if bytes.len() + part.len() > most {
                return Err(Failure::Final(format!("its answer has more than {most} bytes")));
            }
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }

    fn lost(&self, error: &reqwest::Error) -> Failure {
        let why = if error.is_timeout() {
            format!("it did not answer within {} ms", self.timeout.as_millis())
        } else if error.is_connect() {
            "it could not be reached".to_owned()
        } else {
            "the connection broke off".to_owned()
        };
        Failure::Again(why, None)
    }

    fn error(&self, why: &str) -> EmbedError {
        EmbedError { detail: format!("`{}`: {why}", self.name) }
    }

    pub(super) fn usage(&self) -> Usage {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let tokens = read(&self.counters.tokens);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let cost = |micros: u64| tokens as f64 / 1e6 * (micros as f64 / 1e6);
        Usage {
            texts: read(&self.counters.texts),
            tokens,
            requests: read(&self.counters.requests),
            retries: read(&self.counters.retries),
            failures: read(&self.counters.failures),
            cost: self.price_micros.map(cost),
        }
    }
}

/// What the server says is counted without wrapping.
fn add(counter: &AtomicU64, count: u64) {
    let sum = |before: u64| Some(before.saturating_add(count));
    // The closure never declines.
    let _ = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum);
}
