//! The system's clock and random source.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use crate::domain::time::Timestamp;
use crate::pipeline::ports::{Clock, Entropy, NoEntropy};

/// The system clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Random UUIDs from the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Entropy for RandomIds {
    fn uuid(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn secret(&self) -> Result<[u8; 32], NoEntropy> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| NoEntropy { detail: error.to_string() })?;
        Ok(bytes)
    }
}
