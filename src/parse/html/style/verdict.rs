//! What a computed style means for the text in it.

use std::rc::Rc;

use super::Style;
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};
use crate::parse::html::color::{ALPHA_MIN, Rgba};
use crate::parse::html::ground::{Ground, Ink, legibility, tinted};
use crate::parse::html::place::OFF_BEFORE_PX;

/// Type smaller than this is no type: a speck.
const FONT_PX_MIN: f32 = 2.0;
/// Letters that are moved together by this share of their size lie on top of each other.
const SPACING_MIN: f32 = -0.45;

/// Words that are moved back by this many sizes lie on top of each other.
const WORD_SPACING_MIN: f32 = -2.0;
/// An outline thinner than this does not show letters.
const STROKE_PX_MIN: f32 = 0.3;
/// Lines lower than this are none.
const LINE_PX_MIN: f32 = 1.0;

impl Style {
    pub(super) fn is_outdented(&self) -> bool {
        self.indent_px <= OFF_BEFORE_PX
    }

    /// What a person gets of the text in this element. `others`: sheets that were not read may have
    /// a say.
    pub(crate) fn verdict(&self, others: bool) -> Visibility {
        self.verdict_on(&self.ground, others)
    }

    /// The same on another ground than that of the boxes around it.
    pub(crate) fn verdict_on(&self, ground: &Rc<Ground>, others: bool) -> Visibility {
        let label = |hiding: Hiding| {
            if self.is_label {
                Visibility::Alternate(Alternate::ScreenReader)
            } else if self.is_track && self.gone.is_none() {
                Visibility::Alternate(Alternate::Collapsed)
            } else {
                Visibility::Hidden(hiding)
            }
        };
        match self.gone {
            Some(Visibility::Hidden(Hiding::Clipped)) => return label(Hiding::Clipped),
            Some(gone) => return gone,
            None => {}
        }
        if !self.is_visible {
            return Visibility::Hidden(Hiding::Invisible);
        }
        if self.opacity <= ALPHA_MIN {
            return Visibility::Hidden(Hiding::Transparent);
        }
        if self.cut.is_some() || self.place.is_cut_away() {
            return label(Hiding::Clipped);
        }
        if self.place.is_off() || self.is_outdented() {
            return label(Hiding::OffPage);
        }
        if self.font_px * self.scale * self.drawn_scale() < FONT_PX_MIN
            || self.spacing_px <= self.font_px * SPACING_MIN
            || self.adjust.is_some_and(|share| share * self.font_px < FONT_PX_MIN)
        {
            return Visibility::Hidden(Hiding::TooSmall);
        }
        let is_flat = self.line_px.is_some_and(|line| line < LINE_PX_MIN);
        if self.cuts_flat_lines && is_flat
            || self.space.is_some_and(|space| space.is_outside(self.font_px))
        {
            return label(Hiding::Clipped);
        }
        if self.is_veiled {
            return Visibility::Hidden(Hiding::NotPainted);
        }
        if self.is_doubtful || self.word_spacing_px <= self.font_px * WORD_SPACING_MIN {
            return Visibility::Undetermined(Doubt::UnknownStyle);
        }
        if self.is_blank {
            return Visibility::Undetermined(Doubt::UnknownFont);
        }
        legibility(&self.ink(), ground, others)
    }

    /// What lies under its text.
    pub(crate) fn ground(&self) -> &Rc<Ground> {
        &self.ground
    }

    /// Whether letters stand in an order that is not theirs.
    pub(crate) const fn is_turned(&self) -> bool {
        self.overrides_order && self.is_rtl
    }

    fn drawn_scale(&self) -> f32 {
        self.space.map_or(1.0, |space| space.unit_px())
    }

    fn ink(&self) -> Ink<'_> {
        let color = match (self.in_svg, self.text_fill) {
            (true, _) => self.fill,
            (false, Some(fill)) => fill,
            (false, None) => self.color,
        };
        let seen = |color: Option<Rgba>| color.map(|color| tinted(&self.tints, color));
        let stroke = if self.in_svg { self.outline } else { self.stroke };
        let blend = self.blend.as_ref().filter(|(_, under)| Rc::ptr_eq(under, &self.ground));
        Ink {
            color: seen(color),
            shadow: seen(self.shadow),
            shadow_is_crisp: self.shadow_is_crisp,
            stroke: seen(stroke.filter(|_| self.stroke_px >= STROKE_PX_MIN)),
            blend: blend.map_or("", |(mode, _)| *mode),
            shaped: self.shaped.as_deref(),
        }
    }
}
