//! Collects blocks and notices within the document's bounds.

use crate::domain::document::{Block, Document, Format, Location, Notice, NoticeKind};
use crate::domain::limits::{BLOCKS_MAX, NOTICES_MAX, TEXT_BYTES_MAX};

/// A document in the making. Past a bound it takes nothing more and says so once.
#[derive(Debug)]
pub(super) struct Builder {
    document: Document,
    text_bytes: usize,
    full: bool,
}

impl Builder {
    pub(super) fn new(format: Format) -> Self {
        let document = Document {
            format,
            title: None,
            blocks: Vec::new(),
            notices: Vec::new(),
            given: Default::default(),
        };
        Self { document, text_bytes: 0, full: false }
    }

    pub(super) fn title(&mut self, title: &str) {
        if !title.trim().is_empty() && self.document.title.is_none() {
            self.document.title = Some(title.trim().to_owned());
        }
    }

    /// Adds a run; empty runs are dropped.
    pub(super) fn block(&mut self, block: Block) {
        if block.text.is_empty() || self.full {
            return;
        }
        let bytes = self.text_bytes.saturating_add(block.text.len());
        if self.document.blocks.len() >= BLOCKS_MAX || bytes > TEXT_BYTES_MAX {
            self.full = true;
            self.notice(NoticeKind::LimitReached, None, "more text than one document may hold");
            return;
        }
        self.text_bytes = bytes;
        self.document.blocks.push(block);
    }

    pub(super) fn notice(
        &mut self,
        kind: NoticeKind,
        location: Option<Location>,
        detail: impl Into<String>,
    ) {
        if self.document.notices.len() < NOTICES_MAX {
            self.document.notices.push(Notice { kind, location, detail: detail.into() });
        }
    }

    /// Whether a bound was met, so that a reader may stop its work.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn finish(self) -> Document {
        self.document
    }
}
