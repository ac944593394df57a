//! Back-pressure: how much is let in at once, and how often a key may ask.
//!
//! A flood is answered at the door, cheaply, so that memory stays flat: 429 when one key asks too often,
//! 503 when all places are taken. Both say when to come again.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::problem::Problem;
use super::room::Room;
use crate::config::http::HttpSettings;
use crate::domain::caller::Caller;
use crate::domain::id::ApiKeyId;
use crate::domain::limits::{
    HTTP_EVIDENCE_MAX, HTTP_GATE_MS_MAX, HTTP_INGESTS_MAX, HTTP_RETRIEVES_MAX,
    HTTP_UPLOAD_BYTES_MAX, HTTP_WAITING_MAX,
};

/// The doors.
#[derive(Debug)]
pub(super) struct Gates {
    /// Documents that are read and judged at a time.
    pub(super) ingest: Gate,
    /// Questions that are answered at a time: apart, so that an ingest does not silence them.
    pub(super) retrieve: Gate,
    /// Evidence that is loaded and drawn at a time: whole documents, for a few findings.
    pub(super) evidence: Gate,
    /// Bodies that bring documents.
    pub(super) uploads: Arc<Room>,
    /// The small ones, apart for the same reason as questions.
    pub(super) requests: Arc<Room>,
    rate: DefaultKeyedRateLimiter<ApiKeyId>,
    /// By tenant and user; without a rate nobody is counted.
    user_rate: Option<DefaultKeyedRateLimiter<(String, String)>>,
}

/// A door with so many places behind it and a bounded queue before it.
#[derive(Debug)]
pub(super) struct Gate {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A place behind a door, until it is dropped.
#[derive(Debug)]
pub(super) struct Entered(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Gates {
    pub(super) fn new(settings: &HttpSettings) -> Self {
        let a_second = |rate| Quota::per_second(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MAX));
        Self {
            ingest: Gate::new(HTTP_INGESTS_MAX),
            retrieve: Gate::new(HTTP_RETRIEVES_MAX),
            evidence: Gate::new(HTTP_EVIDENCE_MAX),
            uploads: Room::new(HTTP_UPLOAD_BYTES_MAX),
            requests: Room::new(HTTP_UPLOAD_BYTES_MAX),
            rate: RateLimiter::keyed(a_second(settings.requests_per_second)),
            user_rate: match settings.questions_per_user_second {
                0 => None,
                rate => Some(RateLimiter::keyed(a_second(rate))),
            },
        }
    }

    /// Whether this key may ask once more.
    pub(super) fn rate(&self, key: ApiKeyId) -> Result<(), Problem> {
        let too_many = |_| {
            let detail = "this key asks more often than it may";
            Problem::busy(StatusCode::TOO_MANY_REQUESTS, "rate-limited", detail)
        };
        self.rate.check_key(&key).map_err(too_many)
    }

    /// Whether this caller's user, if there is one, may ask once more.
    pub(super) fn rate_user(&self, caller: &Caller) -> Result<(), Problem> {
        let (Some(rate), Some(user)) = (&self.user_rate, caller.user()) else { return Ok(()) };
        let too_many = |_| {
            let detail = "this user asks more often than it may";
            Problem::busy(StatusCode::TOO_MANY_REQUESTS, "rate-limited", detail)
        };
        rate.check_key(&(caller.tenant().to_string(), user.to_owned())).map_err(too_many)
    }

    /// Forgets keys and users that did not ask for a while.
    pub(super) fn tidy(&self) {
        self.user_rate.iter().for_each(RateLimiter::retain_recent);
        self.rate.retain_recent();
    }
}

impl Gate {
    fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), waiting: AtomicUsize::new(0) }
    }

    /// Waits for a place, for a bounded time in a bounded queue.
    pub(super) async fn enter(&self) -> Result<Entered, Problem> {
        if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(Entered(permit));
        }
        let waiting = Waiting::join(&self.waiting);
        if waiting.before >= HTTP_WAITING_MAX {
            return Err(full());
        }
        let place = Arc::clone(&self.places).acquire_owned();
        match timeout(Duration::from_millis(HTTP_GATE_MS_MAX), place).await {
            Ok(Ok(permit)) => Ok(Entered(permit)),
            Ok(Err(_)) | Err(_) => Err(full()),
        }
    }
}

/// One who waits; leaves the queue also when the request goes away.
struct Waiting<'a> {
    queue: &'a AtomicUsize,
    before: usize,
}

impl<'a> Waiting<'a> {
    fn join(queue: &'a AtomicUsize) -> Self {
        Self { queue, before: queue.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.queue.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All places are taken.
pub(super) fn full() -> Problem {
    let detail = "all places are taken; come again";
    Problem::busy(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::{Gate, Gates};
    use crate::config::http::HttpSettings;
    use crate::domain::id::ApiKeyId;
    use crate::domain::limits::HTTP_WAITING_MAX;

    #[tokio::test]
    async fn a_full_door_keeps_a_bounded_queue_and_opens_again() {
        let gate = Gate::new(1);
        let inside = gate.enter().await.unwrap();
        gate.waiting.store(HTTP_WAITING_MAX, Ordering::Relaxed);
        assert_eq!(gate.enter().await.unwrap_err().code(), "busy");
        gate.waiting.store(0, Ordering::Relaxed);
        let (waited, ()) = tokio::join!(gate.enter(), async { drop(inside) });
        assert!(waited.is_ok());
        assert_eq!(gate.waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn one_key_that_asks_too_often_does_not_take_another_keys_turn() {
        let settings = HttpSettings { requests_per_second: 2, ..HttpSettings::default() };
        let gates = Gates::new(&settings);
        let key = |number| ApiKeyId::new(uuid::Uuid::from_u128(number));
        assert!(gates.rate(key(1)).is_ok() && gates.rate(key(1)).is_ok());
        assert_eq!(gates.rate(key(1)).unwrap_err().code(), "rate-limited");
        assert!(gates.rate(key(2)).is_ok());
    }
}
