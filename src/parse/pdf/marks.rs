//! Marked content: replacement texts, and layers that are off.

use lopdf::{Dictionary, Object};
use unicode_normalization::UnicodeNormalization;

use super::content::Interpreter;
use super::geometry::Rect;
use super::glyphs::{Glyph, Replacement};
use super::layers::LAYER_COST;
use super::layout::runs_left;
use super::lexer::Token;
use super::objects::{get_dict, get_text, text_of};
use crate::domain::document::{Alternate, NoticeKind};
use crate::domain::limits::PDF_STATES_MAX;

/// Marked content that is open.
#[derive(Debug)]
pub(super) struct Mark {
    /// Whether it lies on a layer that is not seen.
    is_veiled: bool,
    texts: Vec<(Alternate, String)>,
    first_glyph: usize,
}

/// Entries of a property list that stand for what is drawn.
const TEXT_KEYS: [(&[u8], Alternate); 3] = [
    (b"ActualText", Alternate::ActualText),
    (b"Alt", Alternate::AltText),
    (b"E", Alternate::AltText),
];

impl<'a> Interpreter<'_, 'a> {
    pub(super) fn open_mark(&mut self, operands: &[Token<'_>], resources: Option<&'a Dictionary>) {
        let mut mark =
            Mark { is_veiled: false, texts: Vec::new(), first_glyph: self.drawn.glyphs.len() };
        let mut veil = None;
        match operands {
            [.., tag, Token::Name(name)] => {
                let named = resources
                    .and_then(|r| get_dict(self.work.document, r, b"Properties")?.get(name).ok());
                if let Some(named) = named {
                    let is_layer = tag.name() == Some(b"OC") && self.work.spend(LAYER_COST);
                    veil = self.work.layers.veil(self.work.document, named).filter(|_| is_layer);
                    mark.texts = self.named_texts(named);
                }
            }
            [.., properties @ Token::Dict(_)] => {
                let texts = TEXT_KEYS.iter().filter_map(|(key, kind)| {
                    Some((*kind, text_of(properties.entry(key)?.text()?)))
                });
                mark.texts = texts.collect();
            }
            _ => {}
        }
        if self.marks.len() >= PDF_STATES_MAX {
            self.marks_unkept += 1;
            // The mark that is not kept might have been a switched-off layer.
            self.broken = true;
            self.work.note(NoticeKind::LimitReached, "marked content is nested too deeply");
            return;
        }
        mark.is_veiled = veil.is_some();
        self.veils.extend(veil);
        self.marks.push(mark);
    }

    fn named_texts(&self, properties: &Object) -> Vec<(Alternate, String)> {
        let document = self.work.document;
        let dict = super::objects::resolved(document, properties).and_then(super::objects::dict_of);
        let texts = TEXT_KEYS
            .iter()
            .filter_map(|(key, kind)| Some((*kind, get_text(document, dict?, key)?)));
        texts.collect()
    }

    pub(super) fn close_mark(&mut self) {
        if self.marks_unkept > 0 {
            self.marks_unkept -= 1;
        } else if self.marks.len() > self.marks_base
            && let Some(mark) = self.marks.pop()
        {
            self.end(mark);
        }
    }

    /// Closes what a form, or the page, has left open.
    pub(super) fn close_marks(&mut self, down_to: usize) {
        while self.marks.len() > down_to {
            if let Some(mark) = self.marks.pop() {
                self.end(mark);
            }
        }
    }

    fn end(&mut self, mark: Mark) {
        if mark.is_veiled {
            self.veils.pop();
        }
        if mark.texts.is_empty() {
            return;
        }
        let glyphs = self.drawn.glyphs.get(mark.first_glyph..).unwrap_or_default();
        // Nested marks read the same glyphs again, so that reading costs.
        if !self.work.spend(1 + glyphs.len() / 4) {
            return;
        }
        let drawn = comparable(&glyph_text(glyphs));
        let mut area = Rect::NOTHING;
        for glyph in glyphs {
            area.join(glyph.area());
        }
        for (kind, text) in mark.texts {
            if !is_same(&comparable(&text), &drawn) {
                let at_glyph = mark.first_glyph;
                self.drawn.replacements.push(Replacement { kind, text, area, at_glyph });
            }
        }
    }
}

pub(super) fn glyph_text(glyphs: &[Glyph]) -> String {
    let mut text = String::new();
    for glyph in glyphs {
        glyph.text.push_to(&mut text);
    }
    text
}

/// Whether both are the same text; scripts that run to the left may be drawn in either order.
fn is_same(text: &str, drawn: &str) -> bool {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    text == drawn
        || (drawn.chars().any(runs_left)
            && text.len() == drawn.len()
            && sorted(text) == sorted(drawn))
}

/// Without what differs between honest forms of the same text: spaces, soft hyphens, ligatures.
pub(super) fn comparable(text: &str) -> String {
    text.nfkc()
        .filter(|ch| !ch.is_whitespace() && !matches!(ch, '\u{ad}' | '-' | '\u{2010}' | '\u{200b}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hebrew_may_be_drawn_in_either_order_and_latin_may_not() {
        assert!(is_same("שלום", "םולש"));
        assert!(!is_same("שלום", "שלוש"));
        assert!(!is_same("stop", "pots"));
    }
}
