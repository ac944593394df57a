//! The indexed blocks of a document as one text, each block's place in it, and the sections that
//! headings make of it.

use std::ops::Range;

use super::Indexed;
use crate::domain::chunk::Part;
use crate::domain::document::{Block, BlockId, BlockKind, Document, Joint, Span};
use crate::domain::limits::{CHUNK_BYTES_MIN, CHUNK_HEADING_BYTES_MAX, CHUNK_SECTIONS_MAX};

/// What is indexed, in order. Bytes between pieces are separators of joints.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
}

/// A block's place in the flow; never empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) opens: Opens,
    block: BlockId,
    heading: Option<u8>,
}

/// What a piece begins, rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Opens {
    /// It goes on in the paragraph before it.
    Nothing,
    Paragraph,
    Page,
}

/// Headings and what follows them, up to the next heading.
#[derive(Debug)]
pub(super) struct Section {
    /// Its pieces in the flow; not empty.
    pub(super) pieces: Range<usize>,
    /// The headings above its body, outermost first.
    pub(super) trail: Vec<String>,
}

impl Flow {
    pub(super) fn of(document: &Document, indexed: Indexed<'_>) -> Self {
        let mut flow = Self { text: String::new(), pieces: Vec::new() };
        for (index, block) in document.blocks.iter().enumerate() {
            let Ok(id) = u32::try_from(index) else { break };
            if !block.text.is_empty() && indexed(block.visibility) {
                flow.push(BlockId(id), block);
            }
        }
        flow
    }

    fn push(&mut self, id: BlockId, block: &Block) {
        let opens = match block.joint {
            Joint::Inline | Joint::Line if !self.text.is_empty() => Opens::Nothing,
            Joint::Inline | Joint::Line | Joint::Paragraph => Opens::Paragraph,
            Joint::Page => Opens::Page,
        };
        if !self.text.is_empty() {
            self.text.push_str(block.joint.separator());
        }
        let start = self.text.len();
        self.text.push_str(&block.text);
        let heading = match block.kind {
            BlockKind::Heading(level) => Some(level.clamp(1, 6)),
            BlockKind::Paragraph
            | BlockKind::ListItem
            | BlockKind::Cell
            | BlockKind::Quote
            | BlockKind::Code
            | BlockKind::Attached => None,
        };
        self.pieces.push(Piece { start, end: self.text.len(), opens, block: id, heading });
    }

    /// The sections, in order; together they hold every piece once.
    pub(super) fn sections(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        let mut trail = Trail::default();
        let mut first = 0;
        let mut before: Option<&Piece> = None;
        for (index, piece) in self.pieces.iter().enumerate() {
            if first < index && self.opens_section(piece, before, first, sections.len()) {
                sections.push(Section { pieces: first..index, trail: trail.texts() });
                first = index;
            }
            if let Some(level) = piece.heading {
                let goes_on = piece.opens == Opens::Nothing
                    && before.is_some_and(|before| before.heading == piece.heading);
                trail.take(level, self.text_of(piece), goes_on);
            }
            before = Some(piece);
        }
        if first < self.pieces.len() {
            sections.push(Section { pieces: first..self.pieces.len(), trail: trail.texts() });
        }
        sections
    }

    /// A heading opens a section, unless it stands with the headings that have just opened one: under
    /// a higher one, or as the next of a few that have nothing below them.
    fn opens_section(
        &self,
        piece: &Piece,
        before: Option<&Piece>,
        first: usize,
        sections: usize,
    ) -> bool {
        let Some(level) = piece.heading else { return false };
        let has_min = || {
            let opening = self.pieces.get(first);
            opening.is_some_and(|opening| CHUNK_BYTES_MIN <= piece.start - opening.start)
        };
        match before.and_then(|before| before.heading) {
            None => sections < CHUNK_SECTIONS_MAX || has_min(),
            Some(_) if piece.opens == Opens::Nothing => false,
            Some(above) if above < level => false,
            Some(_) => has_min(),
        }
    }

    fn text_of(&self, piece: &Piece) -> &str {
        self.text.get(piece.start..piece.end).unwrap_or_default()
    }

    /// The parts that a range of the flow consists of; `first` is a piece at or before its start.
    pub(super) fn parts(&self, range: &Range<usize>, first: usize) -> Vec<Part> {
        self.pieces
            .iter()
            .skip(first)
            .skip_while(|piece| piece.end <= range.start)
            .take_while(|piece| piece.start < range.end)
            .map(|piece| {
                let start = piece.start.max(range.start);
                let end = piece.end.min(range.end);
                Part {
                    start: offset(start - range.start),
                    span: Span {
                        block: piece.block,
                        start: offset(start - piece.start),
                        end: offset(end - piece.start),
                    },
                }
            })
            .collect()
    }
}

/// A document's text is bounded far below 4 GiB (`limits::TEXT_BYTES_MAX`).
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// The headings above the place that is being read.
#[derive(Default)]
struct Trail(Vec<(u8, String)>);

impl Trail {
    fn take(&mut self, level: u8, text: &str, goes_on: bool) {
        if goes_on && let Some((_, heading)) = self.0.last_mut() {
            append(heading, text);
            return;
        }
        while self.0.last().is_some_and(|(above, _)| level <= *above) {
            self.0.pop();
        }
        let mut heading = String::new();
        append(&mut heading, text);
        self.0.push((level, heading));
    }

    fn texts(&self) -> Vec<String> {
        let texts = self.0.iter().map(|(_, text)| text.trim().to_owned());
        texts.filter(|text| !text.is_empty()).collect()
    }
}

/// Appends what still fits.
fn append(heading: &mut String, text: &str) {
    let room = CHUNK_HEADING_BYTES_MAX.saturating_sub(heading.len());
    let end = text.floor_char_boundary(room);
    heading.push_str(text.get(..end).unwrap_or_default());
}
