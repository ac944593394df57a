//! Properties of runs and paragraphs, as far as they decide what is seen (ECMA-376 part 1, 17.3).

use crate::parse::drawing::colour::{hex, mixed, percent, tinted};
use crate::parse::drawing::fill::Fill;
use crate::parse::drawing::theme::Palette;
use crate::parse::html::color::{ALPHA_MIN, BLACK, Rgba, WHITE};
use crate::parse::xml::Element;

/// Properties of a run; `None` where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct RunFormat {
    /// `w:vanish`, `w:specVanish`.
    pub(super) vanish: Option<bool>,
    pub(super) ink: Option<Ink>,
    /// `w14:textFill`, which newer programs draw instead of the colour.
    pub(super) fill: Option<Fill>,
    /// `w14:textOutline`, which paints the edges of letters.
    pub(super) edge: Option<Fill>,
    /// `None` inside: no highlight.
    pub(super) highlight: Option<Option<Rgba>>,
    pub(super) shade: Option<Shade>,
    /// In half points.
    pub(super) size: Option<f32>,
    /// The same for runs of complex scripts.
    pub(super) complex_size: Option<f32>,
    /// `w:cs`, `w:rtl`: the size is that of complex scripts.
    pub(super) is_complex: Option<bool>,
    /// Width of letters, in per cent.
    pub(super) scale: Option<f32>,
    /// Raised by so many half points.
    pub(super) raised: Option<f32>,
    /// Added between letters, in twentieths of a point.
    pub(super) spacing: Option<f32>,
}

/// Colour of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ink {
    /// Black or white, whichever is seen on its ground.
    Auto,
    Plain(Rgba),
}

/// `w:shd`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shade {
    Clear,
    Plain(Rgba),
}

/// Properties of a paragraph.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ParagraphFormat {
    pub(super) shade: Option<Shade>,
    /// Exact height of lines in twentieths of a point; `None` inside: another rule.
    pub(super) exact_line: Option<Option<f32>>,
    /// Distances above and below, in twentieths of a point.
    pub(super) before: Option<f32>,
    pub(super) after: Option<f32>,
    /// Height of lines as a multiple of the usual one.
    pub(super) line_factor: Option<f32>,
    /// Indents in twentieths of a point.
    pub(super) left: Option<f32>,
    pub(super) right: Option<f32>,
    pub(super) first: Option<f32>,
    /// From 0; 9 is body text.
    pub(super) outline: Option<u8>,
    pub(super) in_list: Option<bool>,
    pub(super) frame: Option<Frame>,
}

/// A frame's place (`w:framePr`), in twentieths of a point from the page or from where the text is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) x: Option<f32>,
    pub(super) y: Option<f32>,
    pub(super) width: Option<f32>,
    /// An exact height.
    pub(super) height: Option<f32>,
    pub(super) from_page_across: bool,
    pub(super) from_page_down: bool,
}

/// Sets each property that the other one says.
macro_rules! take {
    ($own:expr, $other:expr, $($name:ident),+) => { $( $own.$name = $other.$name.or($own.$name); )+ };
}

impl RunFormat {
    pub(super) fn read(element: &Element, palette: &Palette<'_>) -> Self {
        let mut found = Self::default();
        for child in &element.children {
            found.take_property(child, palette);
        }
        found
    }

    fn take_property(&mut self, child: &Element, palette: &Palette<'_>) {
        let value = child.attr("val");
        let number = || value.and_then(number);
        match child.name.as_str() {
            "vanish" => self.vanish = Some(self.vanish.unwrap_or(false) | is_on(child)),
            "specVanish" if is_on(child) => self.vanish = Some(true),
            "color" => self.ink = ink(child, palette),
            "textFill" => self.fill = text_fill(child, palette),
            "textOutline" => self.edge = text_fill(child, palette),
            "highlight" => self.highlight = Some(value.and_then(highlight)),
            "shd" => self.shade = shade(child, palette),
            "sz" => self.size = number(),
            "szCs" => self.complex_size = number(),
            "rtl" | "cs" => {
                self.is_complex = Some(self.is_complex.unwrap_or(false) | is_on(child));
            }
            "w" => self.scale = number(),
            "position" => self.raised = number(),
            "spacing" => self.spacing = number(),
            _ => {}
        }
    }

    /// Lays other properties over these: what they say counts.
    pub(super) fn take(&mut self, other: &Self) {
        take!(self, other, vanish, ink, fill, edge, highlight, shade);
        take!(self, other, size, complex_size, is_complex, scale, raised, spacing);
        // A colour ends the fill of a level below it.
        if other.ink.is_some() && other.fill.is_none() {
            self.fill = None;
        }
    }

    /// The same, for a level of styles: `w:vanish` at two levels cancels out (17.7.3).
    pub(super) fn take_style(&mut self, other: &Self) {
        let toggled = self.vanish.unwrap_or(false) ^ other.vanish.unwrap_or(false);
        let said = self.vanish.is_some() || other.vanish.is_some();
        self.take(other);
        self.vanish = said.then_some(toggled);
    }
}

impl ParagraphFormat {
    pub(super) fn read(element: &Element, palette: &Palette<'_>) -> Self {
        let mut found = Self::default();
        for child in &element.children {
            let number_of = |name| child.attr(name).and_then(number);
            match child.name.as_str() {
                "shd" => found.shade = shade(child, palette),
                "spacing" => {
                    (found.before, found.after) = (number_of("before"), number_of("after"));
                    if child.attr("line").is_some() {
                        let rule = child.attr("lineRule");
                        found.exact_line =
                            Some(number_of("line").filter(|_| rule == Some("exact")));
                        let is_multiple = matches!(rule, None | Some("auto"));
                        let factor = number_of("line").filter(|_| is_multiple);
                        found.line_factor = Some(factor.map_or(1.0, |line| line / 240.0));
                    }
                }
                "ind" => {
                    found.left = number_of("left").or_else(|| number_of("start"));
                    found.right = number_of("right").or_else(|| number_of("end"));
                    let hanging = number_of("hanging").map(|hanging| -hanging);
                    found.first = hanging.or_else(|| number_of("firstLine"));
                }
                "outlineLvl" => {
                    found.outline = child.attr("val").and_then(|level| level.parse().ok())
                }
                "numPr" => {
                    let id = child.child("numId").and_then(|id| id.attr("val"));
                    found.in_list = Some(id != Some("0"));
                }
                "framePr" => found.frame = Some(frame(child)),
                _ => {}
            }
        }
        found
    }

    pub(super) fn take(&mut self, other: &Self) {
        take!(self, other, shade, exact_line, before, after, line_factor);
        take!(self, other, left, right, first, outline, in_list, frame);
    }
}

fn frame(element: &Element) -> Frame {
    let number_of = |name| element.attr(name).and_then(number);
    let is_exact = element.attr("hRule") == Some("exact");
    Frame {
        x: number_of("x"),
        y: number_of("y"),
        width: number_of("w"),
        height: number_of("h").filter(|_| is_exact),
        from_page_across: element.attr("hAnchor") == Some("page"),
        from_page_down: element.attr("vAnchor") == Some("page"),
    }
}

/// Whether a property that is on or off is on.
pub(super) fn is_on(element: &Element) -> bool {
    !matches!(element.attr("val"), Some("0" | "false" | "off" | "none"))
}

/// A number, or a length with its unit in twentieths of a point.
pub(super) fn number(text: &str) -> Option<f32> {
    let text = text.trim().trim_end_matches('%');
    let plain = text.parse::<f32>().ok();
    let points = || text.strip_suffix("pt")?.parse::<f32>().ok().map(|points| points * 20.0);
    plain.or_else(points).filter(|value| value.is_finite())
}

/// What `w:themeColor`, `w:themeTint` and `w:themeShade` say, with this prefix.
fn themed(element: &Element, palette: &Palette<'_>, names: [&str; 3]) -> Option<Rgba> {
    let [name, tint, shade] = names;
    let base = palette.named(element.attr(name)?)?;
    let share = |name| {
        let byte = u8::from_str_radix(element.attr(name)?, 16).ok()?;
        Some(f32::from(byte) / 255.0)
    };
    Some(tinted(base, share(tint), share(shade)))
}

fn ink(element: &Element, palette: &Palette<'_>) -> Option<Ink> {
    let theme = themed(element, palette, ["themeColor", "themeTint", "themeShade"]);
    let plain = || element.attr("val").and_then(hex);
    let is_auto = element.attr("val") == Some("auto");
    theme.or_else(plain).map(Ink::Plain).or_else(|| is_auto.then_some(Ink::Auto))
}

/// The colour of `w:background`.
pub(super) fn background(element: &Element, palette: &Palette<'_>) -> Option<Rgba> {
    let names = ["themeColor", "themeTint", "themeShade"];
    let plain = || element.attr("color").and_then(hex);
    themed(element, palette, names).or_else(plain)
}

pub(super) fn shade(element: &Element, palette: &Palette<'_>) -> Option<Shade> {
    let fill = themed(element, palette, ["themeFill", "themeFillTint", "themeFillShade"])
        .or_else(|| element.attr("fill").and_then(hex));
    let front = themed(element, palette, ["themeColor", "themeTint", "themeShade"])
        .or_else(|| element.attr("color").and_then(hex));
    let pattern = element.attr("val").unwrap_or("clear");
    let share = match pattern {
        "clear" | "nil" => 0.0,
        "solid" => 1.0,
        _ => {
            let percent = pattern.strip_prefix("pct").and_then(|digits| digits.parse::<f32>().ok());
            percent.map_or(0.5, |percent| percent / 100.0)
        }
    };
    if pattern == "nil" || (fill.is_none() && share <= 0.0) {
        return Some(Shade::Clear);
    }
    Some(Shade::Plain(mixed(fill.unwrap_or(WHITE), front.unwrap_or(BLACK), share)))
}

/// The 16 colours of a highlighter (17.18.40).
fn highlight(name: &str) -> Option<Rgba> {
    let digits = match name {
        "black" => "000000",
        "blue" => "0000FF",
        "cyan" => "00FFFF",
        "green" => "00FF00",
        "magenta" => "FF00FF",
        "red" => "FF0000",
        "yellow" => "FFFF00",
        "white" => "FFFFFF",
        "darkBlue" => "000080",
        "darkCyan" => "008080",
        "darkGreen" => "008000",
        "darkMagenta" => "800080",
        "darkRed" => "800000",
        "darkYellow" => "808000",
        "darkGray" => "808080",
        "lightGray" => "C0C0C0",
        _ => return None,
    };
    hex(digits)
}

/// The fill in `w14:textFill`. Its `alpha` says how much shines through, not how much is painted.
fn text_fill(element: &Element, palette: &Palette<'_>) -> Option<Fill> {
    let mut turned = element.clone();
    turn_alpha(&mut turned);
    let fill = Fill::inside(&turned, palette, None)?;
    Some(match fill {
        Fill::Plain(colour) if colour.alpha < ALPHA_MIN => Fill::Nothing,
        other => other,
    })
}

fn turn_alpha(element: &mut Element) {
    for child in &mut element.children {
        let is_alpha = child.name == "alpha";
        for (name, value) in &mut child.attrs {
            if is_alpha && name == "val" {
                let kept = 1.0 - percent(value).unwrap_or(0.0);
                *value = format!("{}", kept * 100_000.0);
            }
        }
        turn_alpha(child);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::drawing::theme::{ColourMap, Theme};

    fn run(inside: &str) -> RunFormat {
        let (theme, map) = (Theme::default(), ColourMap::default());
        let element = Element::root(&format!("<w:rPr>{inside}</w:rPr>")).unwrap();
        RunFormat::read(&element, &Palette { theme: &theme, map: &map })
    }

    #[test]
    fn switches_are_on_unless_they_say_off() {
        assert_eq!(run("<w:vanish/>").vanish, Some(true));
        assert_eq!(run("<w:vanish w:val='0'/>").vanish, Some(false));
        assert_eq!(run("<w:b/>").vanish, None);
    }

    #[test]
    fn two_levels_of_styles_that_hide_cancel_out() {
        let mut twice = run("<w:vanish/>");
        twice.take_style(&run("<w:vanish/>"));
        assert_eq!(twice.vanish, Some(false));
        let mut once = run("");
        once.take_style(&run("<w:vanish/>"));
        assert_eq!(once.vanish, Some(true));
    }

    #[test]
    fn theme_colours_go_before_the_value_beside_them() {
        let found = run("<w:color w:val='000000' w:themeColor='background1'/>");
        assert_eq!(found.ink, Some(Ink::Plain(WHITE)));
        let tinted = run("<w:color w:val='auto' w:themeColor='text1' w:themeTint='00'/>");
        assert_eq!(tinted.ink, Some(Ink::Plain(WHITE)));
        assert_eq!(run("<w:color w:val='auto'/>").ink, Some(Ink::Auto));
    }

    #[test]
    fn patterns_are_mixed() {
        let of = |text: &str| run(text).shade;
        assert_eq!(of("<w:shd w:val='clear' w:fill='000000'/>"), Some(Shade::Plain(BLACK)));
        assert_eq!(of("<w:shd w:val='clear' w:fill='auto'/>"), Some(Shade::Clear));
        assert_eq!(
            of("<w:shd w:val='solid' w:color='000000' w:fill='FFFFFF'/>"),
            Some(Shade::Plain(BLACK))
        );
    }

    #[test]
    fn alpha_of_a_text_fill_is_what_shines_through() {
        let with = |alpha: &str| {
            run(&format!(
                "<w14:textFill><w14:solidFill><w14:srgbClr w14:val='000000'>\
                 <w14:alpha w14:val='{alpha}'/></w14:srgbClr></w14:solidFill></w14:textFill>"
            ))
            .fill
        };
        assert_eq!(with("100000"), Some(Fill::Nothing));
        assert!(matches!(with("0"), Some(Fill::Plain(_))));
        assert_eq!(run("<w14:textFill><w14:noFill/></w14:textFill>").fill, Some(Fill::Nothing));
    }
}
