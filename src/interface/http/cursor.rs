//! Opaque cursors: where the next page of a list begins, in a form that only its own caller can use.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

use super::problem::Problem;
use crate::domain::id::ApiKeyId;
use crate::domain::keys::Secret;

/// Bytes of a cursor's MAC: enough that nobody guesses one.
const MAC_BYTES: usize = 16;

/// Makes and reads cursors.
#[derive(Debug)]
pub(super) struct Cursors(Secret);

impl Cursors {
    pub(super) const fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// A cursor of this list, for this key, that goes on after `last`.
    pub(super) fn after(&self, list: &str, key: ApiKeyId, last: Uuid) -> String {
        let mut bytes = last.as_bytes().to_vec();
        bytes.extend(self.mac(list, key, last));
        BASE64.encode(bytes)
    }

    /// Where a cursor goes on; a field error when it is not one of this list and key.
    pub(super) fn read(&self, list: &str, key: ApiKeyId, text: &str) -> Result<Uuid, Problem> {
        let read = || {
            let bytes = BASE64.decode(text).ok()?;
            let (last, mac) = bytes.split_at_checked(16)?;
            let last = Uuid::from_slice(last).ok()?;
            (mac == self.mac(list, key, last)).then_some(last)
        };
        read().ok_or_else(|| Problem::field("cursor", "this is no cursor of this list and key"))
    }

    fn mac(&self, list: &str, key: ApiKeyId, last: Uuid) -> Vec<u8> {
        let mac = self.0.mac(&[list.as_bytes(), key.bytes(), last.as_bytes()]);
        mac.0.into_iter().take(MAC_BYTES).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Cursors;
    use crate::domain::id::ApiKeyId;
    use crate::domain::keys::Secret;

    #[test]
    fn a_cursor_goes_on_for_its_own_key_and_list_alone() {
        let cursors = Cursors::new(Secret::new([4; 32]));
        let key = |number| ApiKeyId::new(uuid::Uuid::from_u128(number));
        let last = uuid::Uuid::from_u128(77);
        let cursor = cursors.after("documents", key(1), last);
        assert_eq!(cursors.read("documents", key(1), &cursor).unwrap(), last);
        assert!(cursors.read("documents", key(2), &cursor).is_err());
        assert!(cursors.read("receipts", key(1), &cursor).is_err());
        let cut: String = cursor.chars().skip(2).collect();
        for bad in ["", "AA", "é", cut.as_str()] {
            assert!(cursors.read("documents", key(1), bad).is_err());
        }
    }
}
