//! Why bytes could not become a document.

/// Malformed structure is not here: it is a notice in the document.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Above the bound on files.
    #[error("document has {actual_bytes} bytes, the limit is {limit_bytes}")]
    TooLarge {
        /// The file's size.
        actual_bytes: u64,
        /// The bound.
        limit_bytes: u64,
    },
    /// No reader for this type.
    #[error("no reader for this type of file")]
    Unsupported,
    /// The whole file is encrypted.
    #[error("document is encrypted")]
    Encrypted,
    /// Nothing of the format's structure could be found.
    #[error("{format} structure could not be read: {detail}")]
    Structure {
        /// The format's name.
        format: &'static str,
        /// One clause; no document text in it.
        detail: String,
    },
}

impl ParseError {
    /// Stable name for outputs, metrics and the log; the text may change, this may not.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "document-too-large",
            Self::Unsupported => "document-unsupported",
            Self::Encrypted => "document-encrypted",
            Self::Structure { .. } => "document-unreadable",
        }
    }
}
