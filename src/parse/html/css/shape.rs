//! Values with structure: fonts, shadows, addresses. Each is brought down to what matters for seeing
//! text.

use std::borrow::Cow;

use lightningcss::printer::PrinterOptions;
use lightningcss::properties::box_shadow::BoxShadow;
use lightningcss::properties::font::{AbsoluteFontSize, Font, FontSize, RelativeFontSize};
use lightningcss::properties::text::TextShadow;
use lightningcss::traits::{Parse, ToCss};
use lightningcss::values::length::{Length, LengthPercentage, LengthValue};

use super::property::{FAMILIES_MAX, plain_number};
use super::scan::{find, split, unescape, words};
use super::value::{Images, Value};
use crate::parse::html::color;

/// A shadow inside a box that reaches this far in covers its ground.
const SHADOW_SPREAD_PX_MIN: f32 = 50.0;
/// A shadow that is not blurred more than this has the shape of its letters.
const SHADOW_BLUR_PX_MAX: f32 = 1.0;
/// And one that lies no farther away is read in their place.
const SHADOW_OFFSET_PX_MAX: f32 = 40.0;
/// Size of text in menus and other parts of the system.
const SYSTEM_FONT_PX: f32 = 13.333;

/// Addresses without their content, which is long and means nothing here.
pub(crate) fn without_addresses(value: &str) -> Cow<'_, str> {
    let lower = value.to_ascii_lowercase();
    if !lower.contains("url(") {
        return Cow::Borrowed(value);
    }
    let mut plain = String::new();
    let mut from = 0;
    while let Some(found) = lower.get(from..).and_then(|rest| rest.find("url(")) {
        let start = from + found;
        let inner = start + 4;
        let quoted =
            lower.get(inner..).is_some_and(|rest| rest.trim_start().starts_with(['"', '\'']));
        let end = if quoted {
            find(value, inner, b")").0
        } else {
            lower.get(inner..).and_then(|rest| rest.find(')')).map_or(value.len(), |at| inner + at)
        };
        plain.push_str(value.get(from..start).unwrap_or_default());
        plain.push_str("url(x)");
        from = (end + 1).min(value.len());
    }
    plain.push_str(value.get(from..).unwrap_or_default());
    Cow::Owned(plain)
}

/// The radius of a blur.
pub(crate) fn blur_pixels(text: &str) -> Option<f32> {
    match LengthPercentage::parse_string(text).ok()? {
        LengthPercentage::Dimension(length) => {
            length.to_px().or(matches!(length, LengthValue::Em(n) | LengthValue::Rem(n) if n > 0.3)
                .then_some(16.0))
        }
        LengthPercentage::Percentage(_) | LengthPercentage::Calc(_) => None,
    }
}

pub(crate) fn font_size(value: &str, quirks: bool) -> Option<Value> {
    if plain_number(value).is_some_and(|number| number != 0.0) && !quirks {
        return None;
    }
    match FontSize::parse_string(value) {
        Ok(size) => Some(sized(size)),
        Err(_) => value.contains('(').then_some(Value::Unknown),
    }
}

fn sized(size: FontSize) -> Value {
    let px = |px: f32| Value::Length(LengthPercentage::px(px));
    match size {
        FontSize::Length(length) => Value::Length(length),
        FontSize::Relative(RelativeFontSize::Larger) => Value::Number(1.2),
        FontSize::Relative(RelativeFontSize::Smaller) => Value::Number(1.0 / 1.2),
        FontSize::Absolute(named) => px(match named {
            AbsoluteFontSize::XXSmall => 9.0,
            AbsoluteFontSize::XSmall => 10.0,
            AbsoluteFontSize::Small => 13.0,
            AbsoluteFontSize::Medium => 16.0,
            AbsoluteFontSize::Large => 18.0,
            AbsoluteFontSize::XLarge => 24.0,
            AbsoluteFontSize::XXLarge => 32.0,
            AbsoluteFontSize::XXXLarge => 48.0,
        }),
    }
}

/// The size in a `font` shorthand.
pub(crate) fn font(value: &str, quirks: bool) -> Option<(Value, Box<[String]>)> {
    const SYSTEM: [&str; 6] =
        ["caption", "icon", "menu", "message-box", "small-caption", "status-bar"];
    if SYSTEM.contains(&value.to_ascii_lowercase().as_str()) {
        return Some((Value::Length(LengthPercentage::px(SYSTEM_FONT_PX)), Box::default()));
    }
    let Ok(font) = Font::parse_string(value) else {
        return Some((size_before_slash(value, quirks)?, Box::default()));
    };
    let bare = matches!(&font.size, FontSize::Length(LengthPercentage::Dimension(LengthValue::Px(n))) if *n != 0.0)
        && !value.to_ascii_lowercase().contains("px");
    let names = font.family.iter().map(|family| {
        let name = family.to_css_string(PrinterOptions::default()).unwrap_or_default();
        unescape(name.trim_matches(['"', '\''])).to_lowercase()
    });
    let names = names.take(FAMILIES_MAX).collect();
    if bare && !quirks { None } else { Some((sized(font.size), names)) }
}

/// `font: 0/0 a`: the library takes the first number for a weight.
fn size_before_slash(value: &str, quirks: bool) -> Option<Value> {
    let words = words(value);
    let at = words.iter().position(|word| word.contains('/'))?;
    words.get(at + 1)?;
    font_size(words.get(at)?.split('/').next()?, quirks)
}

pub(crate) fn shadow(value: &str) -> Option<Value> {
    if value.eq_ignore_ascii_case("none") {
        return Some(Value::Nothing);
    }
    let first = split(value, b',').into_iter().next()?;
    let shadow = TextShadow::parse_string(first).ok()?;
    let px = |length: &Length| length.to_px().unwrap_or(f32::INFINITY).abs();
    let paint = color::paint(&shadow.color);
    let near = px(&shadow.x_offset).max(px(&shadow.y_offset)) <= SHADOW_OFFSET_PX_MAX;
    if px(&shadow.blur) <= SHADOW_BLUR_PX_MAX && near {
        return Some(Value::Images(Box::new(Images { stops: vec![paint], picture: false })));
    }
    Some(Value::Paint(paint))
}

/// `box-shadow` that fills its box from inside.
pub(crate) fn inner_shadow(value: &str) -> Option<Value> {
    if value.eq_ignore_ascii_case("none") {
        return Some(Value::Nothing);
    }
    for layer in split(value, b',') {
        let Ok(shadow) = BoxShadow::parse_string(layer) else {
            return layer.contains('(').then_some(Value::Nothing);
        };
        if shadow.inset && shadow.spread.to_px().is_some_and(|px| px >= SHADOW_SPREAD_PX_MIN) {
            return Some(Value::Paint(color::paint(&shadow.color)));
        }
    }
    Some(Value::Nothing)
}
