//! What bytes are.

use crate::domain::document::Format;

/// The format of these bytes.
pub fn sniff(_bytes: &[u8], declared: Option<Format>) -> Format {
    declared.unwrap_or(Format::Unsupported)
}
