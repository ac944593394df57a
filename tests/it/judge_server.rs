//! A server that answers as a chat model and as a classifier do, over real sockets: one number for every passage, a
//! record of everything that it was sent, and faults on demand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use axum::routing::post;
use serde_json::{Value, json};

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// A status, with the passage repeated in the body.
    Status(u16),
    /// 429 and the seconds to wait.
    Busy(u64),
    /// No answer for this long.
    Slow(u64),
    /// The model says this instead of a number.
    Says(String),
    /// A number outside of 0 to 1.
    Beyond,
    /// Two choices, or two lists.
    Twice,
    /// More bytes than an answer has.
    Huge,
    /// The connection ends within the answer.
    Cut,
    /// Another address.
    Redirect,
    /// No JSON.
    Noise,
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) body: Value,
    pub(super) key: String,
}

impl Asked {
    /// The passage, as the model is shown it.
    pub(super) fn passage(&self) -> String {
        let chat = &self.body["messages"][1]["content"];
        chat.as_str().or(self.body["inputs"].as_str()).unwrap().to_owned()
    }
}

#[derive(Debug, Default)]
struct Book {
    answer: Mutex<f64>,
    faults: Mutex<VecDeque<Fault>>,
    asked: Mutex<Vec<Asked>>,
}

pub(super) struct JudgeServer {
    /// Of the chat model; the classifier is at `classifier`.
    pub(super) url: String,
    pub(super) classifier: String,
    book: Arc<Book>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for JudgeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl JudgeServer {
    /// A server that takes every passage for an injection this surely.
    pub(super) async fn start(sure: f64) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let book = Arc::new(Book { answer: Mutex::new(sure), ..Book::default() });
        let router = Router::new()
            .route("/v1/chat/completions", post(answer))
            .route("/classify", post(answer))
            .with_state(Arc::clone(&book));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url: format!("{root}/v1"), classifier: format!("{root}/classify"), book, task }
    }

    pub(super) fn says(&self, sure: f64) {
        *self.book.answer.lock().unwrap() = sure;
    }

    pub(super) fn fail(&self, faults: &[Fault]) {
        self.book.faults.lock().unwrap().extend(faults.iter().cloned());
    }

    /// Everything that was asked since the last call.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.book.asked.lock().unwrap())
    }
}

async fn answer(
    State(book): State<Arc<Book>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response<Body> {
    let body: Value = serde_json::from_str(&body).unwrap();
    let key = headers.get("authorization").map_or("", |key| key.to_str().unwrap()).to_owned();
    let asked = Asked { body, key };
    let passage = asked.passage();
    book.asked.lock().unwrap().push(asked);
    let fault = book.faults.lock().unwrap().pop_front();
    if let Some(Fault::Slow(millis)) = fault {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
    let sure = match fault {
        Some(Fault::Beyond) => 1.5,
        _ => *book.answer.lock().unwrap(),
    };
    let content = match &fault {
        Some(Fault::Says(text)) => text.clone(),
        _ => format!("{{\"injection\": {sure}}}"),
    };
    let one = if uri.path() == "/classify" {
        json!([{"label": "SAFE", "score": 1.0 - sure}, {"label": "INJECTION", "score": sure}])
    } else {
        json!({"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}})
    };
    let times = if fault == Some(Fault::Twice) { 2 } else { 1 };
    let list = Value::Array(vec![one; times]);
    let whole =
        if uri.path() == "/classify" { list } else { json!({"choices": list, "model": "test"}) };
    let mut whole = whole.to_string();
    let response = Response::builder();
    match fault {
        Some(Fault::Status(status)) => response.status(status).body(Body::from(passage)).unwrap(),
        Some(Fault::Busy(seconds)) => {
            response.status(429).header("retry-after", seconds).body(Body::empty()).unwrap()
        }
        Some(Fault::Redirect) => {
            response.status(307).header("location", uri.path()).body(Body::empty()).unwrap()
        }
        Some(Fault::Huge) => {
            whole.push_str(&" ".repeat(1 << 20));
            response.body(Body::from(whole)).unwrap()
        }
        Some(Fault::Noise) => response.body(Body::from(format!("<p>{passage}"))).unwrap(),
        Some(Fault::Cut) => {
            let half = whole[..whole.len() / 2].to_owned();
            let parts = [Ok(half), Err(std::io::Error::other("cut"))];
            response.body(Body::from_stream(futures_util::stream::iter(parts))).unwrap()
        }
        _ => response.header("content-type", "application/json").body(Body::from(whole)).unwrap(),
    }
}
