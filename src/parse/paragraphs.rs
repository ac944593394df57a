//! Paragraphs of office files → blocks: one for each run of the same visibility.
//!
//! Boxes with text of their own stand inside a paragraph in the file and beside it on the page: they come
//! after it. Two lines are kept, as for web pages: the one that a person reads and the one that an
//! extractor gets.

use super::Builder;
use crate::domain::document::{Block, BlockKind, Joint, Location, Visibility};

/// Writes paragraphs of one part after another.
#[derive(Debug)]
pub(super) struct Paragraphs {
    part: String,
    /// Paragraphs of the part so far.
    count: u32,
    open: Vec<Paragraph>,
    done: Vec<Done>,
    shown: Joint,
    machine: Joint,
    /// The last paragraph, and whether its end is seen.
    last: Option<(BlockKind, bool)>,
}

#[derive(Debug)]
struct Paragraph {
    number: u32,
    kind: BlockKind,
    pieces: Vec<(String, Visibility)>,
    attached: Vec<(String, Visibility)>,
    /// Paragraphs of boxes that are anchored in it.
    beside: Vec<Done>,
}

#[derive(Debug)]
struct Done {
    paragraph: Paragraph,
    end_seen: bool,
}

impl Paragraphs {
    pub(super) const fn new() -> Self {
        Self {
            part: String::new(),
            count: 0,
            open: Vec::new(),
            done: Vec::new(),
            shown: Joint::Paragraph,
            machine: Joint::Paragraph,
            last: None,
        }
    }

    /// Goes on in another part; what is open ends.
    pub(super) fn part(&mut self, builder: &mut Builder, name: &str) {
        while !self.open.is_empty() {
            self.end(builder, true);
        }
        self.flush(builder);
        name.clone_into(&mut self.part);
        self.count = 0;
        self.part_lines(Joint::Paragraph);
        self.last = None;
    }

    /// Goes on on a new slide.
    pub(super) fn page(&mut self) {
        self.part_lines(Joint::Page);
    }

    /// Begins a paragraph.
    pub(super) fn begin(&mut self, kind: BlockKind) {
        self.count = self.count.saturating_add(1);
        self.open.push(Paragraph {
            number: self.count,
            kind,
            pieces: Vec::new(),
            attached: Vec::new(),
            beside: Vec::new(),
        });
    }

    /// Number of the last paragraph that has begun.
    pub(super) fn number(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// What the innermost paragraph is, once that is known.
    pub(super) fn kind(&mut self, kind: BlockKind) {
        if let Some(open) = self.open.last_mut() {
            open.kind = kind;
        }
    }

    /// Adds text to the innermost paragraph; outside of one it is a paragraph of its own.
    pub(super) fn text(&mut self, builder: &mut Builder, text: &str, visibility: Visibility) {
        if text.is_empty() {
            return;
        }
        let Some(open) = self.open.last_mut() else {
            self.begin(BlockKind::Paragraph);
            self.text(builder, text, visibility);
            self.end(builder, true);
            return;
        };
        match open.pieces.last_mut() {
            Some((piece, known)) if *known == visibility => piece.push_str(text),
            _ => open.pieces.push((text.to_owned(), visibility)),
        }
    }

    /// Adds a value that hangs on what is around it: it comes after its paragraph.
    pub(super) fn attach(&mut self, builder: &mut Builder, text: &str, visibility: Visibility) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match self.open.last_mut() {
            Some(open) => {
                let said = (text.to_owned(), visibility);
                // A picture and the drawing around it have one description.
                if open.attached.last() != Some(&said) {
                    open.attached.push(said);
                }
            }
            None => {
                self.begin(BlockKind::Attached);
                self.attach(builder, text, visibility);
                self.end(builder, false);
            }
        }
    }

    /// Ends the innermost paragraph. `end_seen`: whether the next one begins on a new line.
    pub(super) fn end(&mut self, builder: &mut Builder, end_seen: bool) {
        let Some(paragraph) = self.open.pop() else { return };
        let done = Done { paragraph, end_seen };
        match self.open.last_mut() {
            Some(outer) => outer.beside.push(done),
            None => {
                self.done.push(done);
                self.flush(builder);
            }
        }
    }

    fn flush(&mut self, builder: &mut Builder) {
        // The last in the list comes next; boxes may hold boxes.
        let mut left: Vec<Done> = std::mem::take(&mut self.done);
        left.reverse();
        while let Some(Done { paragraph, end_seen }) = left.pop() {
            let Paragraph { number, kind, pieces, attached, beside } = paragraph;
            self.write(builder, number, kind, pieces);
            let (part, joint) = (&self.part, Joint::Line);
            for (text, visibility) in attached {
                let location = Location::Part { part: part.clone(), paragraph: number };
                let kind = BlockKind::Attached;
                builder.block(Block { text, kind, joint, visibility, location });
                self.machine = self.machine.max(Joint::Line);
            }
            if kind != BlockKind::Attached {
                self.last = Some((kind, end_seen));
            }
            left.extend(beside.into_iter().rev());
        }
    }

    fn write(
        &mut self,
        builder: &mut Builder,
        number: u32,
        kind: BlockKind,
        pieces: Vec<(String, Visibility)>,
    ) {
        if kind != BlockKind::Attached {
            self.part_from_last(kind);
        }
        for (text, visibility) in trimmed(pieces) {
            let is_shown = visibility.is_shown();
            let joint = if is_shown { self.shown } else { self.machine };
            self.machine = Joint::Inline;
            if is_shown {
                self.shown = Joint::Inline;
            }
            let location = Location::Part { part: self.part.clone(), paragraph: number };
            builder.block(Block { text, kind, joint, visibility, location });
        }
    }

    fn part_from_last(&mut self, kind: BlockKind) {
        let Some((last, end_seen)) = self.last else { return };
        let is_close = |kind| matches!(kind, BlockKind::ListItem | BlockKind::Cell);
        let joint = if is_close(last) && is_close(kind) { Joint::Line } else { Joint::Paragraph };
        self.machine = self.machine.max(joint);
        if end_seen {
            self.shown = self.shown.max(joint);
        }
    }

    fn part_lines(&mut self, joint: Joint) {
        self.shown = self.shown.max(joint);
        self.machine = self.machine.max(joint);
    }
}

/// Without the blanks at both ends of the paragraph, and without what is only blanks beside other text.
fn trimmed(mut pieces: Vec<(String, Visibility)>) -> Vec<(String, Visibility)> {
    let is_blank = |piece: &(String, Visibility)| piece.0.trim().is_empty();
    let first = pieces.iter().position(|piece| !is_blank(piece)).unwrap_or(pieces.len());
    pieces.drain(..first);
    while pieces.last().is_some_and(is_blank) {
        pieces.pop();
    }
    if let Some((text, _)) = pieces.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some((text, _)) = pieces.last_mut() {
        text.truncate(text.trim_end().len());
    }
    joined(pieces)
}

/// A hidden blank between two shown runs is a gap on the page: it goes with the run before it.
fn joined(pieces: Vec<(String, Visibility)>) -> Vec<(String, Visibility)> {
    let mut joined: Vec<(String, Visibility)> = Vec::with_capacity(pieces.len());
    for (text, visibility) in pieces {
        let is_blank = text.trim().is_empty();
        match joined.last_mut() {
            Some((before, known)) if is_blank || *known == visibility => before.push_str(&text),
            _ => joined.push((text, visibility)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::{Format, Hiding};

    const HIDDEN: Visibility = Visibility::Hidden(Hiding::NotDisplayed);

    fn told(write: impl FnOnce(&mut Paragraphs, &mut Builder)) -> Vec<(String, Joint)> {
        let mut builder = Builder::new(Format::Docx);
        let mut paragraphs = Paragraphs::new();
        paragraphs.part(&mut builder, "p");
        write(&mut paragraphs, &mut builder);
        builder.finish().blocks.into_iter().map(|block| (block.text, block.joint)).collect()
    }

    fn whole(
        paragraphs: &mut Paragraphs,
        builder: &mut Builder,
        pieces: &[(&str, Visibility)],
        end: bool,
    ) {
        paragraphs.begin(BlockKind::Paragraph);
        for (text, visibility) in pieces {
            paragraphs.text(builder, text, *visibility);
        }
        paragraphs.end(builder, end);
    }

    #[test]
    fn hidden_text_does_not_part_a_word() {
        let found = told(|paragraphs, builder| {
            let pieces = [(" ig", Visibility::Shown), ("x", HIDDEN), ("nore ", Visibility::Shown)];
            whole(paragraphs, builder, &pieces, true);
        });
        let expected = [("ig", Joint::Paragraph), ("x", Joint::Inline), ("nore", Joint::Inline)];
        assert_eq!(found, expected.map(|(text, joint)| (text.to_owned(), joint)));
    }

    #[test]
    fn a_paragraph_whose_end_is_hidden_runs_on() {
        for (end, joint) in [(true, Joint::Paragraph), (false, Joint::Inline)] {
            let found = told(|paragraphs, builder| {
                whole(paragraphs, builder, &[("a", Visibility::Shown)], end);
                whole(paragraphs, builder, &[("b", Visibility::Shown)], true);
            });
            assert_eq!(found[1], ("b".to_owned(), joint));
        }
    }

    #[test]
    fn a_box_comes_after_the_paragraph_around_it() {
        let found = told(|paragraphs, builder| {
            paragraphs.begin(BlockKind::Paragraph);
            paragraphs.text(builder, "before ", Visibility::Shown);
            whole(paragraphs, builder, &[("box", Visibility::Shown)], true);
            paragraphs.text(builder, "after", Visibility::Shown);
            paragraphs.end(builder, true);
        });
        let expected = [("before after", Joint::Paragraph), ("box", Joint::Paragraph)];
        assert_eq!(found, expected.map(|(text, joint)| (text.to_owned(), joint)));
    }
}
