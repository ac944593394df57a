//! One page's blocks as the document has them: joints, replacement texts, headings.

use std::collections::BTreeMap;

use super::annotation::Appearance;
use super::content::draw;
use super::geometry::Rect;
use super::glyphs::Replacement;
use super::page::Page;
use super::paragraphs::{TextBlock, blocks};
use super::work::Work;
use super::{image, layout, ocr, visibility};
use crate::domain::document::{
    Block, BlockKind, Document, Joint, Location, NoticeKind, Visibility,
};

/// Letters this much larger than the document's most common ones are a heading's.
const HEADING_RATIO_MIN: f32 = 1.15;
/// Longer blocks are no headings, however large.
const HEADING_BYTES_MAX: usize = 200;
/// Levels of headings that the document model has.
const LEVELS_MAX: u8 = 6;

/// Blocks of a page with their letters' size in points, and what became of its annotations.
pub(super) fn of_page<'a>(
    work: &mut Work<'a>,
    page: &Page<'a>,
) -> (Vec<(Block, f32)>, Vec<Appearance>) {
    let mut drawn = draw(work, page);
    image::prepare(work, &mut drawn);
    let mut visibilities = visibility::judge(page, &drawn, &mut work.tests_left);
    ocr::check(page, &drawn, &mut visibilities);
    if drawn.canvas.overran || work.tests_left == 0 {
        work.note(NoticeKind::LimitReached, "more shapes than can be compared with the text");
    }
    let lines = layout::lines(&drawn, &visibilities);
    let mut replacements = std::mem::take(&mut drawn.replacements);
    replacements.sort_by_key(|replacement| replacement.at_glyph);
    let mut replacements = replacements.into_iter().peekable();
    let mut ordered = Ordered { page, blocks: Vec::new(), shown: false };
    for block in blocks(lines) {
        while let Some(replacement) =
            replacements.next_if(|replacement| replacement.at_glyph < block.first_glyph)
        {
            ordered.replacement(&replacement);
        }
        ordered.text(block);
    }
    for replacement in replacements {
        ordered.replacement(&replacement);
    }
    (ordered.blocks, drawn.appearances)
}

struct Ordered<'p> {
    page: &'p Page<'p>,
    blocks: Vec<(Block, f32)>,
    /// Whether something shown was on this page already.
    shown: bool,
}

impl Ordered<'_> {
    fn text(&mut self, text: TextBlock) {
        let starts_page = if text.visibility.is_shown() {
            !std::mem::replace(&mut self.shown, true)
        } else {
            self.blocks.is_empty()
        };
        let block = Block {
            text: text.text,
            kind: text.kind,
            joint: if starts_page { Joint::Page } else { text.joint },
            visibility: text.visibility,
            location: self.location(text.area),
        };
        if !block.text.is_empty() {
            self.blocks.push((block, text.size * self.page.unit));
        }
    }

    fn replacement(&mut self, replacement: &Replacement) {
        let block = Block {
            text: replacement.text.trim().to_owned(),
            kind: BlockKind::Attached,
            joint: if self.blocks.is_empty() { Joint::Page } else { Joint::Line },
            visibility: Visibility::Alternate(replacement.kind),
            location: self.location(replacement.area),
        };
        if !block.text.is_empty() {
            self.blocks.push((block, 0.0));
        }
    }

    fn location(&self, area: Rect) -> Location {
        // A replacement of nothing has no area.
        let area = if area.is_sound() { self.page.location_area(area) } else { [0.0; 4] };
        Location::Page { page: self.page.number, area }
    }
}

/// Turns short blocks of large letters into headings. `sizes` are those of the shown blocks of
/// pages, in order.
pub(super) fn mark_headings(document: &mut Document, sizes: &[f32]) {
    let is_text = |block: &&mut Block| block.visibility.is_shown();
    let mut bytes_by_size: BTreeMap<u32, usize> = BTreeMap::new();
    for (block, size) in document.blocks.iter_mut().filter(is_text).zip(sizes) {
        *bytes_by_size.entry(half_points(*size)).or_default() += block.text.len();
    }
    let Some((body, _)) = bytes_by_size.iter().max_by_key(|(_, bytes)| **bytes) else { return };
    let limit = *body as f32 * HEADING_RATIO_MIN;
    let larger: Vec<u32> =
        bytes_by_size.keys().rev().copied().filter(|size| *size as f32 >= limit).collect();
    for (block, size) in document.blocks.iter_mut().filter(is_text).zip(sizes) {
        let rank = larger.iter().position(|larger| *larger == half_points(*size));
        if let Some(rank) = rank
            && matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem)
            && block.text.len() <= HEADING_BYTES_MAX
        {
            let level = u8::try_from(rank + 1).unwrap_or(LEVELS_MAX).min(LEVELS_MAX);
            block.kind = BlockKind::Heading(level);
        }
    }
}

fn half_points(size: f32) -> u32 {
    super::lexer::whole_number((size * 2.0).round())
        .and_then(|size| u32::try_from(size).ok())
        .unwrap_or(0)
}
