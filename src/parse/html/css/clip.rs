//! Clips and clip paths: whether they leave anything.
//!
//! Let through on purpose: clip paths that are pictures or elements elsewhere.

use lightningcss::properties::masking::ClipPath;
use lightningcss::traits::Parse;
use lightningcss::values::length::LengthPercentage;
use lightningcss::values::position::{Position, PositionComponent};
use lightningcss::values::shape::{BasicShape, ShapeRadius};

use super::property::plain_number;
use super::value::Value;
use crate::parse::html::place::{self, Measure};

/// What a share of a box is measured with where its size is not known.
const BOX_PX: f32 = 1_000.0;
/// A clip that is no wider than this shows no letter.
const CLIP_MAX: f32 = 1.0;
/// An inset of this many pixels cuts away any ordinary box.
const INSET_PX: f32 = 3_000.0;

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
