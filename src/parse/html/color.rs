//! Colours, what lies under what, and whether the eye can tell them apart.

use lightningcss::traits::Parse;
use lightningcss::values::color::{CssColor, RGBA};

/// Text with less contrast than this on its background cannot be read. WCAG asks for 4.5; the
/// faintest decoration that pages really use (`#eee` on white) has 1.16.
const CONTRAST_MIN: f32 = 1.15;
/// Channels that differ by more than this are told apart by hue even at equal luminance: red on
/// grey. Dark blue on black, which cannot be read, differs by 64.
const HUE_DIFFERENCE_MAX: f32 = 80.0;
/// Ink with less than this share of opacity is no ink. Text at a tenth of black on white has a
/// contrast of 1.25, but so faint that pages use it only to hide.
pub(crate) const ALPHA_MIN: f32 = 0.1;

/// A colour with opacity; channels from 0 to 255, opacity from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rgba {
    pub(crate) red: f32,
    pub(crate) green: f32,
    pub(crate) blue: f32,
    pub(crate) alpha: f32,
}

pub(crate) const WHITE: Rgba = Rgba::solid(255.0, 255.0, 255.0);
pub(crate) const BLACK: Rgba = Rgba::solid(0.0, 0.0, 0.0);
/// The page itself under `color-scheme: dark`.
pub(crate) const DARK_PAGE: Rgba = Rgba::solid(18.0, 18.0, 18.0);
/// Links as browsers paint them.
pub(crate) const LINK: Rgba = Rgba::solid(0.0, 0.0, 238.0);
/// The same on a dark page.
pub(crate) const LINK_ON_DARK: Rgba = Rgba::solid(158.0, 158.0, 255.0);
/// Face of a button.
pub(crate) const BUTTON: Rgba = Rgba::solid(239.0, 239.0, 239.0);
/// Ground of `<mark>`.
pub(crate) const MARK: Rgba = Rgba::solid(255.0, 255.0, 0.0);

impl Rgba {
    pub(crate) const fn solid(red: f32, green: f32, blue: f32) -> Self {
        Self { red, green, blue, alpha: 1.0 }
    }

    /// This colour painted over an opaque one.
    pub(crate) fn over(self, under: Self) -> Self {
        let mix = |top: f32, bottom: f32| top * self.alpha + bottom * (1.0 - self.alpha);
        Self {
            red: mix(self.red, under.red),
            green: mix(self.green, under.green),
            blue: mix(self.blue, under.blue),
            alpha: 1.0,
        }
    }

    fn luminance(self) -> f32 {
        let linear = |channel: f32| {
            let share = channel / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

/// Whether opaque text in this colour cannot be read on an opaque ground.
pub(crate) fn is_lost(text: Rgba, ground: Rgba) -> bool {
    let difference = (text.red - ground.red)
        .abs()
        .max((text.green - ground.green).abs())
        .max((text.blue - ground.blue).abs());
    if difference > HUE_DIFFERENCE_MAX {
        return false;
    }
    let (one, other) = (text.luminance() + 0.05, ground.luminance() + 0.05);
    one.max(other) / one.min(other) < CONTRAST_MIN
}

/// A colour as a style sheet names it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Paint {
    Plain(Rgba),
    /// The text's own colour, with a share of opacity.
    Current(f32),
    /// One colour where the page is light, another where it is dark.
    Schemed(Rgba, Rgba),
    /// A system colour, or a function that is not understood.
    Unknown,
}

/// Reads a colour; `None` when no browser would take it.
pub(crate) fn parse(text: &str, quirks: bool) -> Option<Paint> {
    let text = text.trim();
    if let Ok(color) = CssColor::parse_string(text) {
        return Some(paint(&color));
    }
    if quirks && matches!(text.len(), 3 | 6) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return CssColor::parse_string(&format!("#{text}")).ok().map(|color| paint(&color));
    }
    mixed_with_current(text).or_else(|| is_function(text).then_some(Paint::Unknown))
}

pub(crate) fn paint(color: &CssColor) -> Paint {
    match color {
        CssColor::CurrentColor => Paint::Current(1.0),
        CssColor::LightDark(light, dark) => {
            match (RGBA::try_from(&**light), RGBA::try_from(&**dark)) {
                (Ok(light), Ok(dark)) => Paint::Schemed(plain(light), plain(dark)),
                _ => Paint::Unknown,
            }
        }
        CssColor::System(system) => named_by_system(&format!("{system:?}")),
        other => RGBA::try_from(other).map_or(Paint::Unknown, |rgba| Paint::Plain(plain(rgba))),
    }
}

/// Colours of the system as Chromium has them.
fn named_by_system(name: &str) -> Paint {
    let grey = |level: f32| Rgba::solid(level, level, level);
    match name {
        "Canvas" => Paint::Schemed(WHITE, DARK_PAGE),
        "Field" => Paint::Schemed(WHITE, grey(59.0)),
        "CanvasText" | "FieldText" | "ButtonText" => Paint::Schemed(BLACK, WHITE),
        "ButtonFace" => Paint::Schemed(BUTTON, grey(107.0)),
        "LinkText" => Paint::Schemed(LINK, LINK_ON_DARK),
        "VisitedText" => Paint::Schemed(Rgba::solid(85.0, 26.0, 139.0), LINK_ON_DARK),
        "ActiveText" => Paint::Plain(Rgba::solid(255.0, 0.0, 0.0)),
        "GrayText" => Paint::Plain(grey(128.0)),
        "Highlight" => Paint::Plain(Rgba::solid(51.0, 153.0, 255.0)),
        "HighlightText" => Paint::Plain(WHITE),
        "Mark" => Paint::Plain(MARK),
        "MarkText" => Paint::Plain(BLACK),
        "ButtonBorder" => Paint::Plain(grey(118.0)),
        _ => Paint::Unknown,
    }
}

fn plain(rgba: RGBA) -> Rgba {
    Rgba {
        red: f32::from(rgba.red),
        green: f32::from(rgba.green),
        blue: f32::from(rgba.blue),
        alpha: f32::from(rgba.alpha) / 255.0,
    }
}

/// Functions that make colours: what browsers may know beyond us.
fn is_function(text: &str) -> bool {
    let Some((name, _)) = text.split_once('(') else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    [
        "rgb",
        "rgba",
        "hsl",
        "hsla",
        "hwb",
        "lab",
        "lch",
        "oklab",
        "oklch",
        "color",
        "color-mix",
        "contrast-color",
        "light-dark",
        "device-cmyk",
    ]
    .contains(&name.as_str())
}

/// `color-mix(in srgb, currentColor 20%, transparent)`: the one mixture with the text's own colour
/// that pages use, for faint lines and grounds.
fn mixed_with_current(text: &str) -> Option<Paint> {
    let text = text.to_ascii_lowercase();
    let inner = text.strip_prefix("color-mix(")?.strip_suffix(')')?;
    let mut parts = inner.split(',').skip(1).map(str::trim);
    let (one, other) = (parts.next()?, parts.next()?);
    let (current, rest) = if one.contains("currentcolor") { (one, other) } else { (other, one) };
    if !current.contains("currentcolor") || !rest.contains("transparent") {
        return None;
    }
    let share = |part: &str| {
        let number = part.split_whitespace().find_map(|word| word.strip_suffix('%'))?;
        number.parse::<f32>().ok().map(|percent| percent / 100.0)
    };
    let alpha = share(current).or_else(|| share(rest).map(|rest| 1.0 - rest)).unwrap_or(0.5);
    Some(Paint::Current(alpha.clamp(0.0, 1.0)))
}

/// Colours of old attributes (`<font color>`, `bgcolor`), by the standard's forgiving rules.
pub(crate) fn legacy(text: &str) -> Option<Rgba> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("transparent") {
        return None;
    }
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_short = text.len() == 4 && text.starts_with('#');
    if (is_name || is_short)
        && let Some(Paint::Plain(found)) = parse(text, false)
    {
        return Some(found);
    }
    let digits: Vec<u32> = text
        .strip_prefix('#')
        .unwrap_or(text)
        .chars()
        .take(128)
        .map(|ch| ch.to_digit(16).unwrap_or(0))
        .collect();
    // Three parts of equal length, of which the two leading digits of the last eight count.
    let size = digits.len().div_ceil(3).max(1);
    let channel = |index: usize| {
        let digit = |at: usize| digits.get(index * size + at).copied().filter(|_| at < size);
        let start = size.saturating_sub(8);
        let value = match (digit(start), digit(start + 1)) {
            (high, Some(low)) => high.unwrap_or(0) * 16 + low,
            (high, None) if size == 1 => high.unwrap_or(0),
            (high, None) => high.unwrap_or(0) * 16,
        };
        u8::try_from(value).map_or(0.0, f32::from)
    };
    Some(Rgba::solid(channel(0), channel(1), channel(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_of(text: &str) -> Rgba {
        match parse(text, false) {
            Some(Paint::Plain(rgba)) => rgba,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn near_colours_are_lost_and_faint_ones_are_not() {
        assert!(is_lost(plain_of("#fefefe"), WHITE));
        assert!(is_lost(plain_of("rgb(250 250 248)"), WHITE));
        assert!(is_lost(plain_of("#0a0a0a"), BLACK));
        assert!(!is_lost(plain_of("#eee"), WHITE));
        assert!(!is_lost(plain_of("#ccc"), WHITE));
    }

    #[test]
    fn a_hue_is_seen_at_equal_luminance() {
        assert!(!is_lost(plain_of("#f00"), plain_of("#7f7f7f")));
    }

    #[test]
    fn every_way_to_write_white_is_white() {
        for text in
            ["white", "#fff", "hsl(0 0% 100%)", "oklch(1 0 0)", "WHITE", "rgb(100%,100%,100%)"]
        {
            assert!(is_lost(plain_of(text), WHITE), "{text}");
        }
    }

    #[test]
    fn old_attributes_are_read_as_browsers_do() {
        assert_eq!(legacy("ffffff"), Some(WHITE));
        assert_eq!(legacy("#FFF"), Some(WHITE));
        assert_eq!(legacy("white"), Some(WHITE));
        assert_eq!(legacy("chucknorris"), Some(Rgba::solid(192.0, 0.0, 0.0)));
    }

    #[test]
    fn a_mixture_with_the_text_colour_is_faint() {
        let text = "color-mix(in srgb, currentColor 20%, transparent)";
        assert!(matches!(parse(text, false), Some(Paint::Current(alpha)) if alpha < 0.25));
    }
}
