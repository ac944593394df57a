//! Runs of text → blocks: one for each run of a paragraph that a person gets alike, blanks folded as
//! OpenDocument folds them. Cells of sheets go to the grid.

use crate::domain::document::{Block, BlockKind, Joint, Location, Visibility};
use crate::domain::limits::WAITING_BLOCKS_MAX;
use crate::parse::Builder;
use crate::parse::grid::{Grid, Place};

/// Blanks around what a file keeps of a field.
const FIELD_BLANKS_BYTES_MAX: usize = 1_000;

/// Where the text of a paragraph goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Target {
    /// Into the page.
    Page(BlockKind),
    /// Into a cell of the sheet.
    Cell(Place),
    /// Beside them: notes, messages. With the cell that it belongs to.
    Beside(Option<Place>),
}

/// A paragraph in the making.
#[derive(Debug)]
struct Paragraph {
    target: Target,
    joint: Joint,
    location: Location,
    runs: Vec<(String, Visibility)>,
    /// Nothing but blanks before here, or a blank was just written.
    at_blank: bool,
    is_hidden: Option<Visibility>,
    /// What is shown of it is seen so.
    doubt: Option<Visibility>,
    /// The shape it is in.
    shape: Option<usize>,
    /// Runs that are settled: before the text that the file keeps of a field, or behind its end.
    settled: usize,
    /// Where the text begins that the file keeps of each open field.
    fields: Vec<usize>,
}

/// Writes one part's text.
pub(super) struct Flow<'f> {
    pub(super) builder: &'f mut Builder,
    pub(super) grid: Grid,
    part: &'f str,
    pub(super) sheet: String,
    open: Vec<Paragraph>,
    /// What stands inside an open paragraph without being of it: it comes after.
    after: Vec<(Block, Option<usize>)>,
    number: u32,
    joint: Joint,
    loose: String,
    /// Runs of the cell that is open.
    pub(super) cell: Vec<(String, Visibility)>,
    /// Blocks of the slide that is open, each with its shape.
    pub(super) slide: Option<Vec<(Block, Option<usize>)>>,
}

impl<'f> Flow<'f> {
    pub(super) fn new(builder: &'f mut Builder, part: &'f str) -> Self {
        Self {
            builder,
            grid: Grid::default(),
            part,
            sheet: String::new(),
            open: Vec::new(),
            after: Vec::new(),
            number: 0,
            joint: Joint::Paragraph,
            loose: String::new(),
            cell: Vec::new(),
            slide: None,
        }
    }

    /// The next paragraph begins so, at least.
    pub(super) fn part(&mut self, joint: Joint) {
        let rank = |joint: Joint| match joint {
            Joint::Inline => 0,
            Joint::Line => 1,
            Joint::Paragraph => 2,
            Joint::Page => 3,
        };
        if rank(self.joint) < rank(joint) {
            self.joint = joint;
        }
    }

    pub(super) fn begin(&mut self, target: Target, shape: Option<usize>) {
        let (joint, location) = match target {
            Target::Cell(place) | Target::Beside(Some(place)) => {
                (Joint::Line, self.place_beside(Some(place)))
            }
            Target::Beside(None) => (Joint::Line, self.next_place()),
            Target::Page(_) => (std::mem::replace(&mut self.joint, Joint::Line), self.next_place()),
        };
        self.open.push(Paragraph {
            target,
            joint,
            location,
            runs: Vec::new(),
            at_blank: true,
            is_hidden: None,
            doubt: None,
            shape,
            settled: 0,
            fields: Vec::new(),
        });
    }

    pub(super) fn in_paragraph(&self) -> bool {
        !self.open.is_empty()
    }

    /// Everything in the open paragraph is hidden.
    pub(super) fn hide(&mut self, seen: Visibility) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.is_hidden = Some(seen);
        }
    }

    /// What would be shown in the open paragraph is not sure to be.
    pub(super) fn doubt(&mut self, seen: Visibility) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.doubt = Some(seen);
        }
    }

    /// Text as it stands in the file.
    pub(super) fn text(&mut self, text: &str, seen: Visibility) {
        let Some(paragraph) = self.open.last_mut() else { return };
        let blank = |ch: char| matches!(ch, ' ' | '\t' | '\n' | '\r');
        let mut folded = String::with_capacity(text.len());
        for ch in text.chars() {
            if !blank(ch) {
                folded.push(ch);
            } else if !paragraph.at_blank {
                folded.push(' ');
            }
            paragraph.at_blank = blank(ch);
        }
        paragraph.push(&folded, seen);
    }

    /// Characters that an element stands for.
    pub(super) fn exactly(&mut self, text: &str, seen: Visibility) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.push(text, seen);
            paragraph.at_blank = text.ends_with('\n');
        }
    }

    /// What follows up to `end_field` is what the file keeps of a field.
    pub(super) fn begin_field(&mut self) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.settled = paragraph.runs.len();
            paragraph.fields.push(paragraph.settled);
        }
    }

    /// Drops what was kept where it is what the field shows, and hides it otherwise.
    pub(super) fn end_field(&mut self, shown: &str, hidden: Visibility) {
        let Some(paragraph) = self.open.last_mut() else { return };
        let Some(begin) = paragraph.fields.pop() else { return };
        let kept = paragraph.runs.iter().skip(begin).map(|(text, _)| text.as_str());
        // Fields in fields are gone through again and again: what is much longer is not the same.
        let length: usize = kept.clone().map(str::len).sum();
        if length <= shown.len() + FIELD_BLANKS_BYTES_MAX
            && kept.collect::<String>().trim() == shown.trim()
        {
            paragraph.runs.truncate(begin);
        }
        paragraph.runs.iter_mut().skip(begin).for_each(|(_, seen)| *seen = hidden);
        paragraph.settled = paragraph.runs.len();
    }

    pub(super) fn end(&mut self) {
        let Some(mut paragraph) = self.open.pop() else { return };
        if let Some((last, _)) = paragraph.runs.last_mut() {
            last.truncate(last.trim_end_matches(' ').len());
        }
        if let Some(hidden) = paragraph.is_hidden {
            paragraph.runs.iter_mut().for_each(|(_, seen)| *seen = hidden);
        }
        if let Some(doubt) = paragraph.doubt {
            let shown = paragraph.runs.iter_mut().filter(|(_, seen)| seen.is_shown());
            shown.for_each(|(_, seen)| *seen = doubt);
        }
        paragraph.runs.retain(|(text, _)| !text.is_empty());
        let kind = match paragraph.target {
            Target::Cell(_) => {
                if !self.cell.is_empty() && !paragraph.runs.is_empty() {
                    self.cell.push(("\n".to_owned(), Visibility::Shown));
                }
                self.cell.append(&mut paragraph.runs);
                self.write_after();
                return;
            }
            Target::Page(kind) => kind,
            Target::Beside(_) => BlockKind::Attached,
        };
        if paragraph.runs.is_empty() && kind != BlockKind::Attached {
            self.part(paragraph.joint);
        }
        let (first, location) = (paragraph.joint, paragraph.location);
        let (mut shown, mut any) = (first, first);
        for (text, visibility) in paragraph.runs {
            let joint = if visibility.is_shown() { shown } else { any };
            any = Joint::Inline;
            if visibility.is_shown() {
                shown = Joint::Inline;
            }
            let location = location.clone();
            self.put(Block { text, kind, joint, visibility, location }, paragraph.shape);
        }
        self.write_after();
    }

    /// Writes what waits for the end of the paragraph that it stands in.
    fn write_after(&mut self) {
        if self.open.is_empty() {
            for (block, shape) in std::mem::take(&mut self.after) {
                self.write(block, shape);
            }
        }
    }

    fn next_place(&mut self) -> Location {
        self.number = self.number.saturating_add(1);
        Location::Part { part: self.part.to_owned(), paragraph: self.number }
    }

    fn place_beside(&mut self, place: Option<Place>) -> Location {
        match place {
            Some(place) => Location::Cell { sheet: self.sheet.clone(), cell: place.name() },
            None => self.next_place(),
        }
    }

    fn put(&mut self, block: Block, shape: Option<usize>) {
        if self.open.is_empty() || self.after.len() >= WAITING_BLOCKS_MAX {
            self.write(block, shape);
        } else {
            self.after.push((block, shape));
        }
    }

    fn write(&mut self, block: Block, shape: Option<usize>) {
        match &mut self.slide {
            Some(slide) if slide.len() < WAITING_BLOCKS_MAX => slide.push((block, shape)),
            _ => self.builder.block(block),
        }
    }

    /// Text that stands in no paragraph.
    pub(super) fn loose(&mut self, text: &str) {
        self.loose.push_str(text);
    }

    /// Ends text that stands in no paragraph.
    pub(super) fn end_loose(&mut self, seen: Visibility, place: Option<Place>) {
        let text = std::mem::take(&mut self.loose);
        self.beside(&text, seen, place);
    }

    /// A value that hangs on the place.
    pub(super) fn beside(&mut self, text: &str, visibility: Visibility, place: Option<Place>) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let location = self.place_beside(place);
        let (kind, joint) = (BlockKind::Attached, Joint::Line);
        self.put(Block { text: text.to_owned(), kind, joint, visibility, location }, None);
    }

    /// A block of its own, such as the name of a sheet.
    pub(super) fn heading(&mut self, text: &str, visibility: Visibility) {
        let location = self.next_place();
        let (kind, joint) = (BlockKind::Heading(1), Joint::Page);
        self.put(Block { text: text.to_owned(), kind, joint, visibility, location }, None);
    }
}

impl Paragraph {
    fn push(&mut self, text: &str, seen: Visibility) {
        let count = self.runs.len();
        // A paragraph of more runs than any is told in fewer, each of them whole.
        let back = if count < WAITING_BLOCKS_MAX { 1 } else { RUNS_BACK };
        let from = self.settled.max(count.saturating_sub(back));
        let run = self.runs.iter_mut().skip(from).rev().find(|(_, known)| *known == seen);
        match run {
            Some((run, _)) => run.push_str(text),
            None => self.runs.push((text.to_owned(), seen)),
        }
    }
}

/// Runs that are looked at for one to go on with, in a paragraph of very many.
const RUNS_BACK: usize = 16;
