//! Themes: the colours and fills that names stand for.

use std::collections::BTreeMap;

use super::fill::kept;
use crate::parse::html::color::{BLACK, Rgba, WHITE};
use crate::parse::xml::Element;

/// A theme part.
#[derive(Debug, Default)]
pub(in crate::parse) struct Theme {
    colours: BTreeMap<String, Rgba>,
    /// `fillStyleLst`.
    pub(super) fills: Vec<Element>,
    /// `bgFillStyleLst`.
    pub(super) grounds: Vec<Element>,
}

/// What the names that depend on the page stand for: `bg1` → `lt1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::parse) struct ColourMap(BTreeMap<String, String>);

/// A theme as one page sees it.
#[derive(Debug, Clone, Copy)]
pub(in crate::parse) struct Palette<'t> {
    pub(in crate::parse) theme: &'t Theme,
    pub(in crate::parse) map: &'t ColourMap,
}

impl Theme {
    pub(in crate::parse) fn read(text: &str) -> Self {
        let root = Element::root(text).unwrap_or_default();
        let mut theme = Self::default();
        for element in root.each() {
            match element.name.as_str() {
                "clrScheme" => theme.take_colours(element),
                "fillStyleLst" => theme.fills = element.children.iter().map(kept).collect(),
                "bgFillStyleLst" => theme.grounds = element.children.iter().map(kept).collect(),
                _ => {}
            }
        }
        theme
    }

    fn take_colours(&mut self, scheme: &Element) {
        let (none, map) = (Self::default(), ColourMap::default());
        let palette = Palette { theme: &none, map: &map };
        for slot in &scheme.children {
            if let Some(colour) = super::colour::inside(slot, &palette, None) {
                self.colours.insert(slot.name.clone(), colour);
            }
        }
    }
}

impl ColourMap {
    /// From the attributes of `clrMap`, `overrideClrMapping` or `clrSchemeMapping`.
    pub(in crate::parse) fn of(element: &Element) -> Self {
        Self(element.attrs.iter().cloned().collect())
    }
}

impl Palette<'_> {
    /// The colour of a name, in DrawingML's or WordprocessingML's spelling.
    pub(in crate::parse) fn named(&self, name: &str) -> Option<Rgba> {
        let name = match name {
            "background1" => "bg1",
            "background2" => "bg2",
            "text1" => "tx1",
            "text2" => "tx2",
            other => other,
        };
        // WordprocessingML says `t1` in its map.
        let short = name.replacen("tx", "t", 1);
        let known = self.map.0.get(name).or_else(|| self.map.0.get(&short));
        let slot = known.map_or_else(|| usual(name), String::as_str);
        let slot = match slot {
            "dark1" => "dk1",
            "light1" => "lt1",
            "dark2" => "dk2",
            "light2" => "lt2",
            "hyperlink" => "hlink",
            "followedHyperlink" => "folHlink",
            other => other,
        };
        self.theme.colours.get(slot).copied().or(match slot {
            "dk1" => Some(BLACK),
            "lt1" => Some(WHITE),
            _ => None,
        })
    }
}

fn usual(name: &str) -> &str {
    match name {
        "bg1" => "lt1",
        "tx1" => "dk1",
        "bg2" => "lt2",
        "tx2" => "dk2",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_through_the_map_to_the_theme() {
        let theme = Theme::read(
            "<a:theme><a:clrScheme><a:dk1><a:sysClr lastClr='111111'/></a:dk1>\
             <a:lt1><a:srgbClr val='EEEEEE'/></a:lt1></a:clrScheme></a:theme>",
        );
        let turned = ColourMap::of(&Element::root("<m bg1='dk1' t1='light1'/>").unwrap());
        let red = |map: &ColourMap, name| {
            Palette { theme: &theme, map }.named(name).map(|colour| colour.red)
        };
        assert_eq!(red(&ColourMap::default(), "background1"), Some(238.0));
        assert_eq!(red(&turned, "bg1"), Some(17.0));
        assert_eq!(red(&turned, "text1"), Some(238.0));
        assert_eq!(red(&turned, "accent7"), None);
    }
}
