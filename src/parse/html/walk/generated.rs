//! Text that a style adds (`::before`, `::after`), and text whose order it turns round.
//!
//! Let through on purpose: counters, quotation marks, markers of lists and signs of icon fonts, which
//! say nothing in words.

use super::{Frame, Walker};
use crate::domain::document::{BlockKind, Hiding, Visibility};
use crate::parse::html::cascade::{Matched, Winners};
use crate::parse::html::css::scan::{unescape, words};
use crate::parse::html::css::selector::Part;
use crate::parse::html::css::sheet::{Rule, SCREEN};
use crate::parse::html::css::value::Display;
use crate::parse::html::runs::{Gap, Piece};
use crate::parse::html::style::{Setting, Style};
use crate::parse::html::tree::{Element, NodeId};
use crate::parse::html::user_agent;

/// Text of one part; longer ones are no label.
const CONTENT_BYTES_MAX: usize = 1_000;

impl Walker<'_, '_, '_> {
    /// Adds the text of a part of the innermost open element, if a person sees it.
    pub(super) fn generated(&mut self, part: Part) {
        let Some(frame) = self.frames.last().filter(|frame| !frame.parts.is_empty()) else {
            return;
        };
        if frame.inner.is_some() || self.unslotted().is_some() {
            return;
        }
        let Some((style, content)) = self.part_of(frame, part) else {
            return;
        };
        let Some(element) = self.tree.element(frame.node) else {
            return;
        };
        let text = text_in(&content, element);
        if !text.chars().any(|ch| ch.is_alphabetic()) || !self.verdict().is_shown() {
            return;
        }
        if self.reading.forced.is_some() || !style.verdict(self.others()).is_shown() {
            return;
        }
        let is_block = matches!(style.display, Display::Block | Display::Flexible);
        let piece = self.piece(Visibility::Shown);
        let gap = if is_block { Gap::Line } else { Gap::None };
        let (tree, reading) = (self.tree, &self.reading);
        self.runs.part(gap, true);
        self.runs.text(&text, &piece, || reading.place(tree, piece.owner));
        self.runs.part(gap, true);
    }

    /// The style of a part of an element, and its `content`; `None` when there is no such part.
    pub(super) fn part_of(&self, frame: &Frame<'_>, part: Part) -> Option<(Style, String)> {
        if frame.parts.is_empty() {
            return None;
        }
        let is_about = |rule: &Rule| rule.selector().is_some_and(|found| found.part == Some(part));
        let matched: Matched<'_> =
            frame.parts.iter().filter(|(rule, ..)| is_about(rule)).copied().collect();
        if matched.is_empty() {
            return None;
        }
        let mut winners = Winners::new();
        winners.rules(&matched, SCREEN);
        let content = match part {
            Part::FirstLine => String::new(),
            Part::Before | Part::After => {
                let content = winners.content()?.trim();
                if matches!(content, "none" | "normal") {
                    return None;
                }
                content.to_owned()
            }
        };
        let own = user_agent::Default::inline();
        let lookup = |name: &str| self.variable(SCREEN, name);
        let cascade = self.cascade();
        let setting = Setting {
            own: &own,
            winners: &winners,
            lookup: &lookup,
            quirks: cascade.quirks(),
            is_root: false,
            is_svg: false,
            root_font_px: self.root_font_px,
            fonts: &cascade.sheets.fonts,
            is_page: false,
        };
        Some((frame.screen.style.inside(&setting), content))
    }

    /// Whether the first line of an element is seen and the rest is not (`seen` is what the rest is), or
    /// the other way round.
    pub(super) fn has_other_first_line(&self, frame: &Frame<'_>, seen: bool) -> bool {
        let others = self.others();
        self.part_of(frame, Part::FirstLine)
            .is_some_and(|(style, _)| style.verdict(others).is_shown() != seen)
    }

    /// Text that is drawn from its last letter to its first: a person reads it so, an extractor does
    /// not. Whether this was such a text, and has been added.
    pub(super) fn turned(&mut self, node: NodeId, text: &str) -> bool {
        let is_turned = self.frames.last().is_some_and(|frame| frame.screen.style.is_turned());
        let letters = text.chars().filter(|ch| ch.is_alphabetic()).count();
        if !is_turned || letters < 2 || text.chars().any(is_right_to_left) {
            return false;
        }
        let drawn: String = text.chars().rev().collect();
        let (tree, reading) = (self.tree, &self.reading);
        let shown = self.piece(Visibility::Shown);
        self.runs.text(&drawn, &shown, || reading.place(tree, shown.owner));
        let hidden = Visibility::Hidden(Hiding::DrawnOtherwise);
        let source = Piece { kind: BlockKind::Attached, ..self.piece(hidden) };
        self.runs.text(text, &source, || reading.place(tree, tree.parent(node)));
        true
    }
}

const fn is_right_to_left(ch: char) -> bool {
    matches!(ch, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// The words of a `content`: strings and attributes.
fn text_in(content: &str, element: &Element) -> String {
    // Behind a slash stands what is said instead.
    let mut text = String::new();
    for word in words(content) {
        if word == "/" || text.len() > CONTENT_BYTES_MAX {
            break;
        }
        if let Some(inner) = word.strip_prefix("attr(") {
            let name = inner.trim_end_matches(')').split([',', ' ']).next().unwrap_or_default();
            text.push_str(element.attr(name.trim()).unwrap_or_default());
            continue;
        }
        let quoted = ['"', '\''].into_iter().find_map(|quote| {
            word.strip_prefix(quote).map(|rest| rest.strip_suffix(quote).unwrap_or(rest))
        });
        if let Some(quoted) = quoted {
            text.push_str(&unescape(quoted));
        }
    }
    text.retain(|ch| !matches!(ch, '\u{E000}'..='\u{F8FF}'));
    text
}
