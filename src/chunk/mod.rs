//! Document → chunks: the indexed text in pieces that a query can hit, every byte pointing back.
//!
//! Headings open a chunk, paragraphs are kept together up to `CHUNK_BYTES_MAX`, a page ends a chunk
//! that has `CHUNK_BYTES_MIN`, and only a paragraph that fills more than a chunk is cut, with some of
//! its end repeated in the next chunk.
//!
//! Let through on purpose: white space at the edges of chunks, and chunks of nothing else, are left
//! out; a section may be shorter than `CHUNK_BYTES_MIN`, for joining it to the next would put it under
//! the wrong heading.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod cut;
mod flow;
#[cfg(test)]
mod properties;

use std::ops::Range;

use flow::{Flow, Opens, Section};

use crate::domain::chunk::Chunk;
use crate::domain::document::{Document, Visibility};
use crate::domain::limits::{CHUNK_BYTES_MAX, CHUNK_BYTES_MIN};

/// Which blocks a policy lets into the index.
type Indexed<'a> = &'a dyn Fn(Visibility) -> bool;

/// The chunks of what is indexed of a document, in order.
pub fn split(document: &Document, indexed: Indexed<'_>) -> Vec<Chunk> {
    let flow = Flow::of(document, indexed);
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut told = 0;
    for section in flow.sections() {
        for cut in Cutter::new(&flow, &section) {
            let range = trimmed(&flow.text, &cut.range);
            // Else it is white space, or repeats the end of the chunk before it and adds white space.
            if told < range.end {
                told = range.end;
                chunks.push(Chunk {
                    ordinal: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
                    headings: section.trail.clone(),
                    text: flow.text.get(range.clone()).unwrap_or_default().to_owned(),
                    parts: flow.parts(&range, cut.piece),
                });
            }
        }
    }
    chunks
}

/// The range without white space at its edges; `0..0` when there is nothing else.
fn trimmed(text: &str, range: &Range<usize>) -> Range<usize> {
    let text = text.get(range.clone()).unwrap_or_default();
    let (after, within) = (text.trim_start(), text.trim());
    let start = range.start + (text.len() - after.len());
    if within.is_empty() { 0..0 } else { start..start + within.len() }
}

/// A range of the flow that becomes a chunk.
#[derive(Debug)]
struct Cut {
    range: Range<usize>,
    /// The piece that it begins in.
    piece: usize,
}

/// Cuts one section.
struct Cutter<'a> {
    flow: &'a Flow,
    /// First byte of the next chunk, and its piece.
    start: usize,
    piece: usize,
    /// One past the last piece of the section, and past its last byte.
    last_piece: usize,
    end: usize,
}

/// Where a chunk ends.
enum Stop {
    /// Before this piece, which opens a paragraph or page.
    Before(usize),
    /// At this byte of a paragraph.
    Inside(usize),
    /// With the section.
    End,
}

impl<'a> Cutter<'a> {
    fn new(flow: &'a Flow, section: &Section) -> Self {
        let Range { start: piece, end: last_piece } = section.pieces;
        let piece_at = |index: usize| flow.pieces.get(index);
        Self {
            flow,
            start: piece_at(piece).map_or(0, |piece| piece.start),
            piece,
            last_piece,
            end: last_piece.checked_sub(1).and_then(piece_at).map_or(0, |piece| piece.end),
        }
    }

    /// Looks no further than one chunk ahead, so all looks together are linear in the text.
    fn stop(&self) -> Stop {
        let mut paragraph = None;
        let mut before = self.piece;
        let pieces = self.flow.pieces.iter().enumerate().take(self.last_piece);
        for (index, piece) in pieces.skip(self.piece + 1) {
            let bytes = self.end_of(before).saturating_sub(self.start);
            if CHUNK_BYTES_MAX < bytes {
                break;
            }
            if CHUNK_BYTES_MIN <= bytes {
                match piece.opens {
                    Opens::Nothing => {}
                    Opens::Paragraph => paragraph = Some(index),
                    Opens::Page => return Stop::Before(index),
                }
            }
            before = index;
        }
        if self.end - self.start <= CHUNK_BYTES_MAX {
            return Stop::End;
        }
        paragraph.map_or_else(|| self.stop_inside(), Stop::Before)
    }

    fn stop_inside(&self) -> Stop {
        let rest = self.flow.text.get(self.start..self.end).unwrap_or_default();
        let window = rest.get(..rest.floor_char_boundary(CHUNK_BYTES_MAX)).unwrap_or_default();
        Stop::Inside(self.start + cut::end_in(window))
    }

    fn end_of(&self, piece: usize) -> usize {
        self.flow.pieces.get(piece).map_or(self.end, |piece| piece.end)
    }

    fn start_of(&self, piece: usize) -> usize {
        self.flow.pieces.get(piece).map_or(self.end, |piece| piece.start)
    }

    /// Goes on in the paragraph that was cut at `end`, some bytes before the cut.
    fn resume_inside(&mut self, end: usize) {
        let from = self.paragraph_start(end);
        let before = self.flow.text.get(from..end).unwrap_or_default();
        // An overlap is shorter than the shortest cut chunk, so this always advances.
        self.start = (from + cut::overlap_in(before)).max(self.start + 1);
        while self.piece + 1 < self.last_piece && self.start_of(self.piece + 1) <= self.start {
            self.piece += 1;
        }
    }

    /// Where the paragraph that holds the byte before `end` begins, or the present chunk if later.
    fn paragraph_start(&self, end: usize) -> usize {
        let pieces = self.flow.pieces.iter().take(self.last_piece).skip(self.piece + 1);
        pieces
            .take_while(|piece| piece.start < end)
            .filter(|piece| piece.opens != Opens::Nothing)
            .last()
            .map_or(self.start, |piece| piece.start)
    }
}

impl Iterator for Cutter<'_> {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        if self.end <= self.start {
            return None;
        }
        let (start, piece) = (self.start, self.piece);
        let end = match self.stop() {
            Stop::Before(next) => {
                self.piece = next;
                self.start = self.start_of(next);
                self.end_of(next.saturating_sub(1))
            }
            Stop::Inside(end) => {
                self.resume_inside(end);
                end
            }
            Stop::End => {
                self.start = self.end;
                self.end
            }
        };
        Some(Cut { range: start..end, piece })
    }
}
