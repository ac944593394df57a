//! What a declaration sets of the properties that decide whether text is seen.
//!
//! All others are thrown away while a sheet is read. A value that no browser would take is thrown
//! away too, since a browser keeps the value before it.

use lightningcss::traits::Parse;
use lightningcss::values::length::LengthPercentage;

use super::scan::{split, unescape, without_comments, words};
use super::shape;
use super::value::{Display, Position, Property, Value, Wide};
use super::{clip, filter, images, motion};
use crate::domain::limits::{CSS_BRACKETS_MAX, CSS_VALUE_BYTES_MAX};
use crate::parse::html::color;

/// Fonts of one list that are looked at.
pub(super) const FAMILIES_MAX: usize = 8;
/// Nobody waits for the end of an animation that lasts this long.
const LONG_SECONDS: f32 = 60.0;

type Out = Vec<(Property, Value)>;

/// What a declaration sets; nothing when no browser would take it or it does not matter here.
pub(crate) fn parse(name: &str, value: &str, quirks: bool) -> Out {
    let name = name.strip_prefix("-webkit-").unwrap_or(name);
    let Some(targets) = targets(name) else {
        return Vec::new();
    };
    let value = without_comments(value);
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    if let Some(wide) = wide(&lower) {
        return targets.iter().map(|target| (*target, Value::Wide(wide))).collect();
    }
    if lower.contains("var(") || lower.contains("env(") {
        let pending = |target: &Property| {
            (*target, Value::Pending(Box::new((name.to_owned(), value.to_owned()))))
        };
        return targets.iter().map(pending).collect();
    }
    // What such a function gives is in the page, or in a time to come.
    if name != "content" && has_late_function(&lower) {
        return targets.iter().map(|target| (*target, Value::Unknown)).collect();
    }
    let value = if name == "content" { value.into() } else { shape::without_addresses(value) };
    // Of the two sides only the first is measured.
    let halves = matches!(name, "margin-inline" | "margin-block");
    let value =
        if halves { words(&value).first().copied().unwrap_or_default().into() } else { value };
    if value.len() > CSS_VALUE_BYTES_MAX || super::scan::depth(&value) > CSS_BRACKETS_MAX {
        return targets.iter().map(|target| (*target, Value::Unknown)).collect();
    }
    match targets {
        [single] => longhand(*single, &value, quirks)
            .map(|found| vec![(*single, found)])
            .unwrap_or_default(),
        _ => shorthand(name, targets, &value, quirks).unwrap_or_default(),
    }
}

/// `attr()`, `if()` and their like, which newer browsers know.
fn has_late_function(lower: &str) -> bool {
    const NAMES: [&str; 5] = ["attr(", "if(", "random(", "sibling-index(", "sibling-count("];
    let starts = |at: usize| {
        lower.get(..at).is_none_or(|before| !before.ends_with(|ch: char| ch.is_alphanumeric()))
    };
    lower.contains('(')
        && NAMES.iter().any(|name| lower.match_indices(name).any(|(at, _)| starts(at)))
}

fn wide(value: &str) -> Option<Wide> {
    match unescape(value).as_ref() {
        "inherit" => Some(Wide::Inherit),
        "initial" => Some(Wide::Initial),
        "unset" => Some(Wide::Unset),
        "revert" | "revert-layer" => Some(Wide::Revert),
        _ => None,
    }
}

/// The properties that a name sets: one for itself, more for a shorthand.
fn targets(name: &str) -> Option<&'static [Property]> {
    use Property as P;
    Some(match name {
        "display" => &[P::Display],
        "visibility" => &[P::Visibility],
        "content-visibility" => &[P::ContentVisibility],
        "opacity" => &[P::Opacity],
        "filter" => &[P::Filter],
        "color" => &[P::Color],
        "text-fill-color" => &[P::TextFill],
        "fill" => &[P::Fill],
        "font" => &[P::FontSize, P::FontFamily],
        "font-size" => &[P::FontSize],
        "letter-spacing" => &[P::LetterSpacing],
        "word-spacing" => &[P::WordSpacing],
        "font-size-adjust" => &[P::FontSizeAdjust],
        "line-height" => &[P::LineHeight],
        "font-family" => &[P::FontFamily],
        "direction" => &[P::Direction],
        "unicode-bidi" => &[P::UnicodeBidi],
        "content" => &[P::Content],
        "text-stroke" => &[P::StrokeWidth, P::StrokeColor],
        "text-stroke-width" | "stroke-width" => &[P::StrokeWidth],
        "text-stroke-color" => &[P::StrokeColor],
        "stroke" => &[P::Stroke],
        "mix-blend-mode" => &[P::Blend],
        "box-shadow" => &[P::BoxShadow],
        "contain" => &[P::Contain],
        "grid-template-rows" => &[P::GridRows],
        "grid-template-columns" => &[P::GridColumns],
        "z-index" => &[P::ZIndex],
        "isolation" | "will-change" | "perspective" => &[P::Stacks],
        "backface-visibility" => &[P::Backface],
        "transform-origin" => &[P::TransformOrigin],
        "offset-path" | "offset" => &[P::OffsetPath],
        "text-indent" => &[P::TextIndent],
        "text-shadow" => &[P::TextShadow],
        "text-security" => &[P::TextSecurity],
        "white-space" | "white-space-collapse" => &[P::WhiteSpace],
        "color-scheme" => &[P::ColorScheme],
        "background" => {
            &[P::BackgroundColor, P::BackgroundImage, P::BackgroundClip, P::BackgroundSize]
        }
        "background-size" => &[P::BackgroundSize],
        "background-color" => &[P::BackgroundColor],
        "background-image" => &[P::BackgroundImage],
        "background-clip" => &[P::BackgroundClip],
        "mask" => &[P::Mask, P::MaskSize],
        "mask-image" => &[P::Mask],
        "mask-size" => &[P::MaskSize],
        "position" => &[P::Position],
        "float" => &[P::Float],
        "left" | "inset-inline-start" => &[P::Left],
        "top" | "inset-block-start" => &[P::Top],
        "right" | "inset-inline-end" => &[P::Right],
        "bottom" | "inset-block-end" => &[P::Bottom],
        "inset" => &[P::Top, P::Right, P::Bottom, P::Left],
        "inset-inline" => &[P::Left, P::Right],
        "inset-block" => &[P::Top, P::Bottom],
        "margin" => &[P::MarginTop, P::MarginRight, P::MarginBottom, P::MarginLeft],
        "margin-inline" => &[P::MarginLeft, P::MarginRight],
        "margin-block" => &[P::MarginTop, P::MarginBottom],
        "margin-left" | "margin-inline-start" => &[P::MarginLeft],
        "margin-top" | "margin-block-start" => &[P::MarginTop],
        "margin-right" | "margin-inline-end" => &[P::MarginRight],
        "margin-bottom" | "margin-block-end" => &[P::MarginBottom],
        "padding" => &[P::PaddingTop, P::PaddingRight, P::PaddingBottom, P::PaddingLeft],
        "padding-left" | "padding-inline-start" => &[P::PaddingLeft],
        "padding-top" | "padding-block-start" => &[P::PaddingTop],
        "padding-right" | "padding-inline-end" => &[P::PaddingRight],
        "padding-bottom" | "padding-block-end" => &[P::PaddingBottom],
        "width" | "inline-size" => &[P::Width],
        "height" | "block-size" => &[P::Height],
        "max-width" | "max-inline-size" => &[P::MaxWidth],
        "max-height" | "max-block-size" => &[P::MaxHeight],
        "min-width" | "min-inline-size" => &[P::MinWidth],
        "min-height" | "min-block-size" => &[P::MinHeight],
        "overflow" => &[P::OverflowX, P::OverflowY],
        "overflow-x" | "overflow-inline" => &[P::OverflowX],
        "overflow-y" | "overflow-block" => &[P::OverflowY],
        "clip" => &[P::Clip],
        "clip-path" => &[P::ClipPath],
        "transform" => &[P::Transform],
        "translate" => &[P::Translate],
        "scale" => &[P::Scale],
        "rotate" => &[P::Rotate],
        "zoom" => &[P::Zoom],
        "animation" => &[P::AnimationName, P::AnimationFill, P::AnimationPlay, P::AnimationTime],
        "animation-play-state" => &[P::AnimationPlay],
        "animation-duration" | "animation-delay" | "animation-iteration-count" => {
            &[P::AnimationTime]
        }
        "animation-name" => &[P::AnimationName],
        "animation-fill-mode" => &[P::AnimationFill],
        "all" => &[P::All],
        _ => return None,
    })
}

fn longhand(property: Property, value: &str, quirks: bool) -> Option<Value> {
    use Property as P;
    let word = unescape(value).to_ascii_lowercase();
    match property {
        P::Display => display(&word),
        P::Visibility => flag(&word, &["visible"], &["hidden", "collapse"]),
        P::ContentVisibility => flag(&word, &["hidden"], &["visible", "auto"]),
        P::Opacity => number(value).map(Value::Number),
        P::Filter => filter::filter(&word),
        P::Color | P::TextFill | P::BackgroundColor => {
            color::parse(value, quirks && property != P::TextFill).map(Value::Paint)
        }
        P::Fill if matches!(&*word, "none") => Some(Value::Nothing),
        P::Fill => color::parse(value, false).map_or_else(
            || word.starts_with("url(").then_some(Value::Unknown),
            |paint| Some(Value::Paint(paint)),
        ),
        P::FontSize => shape::font_size(value, quirks),
        P::LetterSpacing if word == "normal" => Some(Value::Nothing),
        P::TextIndent => {
            let (first, rest) = words(value).split_first().map(|(a, b)| (*a, b.to_vec()))?;
            let known = rest.iter().all(|word| matches!(*word, "hanging" | "each-line"));
            known.then(|| length(first, quirks)).flatten()
        }
        P::LetterSpacing => length(value, quirks),
        P::TextShadow => shape::shadow(value),
        P::TextSecurity => flag(&word, &["disc", "circle", "square"], &["none"]),
        P::WhiteSpace => Some(Value::Flag(
            word.contains("pre") && !word.contains("pre-line") || word == "break-spaces",
        )),
        P::ColorScheme => {
            Some(Value::Flag(words(&word).contains(&"dark") && !words(&word).contains(&"light")))
        }
        P::BackgroundImage => images::images(value),
        P::BackgroundClip => Some(Value::Flag(word.contains("text"))),
        P::Mask => images::mask(value),
        P::Position => position(&word),
        P::Float => flag(&word, &["left", "right", "inline-start", "inline-end"], &["none"]),
        P::PaddingRight | P::PaddingBottom | P::PaddingLeft | P::PaddingTop => {
            length(value, quirks)
        }
        P::WordSpacing if word == "normal" => Some(Value::Nothing),
        P::WordSpacing => length(value, quirks),
        P::FontSizeAdjust => words(&word)
            .last()
            .and_then(|last| plain_number(last).map(Value::Number).or(Some(Value::Nothing))),
        P::LineHeight if word == "normal" => Some(Value::Nothing),
        P::LineHeight => match plain_number(value) {
            Some(number) => Some(Value::Number(number)),
            None => length(value, quirks),
        },
        P::FontFamily => Some(Value::Names(families(value))),
        P::Direction => flag(&word, &["rtl"], &["ltr"]),
        P::UnicodeBidi => flag(
            &word,
            &["bidi-override", "isolate-override"],
            &["normal", "embed", "isolate", "plaintext"],
        ),
        P::Content => Some(Value::Text(value.into())),
        P::StrokeWidth => match plain_number(value) {
            Some(number) => Some(Value::Length(LengthPercentage::px(number))),
            None if matches!(&*word, "thin" | "medium" | "thick") => {
                Some(Value::Length(LengthPercentage::px(1.0)))
            }
            None => length(value, quirks),
        },
        P::Stroke if word == "none" => Some(Value::Nothing),
        P::StrokeColor | P::Stroke => color::parse(value, false).map(Value::Paint),
        P::Blend => blend(&word),
        P::BoxShadow => shape::inner_shadow(value),
        P::Contain => contain(&word),
        P::GridRows | P::GridColumns => Some(Value::Flag(tracks_are_closed(&word))),
        P::ZIndex if word == "auto" => Some(Value::Nothing),
        P::ZIndex => number(value).map(Value::Number),
        P::Stacks => (!matches!(&*word, "auto" | "none")).then_some(Value::Flag(true)),
        P::Backface => flag(&word, &["hidden"], &["visible"]),
        P::TransformOrigin => Some(Value::Flag(motion::is_far(value))),
        P::OffsetPath => Some(Value::Flag(word != "none")),
        P::BackgroundSize => Some(images::background_size(&word)),
        P::MaskSize => Some(Value::Flag(words(&word).iter().any(|side| is_zero(side)))),
        P::AnimationPlay => Some(Value::Flag(word.contains("paused"))),
        P::AnimationTime => animation_time(&word),
        P::Left
        | P::Top
        | P::Right
        | P::Bottom
        | P::MarginLeft
        | P::MarginTop
        | P::MarginRight
        | P::MarginBottom => {
            if word == "auto" {
                Some(Value::Nothing)
            } else {
                length(value, quirks)
            }
        }
        P::Width | P::Height | P::MaxWidth | P::MaxHeight | P::MinWidth | P::MinHeight => {
            size(value, &word, quirks)
        }
        P::OverflowX | P::OverflowY => {
            flag(&word, &["hidden", "clip", "scroll", "auto", "overlay"], &["visible"])
        }
        P::Clip => clip::clip(&word),
        P::ClipPath => clip::clip_path(value),
        P::Transform => motion::transform(value),
        P::Translate => motion::translate(value, quirks),
        P::Scale => motion::scale(&word),
        P::Rotate => motion::rotate(&word),
        P::Zoom => number(value).or((word == "normal").then_some(1.0)).map(Value::Number),
        P::AnimationName => Some(Value::Names(
            split(value, b',').into_iter().map(|n| unescape(n).into_owned()).collect(),
        )),
        P::AnimationFill => Some(Value::Flag(word.contains("forwards") || word.contains("both"))),
        P::All => None,
    }
}

fn shorthand(name: &str, targets: &[Property], value: &str, quirks: bool) -> Option<Out> {
    match name {
        "background" => images::background(value, quirks),
        "animation" => Some(vec![
            (Property::AnimationName, Value::Names(animation_names(value))),
            (Property::AnimationFill, longhand(Property::AnimationFill, value, quirks)?),
            (Property::AnimationPlay, longhand(Property::AnimationPlay, value, quirks)?),
            (Property::AnimationTime, animation_time(value).unwrap_or(Value::Nothing)),
        ]),
        "font" => {
            let (size, names) = shape::font(value, quirks)?;
            Some(vec![(Property::FontSize, size), (Property::FontFamily, Value::Names(names))])
        }
        "text-stroke" => stroke(value, quirks),
        "mask" => Some(vec![
            (Property::Mask, images::mask(value)?),
            (Property::MaskSize, Value::Flag(images::mask_is_tiny(value))),
        ]),
        "overflow" => {
            let words = words(value);
            let x = longhand(Property::OverflowX, words.first()?, quirks)?;
            let y = longhand(Property::OverflowY, words.last()?, quirks)?;
            Some(vec![(Property::OverflowX, x), (Property::OverflowY, y)])
        }
        _ => sides(targets, value, quirks),
    }
}

/// `margin`, `inset` and their halves: one to four lengths, of which the targets take theirs.
fn sides(targets: &[Property], value: &str, quirks: bool) -> Option<Out> {
    let words = words(value);
    if words.is_empty() || words.len() > 4 {
        return None;
    }
    let at = |index: usize| words.get(index).or(words.get(index % 2)).or(words.first()).copied();
    let mut set = Out::new();
    for (index, target) in targets.iter().enumerate() {
        set.push((*target, longhand(*target, at(index)?, quirks)?));
    }
    Some(set)
}

/// Words of `animation` that can be names; keywords among them name no keyframes and do no harm.
fn animation_names(value: &str) -> Box<[String]> {
    split(value, b',')
        .into_iter()
        .flat_map(words)
        .filter(|word| !word.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.'))
        .map(|word| unescape(word).into_owned())
        .collect()
}

/// `-webkit-text-stroke`: a width and a colour, in any order.
fn stroke(value: &str, quirks: bool) -> Option<Out> {
    let mut set = Out::new();
    for word in words(value) {
        let (property, found) = match longhand(Property::StrokeColor, word, quirks) {
            Some(color) => (Property::StrokeColor, color),
            None => (Property::StrokeWidth, longhand(Property::StrokeWidth, word, quirks)?),
        };
        set.push((property, found));
    }
    if !set.iter().any(|(property, _)| *property == Property::StrokeColor) {
        set.push((Property::StrokeColor, Value::Paint(color::Paint::Current(1.0))));
    }
    Some(set)
}

/// Names of fonts in lower case, without quotes.
fn families(value: &str) -> Box<[String]> {
    let plain = |name: &str| unescape(name.trim_matches(['"', '\''])).to_lowercase();
    split(value, b',').into_iter().take(FAMILIES_MAX).map(plain).collect()
}

fn blend(word: &str) -> Option<Value> {
    const MODES: [&str; 9] = [
        "multiply",
        "screen",
        "darken",
        "lighten",
        "color-dodge",
        "color-burn",
        "difference",
        "exclusion",
        "plus-lighter",
    ];
    MODES.iter().find(|mode| **mode == word).map(|mode| Value::Word(mode)).or(Some(Value::Nothing))
}

/// Whether a box is measured without its content, and whether it cuts.
fn contain(word: &str) -> Option<Value> {
    let parts = words(word);
    let has = |names: &[&str]| parts.iter().any(|part| names.contains(part));
    let sized = has(&["strict", "size"]);
    let cuts = has(&["strict", "content", "paint"]);
    Some(match (sized, cuts) {
        (true, true) => Value::Word("size and paint"),
        (true, false) => Value::Word("size"),
        (false, true) => Value::Word("paint"),
        (false, false) => Value::Nothing,
    })
}

/// Whether a grid leaves its children no room: `0fr`, as accordions have it.
fn tracks_are_closed(word: &str) -> bool {
    let tracks = words(word);
    let closed = |track: &&str| {
        let last = track.trim_end_matches(')').rsplit([',', '(']).next().unwrap_or_default();
        is_zero(last.trim())
    };
    !tracks.is_empty() && tracks.iter().all(closed)
}

/// `0` with or without a unit.
pub(crate) fn is_zero(word: &str) -> bool {
    let number = word.trim_end_matches(|ch: char| ch.is_alphabetic() || ch == '%');
    plain_number(number) == Some(0.0)
}

/// Whether an animation lasts for ever, or begins when nobody looks any more.
fn animation_time(value: &str) -> Option<Value> {
    let seconds = |word: &&str| {
        let (number, unit) = match word.strip_suffix("ms") {
            Some(number) => (number, 0.001),
            None => (word.strip_suffix('s')?, 1.0),
        };
        plain_number(number).map(|number| number * unit)
    };
    let words: Vec<&str> = split(value, b',').into_iter().flat_map(words).collect();
    let long = words.iter().filter_map(seconds).any(|seconds| seconds >= LONG_SECONDS);
    (long || words.contains(&"infinite")).then_some(Value::Word("long"))
}

fn flag(word: &str, yes: &[&str], no: &[&str]) -> Option<Value> {
    if yes.contains(&word) {
        return Some(Value::Flag(true));
    }
    no.contains(&word).then_some(Value::Flag(false))
}

fn display(word: &str) -> Option<Value> {
    /// Words of displays that are named by two or three.
    const PARTS: [&str; 9] =
        ["block", "inline", "flow", "flow-root", "table", "flex", "grid", "ruby", "list-item"];
    let parts: Vec<_> = words(word);
    let inline = parts.contains(&"inline");
    let found = match word {
        "none" => Display::None,
        "contents" => Display::Contents,
        "inline" | "ruby" | "ruby-text" | "ruby-base" | "inline flow" => Display::Inline,
        "inline-block" | "inline-table" | "inline flow-root" | "inline table"
        | "inline-list-item" => Display::InlineBlock,
        "inline-flex" | "inline-grid" | "inline-box" => Display::InlineFlexible,
        "flex" | "grid" | "box" | "-webkit-box" | "-webkit-flex" | "-ms-flexbox" | "grid-lanes" => {
            Display::Flexible
        }
        "-webkit-inline-box" | "-webkit-inline-flex" => Display::InlineFlexible,
        "block" | "list-item" | "flow-root" | "table" | "table-row" | "table-cell"
        | "table-row-group" | "table-header-group" | "table-footer-group" | "table-column"
        | "table-column-group" | "table-caption" | "math" => Display::Block,
        _ if !parts.iter().all(|part| PARTS.contains(part)) => return None,
        _ if parts.contains(&"flex") || parts.contains(&"grid") => {
            if inline {
                Display::InlineFlexible
            } else {
                Display::Flexible
            }
        }
        _ if inline => Display::InlineBlock,
        _ if !parts.is_empty() => Display::Block,
        _ => return None,
    };
    Some(Value::Display(found))
}

fn position(word: &str) -> Option<Value> {
    Some(Value::Position(match word {
        "static" => Position::Static,
        "relative" => Position::Relative,
        "absolute" => Position::Absolute,
        "fixed" => Position::Fixed,
        "sticky" | "-webkit-sticky" => Position::Sticky,
        _ => return None,
    }))
}

fn size(value: &str, word: &str, quirks: bool) -> Option<Value> {
    let sized = ["auto", "none", "min-content", "max-content", "fit-content", "stretch"];
    if sized.contains(&word) || word.starts_with('-') && word.contains("-content") {
        return Some(Value::Nothing);
    }
    if word.starts_with("fit-content(")
        || word.contains("fill-available")
        || word.contains("calc-size")
    {
        return Some(Value::Nothing);
    }
    length(value, quirks)
}

/// A length; numbers without a unit only where browsers take them.
pub(crate) fn length(value: &str, quirks: bool) -> Option<Value> {
    if plain_number(value).is_some_and(|number| number != 0.0) && !quirks {
        return None;
    }
    match LengthPercentage::parse_string(value) {
        Ok(length) => Some(Value::Length(length)),
        Err(_) if value.contains('(') => Some(Value::Unknown),
        Err(_) => None,
    }
}

/// A number or a share in per cent.
pub(crate) fn number(value: &str) -> Option<f32> {
    if let Some(percent) = value.strip_suffix('%') {
        return plain_number(percent).map(|number| number / 100.0);
    }
    if let Some(number) = plain_number(value) {
        return Some(number);
    }
    match LengthPercentage::parse_string(value).ok()? {
        LengthPercentage::Percentage(share) => Some(share.0),
        LengthPercentage::Dimension(_) | LengthPercentage::Calc(_) => calculated(value),
    }
}

/// Digits only: Rust also reads `inf` and `nan`, which are names in a sheet.
pub(crate) fn plain_number(text: &str) -> Option<f32> {
    let digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-');
    if !text.bytes().next().is_some_and(digits) || text.ends_with('.') {
        return None;
    }
    text.parse::<f32>().ok().filter(|number| number.is_finite())
}

/// `calc()` over plain numbers, as in `opacity: calc(0 * 1)`.
fn calculated(value: &str) -> Option<f32> {
    use lightningcss::values::number::CSSNumber;
    CSSNumber::parse_string(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> Option<Value> {
        parse(name, value, false).into_iter().next().map(|(_, value)| value)
    }

    #[test]
    fn what_browsers_throw_away_is_thrown_away() {
        for (name, value) in [
            ("display", "nonsense"),
            ("font-size", "16"),
            ("left", "-9999"),
            ("color", "whitish"),
            ("opacity", "none"),
            ("opacity", "inf"),
            ("margin-left", "0 junk"),
            ("background-color", "url(x)"),
            ("margin", "1px 2 3px"),
            ("colour", "red"),
        ] {
            assert_eq!(one(name, value), None, "{name}: {value}");
        }
    }

    #[test]
    fn lengths_need_no_unit_in_quirks_mode() {
        assert!(parse("left", "-9999", false).is_empty());
        assert_eq!(parse("left", "-9999", true).len(), 1);
    }

    #[test]
    fn values_are_read_through_escapes_comments_and_case() {
        assert_eq!(one("display", "/**/N\\6fne /*x*/"), Some(Value::Display(Display::None)));
        assert!(one("-webkit-text-fill-color", "Transparent").is_some());
    }

    #[test]
    fn shorthands_set_their_parts() {
        assert_eq!(parse("margin", "1px 2px 3px 4px", false).len(), 4);
        let set = parse("margin", "1px 2px 3px 4px", false);
        assert_eq!(set.get(3).map(|(_, value)| value), length("4px", false).as_ref());
        assert_eq!(parse("inset", "0", false).len(), 4);
        assert_eq!(parse("background", "red url(x) no-repeat", false).len(), 4);
    }

    #[test]
    fn numbers_are_read_in_every_form() {
        for text in ["0.05", ".05", "5%", "calc(0.5 / 10)", "calc(5%)"] {
            let found = number(text).unwrap_or(9.0);
            assert!((found - 0.05).abs() < 0.001, "{text}: {found}");
        }
    }

    #[test]
    fn a_value_of_brackets_is_not_parsed() {
        let bomb = format!("{}1px{}", "calc(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(one("left", &bomb), Some(Value::Unknown));
        let wide = format!("calc(1px{})", " + 1%".repeat(700));
        assert!(one("left", &wide).is_some());
    }
}
