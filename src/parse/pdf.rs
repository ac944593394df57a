//! PDF.

use super::{Builder, ParseError};
use crate::domain::document::{Document, Format};

pub(super) fn parse(_bytes: &[u8]) -> Result<Document, ParseError> {
    Ok(Builder::new(Format::Pdf).finish())
}
