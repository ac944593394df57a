//! One call to a judge on a server, until it is answered or given up.
//!
//! Tried again: 429, 5xx, and a server that cannot be reached. Not tried again: a time-out, a connection that
//! breaks off, any other refusal. Every try is paid for out of the budget. Nothing that the server says is
//! repeated in an error: it may echo the passage.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, StatusCode, Url};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::budget::Budget;
use crate::adapters::outbound;
use crate::domain::limits::{JUDGE_ANSWER_BYTES_MAX, JUDGE_PAUSE_MS_MAX, JUDGE_PAUSE_MS_MIN};

/// A server, and what may be asked of it.
#[derive(Debug)]
pub(super) struct Exchange {
    client: Client,
    url: Url,
    time_out: Duration,
    retries: u64,
    room: Semaphore,
    budget: Budget,
}

/// Why a try came to nothing.
enum Failure {
    /// Another may come to more; the server may say after what time.
    Again(String, Option<Duration>),
    Final(String),
}

impl Exchange {
    pub(super) fn new(
        client: Client,
        url: Url,
        time_out: Duration,
        retries: u64,
        concurrent: usize,
        budget: Budget,
    ) -> Self {
        let room = Semaphore::new(concurrent.max(1));
        Self { client, url, time_out, retries, room, budget }
    }

    /// The body of the answer, or in one clause why there is none.
    pub(super) async fn ask(&self, body: Vec<u8>) -> Result<Vec<u8>, String> {
        let _room = self.room.acquire().await.map_err(|error| error.to_string())?;
        let mut tried = 0;
        loop {
            self.budget.take(Instant::now(), body.len()).map_err(|spent| spent.to_string())?;
            let (why, asked) = match self.once(body.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Final(why)) => return Err(why),
                Err(Failure::Again(why, asked)) => (why, asked),
            };
            tried += 1;
            let own = outbound::pause(tried, JUDGE_PAUSE_MS_MIN, JUDGE_PAUSE_MS_MAX);
            let pause = asked.unwrap_or_default().max(own);
            if tried > self.retries || pause > Duration::from_millis(JUDGE_PAUSE_MS_MAX) {
                return Err(why);
            }
            sleep(pause).await;
        }
    }

    async fn once(&self, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let request = self.client.post(self.url.clone());
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let sent = request.timeout(self.time_out).send().await;
        let response = sent.map_err(|error| self.lost(&error))?;
        let status = response.status();
        if status.is_success() {
            return self.bounded(response).await;
        }
        let why = format!("it answered with status {}", status.as_u16());
        let again = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
        Err(if again {
            Failure::Again(why, outbound::retry_after(response.headers()))
        } else {
            Failure::Final(why)
        })
    }

    async fn bounded(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.lost(&error))? {
            if bytes.len() + part.len() > JUDGE_ANSWER_BYTES_MAX {
                let why = format!("its answer has more than {JUDGE_ANSWER_BYTES_MAX} bytes");
                return Err(Failure::Final(why));
            }
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }

    fn lost(&self, error: &reqwest::Error) -> Failure {
        if error.is_connect() {
            Failure::Again("it could not be reached".to_owned(), None)
        } else if error.is_timeout() {
            Failure::Final(format!("it did not answer within {} ms", self.time_out.as_millis()))
        } else {
            Failure::Final("the connection broke off".to_owned())
        }
    }
}
