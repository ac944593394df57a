//! What lies under text, and whether text can be read on it.

use std::rc::Rc;

use super::color::{ALPHA_MIN, Paint, Rgba, is_lost};
use super::css::value::Images;
use crate::domain::document::{Doubt, Hiding, Visibility};

/// Colours of a gradient that are compared; more stops make no other gradient.
const STOPS_MAX: usize = 8;
/// A shadow fainter than this does not make letters visible.
const SHADOW_ALPHA_MIN: f32 = 0.3;
/// From here on a ground covers what is under it.
const COVER_ALPHA_MIN: f32 = 0.99;
/// Text clear enough that the background may be painted in its shape instead.
const CLEAR_TEXT_ALPHA_MAX: f32 = 0.5;

/// The ground under an element's text.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    /// Opaque colours, any of which may be under a letter.
    colors: Vec<Rgba>,
    /// A picture lies over the colours.
    pub(crate) picture: bool,
    /// Every colour is known.
    known: bool,
    /// The page names a colour, so that no sheet elsewhere is likely to.
    declared: bool,
}

impl Ground {
    pub(crate) fn page(color: Rgba) -> Rc<Self> {
        Rc::new(Self { colors: vec![color], picture: false, known: true, declared: false })
    }

    /// This ground under a background.
    pub(crate) fn under(
        ground: &Rc<Self>,
        color: Option<Paint>,
        images: Option<&Images>,
        text: Option<Rgba>,
    ) -> Rc<Self> {
        let clear = matches!(color, None | Some(Paint::Plain(Rgba { alpha: 0.0, .. })));
        if clear && images.is_none() {
            return Rc::clone(ground);
        }
        let mut next = Self::clone(ground);
        if let Some(color) = color {
            next.paint(color, text);
        }
        if let Some(images) = images {
            next.images(images, text);
        }
        Rc::new(next)
    }

    fn paint(&mut self, paint: Paint, text: Option<Rgba>) {
        let Some(color) = plain(paint, text) else {
            self.known = false;
            return;
        };
        for under in &mut self.colors {
            *under = color.over(*under);
        }
        if color.alpha >= COVER_ALPHA_MIN {
            (self.picture, self.known, self.declared) = (false, true, true);
            self.colors.truncate(1);
        }
    }

    fn images(&mut self, images: &Images, text: Option<Rgba>) {
        self.picture |= images.picture;
        if images.stops.is_empty() {
            return;
        }
        let mut colors = Vec::new();
        let mut covers = !images.picture;
        for stop in images.stops.iter().take(STOPS_MAX) {
            let Some(color) = plain(*stop, text) else {
                self.known = false;
                continue;
            };
            covers &= color.alpha >= COVER_ALPHA_MIN;
            colors.extend(self.colors.iter().take(2).map(|under| color.over(*under)));
        }
        if !colors.is_empty() {
            self.colors = colors;
        }
        if covers {
            (self.picture, self.declared) = (false, true);
        }
    }
}

/// A paint as a colour, given the text's own.
pub(crate) fn plain(paint: Paint, text: Option<Rgba>) -> Option<Rgba> {
    match paint {
        Paint::Plain(rgba) => Some(rgba),
        Paint::Current(share) => text.map(|rgba| Rgba { alpha: rgba.alpha * share, ..rgba }),
        Paint::Unknown => None,
    }
}

/// What letters are painted with.
#[derive(Debug, Clone)]
pub(crate) struct Ink<'a> {
    /// `None` when it could not be read.
    pub(crate) color: Option<Rgba>,
    pub(crate) shadow: Option<Rgba>,
    /// A background that is painted in the shape of the letters.
    pub(crate) shaped: Option<&'a Images>,
}

/// Whether letters can be read on a ground. `others`: the page has sheets that were not read, so
/// that a ground that nobody declared may not be the real one.
pub(crate) fn legibility(ink: &Ink<'_>, ground: &Ground, others: bool) -> Visibility {
    let Some(color) = ink.color else {
        return Visibility::Undetermined(Doubt::UnknownColour);
    };
    if let Some(images) = ink.shaped.filter(|_| color.alpha < CLEAR_TEXT_ALPHA_MAX) {
        return shaped_legibility(images, ground);
    }
    let lost = |ground: &Rgba| color.alpha < ALPHA_MIN || is_lost(color.over(*ground), *ground);
    if !ground.known {
        return Visibility::Undetermined(Doubt::UnknownColour);
    }
    if !ground.colors.iter().any(lost) {
        return Visibility::Shown;
    }
    if !ground.colors.iter().all(lost) || has_outline(ink, ground) {
        return Visibility::Undetermined(Doubt::UnknownColour);
    }
    if color.alpha < ALPHA_MIN {
        return Visibility::Hidden(Hiding::Transparent);
    }
    if ground.picture {
        return Visibility::Undetermined(Doubt::OverImage);
    }
    if others && !ground.declared {
        return Visibility::Undetermined(Doubt::UnknownStyle);
    }
    Visibility::Hidden(Hiding::LowContrast)
}

fn has_outline(ink: &Ink<'_>, ground: &Ground) -> bool {
    ink.shadow.is_some_and(|shadow| {
        shadow.alpha > SHADOW_ALPHA_MIN
            && ground.colors.iter().any(|ground| !is_lost(shadow.over(*ground), *ground))
    })
}

/// Letters filled with a gradient, as headings often are.
fn shaped_legibility(images: &Images, ground: &Ground) -> Visibility {
    if images.picture {
        return Visibility::Shown;
    }
    let lost = |paint: &Paint| match paint {
        Paint::Plain(color) => {
            ground.colors.iter().all(|ground| is_lost(color.over(*ground), *ground))
        }
        Paint::Current(_) => true,
        Paint::Unknown => false,
    };
    if images.stops.iter().all(lost) {
        Visibility::Hidden(Hiding::LowContrast)
    } else {
        Visibility::Shown
    }
}
