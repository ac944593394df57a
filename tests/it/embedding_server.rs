//! A server that answers `POST /v1/embeddings` over real sockets: vectors of hashed words, a record of
//! everything that it was sent, and faults on demand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use serde_json::{Value, json};

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A status, with the text that was sent repeated in the body.
    Status(u16),
    /// 429 and the seconds to wait.
    Busy(u64),
    /// No answer for this long.
    Slow(u64),
    /// A vector less than texts.
    Short,
    /// A dimension less.
    Narrow,
    /// A null among the numbers.
    Null,
    /// Nothing but zeros.
    Zeros,
    /// Two vectors of one text.
    Twice,
    /// More bytes than vectors have.
    Huge,
    /// The connection ends within the answer.
    Cut,
    /// Another address.
    Redirect,
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) body: Value,
    pub(super) key: String,
}

impl Asked {
    pub(super) fn texts(&self) -> Vec<String> {
        let input = self.body["input"].as_array().unwrap();
        input.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }
}

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) faults: Mutex<VecDeque<Fault>>,
    asked: Mutex<Vec<Asked>>,
}

pub(super) struct EmbeddingServer {
    pub(super) url: String,
    pub(super) book: Arc<Book>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for EmbeddingServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) const DIMENSIONS: usize = 64;

impl EmbeddingServer {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let book = Arc::new(Book::default());
        let router =
            Router::new().route("/v1/embeddings", post(answer)).with_state(Arc::clone(&book));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, book, task }
    }

    pub(super) fn fail(&self, faults: &[Fault]) {
        self.book.faults.lock().unwrap().extend(faults);
    }

    /// Everything that was asked since the last call.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.book.asked.lock().unwrap())
    }

    /// Every text that was sent since the last call.
    pub(super) fn texts(&self) -> Vec<String> {
        self.asked().iter().flat_map(Asked::texts).collect()
    }
}

async fn answer(State(book): State<Arc<Book>>, headers: HeaderMap, body: String) -> Response<Body> {
    let body: Value = serde_json::from_str(&body).unwrap();
    let key = headers.get("authorization").map_or("", |key| key.to_str().unwrap()).to_owned();
    let asked = Asked { body, key };
    let texts = asked.texts();
    let base64 = asked.body["encoding_format"] == "base64";
    book.asked.lock().unwrap().push(asked);
    let fault = book.faults.lock().unwrap().pop_front();
    let mut vectors: Vec<Vec<f32>> = texts.iter().map(|text| vector(text)).collect();
    match fault {
        Some(Fault::Slow(millis)) => tokio::time::sleep(Duration::from_millis(millis)).await,
        Some(Fault::Short) => drop(vectors.pop()),
        Some(Fault::Narrow) => {
            vectors.iter_mut().for_each(|vector| vector.truncate(vector.len() - 1))
        }
        Some(Fault::Zeros) => vectors.iter_mut().for_each(|vector| vector.fill(0.0)),
        _ => {}
    }
    let entry = |(index, vector): (usize, &Vec<f32>)| {
        json!({
            "object": "embedding", "index": index,
            "embedding": if base64 { base64_of(vector) } else { json!(vector) },
        })
    };
    let mut data: Vec<Value> = vectors.iter().enumerate().map(entry).collect();
    match fault {
        Some(Fault::Null) => data[0]["embedding"][1] = Value::Null,
        Some(Fault::Twice) => data[0]["index"] = json!(data.len() - 1),
        _ => {}
    }
    let tokens: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
    let whole = json!({
        "object": "list", "model": "test", "data": data,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    });
    let mut whole = whole.to_string();
    let response = Response::builder();
    match fault {
        Some(Fault::Status(status)) => {
            response.status(status).body(Body::from(texts.join(" "))).unwrap()
        }
        Some(Fault::Busy(seconds)) => {
            response.status(429).header("retry-after", seconds).body(Body::empty()).unwrap()
        }
        Some(Fault::Redirect) => {
            response.status(307).header("location", "/v1/embeddings").body(Body::empty()).unwrap()
        }
        Some(Fault::Huge) => {
            whole.push_str(&" ".repeat(4 << 20));
            response.body(Body::from(whole)).unwrap()
        }
        Some(Fault::Cut) => {
            let half = whole[..whole.len() / 2].to_owned();
            let parts = [Ok(half), Err(std::io::Error::other("cut"))];
            response.body(Body::from_stream(futures_util::stream::iter(parts))).unwrap()
        }
        _ => response.header("content-type", "application/json").body(Body::from(whole)).unwrap(),
    }
}

/// Each word adds to the dimension that its letters give.
pub(super) fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.01; DIMENSIONS];
    for word in text.to_lowercase().split(|ch: char| !ch.is_alphanumeric()) {
        let hash = word.bytes().fold(7_usize, |hash, byte| hash * 31 % 10_007 + usize::from(byte));
        vector[hash % DIMENSIONS] += 1.0;
    }
    vector
}

fn base64_of(vector: &[f32]) -> Value {
    use base64::Engine as _;
    let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    json!(base64::engine::general_purpose::STANDARD.encode(bytes))
}
