//! Blocks in the making: the page's own text, and what stands apart from it (notes, boxes, headers).

use crate::domain::document::{Block, BlockKind, Joint, Location, Visibility};

/// A stretch of text with its own paragraphs.
#[derive(Debug)]
pub(super) struct Flow {
    part: &'static str,
    pub(super) blocks: Vec<Block>,
    text: String,
    visibility: Visibility,
    kind: BlockKind,
    /// How the next shown run, and the next of any kind, follow what is before them.
    joints: [Joint; 2],
    paragraph: u32,
    /// What stands apart from the paragraph in the making and comes behind it.
    behind: Vec<Block>,
}

impl Flow {
    pub(super) const fn new(part: &'static str) -> Self {
        Self {
            part,
            blocks: Vec::new(),
            text: String::new(),
            visibility: Visibility::Shown,
            kind: BlockKind::Paragraph,
            joints: [Joint::Paragraph; 2],
            paragraph: 1,
            behind: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, text: &str, visibility: Visibility, kind: BlockKind) {
        if text.is_empty() {
            return;
        }
        // White space looks alike in any colour.
        let is_blank = text.chars().all(char::is_whitespace) && !self.text.is_empty();
        if visibility != self.visibility && !is_blank {
            self.end_run();
            self.visibility = visibility;
        }
        self.kind = kind;
        self.text.push_str(text);
    }

    fn end_run(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() && self.joints != [Joint::Inline; 2] {
            return;
        }
        let [shown, any] = &mut self.joints;
        let joint =
            if self.visibility.is_shown() { std::mem::replace(shown, Joint::Inline) } else { *any };
        *any = Joint::Inline;
        self.blocks.push(Block {
            text,
            kind: self.kind,
            joint,
            visibility: self.visibility,
            location: Location::Part { part: self.part.to_owned(), paragraph: self.paragraph },
        });
    }

    /// Ends a paragraph or cell; `next` says how what comes next follows it.
    pub(super) fn end(&mut self, next: Joint) {
        self.end_run();
        self.joints =
            self.joints.map(|joint| if joint == Joint::Inline { next } else { joint.max(next) });
        self.paragraph = self.paragraph.saturating_add(1);
        self.blocks.append(&mut self.behind);
    }

    /// Blocks so far.
    pub(super) const fn count(&self) -> usize {
        self.blocks.len() + self.behind.len()
    }

    /// Text that stands apart from the paragraph in the making.
    pub(super) fn set_behind(&mut self, blocks: Vec<Block>) {
        self.behind.extend(blocks);
    }
}
