//! Colours of sheets: by value, from the theme with a tint, from the old palette.

use crate::parse::html::color::{BLACK, Rgba, WHITE};
use crate::parse::xml::Element;

/// The theme that programs give a new file.
const THEME: [u32; 12] = [
    0xFFFFFF, 0x000000, 0xE7E6E6, 0x44546A, 0x4472C4, 0xED7D31, 0xA5A5A5, 0xFFC000, 0x5B9BD5,
    0x70AD47, 0x0563C1, 0x954F72,
];

/// The palette of old files from number 8 on; numbers 0 to 7 repeat its beginning.
const INDEXED: [u32; 56] = [
    0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00, 0xFF00FF, 0x00FFFF, 0x800000,
    0x008000, 0x000080, 0x808000, 0x800080, 0x008080, 0xC0C0C0, 0x808080, 0x9999FF, 0x993366,
    0xFFFFCC, 0xCCFFFF, 0x660066, 0xFF8080, 0x0066CC, 0xCCCCFF, 0x000080, 0xFF00FF, 0xFFFF00,
    0x00FFFF, 0x800080, 0x800000, 0x008080, 0x0000FF, 0x00CCFF, 0xCCFFFF, 0xCCFFCC, 0xFFFF99,
    0x99CCFF, 0xFF99CC, 0xCC99FF, 0xFFCC99, 0x3366FF, 0x33CCCC, 0x99CC00, 0xFFCC00, 0xFF9900,
    0xFF6600, 0x666699, 0x969696, 0x003366, 0x339966, 0x003300, 0x333300, 0x993300, 0x993366,
    0x333399, 0x333333,
];

/// Where a file's colours come from.
#[derive(Debug)]
pub(super) struct Palette {
    /// Light 1, dark 1, light 2, dark 2, six accents, two kinds of links: the order in which cells count.
    theme: Vec<Rgba>,
    indexed: Vec<Rgba>,
}

impl Palette {
    /// `theme`: the root of the theme; `colors`: the element of that name in the styles.
    pub(super) fn read(theme: Option<&Element>, colors: Option<&Element>) -> Self {
        let mut found: Vec<Rgba> = THEME.iter().map(|rgb| number(*rgb)).collect();
        let scheme = theme.and_then(|root| root.each().find(|one| one.name == "clrScheme"));
        let names = [
            "lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5",
            "accent6", "hlink", "folHlink",
        ];
        for (slot, name) in found.iter_mut().zip(names) {
            let colour = scheme.and_then(|scheme| scheme.child(name)).and_then(of_theme);
            *slot = colour.unwrap_or(*slot);
        }
        let mut indexed: Vec<Rgba> =
            INDEXED.iter().take(8).chain(&INDEXED).map(|rgb| number(*rgb)).collect();
        let own = colors.and_then(|colors| colors.child("indexedColors"));
        let own = own.into_iter().flat_map(|own| own.all("rgbColor"));
        for (slot, colour) in indexed.iter_mut().zip(own) {
            *slot = colour.attr("rgb").and_then(hex).unwrap_or(*slot);
        }
        Self { theme: found, indexed }
    }

    /// The colour that an element names; `None` for an automatic one.
    pub(super) fn colour(&self, element: &Element) -> Option<Rgba> {
        self.find(|name| element.attr(name))
    }

    fn find<'e>(&self, attr: impl Fn(&str) -> Option<&'e str>) -> Option<Rgba> {
        let number = |name: &str| attr(name).and_then(|text| text.parse::<usize>().ok());
        let base = if let Some(colour) = attr("rgb").and_then(hex) {
            colour
        } else if let Some(index) = number("theme") {
            *self.theme.get(index)?
        } else {
            *self.indexed.get(number("indexed")?)?
        };
        let tint = attr("tint").and_then(|text| text.parse::<f32>().ok()).unwrap_or(0.0);
        Some(tinted(base, tint))
    }

    /// A colour of the theme by its name in drawings.
    pub(super) fn scheme(&self, name: &str) -> Option<Rgba> {
        let index = match name {
            "lt1" | "bg1" => 0,
            "dk1" | "tx1" => 1,
            "lt2" | "bg2" => 2,
            "dk2" | "tx2" => 3,
            "hlink" => 10,
            "folHlink" => 11,
            name => name.strip_prefix("accent")?.parse::<usize>().ok()?.checked_add(3)?,
        };
        self.theme.get(index).copied()
    }
}

fn of_theme(slot: &Element) -> Option<Rgba> {
    let colour = slot.children.first()?;
    let value = colour.attr("lastClr").or_else(|| colour.attr("val"))?;
    hex(value).or(match value {
        "window" => Some(WHITE),
        "windowText" => Some(BLACK),
        _ => None,
    })
}

/// `RRGGBB`, or with an opacity before it that no program looks at.
pub(super) fn hex(text: &str) -> Option<Rgba> {
    let text = text.trim_start_matches('#');
    let digits = if text.len() == 8 { text.get(2..)? } else { text };
    let value = (digits.len() == 6).then(|| u32::from_str_radix(digits, 16).ok())?;
    value.map(number)
}

fn number(rgb: u32) -> Rgba {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Rgba::solid(red.into(), green.into(), blue.into())
}

/// Moves the lightness towards black (below zero) or white.
pub(super) fn tinted(colour: Rgba, tint: f32) -> Rgba {
    if tint == 0.0 || !tint.is_finite() {
        return colour;
    }
    let tint = tint.clamp(-1.0, 1.0);
    let high = colour.red.max(colour.green).max(colour.blue);
    let low = colour.red.min(colour.green).min(colour.blue);
    let light = (high + low) / 2.0;
    let wanted = if tint < 0.0 { light * (1.0 + tint) } else { light + (255.0 - light) * tint };
    // The distance of each channel from the lightness, as much of it as fits at the new one.
    let room = |light: f32| light.min(255.0 - light);
    let share = if room(light) > 0.0 { room(wanted) / room(light) } else { 0.0 };
    let moved = |channel: f32| (wanted + (channel - light) * share).clamp(0.0, 255.0);
    Rgba::solid(moved(colour.red), moved(colour.green), moved(colour.blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(xml: &str) -> Option<Rgba> {
        Palette::read(None, None).colour(&Element::root(xml).unwrap())
    }

    #[test]
    fn every_way_to_say_white_is_white() {
        for xml in [
            "<color rgb='FFFFFFFF'/>",
            "<color rgb='00FFFFFF'/>",
            "<color rgb='FFFFFF'/>",
            "<color theme='0'/>",
            "<color indexed='9'/>",
            "<color indexed='1'/>",
            "<color theme='1' tint='1'/>",
        ] {
            assert_eq!(colour(xml), Some(WHITE), "{xml}");
        }
        for automatic in ["<color auto='1'/>", "<color indexed='64'/>", "<color theme='99'/>"] {
            assert_eq!(colour(automatic), None);
        }
    }

    #[test]
    fn a_tint_moves_the_lightness() {
        // Excel shows accent 1, lighter 80 %, as D9E2F3 and, darker 25 %, as 2F5496.
        let lighter = tinted(number(0x4472C4), 0.8);
        let near = |one: Rgba, other: u32| {
            let other = number(other);
            (one.red - other.red).abs() < 2.0 && (one.blue - other.blue).abs() < 2.0
        };
        assert!(near(lighter, 0xDAE3F3), "{lighter:?}");
        assert!(near(tinted(number(0x4472C4), -0.25), 0x2F5597));
    }

    #[test]
    fn a_file_may_bring_its_own_palette() {
        let own = Element::root(
            "<colors><indexedColors><rgbColor rgb='00123456'/></indexedColors></colors>",
        );
        let theme = Element::root(
            "<theme><clrScheme><dk1><sysClr val='windowText' lastClr='010203'/></dk1></clrScheme></theme>",
        );
        let palette = Palette::read(theme.as_ref(), own.as_ref());
        let of = |xml: &str| palette.colour(&Element::root(xml).unwrap());
        assert_eq!(of("<c indexed='0'/>"), hex("123456"));
        assert_eq!(of("<c theme='1'/>"), hex("010203"));
    }
}
