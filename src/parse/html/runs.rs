//! Pieces of text → blocks: one for each run of the same visibility in one block-level element,
//! with white space folded as browsers fold it.
//!
//! Two lines are kept: the one a person reads, in which hidden text takes no room, and the one that
//! an extractor gets.

use std::rc::Rc;

use crate::domain::document::{Block, BlockKind, Hiding, Joint, Location, NoticeKind, Visibility};
use crate::domain::limits::HTML_COVER_TESTS_MAX;
use crate::parse::Builder;
use crate::parse::html::font::Budget;
use crate::parse::html::tree::NodeId;

/// What parts the next text from the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    None,
    /// `<br>`: a new line in the same block.
    Break,
    Line,
    Paragraph,
}

/// A line in the making.
#[derive(Debug)]
struct Line {
    gap: Gap,
    /// There is text in it.
    begun: bool,
    /// A space waits for the next text.
    space: bool,
}

impl Line {
    const fn new() -> Self {
        Self { gap: Gap::Paragraph, begun: false, space: false }
    }

    fn part(&mut self, gap: Gap) {
        if gap == Gap::None {
            return;
        }
        self.gap = self.gap.max(gap);
        self.space = false;
        self.begun = false;
    }

    const fn joint(&self) -> Joint {
        match self.gap {
            Gap::None => Joint::Inline,
            Gap::Break | Gap::Line => Joint::Line,
            Gap::Paragraph => Joint::Paragraph,
        }
    }
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Piece {
    pub(crate) visibility: Visibility,
    pub(crate) kind: BlockKind,
    /// The block-level element that it is in.
    pub(crate) owner: NodeId,
    pub(crate) keeps_blanks: bool,
    /// Out of the flow: its hidden text leaves no gap.
    pub(crate) is_loose: bool,
}

/// Writes blocks into the document.
pub(crate) struct Runs<'b> {
    pub(crate) builder: &'b mut Builder,
    /// What the document and those inside it may still unpack of fonts.
    pub(crate) fonts: Rc<Budget>,
    /// Boxes that text may still be held against.
    cover_tests_left: usize,
    open: Option<(Block, NodeId)>,
    /// Attributes and comments wait for the end of the run that they stand in, so that they do not
    /// cut a paragraph in two.
    waiting: Vec<Block>,
    shown: Line,
    machine: Line,
}

impl<'b> Runs<'b> {
    pub(crate) fn new(builder: &'b mut Builder) -> Self {
        let (shown, machine) = (Line::new(), Line::new());
        let cover_tests_left = HTML_COVER_TESTS_MAX;
        let (fonts, waiting) = (Rc::default(), Vec::new());
        Self { builder, fonts, cover_tests_left, open: None, waiting, shown, machine }
    }

    /// Whether text may still be held against so many boxes.
    pub(crate) fn may_test(&mut self, boxes: usize) -> bool {
        let left = self.cover_tests_left.checked_sub(boxes);
        self.cover_tests_left = left.unwrap_or(0);
        if left.is_none() {
            let detail =
                "more boxes over each other than are compared; text between them is undetermined";
            self.builder.notice_once(NoticeKind::LimitReached, detail);
        }
        left.is_some()
    }

    /// A border of a block; `seen` when it takes room on the page.
    pub(crate) fn part(&mut self, gap: Gap, seen: bool) {
        self.machine.part(gap);
        if seen {
            self.shown.part(gap);
        }
    }

    /// Adds text; `place` is asked only when a new block begins.
    pub(crate) fn text(&mut self, text: &str, piece: &Piece, place: impl FnOnce() -> Location) {
        if piece.keeps_blanks {
            self.verbatim(text, piece, place);
            return;
        }
        let blank = |ch: char| matches!(ch, ' ' | '\t' | '\n' | '\r' | '\x0c');
        let is_shown = piece.visibility.is_shown();
        let leads = text.starts_with(blank);
        let words = text.trim_matches(blank);
        let line = if is_shown { &mut self.shown } else { &mut self.machine };
        line.space |= leads && line.begun;
        if is_shown {
            self.machine.space |= leads && self.machine.begun;
        }
        if words.is_empty() {
            return;
        }
        let run = self.run(piece, place);
        for (index, word) in words.split(blank).filter(|word| !word.is_empty()).enumerate() {
            if index > 0 {
                run.text.push(' ');
            }
            run.text.push_str(word);
        }
        self.end_text(piece, text.ends_with(blank));
    }

    fn verbatim(&mut self, text: &str, piece: &Piece, place: impl FnOnce() -> Location) {
        if text.is_empty() {
            return;
        }
        let run = self.run(piece, place);
        for (index, line) in text.lines().enumerate() {
            if index > 0 {
                run.text.push('\n');
            }
            run.text.push_str(line);
        }
        if text.ends_with('\n') {
            run.text.push('\n');
        }
        self.end_text(piece, false);
    }

    fn end_text(&mut self, piece: &Piece, space: bool) {
        let is_shown = piece.visibility.is_shown();
        self.machine.space = space;
        if is_shown {
            self.shown.space = space;
        } else if takes_room(piece) {
            // A person sees a gap where the text would be.
            self.shown.space = self.shown.begun;
        }
    }

    /// The run that this piece goes on with, or a new one; with the space or line that parts them.
    fn run(&mut self, piece: &Piece, place: impl FnOnce() -> Location) -> &mut Block {
        let is_shown = piece.visibility.is_shown();
        let line = if is_shown { &self.shown } else { &self.machine };
        let goes_on = line.gap <= Gap::Break
            && self.open.as_ref().is_some_and(|(block, owner)| {
                *owner == piece.owner
                    && block.visibility == piece.visibility
                    && block.kind == piece.kind
            });
        let (gap, space, joint) = (line.gap, line.space && line.begun, line.joint());
        for line in [&mut self.machine].into_iter().chain(is_shown.then_some(&mut self.shown)) {
            *line = Line { gap: Gap::None, begun: true, space: false };
        }
        if !goes_on {
            self.flush();
        }
        let (block, _) = self.open.get_or_insert_with(|| {
            let (kind, visibility, location) = (piece.kind, piece.visibility, place());
            (Block { text: String::new(), kind, joint, visibility, location }, piece.owner)
        });
        if goes_on && gap == Gap::Break {
            block.text.push('\n');
        } else if space {
            block.text.push(' ');
        }
        block
    }

    /// Extends the place of the open run to the end of what it has taken in.
    pub(crate) fn extend(&mut self, end: u64) {
        if let Some((Block { location: Location::Text { end_byte, .. }, .. }, _)) = &mut self.open {
            *end_byte = end.max(*end_byte);
        }
    }

    /// Adds a value that is attached to an element: it comes after the run it stands in.
    pub(crate) fn attach(&mut self, text: &str, visibility: Visibility, place: Location) {
        let text = folded(text);
        if text.is_empty() {
            return;
        }
        let (kind, joint) = (BlockKind::Attached, Joint::Line);
        self.waiting.push(Block { text, kind, joint, visibility, location: place });
        if self.open.is_none() {
            self.flush();
        }
    }

    /// Ends the open run.
    pub(crate) fn flush(&mut self) {
        if let Some((mut block, _)) = self.open.take() {
            let end = block.text.trim_end_matches([' ', '\n']).len();
            block.text.truncate(end);
            self.builder.block(block);
        }
        for block in self.waiting.drain(..) {
            self.machine.part(Gap::Line);
            self.builder.block(block);
        }
    }
}

/// Whether hidden text leaves an empty place on the page.
fn takes_room(piece: &Piece) -> bool {
    let leaves = matches!(
        piece.visibility,
        Visibility::Hidden(
            Hiding::Invisible | Hiding::Transparent | Hiding::LowContrast | Hiding::NotPainted
        )
    );
    leaves && !piece.is_loose
}

/// White space folded, lines kept.
fn folded(text: &str) -> String {
    let mut folded = String::new();
    for line in text.lines() {
        let mut words = line.split_whitespace().peekable();
        if words.peek().is_some() && !folded.is_empty() {
            folded.push('\n');
        }
        for (index, word) in words.enumerate() {
            if index > 0 {
                folded.push(' ');
            }
            folded.push_str(word);
        }
    }
    folded
}
