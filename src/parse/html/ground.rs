//! What lies under text, and whether text can be read on it.

use std::rc::Rc;

use super::color::{ALPHA_MIN, Paint, Rgba, is_lost};
use super::css::filter::Filter;
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
    /// Whether nothing shines through.
    pub(crate) const fn is_opaque(&self) -> bool {
        self.known && self.declared && !self.picture
    }

    pub(crate) fn page(color: Rgba) -> Rc<Self> {
        Rc::new(Self { colors: vec![color], picture: false, known: true, declared: false })
    }

    /// This ground under a background.
    pub(crate) fn under(
        ground: &Rc<Self>,
        color: Option<Paint>,
        images: Option<&Images>,
        eye: &Eye<'_>,
    ) -> Rc<Self> {
        let clear = matches!(color, None | Some(Paint::Plain(Rgba { alpha: 0.0, .. })));
        if clear && images.is_none() {
            return Rc::clone(ground);
        }
        let mut next = Self::clone(ground);
        if let Some(color) = color {
            next.paint(color, eye);
        }
        if let Some(images) = images {
            next.images(images, eye);
        }
        Rc::new(next)
    }

    fn paint(&mut self, paint: Paint, eye: &Eye<'_>) {
        let Some(color) = eye.sees(paint) else {
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

    fn images(&mut self, images: &Images, eye: &Eye<'_>) {
        self.picture |= images.picture;
        if images.stops.is_empty() {
            return;
        }
        let mut colors = Vec::new();
        let mut covers = !images.picture;
        for stop in images.stops.iter().take(STOPS_MAX) {
            let Some(color) = eye.sees(*stop) else {
                self.known = false;
                continue;
            };
            covers &= color.alpha >= COVER_ALPHA_MIN;
            colors.extend(self.colors.iter().take(2).map(|under| color.over(*under)));
        }
        if eye.in_part {
            self.colors.extend(colors);
            return;
        }
        if !colors.is_empty() {
            self.colors = colors;
        }
        if covers {
            (self.picture, self.declared) = (false, true);
        }
    }
}

/// With what the paint of a box is seen.
#[derive(Debug)]
pub(crate) struct Eye<'a> {
    /// The text's own colour.
    pub(crate) text: Option<Rgba>,
    pub(crate) is_dark: bool,
    /// Filters of the boxes around it, from outside.
    pub(crate) tints: &'a [Rc<Filter>],
    /// Images are drawn on a part of the box only.
    pub(crate) in_part: bool,
}

impl Eye<'_> {
    fn sees(&self, paint: Paint) -> Option<Rgba> {
        plain(paint, self.text, self.is_dark).map(|color| tinted(self.tints, color))
    }
}

/// A colour seen through filters.
pub(crate) fn tinted(tints: &[Rc<Filter>], color: Rgba) -> Rgba {
    tints.iter().rev().fold(color, |color, filter| filter.seen(color))
}

/// A paint as a colour, given the text's own.
pub(crate) fn plain(paint: Paint, text: Option<Rgba>, is_dark: bool) -> Option<Rgba> {
    match paint {
        Paint::Plain(rgba) => Some(rgba),
        Paint::Schemed(light, dark) => Some(if is_dark { dark } else { light }),
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
    /// The shadow has the shape of the letters and lies beside them.
    pub(crate) shadow_is_crisp: bool,
    /// Outline of the letters.
    pub(crate) stroke: Option<Rgba>,
    /// How the letters are mixed with a ground that the page paints.
    pub(crate) blend: &'static str,
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
    let mode = if ground.declared { ink.blend } else { "" };
    let lost = |ground: &Rgba| {
        color.alpha < ALPHA_MIN || is_lost(blended(mode, color, *ground).over(*ground), *ground)
    };
    if !ground.known {
        return Visibility::Undetermined(Doubt::UnknownColour);
    }
    if !ground.colors.iter().any(lost) {
        return Visibility::Shown;
    }
    if is_drawn_around(ink, ground) {
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

/// Whether an outline or a shadow shows the letters that their own colour does not.
fn is_drawn_around(ink: &Ink<'_>, ground: &Ground) -> bool {
    let seen = |color: Rgba| {
        color.alpha > SHADOW_ALPHA_MIN
            && ground.colors.iter().all(|ground| !is_lost(color.over(*ground), *ground))
    };
    let lost_ink = ink.color.is_some_and(|color| color.alpha < ALPHA_MIN);
    ink.stroke.is_some_and(seen) || ink.shadow_is_crisp && lost_ink && ink.shadow.is_some_and(seen)
}

/// A colour after it was mixed with what is under it, where the mixture may be that very ground.
fn blended(mode: &str, color: Rgba, ground: Rgba) -> Rgba {
    let mix: fn(f32, f32) -> f32 = match mode {
        "multiply" => |top, under| top * under,
        "screen" => |top, under| top + under - top * under,
        "darken" => f32::min,
        "lighten" => f32::max,
        "color-dodge" => {
            |top, under| if under <= 0.0 { 0.0 } else { (under / (1.0 - top).max(0.001)).min(1.0) }
        }
        "color-burn" => |top, under| {
            if under >= 1.0 { 1.0 } else { 1.0 - ((1.0 - under) / top.max(0.001)).min(1.0) }
        },
        "difference" => |top, under| (top - under).abs(),
        "exclusion" => |top, under| top + under - 2.0 * top * under,
        "plus-lighter" => |top, under| (top + under).min(1.0),
        _ => return color,
    };
    let channel = |top: f32, under: f32| mix(top / 255.0, under / 255.0) * 255.0;
    Rgba {
        red: channel(color.red, ground.red),
        green: channel(color.green, ground.green),
        blue: channel(color.blue, ground.blue),
        alpha: color.alpha,
    }
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
        Paint::Schemed(..) | Paint::Unknown => false,
    };
    if images.stops.iter().all(lost) {
        Visibility::Hidden(Hiding::LowContrast)
    } else {
        Visibility::Shown
    }
}
