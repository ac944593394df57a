//! Formulas as text: nobody sees them, and programs read them.

use crate::domain::document::{
    Alternate, Block, BlockKind, Hiding, Joint, Location, NoticeKind, Visibility,
};
use crate::domain::limits::{FORMULAS_BYTES_MAX, TEXT_BLOCK_BYTES_MAX};
use crate::parse::Builder;
use crate::parse::grid::Place;

/// Formulas with words in them that get a block each; the others stand together.
const APART_MAX: usize = 4_000;

/// What is kept of a file's formulas until its sheets are written.
#[derive(Debug, Default)]
pub(super) struct Formulas {
    blocks: Vec<Block>,
    open: Option<(String, Place, Place, String)>,
    apart: usize,
    bytes: usize,
    has_more: bool,
}

impl Formulas {
    pub(super) fn push(&mut self, sheet: &str, at: Place, formula: &str) {
        if !self.takes(formula) {
            return;
        }
        if self.apart < APART_MAX && has_words(formula) {
            self.apart += 1;
            let seen = Visibility::Hidden(Hiding::MachineOnly);
            self.blocks.push(block(formula, sheet, at.name(), seen));
            return;
        }
        match &mut self.open {
            Some((of, _, last, text))
                if of == sheet && text.len() + formula.len() < TEXT_BLOCK_BYTES_MAX =>
            {
                text.push('\n');
                text.push_str(formula);
                *last = at;
            }
            _ => {
                self.close();
                self.open = Some((sheet.to_owned(), at, at, formula.to_owned()));
            }
        }
    }

    /// How to read a cell aloud, which waits here too so that it does not cut its row.
    pub(super) fn phonetic(&mut self, sheet: &str, at: Place, text: &str) {
        if self.apart >= APART_MAX {
            self.push(sheet, at, text);
        } else if self.takes(text) {
            self.apart += 1;
            let seen = Visibility::Alternate(Alternate::ScreenReader);
            self.blocks.push(block(text, sheet, at.name(), seen));
        }
    }

    fn takes(&mut self, text: &str) -> bool {
        self.bytes = self.bytes.saturating_add(text.len());
        self.has_more |= self.bytes > FORMULAS_BYTES_MAX;
        !self.has_more
    }

    fn close(&mut self) {
        if let Some((sheet, first, last, text)) = self.open.take() {
            let cell = format!("{}:{}", first.name(), last.name());
            let seen = Visibility::Hidden(Hiding::MachineOnly);
            self.blocks.push(block(&text, &sheet, cell, seen));
        }
    }

    pub(super) fn write(mut self, builder: &mut Builder) {
        self.close();
        self.blocks.into_iter().for_each(|block| builder.block(block));
        if self.has_more {
            builder
                .notice_once(NoticeKind::LimitReached, "more formulas than are kept of one file");
        }
    }
}

fn block(text: &str, sheet: &str, cell: String, visibility: Visibility) -> Block {
    Block {
        text: text.trim().to_owned(),
        kind: BlockKind::Attached,
        joint: Joint::Line,
        visibility,
        location: Location::Cell { sheet: sheet.to_owned(), cell },
    }
}

/// Whether a formula holds more than one word of text.
fn has_words(formula: &str) -> bool {
    let literals = formula.split('"').skip(1).step_by(2);
    literals.into_iter().any(|literal| literal.split_whitespace().count() > 1)
}

/// Whether a formula starts a program or asks a server when it is worked out.
pub(super) fn starts_programs(formula: &str) -> bool {
    if !formula.contains('|') && !formula.contains("WEBSERVICE(") {
        return false;
    }
    let code: String = formula.split('"').step_by(2).collect();
    code.contains("|'") || code.contains("WEBSERVICE(")
}
