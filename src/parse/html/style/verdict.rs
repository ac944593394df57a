//! What a computed style means for the text in it.

use super::Style;
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};
use crate::parse::html::color::ALPHA_MIN;
use crate::parse::html::ground::{Ink, legibility};
use crate::parse::html::place::OFF_BEFORE_PX;

/// Type smaller than this is no type: a speck.
const FONT_PX_MIN: f32 = 2.0;
/// Letters that are moved together by this share of their size lie on top of each other.
const SPACING_MIN: f32 = -0.45;

impl Style {
    pub(super) fn is_outdented(&self) -> bool {
        self.indent_px <= OFF_BEFORE_PX
    }

    /// What a person gets of the text in this element. `others`: sheets that were not read may have
    /// a say.
    pub(crate) fn verdict(&self, others: bool) -> Visibility {
        let label = |hiding: Hiding| {
            if self.is_label {
                Visibility::Alternate(Alternate::ScreenReader)
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
        if self.font_px * self.scale < FONT_PX_MIN || self.spacing_px <= self.font_px * SPACING_MIN
        {
            return Visibility::Hidden(Hiding::TooSmall);
        }
        if self.is_veiled {
            return Visibility::Hidden(Hiding::NotPainted);
        }
        if self.is_doubtful {
            return Visibility::Undetermined(Doubt::UnknownStyle);
        }
        legibility(&self.ink(), &self.ground, others)
    }

    fn ink(&self) -> Ink<'_> {
        let color = match (self.in_svg, self.text_fill) {
            (true, _) => self.fill,
            (false, Some(fill)) => fill,
            (false, None) => self.color,
        };
        Ink { color, shadow: self.shadow, shaped: self.shaped.as_deref() }
    }
}
