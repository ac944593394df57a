//! How boxes are moved, scaled and turned, brought down to what matters for seeing text.
//!
//! Let through on purpose: rotations that only tilt, and what perspective does.

use lightningcss::properties::transform::{Transform, TransformList};
use lightningcss::traits::Parse;
use lightningcss::values::angle::Angle;
use lightningcss::values::length::LengthPercentage;
use lightningcss::values::percentage::NumberOrPercentage;

use super::property::{length, number, plain_number};
use super::scan::words;
use super::value::Value;

/// An origin this far away throws what is turned about it off the screen.
const ORIGIN_PX_MAX: f32 = 800.0;

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
