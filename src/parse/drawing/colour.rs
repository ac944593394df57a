//! Colours as DrawingML and WordprocessingML write them.

use super::theme::Palette;
use crate::parse::html::color::{self, Paint, Rgba};
use crate::parse::xml::Element;

/// Elements that are a colour.
const NAMES: [&str; 6] = ["srgbClr", "schemeClr", "sysClr", "prstClr", "scrgbClr", "hslClr"];

/// The first colour directly inside an element. `own` is what `phClr` stands for.
pub(in crate::parse) fn inside(
    element: &Element,
    palette: &Palette<'_>,
    own: Option<Rgba>,
) -> Option<Rgba> {
    let found = element.children.iter().find(|child| NAMES.contains(&child.name.as_str()))?;
    of(found, palette, own)
}

/// The colour that an element is.
pub(in crate::parse) fn of(
    element: &Element,
    palette: &Palette<'_>,
    own: Option<Rgba>,
) -> Option<Rgba> {
    let value = element.attr("val").unwrap_or_default();
    let share = |name| element.attr(name).and_then(percent).unwrap_or(0.0);
    let base = match element.name.as_str() {
        "srgbClr" => hex(value),
        "schemeClr" if value == "phClr" => own,
        "schemeClr" => palette.named(value),
        "sysClr" => element.attr("lastClr").and_then(hex).or_else(|| system(value)),
        "prstClr" => preset(value),
        "scrgbClr" => {
            let channel = |name| linear_to_channel(share(name));
            Some(Rgba::solid(channel("r"), channel("g"), channel("b")))
        }
        "hslClr" => {
            let degrees = element.attr("hue").and_then(|hue| hue.parse::<f32>().ok());
            let hue = degrees.unwrap_or(0.0) / 60_000.0 / 360.0;
            Some(of_hsl([hue, share("sat"), share("lum")]))
        }
        _ => None,
    }?;
    Some(element.children.iter().fold(base, changed))
}

/// A colour after one of the changes that may stand inside it.
fn changed(mut colour: Rgba, change: &Element) -> Rgba {
    let value = change.attr("val").and_then(percent).unwrap_or(1.0);
    let with_light = |light: &dyn Fn(f32) -> f32| {
        let [hue, saturation, old] = hsl(colour);
        let new = of_hsl([hue, saturation, light(old).clamp(0.0, 1.0)]);
        Rgba { alpha: colour.alpha, ..new }
    };
    match change.name.as_str() {
        "alpha" => colour.alpha = value.clamp(0.0, 1.0),
        "alphaMod" => colour.alpha = (colour.alpha * value).clamp(0.0, 1.0),
        "alphaOff" => colour.alpha = (colour.alpha + value).clamp(0.0, 1.0),
        "lum" => return with_light(&|_| value),
        "lumMod" => return with_light(&|light| light * value),
        "lumOff" => return with_light(&|light| light + value),
        "tint" => return mixed(colour, color::WHITE, 1.0 - value),
        "shade" => return mixed(colour, color::BLACK, 1.0 - value),
        "inv" => {
            let inverse = |channel: f32| 255.0 - channel;
            let (red, green) = (inverse(colour.red), inverse(colour.green));
            return Rgba { red, green, blue: inverse(colour.blue), alpha: colour.alpha };
        }
        // Hue and saturation alone neither make nor end a contrast.
        _ => {}
    }
    colour
}

/// One colour with so much of another in it.
pub(in crate::parse) fn mixed(one: Rgba, other: Rgba, share: f32) -> Rgba {
    let share = share.clamp(0.0, 1.0);
    let mix = |one: f32, other: f32| one * (1.0 - share) + other * share;
    Rgba {
        red: mix(one.red, other.red),
        green: mix(one.green, other.green),
        blue: mix(one.blue, other.blue),
        alpha: one.alpha,
    }
}

/// `w:themeTint` and `w:themeShade`: so much of the lightness, of 255, is kept.
pub(in crate::parse) fn tinted(colour: Rgba, tint: Option<f32>, shade: Option<f32>) -> Rgba {
    let [hue, saturation, mut light] = hsl(colour);
    if let Some(tint) = tint {
        light = light * tint + (1.0 - tint);
    }
    if let Some(shade) = shade {
        light *= shade;
    }
    of_hsl([hue, saturation, light.clamp(0.0, 1.0)])
}

/// Six digits, with or without `#`.
pub(in crate::parse) fn hex(text: &str) -> Option<Rgba> {
    let digits = text.trim().trim_start_matches('#');
    if digits.len() != 6 {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = value.to_be_bytes();
    Some(Rgba::solid(f32::from(red), f32::from(green), f32::from(blue)))
}

/// `#fff`, `#ffffff`, a name; with what VML writes behind it (`#ffffff [3212]`, `white fill(…)`).
pub(in crate::parse) fn plain(text: &str) -> Option<Rgba> {
    let word = text.split_whitespace().next()?;
    match color::parse(word, true)? {
        Paint::Plain(found) => Some(found),
        Paint::Schemed(..) | Paint::Current(_) | Paint::Unknown => None,
    }
}

fn preset(name: &str) -> Option<Rgba> {
    let long = [("dk", "dark"), ("lt", "light"), ("med", "medium")];
    let spelt = long.iter().find_map(|(short, long)| {
        let rest = name.strip_prefix(short)?;
        rest.starts_with(char::is_uppercase).then(|| format!("{long}{rest}"))
    });
    plain(spelt.as_deref().unwrap_or(name))
}

fn system(name: &str) -> Option<Rgba> {
    match name {
        "window" | "btnHighlight" | "highlightText" | "captionText" | "infoBk" => {
            Some(color::WHITE)
        }
        "windowText" | "btnText" | "menuText" | "infoText" => Some(color::BLACK),
        _ => None,
    }
}

/// `50%` or `50000` as a share.
pub(in crate::parse) fn percent(text: &str) -> Option<f32> {
    let (number, whole) = match text.trim().strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text.trim(), 100_000.0),
    };
    number.parse::<f32>().ok().map(|value| value / whole).filter(|value| value.is_finite())
}

fn linear_to_channel(share: f32) -> f32 {
    let share = share.clamp(0.0, 1.0);
    let curved =
        if share <= 0.003_130_8 { share * 12.92 } else { 1.055 * share.powf(1.0 / 2.4) - 0.055 };
    curved * 255.0
}

fn hsl(colour: Rgba) -> [f32; 3] {
    let [red, green, blue] = [colour.red, colour.green, colour.blue].map(|value| value / 255.0);
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let (light, range) = ((most + least) / 2.0, most - least);
    if range <= f32::EPSILON {
        return [0.0, 0.0, light];
    }
    let saturation = range / (1.0 - (2.0 * light - 1.0).abs()).max(f32::EPSILON);
    let sixth = if most <= red {
        ((green - blue) / range).rem_euclid(6.0)
    } else if most <= green {
        (blue - red) / range + 2.0
    } else {
        (red - green) / range + 4.0
    };
    [sixth / 6.0, saturation.clamp(0.0, 1.0), light]
}

fn of_hsl([hue, saturation, light]: [f32; 3]) -> Rgba {
    let range = (1.0 - (2.0 * light - 1.0).abs()) * saturation;
    let channel = |shift: f32| {
        let sixth = (hue * 6.0 + shift).rem_euclid(6.0);
        let share = (2.0 - (sixth - 3.0).abs()).clamp(0.0, 1.0);
        ((light - range / 2.0 + range * (1.0 - share)) * 255.0).clamp(0.0, 255.0)
    };
    // A channel is least where its hue is opposite.
    Rgba::solid(channel(0.0), channel(4.0), channel(2.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::drawing::theme::{ColourMap, Theme};

    fn colour(text: &str) -> [f32; 4] {
        let (theme, map) = (Theme::default(), ColourMap::default());
        let element = Element::root(text).unwrap();
        let found = of(&element, &Palette { theme: &theme, map: &map }, None).unwrap();
        [found.red, found.green, found.blue, found.alpha * 100.0].map(f32::round)
    }

    #[test]
    fn every_way_to_write_a_colour_is_read() {
        assert_eq!(colour("<srgbClr val='FF8000'/>"), [255.0, 128.0, 0.0, 100.0]);
        assert_eq!(colour("<prstClr val='dkBlue'/>"), [0.0, 0.0, 139.0, 100.0]);
        assert_eq!(colour("<sysClr val='window'/>"), [255.0, 255.0, 255.0, 100.0]);
        assert_eq!(colour("<schemeClr val='bg1'/>"), [255.0, 255.0, 255.0, 100.0]);
        assert_eq!(colour("<scrgbClr r='100%' g='0' b='100000'/>"), [255.0, 0.0, 255.0, 100.0]);
        assert_eq!(
            colour("<hslClr hue='7200000' sat='100%' lum='50%'/>"),
            [0.0, 255.0, 0.0, 100.0]
        );
    }

    #[test]
    fn changes_are_applied_in_order() {
        assert_eq!(
            colour("<schemeClr val='tx1'><lumMod val='0'/><lumOff val='100000'/></schemeClr>"),
            [255.0, 255.0, 255.0, 100.0]
        );
        let faint = colour("<srgbClr val='000000'><alpha val='3000'/></srgbClr>");
        assert_eq!(faint, [0.0, 0.0, 0.0, 3.0]);
        let light =
            colour("<srgbClr val='4472C4'><lumMod val='20000'/><lumOff val='80000'/></srgbClr>");
        assert_eq!(light, [218.0, 227.0, 243.0, 100.0]);
    }

    #[test]
    fn a_tint_of_almost_nothing_is_white() {
        let found = tinted(hex("000000").unwrap(), Some(0.0), None);
        assert_eq!((found.red, found.green), (255.0, 255.0));
        let kept = tinted(hex("4F81BD").unwrap(), Some(1.0), Some(1.0));
        assert!((kept.red - 79.0).abs() < 1.0 && (kept.blue - 189.0).abs() < 1.0);
    }
}
