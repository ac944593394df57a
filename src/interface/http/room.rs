//! Bytes of request bodies in memory: so many at a time, and no key may take them all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::gates::full;
use super::problem::Problem;
use crate::domain::id::ApiKeyId;

/// Room for bodies.
#[derive(Debug)]
pub(super) struct Room {
    bytes: u64,
    /// What each key has taken of it.
    taken: Mutex<BTreeMap<ApiKeyId, u64>>,
}

/// A part of a room, until it is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    room: Arc<Room>,
    key: ApiKeyId,
    bytes: u64,
}

impl Room {
    /// Room for so many bytes, half of them for one key.
    pub(super) fn new(bytes: u64) -> Arc<Self> {
        Arc::new(Self { bytes, taken: Mutex::default() })
    }

    /// Takes so much for a body of this key.
    pub(super) fn take(self: &Arc<Self>, key: ApiKeyId, bytes: u64) -> Result<Taken, Problem> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all = taken.values().sum::<u64>().saturating_add(bytes);
        let own = taken.get(&key).copied().unwrap_or_default().saturating_add(bytes);
        if all > self.bytes || own > self.bytes / 2 {
            return Err(full());
        }
        taken.insert(key, own);
        Ok(Taken { room: Arc::clone(self), key, bytes })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let left = taken.remove(&self.key).unwrap_or_default().saturating_sub(self.bytes);
        if left > 0 {
            taken.insert(self.key, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Room;
    use crate::domain::id::ApiKeyId;

    #[test]
    fn no_key_takes_more_than_half_and_all_keys_no_more_than_there_is() {
        let room = Room::new(100);
        let key = |number| ApiKeyId::new(uuid::Uuid::from_u128(number));
        let first = room.take(key(1), 50).unwrap();
        assert_eq!(room.take(key(1), 1).unwrap_err().code(), "busy");
        let second = room.take(key(2), 40).unwrap();
        assert_eq!(room.take(key(3), 11).unwrap_err().code(), "busy");
        let third = room.take(key(3), 10).unwrap();
        drop((first, second, third));
        assert!(room.taken.lock().unwrap().is_empty());
        assert!(room.take(key(1), 51).is_err() && room.take(key(1), 50).is_ok());
    }
}
