//! Consistency tokens: an answer says as of which state of the ledger it is, and a later request can ask to be answered
//! as of that state or a newer one. Whoever has changed who may read a document gives the token of that answer to
//! another, and his question is not answered as of before.
//!
//! The state is a counter that moves with whatever anybody does, so the token is sealed: two tokens of one state do not
//! look alike, and nobody learns from them how much is going on.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use tokio::time::{Instant, sleep};

use super::allowed::once;
use super::problem::Problem;
use super::service::Service;
use crate::domain::digest::{hex, unhex};
use crate::domain::keys::Secret;
use crate::domain::limits::{CONSISTENCY_POLL_MS, CONSISTENCY_WAIT_MS};

/// The header of an answer with its state, and of a request with the state that it asks for.
const HEADER: &str = "alnage-consistency";
/// So that a later form of tokens is not read as this one.
const FORM: &[u8] = b"alnage consistency token v1";

/// Makes and reads tokens.
#[derive(Debug)]
pub(super) struct Tokens(Secret);

impl Tokens {
    pub(super) const fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// A token of this epoch, under a nonce that was never used.
    fn of(&self, epoch: u64, nonce: [u8; 24]) -> Option<String> {
        let msg = &epoch.to_be_bytes();
        let sealed = self.cipher()?.encrypt(&XNonce::from(nonce), Payload { msg, aad: FORM });
        Some(hex(&[nonce.as_slice(), &sealed.ok()?].concat()))
    }

    /// The epoch of a token; `None`: it is none of this workspace.
    fn read(&self, token: &str) -> Option<u64> {
        let bytes = unhex(token)?;
        let (nonce, msg) = bytes.split_first_chunk::<24>()?;
        let opened = self.cipher()?.decrypt(&XNonce::from(*nonce), Payload { msg, aad: FORM });
        Some(u64::from_be_bytes(opened.ok()?.try_into().ok()?))
    }

    fn cipher(&self) -> Option<XChaCha20Poly1305> {
        XChaCha20Poly1305::new_from_slice(self.0.bytes()).ok()
    }
}

/// Waits for the state that a request asks for, a bounded time, and says of which state its answer is.
pub(super) async fn kept(State(service): State<Service>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/v1/") && !request.uri().path().starts_with("/scim/") {
        return next.run(request).await;
    }
    let wanted = wanted(&service, request.headers());
    let waited = match wanted {
        Ok(None) => Ok(()),
        Ok(Some(epoch)) => wait(&service, epoch).await,
        Err(problem) => Err(problem),
    };
    if let Err(problem) = waited {
        return problem.into_response();
    }
    let mut response = next.run(request).await;
    if response.status().is_success()
        && let Some(token) = present(&service).await
    {
        response.headers_mut().insert(HEADER, token);
    }
    response
}

/// The epoch that a request asks for.
fn wanted(service: &Service, headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(token) = once(headers, HEADER, "Alnage-Consistency")? else { return Ok(None) };
    let wrong = "this is no consistency token of this workspace";
    let epoch = service.consistency.read(token);
    epoch.map(Some).ok_or_else(|| Problem::field("Alnage-Consistency", wrong))
}

async fn wait(service: &Service, wanted: u64) -> Result<(), Problem> {
    let ledger = &service.present().guard.ledger;
    let until = Instant::now() + Duration::from_millis(CONSISTENCY_WAIT_MS);
    while ledger.epoch().await? < wanted {
        if Instant::now() >= until {
            let detail = "the state that this asks for has not come here yet; come again";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Err(Problem::busy(status, "not-consistent-yet", detail));
        }
        sleep(Duration::from_millis(CONSISTENCY_POLL_MS)).await;
    }
    Ok(())
}

/// The token of the present state: whatever the request has done is in it.
async fn present(service: &Service) -> Option<HeaderValue> {
    let guard = &service.present().guard;
    let epoch = guard.ledger.epoch().await.ok()?;
    let random = guard.entropy.secret().ok()?;
    let token = service.consistency.of(epoch, *random.first_chunk::<24>()?)?;
    HeaderValue::from_str(&token).ok()
}

#[cfg(test)]
mod tests {
    use super::Tokens;
    use crate::domain::keys::Secret;

    #[test]
    fn a_token_reads_back_and_tells_nothing_to_whoever_has_no_key() {
        let tokens = Tokens::new(Secret::new([7; 32]));
        let one = tokens.of(41, [1; 24]).unwrap();
        let two = tokens.of(41, [2; 24]).unwrap();
        assert_eq!((tokens.read(&one), tokens.read(&two)), (Some(41), Some(41)));
        assert_ne!(one.get(48..), two.get(48..));
        assert_eq!(Tokens::new(Secret::new([8; 32])).read(&one), None);
        let mut altered = one.clone();
        let last = altered.pop().unwrap();
        altered.push(if last == '0' { '1' } else { '0' });
        for wrong in [altered.as_str(), "", "AAAA", "é", one.get(..40).unwrap()] {
            assert_eq!(tokens.read(wrong), None, "{wrong}");
        }
    }
}
