//! What a shape or a page is filled with, and whether ink is seen on it.

use super::colour;
use super::theme::Palette;
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::domain::limits::DRAWING_FILL_NODES_MAX;
use crate::parse::html::color::{ALPHA_MIN, Rgba, is_lost};
use crate::parse::xml::Element;

/// A fill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::parse) enum Fill {
    /// It lets what is below shine through.
    Nothing,
    Plain(Rgba),
    /// A gradient between these, dark and light.
    Between(Rgba, Rgba),
    /// A picture, or a pattern or colour that is not understood.
    Picture,
}

/// Where references to the theme's lists of page grounds begin.
const GROUNDS_FROM: usize = 1_001;

impl Fill {
    /// The fill that an element says directly inside; `None` when it says none.
    pub(in crate::parse) fn inside(
        element: &Element,
        palette: &Palette<'_>,
        own: Option<Rgba>,
    ) -> Option<Self> {
        element.children.iter().find_map(|child| Self::of(child, palette, own))
    }

    fn of(element: &Element, palette: &Palette<'_>, own: Option<Rgba>) -> Option<Self> {
        let plain = |colour: Option<Rgba>| colour.map_or(Self::Picture, Self::plain);
        match element.name.as_str() {
            "noFill" => Some(Self::Nothing),
            "solidFill" => Some(plain(colour::inside(element, palette, own))),
            "gradFill" => {
                let stops = element.child("gsLst").map(|list| list.all("gs"));
                let stops = stops.into_iter().flatten();
                Some(Self::between(stops.filter_map(|stop| colour::inside(stop, palette, own))))
            }
            "pattFill" => {
                let sides = ["fgClr", "bgClr"].into_iter().filter_map(|side| element.child(side));
                Some(Self::between(sides.filter_map(|side| colour::inside(side, palette, own))))
            }
            "blipFill" | "grpFill" => Some(Self::Picture),
            _ => None,
        }
    }

    fn plain(colour: Rgba) -> Self {
        if colour.alpha < ALPHA_MIN { Self::Nothing } else { Self::Plain(colour) }
    }

    fn between(stops: impl Iterator<Item = Rgba>) -> Self {
        let light = |colour: Rgba| colour.red * 0.3 + colour.green * 0.6 + colour.blue * 0.1;
        let mut found: Option<(Rgba, Rgba)> = None;
        for stop in stops {
            let (dark, bright) = found.unwrap_or((stop, stop));
            let dark = if light(stop) < light(dark) { stop } else { dark };
            found = Some((dark, if light(stop) > light(bright) { stop } else { bright }));
        }
        match found {
            Some((dark, bright)) if dark == bright => Self::plain(dark),
            Some((dark, bright)) => Self::Between(dark, bright),
            None => Self::Picture,
        }
    }

    /// What `fillRef` and `bgRef` refer to.
    pub(in crate::parse) fn referred(reference: &Element, palette: &Palette<'_>) -> Option<Self> {
        let index: usize = reference.attr("idx")?.parse().ok()?;
        let own = colour::inside(reference, palette, None);
        let found = match index {
            0 | 1_000 => return Some(Self::Nothing),
            GROUNDS_FROM.. => palette.theme.grounds.get(index - GROUNDS_FROM),
            _ => palette.theme.fills.get(index - 1),
        };
        match found {
            Some(fill) => Self::of(fill, palette, own),
            None => Some(own.map_or(Self::Picture, Self::plain)),
        }
    }

    /// This fill painted over another.
    pub(in crate::parse) fn over(self, below: Self) -> Self {
        match (self, below) {
            (Self::Nothing, below) => below,
            (Self::Plain(top), _) if top.alpha >= 1.0 => self,
            (Self::Plain(top), Self::Plain(below)) => Self::Plain(top.over(below)),
            (Self::Plain(top), Self::Between(dark, light)) => {
                Self::Between(top.over(dark), top.over(light))
            }
            (Self::Plain(_), Self::Picture | Self::Nothing) => Self::Picture,
            (Self::Between(dark, light), below) => {
                if dark.alpha >= 1.0 && light.alpha >= 1.0 {
                    return self;
                }
                match below {
                    Self::Plain(below) => Self::Between(dark.over(below), light.over(below)),
                    Self::Nothing | Self::Between(..) | Self::Picture => Self::Picture,
                }
            }
            (Self::Picture, _) => Self::Picture,
        }
    }

    /// Whether nothing below it is seen.
    pub(in crate::parse) fn is_opaque(self) -> bool {
        match self {
            Self::Plain(colour) => colour.alpha >= 1.0 - ALPHA_MIN,
            Self::Between(dark, light) => dark.alpha.min(light.alpha) >= 1.0 - ALPHA_MIN,
            Self::Nothing | Self::Picture => false,
        }
    }
}

/// A fill or colour that many shapes refer to, as it is kept for them: one of more elements than any program
/// writes is as a picture, which is not read.
pub(in crate::parse) fn kept(element: &Element) -> Element {
    let (mut left, mut count) = (vec![element], 1_usize);
    while let Some(element) = left.pop() {
        count = count.saturating_add(element.children.len());
        if count > DRAWING_FILL_NODES_MAX {
            return Element::around("blipFill", Vec::new());
        }
        left.extend(&element.children);
    }
    element.clone()
}

/// What a person gets of text in this colour on this ground. Pictures are not read: what would be seen
/// on the page itself passes for seen on a picture on it.
pub(in crate::parse) fn sight(ink: Rgba, ground: Fill, page: Rgba) -> Visibility {
    if ink.alpha < ALPHA_MIN {
        return Visibility::Hidden(Hiding::Transparent);
    }
    let is_lost_on = |ground: Rgba| is_lost(ink.over(ground), ground);
    match ground {
        Fill::Plain(ground) if is_lost_on(ground) => Visibility::Hidden(Hiding::LowContrast),
        Fill::Between(dark, light) if is_lost_on(dark) && is_lost_on(light) => {
            Visibility::Hidden(Hiding::LowContrast)
        }
        Fill::Picture if is_lost_on(page) => Visibility::Undetermined(Doubt::OverImage),
        Fill::Picture | Fill::Plain(_) | Fill::Between(..) | Fill::Nothing => Visibility::Shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::drawing::theme::{ColourMap, Theme};
    use crate::parse::html::color::{BLACK, WHITE};

    fn fill(text: &str) -> Option<Fill> {
        let (theme, map) = (Theme::default(), ColourMap::default());
        let element = Element::root(text).unwrap();
        Fill::inside(&element, &Palette { theme: &theme, map: &map }, None)
    }

    #[test]
    fn fills_are_read() {
        assert_eq!(fill("<spPr><noFill/></spPr>"), Some(Fill::Nothing));
        assert_eq!(fill("<spPr><ln/></spPr>"), None);
        let plain = "<spPr><solidFill><srgbClr val='FFFFFF'/></solidFill></spPr>";
        assert_eq!(fill(plain), Some(Fill::Plain(WHITE)));
        let gradient = "<spPr><gradFill><gsLst><gs><srgbClr val='FFFFFF'/></gs><gs>\
            <srgbClr val='000000'/></gs></gsLst></gradFill></spPr>";
        assert_eq!(fill(gradient), Some(Fill::Between(BLACK, WHITE)));
        assert_eq!(fill("<spPr><blipFill/></spPr>"), Some(Fill::Picture));
    }

    #[test]
    fn a_fill_of_a_theme_is_not_gone_through_for_every_shape() {
        let with = |count: usize| {
            let tints = "<tint val='100000'/>".repeat(count);
            let fill = format!("<solidFill><srgbClr val='FFFFFF'>{tints}</srgbClr></solidFill>");
            let list = format!(
                "<t><fillStyleLst>{fill}</fillStyleLst><bgFillStyleLst>{fill}</bgFillStyleLst></t>"
            );
            let (theme, map) = (Theme::read(&list), ColourMap::default());
            let palette = Palette { theme: &theme, map: &map };
            let by = |id: &str| Fill::referred(&Element::root(id).unwrap(), &palette);
            (by("<r idx='1'/>"), by("<r idx='1001'/>"), theme.fills[0].each().count())
        };
        assert_eq!(with(100), (Some(Fill::Plain(WHITE)), Some(Fill::Plain(WHITE)), 102));
        assert_eq!(with(300_000), (Some(Fill::Picture), Some(Fill::Picture), 1));
    }

    #[test]
    fn ink_is_judged_by_what_is_under_it() {
        let hidden = Visibility::Hidden(Hiding::LowContrast);
        assert_eq!(sight(WHITE, Fill::Plain(WHITE), WHITE), hidden);
        assert_eq!(sight(WHITE, Fill::Plain(BLACK), WHITE), Visibility::Shown);
        assert_eq!(sight(WHITE, Fill::Between(BLACK, WHITE), WHITE), Visibility::Shown);
        assert_eq!(sight(WHITE, Fill::Picture, WHITE), Visibility::Undetermined(Doubt::OverImage));
        assert_eq!(sight(BLACK, Fill::Picture, WHITE), Visibility::Shown);
        let faint = Rgba { alpha: 0.02, ..BLACK };
        assert_eq!(
            sight(faint, Fill::Plain(WHITE), WHITE),
            Visibility::Hidden(Hiding::Transparent)
        );
    }
}
