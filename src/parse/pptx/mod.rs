//! Slides.
use super::ParseError;
use crate::domain::document::Opened;
pub(super) fn parse(_bytes: &[u8]) -> Result<Opened, ParseError> {
    Err(ParseError::Unsupported)
}
