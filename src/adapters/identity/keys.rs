//! The keys that an issuer publishes (JWKS, RFC 7517 §5): asked for when a token needs them, kept for as long as
//! the issuer says within bounds, asked for again when a token names an unknown one.
//!
//! An issuer that cannot be reached is left alone for a pause; what is kept counts until its end, and not a
//! moment longer: a key that the issuer has taken back must not live on because it is silent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::CACHE_CONTROL;
use reqwest::{Client, Response, Url};
use serde_json::Value;

use super::key::Key;
use super::token::Token;
use crate::domain::limits::{
    ISSUER_ANSWER_BYTES_MAX, ISSUER_KEYS_MAX, ISSUER_KEYS_SECONDS, ISSUER_KEYS_SECONDS_MAX,
    ISSUER_KEYS_SECONDS_MIN, ISSUER_MS_MAX, ISSUER_PAUSE_SECONDS,
};
use crate::domain::time::Timestamp;

/// Where keys are published.
#[derive(Debug)]
pub(super) enum Source {
    Url(Url),
    /// The metadata under this URL says (OpenID Connect Discovery 1.0 §4).
    Discovery {
        url: Url,
        issuer: String,
    },
}

/// Keys that are asked for.
#[derive(Debug)]
pub(super) struct Fetched {
    client: Client,
    source: Source,
    known: Mutex<Known>,
    /// One asks at a time.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default, Clone)]
struct Known {
    keys: Arc<[Key]>,
    /// From when on they are better asked for again.
    aged_at: Option<Timestamp>,
    /// From when on they do not count.
    ended_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
    /// Why there are none.
    why: Option<String>,
}

impl Known {
    fn count_at(&self, now: Timestamp) -> bool {
        self.ended_at.is_some_and(|end| now < end)
    }

    /// Whether somebody has to ask before this token is looked at.
    fn lacks(&self, token: &Token<'_>, now: Timestamp) -> bool {
        let has = |id: &str| self.keys.iter().any(|key| key.is_called(id));
        !self.count_at(now) || token.key_id().is_some_and(|id| !has(id))
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let pause = i64::try_from(ISSUER_PAUSE_SECONDS * 1_000).unwrap_or(i64::MAX);
        // A clock that was set back must not silence the issuer until it has caught up.
        self.asked_at.is_none_or(|at| now.0 < at.0 || now.0 - at.0 >= pause)
    }
}

impl Fetched {
    pub(super) fn new(client: Client, source: Source) -> Self {
        Self { client, source, known: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys for a token, or why there are none.
    pub(super) async fn for_token(
        &self,
        token: &Token<'_>,
        now: Timestamp,
    ) -> Result<Arc<[Key]>, String> {
        let known = self.known();
        if known.lacks(token, now) {
            let _one = self.asking.lock().await;
            // Whoever was before may have brought them.
            let known = self.known();
            if known.lacks(token, now) && known.may_ask(now) {
                self.ask(now).await;
            }
        } else if known.aged_at.is_some_and(|at| now >= at) && known.may_ask(now) {
            // While they count, only one waits for newer ones.
            if let Ok(_one) = self.asking.try_lock() {
                self.ask(now).await;
            }
        }
        let known = self.known();
        match known.count_at(now) {
            true => Ok(known.keys),
            false => Err(known.why.unwrap_or_else(|| "they were not read".to_owned())),
        }
    }

    /// Asks the issuer. What is known stays where it does not answer.
    async fn ask(&self, now: Timestamp) {
        let answer = self.fetch().await;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.asked_at = Some(now);
        match answer {
            Ok((keys, seconds)) => {
                let milliseconds = i64::try_from(seconds * 1_000).unwrap_or(i64::MAX);
                known.keys = keys.into();
                known.aged_at = Some(Timestamp(now.0.saturating_add(milliseconds / 2)));
                known.ended_at = Some(Timestamp(now.0.saturating_add(milliseconds)));
                known.why = None;
            }
            Err(why) => known.why = Some(why),
        }
    }

    /// The issuer's keys, and for how many seconds they count.
    async fn fetch(&self) -> Result<(Vec<Key>, u64), String> {
        let url = match &self.source {
            Source::Url(url) => url.clone(),
            Source::Discovery { url, issuer } => self.discovered(url, issuer).await?,
        };
        let (answer, seconds) = self.json(url).await?;
        let keys = answer.get("keys").and_then(Value::as_array).ok_or("it publishes no keys")?;
        if keys.len() > ISSUER_KEYS_MAX {
            return Err(format!("it publishes more than {ISSUER_KEYS_MAX} keys"));
        }
        Ok((keys.iter().filter_map(Key::of_jwk).collect(), seconds))
    }

    /// Where the issuer's metadata says that its keys are.
    async fn discovered(&self, issuer_url: &Url, issuer: &str) -> Result<Url, String> {
        let mut url = issuer_url.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{path}/.well-known/openid-configuration"));
        let (metadata, _) = self.json(url).await?;
        let said = |name: &str| metadata.get(name).and_then(Value::as_str);
        if said("issuer") != Some(issuer) {
            return Err("its metadata is another issuer's".to_owned());
        }
        let keys = said("jwks_uri").and_then(|text| Url::parse(text).ok());
        let keys = keys.ok_or("its metadata names no keys")?;
        // In clear only where the issuer itself is, which is on this machine.
        match keys.scheme() {
            "https" => Ok(keys),
            "http" if issuer_url.scheme() == "http" && keys.host() == issuer_url.host() => Ok(keys),
            _ => Err("its metadata names keys in clear".to_owned()),
        }
    }

    /// The JSON at an address, and for how many seconds it counts.
    async fn json(&self, url: Url) -> Result<(Value, u64), String> {
        let sent = self.client.get(url).timeout(Duration::from_millis(ISSUER_MS_MAX)).send().await;
        let response = sent.map_err(|error| match error.is_timeout() {
            true => "it did not answer in time".to_owned(),
            false => "it could not be reached".to_owned(),
        })?;
        if !response.status().is_success() {
            return Err(format!("it answered with status {}", response.status().as_u16()));
        }
        let seconds = seconds(&response);
        let bytes = bounded(response).await?;
        let json = serde_json::from_slice(&bytes).map_err(|_| "it answered with something else")?;
        Ok((json, seconds))
    }
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|_| "the connection broke off")? {
        if bytes.len() + part.len() > ISSUER_ANSWER_BYTES_MAX {
            return Err(format!("its answer has more than {ISSUER_ANSWER_BYTES_MAX} bytes"));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// `max-age` of an answer (RFC 9111 §5.2.2.1), within bounds.
fn seconds(response: &Response) -> u64 {
    let said = response.headers().get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    let age = said.into_iter().flat_map(|text| text.split(',')).find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("max-age").then(|| value.trim_matches('"').parse::<u64>().ok())?
    });
    age.unwrap_or(ISSUER_KEYS_SECONDS).clamp(ISSUER_KEYS_SECONDS_MIN, ISSUER_KEYS_SECONDS_MAX)
}
