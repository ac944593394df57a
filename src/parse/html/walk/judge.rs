//! What a person sees of the text in an open element, all its styles considered.

use super::{Frame, Walker};
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};
use crate::parse::html::css::value::Position;
use crate::parse::html::overlap::has_picture_near;

impl Walker<'_, '_, '_> {
    /// What a person sees of text in the innermost open element.
    pub(super) fn verdict(&mut self) -> Visibility {
        let Some(frame) = self.frames.last() else {
            return Visibility::Shown;
        };
        if let Some(known) = frame.verdict {
            return known;
        }
        let found = self.judge(frame);
        if let Some(frame) = self.frames.last_mut() {
            frame.verdict = Some(found);
        }
        found
    }

    fn judge(&self, frame: &Frame<'_>) -> Visibility {
        let others = self.others();
        let seen = match self.drawn_ground(frame) {
            Some(ground) => frame.screen.style.verdict_on(&ground, others),
            None => frame.screen.style.verdict(others),
        };
        match seen {
            Visibility::Shown => {}
            Visibility::Hidden(Hiding::LowContrast) if self.is_over_picture() => {
                return Visibility::Undetermined(Doubt::OverImage);
            }
            Visibility::Hidden(Hiding::LowContrast) if self.is_over_shape() => {
                return Visibility::Undetermined(Doubt::UnknownColour);
            }
            Visibility::Hidden(Hiding::LowContrast) if self.has_other_first_line(frame, false) => {
                return Visibility::Undetermined(Doubt::UnknownStyle);
            }
            Visibility::Hidden(_) => {
                let printed = frame.print.as_ref().map(|view| view.style.verdict(others));
                if printed.is_some_and(Visibility::is_shown) {
                    return Visibility::Alternate(Alternate::OtherMedium);
                }
                return seen;
            }
            Visibility::Alternate(_) | Visibility::Metadata | Visibility::Undetermined(_) => {
                return seen;
            }
        }
        if let Some(forced) = self.reading.forced {
            return forced;
        }
        if self.has_other_first_line(frame, true) {
            return Visibility::Undetermined(Doubt::UnknownStyle);
        }
        let doubted = frame.doubt.as_ref().map(|view| view.style.verdict(others));
        let cascade = self.cascade();
        let blind = cascade.sheets.is_cut || cascade.matcher.is_spent();
        if blind || matches!(doubted, Some(Visibility::Hidden(_))) {
            return Visibility::Undetermined(Doubt::UnknownStyle);
        }
        Visibility::Shown
    }

    pub(super) fn others(&self) -> bool {
        self.cascade().sheets.has_others && self.is_named()
    }

    /// Whether a sheet elsewhere could speak of an element around this text.
    fn is_named(&self) -> bool {
        self.frames
            .iter()
            .filter_map(|frame| self.tree.element(frame.node))
            .any(|element| element.attr("class").is_some() || element.attr("id").is_some())
    }

    /// Whether the text lies on a picture beside it: a caption on a photograph.
    fn is_over_picture(&self) -> bool {
        self.frames
            .iter()
            .rev()
            .filter(|frame| {
                matches!(frame.screen.style.position, Position::Absolute | Position::Fixed)
            })
            .take(2)
            .any(|frame| has_picture_near(self.tree, frame.node))
    }
}
