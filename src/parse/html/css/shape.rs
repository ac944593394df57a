//! Values with structure: transforms, clips, backgrounds, shadows, font sizes. Each is brought down
//! to what matters for seeing text.
//!
//! Let through on purpose: masks and clip paths that are pictures, filters other than `opacity()`,
//! and rotations that only tilt.

use std::borrow::Cow;

use lightningcss::properties::background::{Background, BackgroundClip};
use lightningcss::properties::box_shadow::BoxShadow;
use lightningcss::properties::font::{AbsoluteFontSize, Font, FontSize, RelativeFontSize};
use lightningcss::properties::masking::ClipPath;
use lightningcss::properties::text::TextShadow;
use lightningcss::properties::transform::{Transform, TransformList};
use lightningcss::traits::Parse;
use lightningcss::values::angle::Angle;
use lightningcss::values::color::CssColor;
use lightningcss::values::gradient::{Gradient, GradientItem, WebKitGradient};
use lightningcss::values::image::Image;
use lightningcss::values::length::{Length, LengthPercentage, LengthValue};
use lightningcss::values::percentage::NumberOrPercentage;
use lightningcss::values::position::{Position, PositionComponent};
use lightningcss::values::shape::{BasicShape, ShapeRadius};

use super::property::{is_zero, length, number, plain_number};
use super::scan::{find, split, words};
use super::value::{Images, Property, Value};
use crate::parse::html::color::{self, Paint};
use crate::parse::html::place::{self, Measure};

/// A shadow inside a box that reaches this far in covers its ground.
const SHADOW_SPREAD_PX_MIN: f32 = 50.0;
/// An origin this far away throws what is turned about it off the screen.
const ORIGIN_PX_MAX: f32 = 800.0;
/// What a share of a box is measured with where its size is not known.
const BOX_PX: f32 = 1_000.0;
/// A shadow that is not blurred more than this has the shape of its letters.
const SHADOW_BLUR_PX_MAX: f32 = 1.0;
/// And one that lies no farther away is read in their place.
const SHADOW_OFFSET_PX_MAX: f32 = 40.0;
/// A clip that is no wider than this shows no letter.
const CLIP_MAX: f32 = 1.0;
/// An inset of this many pixels cuts away any ordinary box.
const INSET_PX: f32 = 3_000.0;
/// Size of text in menus and other parts of the system.
const SYSTEM_FONT_PX: f32 = 13.333;

/// How an element is moved and scaled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Motion {
    /// The smaller of both directions.
    pub(crate) scale: f32,
    pub(crate) x: Vec<LengthPercentage>,
    pub(crate) y: Vec<LengthPercentage>,
    /// Turned so that its back is seen.
    pub(crate) shows_back: bool,
    /// Turned about a point of its plane.
    pub(crate) is_tilted: bool,
}

impl Motion {
    const fn still() -> Self {
        Self { scale: 1.0, x: Vec::new(), y: Vec::new(), shows_back: false, is_tilted: false }
    }

    /// Turns it out of its plane.
    fn turn(&mut self, degrees: f32) {
        self.scale *= edge(degrees);
        self.shows_back ^= degrees.to_radians().cos() < 0.0;
    }

    fn value(self) -> Value {
        Value::Motion(Box::new(self))
    }
}

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
pub(crate) fn font(value: &str, quirks: bool) -> Option<Value> {
    const SYSTEM: [&str; 6] =
        ["caption", "icon", "menu", "message-box", "small-caption", "status-bar"];
    if SYSTEM.contains(&value.to_ascii_lowercase().as_str()) {
        return Some(Value::Length(LengthPercentage::px(SYSTEM_FONT_PX)));
    }
    let Ok(font) = Font::parse_string(value) else {
        return size_before_slash(value, quirks);
    };
    let bare = matches!(&font.size, FontSize::Length(LengthPercentage::Dimension(LengthValue::Px(n))) if *n != 0.0)
        && !value.to_ascii_lowercase().contains("px");
    if bare && !quirks { None } else { Some(sized(font.size)) }
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

/// Whether an image is drawn on the whole box (`Nothing`), on a part of it or nowhere.
pub(crate) fn background_size(word: &str) -> Value {
    let layers: Vec<Value> = split(word, b',').into_iter().map(size_of_image).collect();
    match layers.first() {
        Some(first) if layers.iter().all(|layer| layer == first) => first.clone(),
        Some(_) if !layers.contains(&Value::Nothing) => Value::Word("part"),
        _ => Value::Nothing,
    }
}

fn size_of_image(word: &str) -> Value {
    let sides = words(word);
    let whole = |side: &&str| {
        matches!(*side, "auto" | "cover" | "contain")
            || side.strip_suffix('%').and_then(plain_number).is_some_and(|share| share >= 99.0)
            || !side.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.')
    };
    if sides.iter().any(|side| is_zero(side)) {
        return Value::Word("none");
    }
    if sides.iter().all(whole) { Value::Nothing } else { Value::Word("part") }
}

/// The size in a layer that is not repeated.
fn size_of_layer(layer: &str) -> Value {
    let Some((_, size)) = layer.split_once('/') else {
        return Value::Nothing;
    };
    let size: Vec<&str> = words(size)
        .into_iter()
        .take_while(|word| {
            word.starts_with(|ch: char| ch.is_ascii_digit() || ch == '.')
                || matches!(*word, "auto" | "cover" | "contain")
        })
        .collect();
    match background_size(&size.join(" ")) {
        Value::Word("part") if !layer.contains("no-repeat") => Value::Nothing,
        found => found,
    }
}

/// Whether what a mask lets through is nothing, or a dot.
pub(crate) fn mask_is_tiny(value: &str) -> bool {
    let plain = without_addresses(value);
    let Some((_, size)) = plain.rsplit_once('/') else {
        return false;
    };
    let sides: Vec<&str> = words(size).into_iter().take(2).collect();
    let tiny =
        |side: &&str| side.strip_suffix("px").and_then(plain_number).is_some_and(|px| px <= 2.0);
    sides.iter().any(|side| is_zero(side))
        || plain.contains("no-repeat") && sides.first().is_some_and(tiny)
}

/// Whether the point that a box is turned about lies far outside of it.
pub(crate) fn is_far(value: &str) -> bool {
    words(value).into_iter().any(|word| match LengthPercentage::parse_string(word) {
        Ok(LengthPercentage::Dimension(length)) => {
            length.to_px().unwrap_or_else(|| length.to_unit_value().0 * 16.0).abs() >= ORIGIN_PX_MAX
        }
        Ok(LengthPercentage::Percentage(share)) => share.0.abs() >= 8.0,
        Ok(LengthPercentage::Calc(_)) | Err(_) => false,
    })
}

pub(crate) fn images(value: &str) -> Option<Value> {
    let mut images = Images::default();
    for layer in split(value, b',') {
        if !layer.eq_ignore_ascii_case("none") {
            image(layer, &mut images)?;
        }
    }
    Some(found(images))
}

fn found(images: Images) -> Value {
    if images == Images::default() { Value::Nothing } else { Value::Images(Box::new(images)) }
}

fn image(text: &str, images: &mut Images) -> Option<()> {
    match Image::parse_string(text) {
        Ok(image) => {
            add_image(&image, images);
            Some(())
        }
        Err(_) => {
            images.picture |= text.contains('(');
            text.contains('(').then_some(())
        }
    }
}

fn add_image(image: &Image<'_>, images: &mut Images) {
    match image {
        Image::None => {}
        Image::Url(_) | Image::ImageSet(_) => images.picture = true,
        Image::Gradient(gradient) => images.stops.extend(stops(gradient).iter().map(color::paint)),
    }
}

fn stops(gradient: &Gradient) -> Vec<CssColor> {
    match gradient {
        Gradient::Linear(linear) | Gradient::RepeatingLinear(linear) => colors(&linear.items),
        Gradient::Radial(radial) | Gradient::RepeatingRadial(radial) => colors(&radial.items),
        Gradient::Conic(conic) | Gradient::RepeatingConic(conic) => colors(&conic.items),
        Gradient::WebKitGradient(
            WebKitGradient::Linear { stops, .. } | WebKitGradient::Radial { stops, .. },
        ) => stops.iter().map(|stop| stop.color.clone()).collect(),
    }
}

fn colors<D>(items: &[GradientItem<D>]) -> Vec<CssColor> {
    items
        .iter()
        .filter_map(|item| match item {
            GradientItem::ColorStop(stop) => Some(stop.color.clone()),
            GradientItem::Hint(_) => None,
        })
        .collect()
}

/// `background`: colour, images and whether text is its shape.
pub(crate) fn background(value: &str, quirks: bool) -> Option<Vec<(Property, Value)>> {
    let mut images = Images::default();
    let mut ground = Paint::Plain(color::Rgba { alpha: 0.0, ..color::BLACK });
    let mut clips_to_text = false;
    let mut size = Value::Nothing;
    for text in split(value, b',') {
        match Background::parse_string(text) {
            Ok(layer) => {
                add_image(&layer.image, &mut images);
                if layer.image != Image::None {
                    size = size_of_layer(text);
                }
                clips_to_text |= layer.clip == BackgroundClip::Text;
                if !matches!(&layer.color, CssColor::RGBA(color) if color.alpha == 0) {
                    ground = color::paint(&layer.color);
                }
            }
            Err(_) => match unread_layer(text, quirks)? {
                Some(paint) => ground = paint,
                None => images.picture = true,
            },
        }
    }
    Some(vec![
        (Property::BackgroundColor, Value::Paint(ground)),
        (Property::BackgroundImage, found(images)),
        (Property::BackgroundClip, Value::Flag(clips_to_text)),
        (Property::BackgroundSize, size),
    ])
}

/// A layer that the library refuses though a browser may take it: a colour or image function.
fn unread_layer(layer: &str, quirks: bool) -> Option<Option<Paint>> {
    let function = words(layer).into_iter().find(|word| word.contains('('))?;
    Some(color::parse(function, quirks))
}

/// Whether a mask lets nothing through.
pub(crate) fn mask(value: &str) -> Option<Value> {
    let mut images = Images::default();
    for word in split(value, b',').into_iter().flat_map(words).filter(|word| word.contains('(')) {
        image(word, &mut images)?;
    }
    let clear =
        |paint: &Paint| matches!(paint, Paint::Plain(rgba) if rgba.alpha < color::ALPHA_MIN);
    if images.picture {
        return Some(Value::Unknown);
    }
    Some(Value::Flag(!images.stops.is_empty() && images.stops.iter().all(clear)))
}

/// Numbers in a text, whatever their units; `auto` is `None`.
fn numbers(text: &str) -> Vec<Option<f32>> {
    text.split(|ch: char| ch.is_whitespace() || ch == ',')
        .filter(|word| !word.is_empty())
        .map(|word| plain_number(word.trim_end_matches(|ch: char| ch.is_alphabetic() || ch == '%')))
        .collect()
}

/// `clip: rect(top, right, bottom, left)`.
pub(crate) fn clip(word: &str) -> Option<Value> {
    if word == "auto" {
        return Some(Value::Flag(false));
    }
    let inner = word.strip_prefix("rect(")?.trim_end_matches(')');
    Some(Value::Flag(rect_is_closed(&numbers(inner))?))
}

fn rect_is_closed(sides: &[Option<f32>]) -> Option<bool> {
    let [top, right, bottom, left] = sides else {
        return None;
    };
    let far = f32::INFINITY;
    let width = right.unwrap_or(far) - left.unwrap_or(0.0);
    let height = bottom.unwrap_or(far) - top.unwrap_or(0.0);
    Some(width <= CLIP_MAX || height <= CLIP_MAX)
}

/// Whether a clip path leaves nothing.
pub(crate) fn clip_path(value: &str) -> Option<Value> {
    let lower = value.to_ascii_lowercase();
    let inner = |name: &str| {
        let start = lower.find(name)? + name.len();
        lower.get(start..)?.split(')').next()
    };
    if let Some(points) = inner("polygon(") {
        let points = points.replace("nonzero,", "").replace("evenodd,", "");
        let points: Vec<f32> = numbers(&points).into_iter().flatten().collect();
        return Some(Value::Flag(is_flat(&points)));
    }
    if let Some(drawing) = inner("path(") {
        let drawn: Vec<f32> = drawing
            .split(|ch: char| !(ch.is_ascii_digit() || ch == '.' || ch == '-'))
            .filter_map(plain_number)
            .collect();
        let straight = !drawing.contains(['h', 'v', 'a', 'H', 'V', 'A']);
        return Some(Value::Flag(straight && (drawn.len() < 6 || is_flat(&drawn))));
    }
    if let Some(sides) = inner("xywh(") {
        let sides = numbers(sides);
        let small = |at: usize| sides.get(at).copied().flatten().is_some_and(|n| n <= CLIP_MAX);
        return Some(Value::Flag(small(2) || small(3)));
    }
    if let Some(sides) = inner("rect(") {
        return Some(Value::Flag(rect_is_closed(&numbers(sides)).unwrap_or(false)));
    }
    match ClipPath::parse_string(value) {
        Ok(ClipPath::Shape { shape, .. }) => Some(Value::Flag(is_closed(&shape))),
        Ok(ClipPath::None | ClipPath::Url(_) | ClipPath::Box(_)) => Some(Value::Flag(false)),
        Err(_) => lower.contains('(').then_some(Value::Flag(false)),
    }
}

fn is_closed(shape: &BasicShape) -> bool {
    let none = |radius: &ShapeRadius| match radius {
        ShapeRadius::LengthPercentage(length) => at_most(length, CLIP_MAX, 0.01),
        ShapeRadius::ClosestSide | ShapeRadius::FarthestSide => false,
    };
    match shape {
        BasicShape::Inset(inset) => {
            let rect = &inset.rect;
            cuts(&rect.0, &rect.2) || cuts(&rect.1, &rect.3)
        }
        BasicShape::Circle(circle) => {
            none(&circle.radius) || is_beside(&circle.radius, &circle.position)
        }
        BasicShape::Ellipse(ellipse) => none(&ellipse.radius_x) || none(&ellipse.radius_y),
        BasicShape::Polygon(_) => false,
    }
}

/// Whether a circle lies left of the box or above it.
fn is_beside(radius: &ShapeRadius, center: &Position) -> bool {
    let px = |length: &LengthPercentage| match length {
        LengthPercentage::Dimension(length) => length.to_px(),
        LengthPercentage::Percentage(_) | LengthPercentage::Calc(_) => None,
    };
    let ShapeRadius::LengthPercentage(radius) = radius else {
        return false;
    };
    let before =
        |at: Option<f32>| px(radius).zip(at).is_some_and(|(radius, at)| at + radius <= 0.0);
    let x = match &center.x {
        PositionComponent::Length(x) => px(x),
        PositionComponent::Center | PositionComponent::Side { .. } => None,
    };
    let y = match &center.y {
        PositionComponent::Length(y) => px(y),
        PositionComponent::Center | PositionComponent::Side { .. } => None,
    };
    before(x) || before(y)
}

/// Whether two opposite insets meet.
fn cuts(one: &LengthPercentage, other: &LengthPercentage) -> bool {
    let share = |side: &LengthPercentage| match side {
        LengthPercentage::Percentage(share) => share.0,
        LengthPercentage::Dimension(length) => length.to_px().unwrap_or(0.0) / INSET_PX,
        LengthPercentage::Calc(_) => {
            let measure = Measure { font_px: 16.0, root_font_px: 16.0, whole: BOX_PX };
            place::pixels(side, measure).unwrap_or(0.0) / BOX_PX
        }
    };
    share(one) + share(other) >= 0.99
}

fn at_most(length: &LengthPercentage, px: f32, share: f32) -> bool {
    match length {
        LengthPercentage::Dimension(length) => length.to_unit_value().0.abs() <= px,
        LengthPercentage::Percentage(found) => found.0.abs() <= share,
        LengthPercentage::Calc(_) => false,
    }
}

/// Points that enclose no area, or one that lies left of the box or above it.
fn is_flat(points: &[f32]) -> bool {
    let closed = |first: usize| {
        let line = points.iter().skip(first).step_by(2);
        let (low, high) =
            line.fold((f32::MAX, f32::MIN), |(low, high), n| (low.min(*n), high.max(*n)));
        high - low <= CLIP_MAX || high <= 0.0
    };
    points.len() >= 2 && (closed(0) || closed(1))
}

pub(crate) fn transform(value: &str) -> Option<Value> {
    if value.eq_ignore_ascii_case("none") {
        return Some(Value::Nothing);
    }
    let Ok(list) = TransformList::parse_string(value) else {
        return None;
    };
    let mut motion = Motion::still();
    for transform in &list.0 {
        apply(transform, &mut motion);
    }
    Some(motion.value())
}

fn apply(transform: &Transform, motion: &mut Motion) {
    let share = |number: &NumberOrPercentage| -> f32 { f32::abs(number.into()) };
    match transform {
        Transform::Translate(x, y) | Transform::Translate3d(x, y, _) => {
            motion.x.push(x.clone());
            motion.y.push(y.clone());
        }
        Transform::TranslateX(x) => motion.x.push(x.clone()),
        Transform::TranslateY(y) => motion.y.push(y.clone()),
        Transform::Scale(x, y) | Transform::Scale3d(x, y, _) => {
            motion.scale *= share(x).min(share(y));
        }
        Transform::ScaleX(x) | Transform::ScaleY(x) => motion.scale *= share(x).min(1.0),
        Transform::RotateX(angle) | Transform::RotateY(angle) => motion.turn(angle.to_degrees()),
        Transform::Rotate3d(x, y, _, angle) if *x != 0.0 || *y != 0.0 => {
            motion.turn(angle.to_degrees());
        }
        Transform::Rotate(_) | Transform::RotateZ(_) => motion.is_tilted = true,
        Transform::SkewX(angle) | Transform::SkewY(angle) | Transform::Skew(angle, _) => {
            motion.scale *= edge(angle.to_degrees());
        }
        Transform::Matrix(m) => {
            motion.scale *= m.a.hypot(m.b).min(m.c.hypot(m.d)).min((m.a * m.d - m.b * m.c).abs());
            motion.x.push(LengthPercentage::px(m.e));
            motion.y.push(LengthPercentage::px(m.f));
        }
        Transform::Matrix3d(m) => {
            motion.scale *= (m.m11 * m.m22 - m.m12 * m.m21).abs().min(1.0);
            motion.x.push(LengthPercentage::px(m.m41));
            motion.y.push(LengthPercentage::px(m.m42));
        }
        Transform::Rotate3d(..)
        | Transform::ScaleZ(_)
        | Transform::TranslateZ(_)
        | Transform::Perspective(_) => {}
    }
}

/// What is left of a plane that is turned by so many degrees.
fn edge(degrees: f32) -> f32 {
    let left = degrees.to_radians().cos().abs();
    if left < 0.02 { 0.0 } else { 1.0 }
}

pub(crate) fn translate(value: &str, quirks: bool) -> Option<Value> {
    if value.eq_ignore_ascii_case("none") {
        return Some(Value::Nothing);
    }
    let mut motion = Motion::still();
    for (index, word) in words(value).into_iter().enumerate() {
        let Value::Length(length) = length(word, quirks)? else {
            return Some(Value::Unknown);
        };
        match index {
            0 => motion.x.push(length),
            1 => motion.y.push(length),
            _ => {}
        }
    }
    Some(motion.value())
}

pub(crate) fn scale(word: &str) -> Option<Value> {
    if word == "none" {
        return Some(Value::Nothing);
    }
    let mut motion = Motion::still();
    for word in words(word).into_iter().take(2) {
        motion.scale = motion.scale.min(number(word)?.abs());
    }
    Some(motion.value())
}

pub(crate) fn rotate(word: &str) -> Option<Value> {
    if word == "none" {
        return Some(Value::Nothing);
    }
    let mut motion = Motion::still();
    let words = words(word);
    let degrees = words.iter().find_map(|word| {
        plain_number(word).is_none().then(|| Angle::parse_string(word).ok()).flatten()
    })?;
    let numbers: Vec<f32> = words.iter().filter_map(|word| plain_number(word)).collect();
    let flat = matches!(numbers.as_slice(), [x, y, _] if *x == 0.0 && *y == 0.0);
    if words.iter().any(|axis| matches!(*axis, "x" | "y")) || numbers.len() == 3 && !flat {
        motion.turn(degrees.to_degrees());
    } else {
        motion.is_tilted = true;
    }
    Some(motion.value())
}
