//! What an element does as a box: where it stands, what it cuts, what it paints under its text.

use std::rc::Rc;

use lightningcss::values::length::LengthPercentage;

use super::{Setting, Style};
use crate::domain::document::{Hiding, Visibility};
use crate::parse::html::cascade::Got;
use crate::parse::html::color::Paint;
use crate::parse::html::css::media::SCREEN_HEIGHT_PX;
use crate::parse::html::css::shape::Motion;
use crate::parse::html::css::value::{Display, Images, Position, Property, Value};
use crate::parse::html::ground::Ground;
use crate::parse::html::place::{
    BOX_PX_MIN, LABEL_BOX_PX_MAX, Measure, Offsets, own_height, own_width, pixels,
};

impl Style {
    /// What an element does to everything painted in it.
    pub(super) fn effects(&mut self, setting: &Setting<'_>) {
        if let Some(Value::Number(opacity)) = setting.value(Property::Opacity) {
            self.opacity *= opacity.clamp(0.0, 1.0);
        }
        match setting.value(Property::Filter) {
            Some(Value::Number(opacity)) => self.opacity *= opacity,
            Some(Value::Unknown) => self.is_doubtful = true,
            _ => {}
        }
        if let Some(Value::Number(zoom)) = setting.value(Property::Zoom).filter(|_| self.boxed()) {
            self.scale *= zoom.abs();
        }
        if setting.flag(Property::ContentVisibility) == Some(true) && self.boxed() {
            self.vanish(Hiding::Invisible, false);
        }
        if setting.flag(Property::Mask) == Some(true) {
            self.vanish(Hiding::NotPainted, false);
        }
        if setting.flag(Property::ClipPath) == Some(true) {
            self.vanish(Hiding::Clipped, true);
        }
        let placed = matches!(self.position, Position::Absolute | Position::Fixed);
        if setting.flag(Property::Clip) == Some(true) && placed {
            self.vanish(Hiding::Clipped, true);
        }
        self.paint_ground(setting);
    }

    fn paint_ground(&mut self, setting: &Setting<'_>) {
        let color = match setting.get(Property::BackgroundColor) {
            Got::Value(Value::Paint(paint)) => Some(paint),
            Got::Value(_) => Some(Paint::Unknown),
            Got::Nothing => setting.own.ground.map(Paint::Plain),
            Got::Inherit | Got::Initial | Got::Unset => None,
        };
        let images = match setting.value(Property::BackgroundImage) {
            Some(Value::Images(images)) => Some(images),
            Some(Value::Unknown) => Some(Box::new(Images { picture: true, stops: Vec::new() })),
            _ => None,
        };
        if setting.flag(Property::BackgroundClip) == Some(true) {
            let stops = color.into_iter().filter(|_| images.is_none()).collect();
            self.shaped = Some(images.map_or_else(
                || Rc::new(Images { stops, picture: false }),
                |images| Rc::new(*images),
            ));
        } else {
            self.ground = Ground::under(&self.ground, color, images.as_deref(), self.color);
        }
    }

    /// Whether it is a box that can have a size: lines of text cannot.
    const fn boxed(&self) -> bool {
        !matches!(self.display, Display::Inline | Display::Contents | Display::None)
    }

    fn vanish(&mut self, hiding: Hiding, like_label: bool) {
        if self.gone.is_none() {
            self.gone = Some(Visibility::Hidden(hiding));
            self.is_like_label = like_label;
        }
    }

    pub(super) fn placed(&mut self, outer: &Self, setting: &Setting<'_>) {
        let boxed = self.boxed();
        let by = self.offsets(setting, boxed);
        self.place = outer.place.inside(self.position, &by);
        match self.position {
            Position::Fixed => self.release(),
            // A box is cut only by what is around the box that it is placed by.
            Position::Absolute if outer.cut == Some(false) => self.release(),
            Position::Absolute | Position::Static | Position::Relative | Position::Sticky => {}
        }
        if self.position != Position::Static && self.cut.is_some() {
            self.cut = Some(true);
        }
        let cuts = |property: Property| setting.flag(property) == Some(true);
        let x = cuts(Property::OverflowX);
        let y = cuts(Property::OverflowY);
        if boxed && (x || y || setting.own.cuts) {
            self.cut_box(setting);
        }
        self.is_like_label |= self.gone.is_none() && (self.place.is_off() || self.is_outdented());
    }

    fn release(&mut self) {
        self.cut = None;
        self.place.uncut();
    }

    fn offsets(&mut self, setting: &Setting<'_>, boxed: bool) -> Offsets {
        let (width, height) = (own_width(false), SCREEN_HEIGHT_PX);
        let length = |property: Property, whole: f32| match setting.value(property) {
            Some(Value::Length(length)) => pixels(&length, self.measure(setting, whole)),
            _ => None,
        };
        let mut by = Offsets {
            left: length(Property::Left, width),
            right: length(Property::Right, width),
            top: length(Property::Top, height),
            bottom: length(Property::Bottom, height),
            margin_left: length(Property::MarginLeft, width).unwrap_or(0.0),
            ..Offsets::default()
        };
        if !boxed {
            return by;
        }
        by.margin_top = length(Property::MarginTop, width).unwrap_or(0.0);
        let spans = (by.left.is_some() && by.right.is_some())
            || length(Property::Width, width) >= Some(width);
        let loose = self.position == Position::Absolute && !spans;
        let own = self.measure(setting, own_width(loose));
        let high = self.measure(setting, own_height());
        for property in
            [Property::Transform, Property::Translate, Property::Scale, Property::Rotate]
        {
            match setting.value(property) {
                Some(Value::Motion(motion)) => self.moved(&motion, own, high, &mut by),
                Some(Value::Unknown) => self.is_doubtful = true,
                _ => {}
            }
        }
        by
    }

    fn moved(&mut self, motion: &Motion, own: Measure, high: Measure, by: &mut Offsets) {
        self.scale *= motion.scale;
        let sum = |lengths: &[_], measure: Measure| -> f32 {
            lengths.iter().filter_map(|length| pixels(length, measure)).sum()
        };
        by.move_x += sum(&motion.x, own);
        by.move_y += sum(&motion.y, high);
    }

    /// A box that cuts what does not fit: perhaps all of it.
    fn cut_box(&mut self, setting: &Setting<'_>) {
        let (wide, high) = (own_width(false), SCREEN_HEIGHT_PX);
        let length = |property: Property, whole: f32| match setting.value(property) {
            // A share of a height that is not given is no height.
            Some(Value::Length(LengthPercentage::Percentage(share)))
                if whole == high && share.0 > 0.0 =>
            {
                None
            }
            Some(Value::Length(length)) => pixels(&length, self.measure(setting, whole)),
            _ => None,
        };
        let size = |own: Property, most: Property, least: Property, whole: f32| {
            let own = length(own, whole);
            let size = match (own, length(most, whole)) {
                (Some(own), Some(most)) => Some(own.min(most)),
                (own, most) => own.or(most.filter(|most| *most < BOX_PX_MIN)),
            };
            size.map(|size| size.max(length(least, whole).unwrap_or(0.0)))
        };
        let width = size(Property::Width, Property::MaxWidth, Property::MinWidth, wide);
        let height = size(Property::Height, Property::MaxHeight, Property::MinHeight, high);
        // What overflows may still be seen in the padding at its end.
        let pad = |property: Property| length(property, wide).unwrap_or(0.0);
        let width = width.map(|width| width + pad(Property::PaddingRight));
        let height = height.map(|height| height + pad(Property::PaddingBottom));
        let below = |size: Option<f32>, least: f32| size.is_some_and(|size| size < least);
        let closed = below(width, BOX_PX_MIN) || below(height, BOX_PX_MIN);
        let pushed_out =
            width.map_or(self.indent_px >= wide, |width| self.indent_px >= width.max(1.0));
        if (closed || pushed_out) && self.cut.is_none() {
            self.cut = Some(self.position != Position::Static);
            self.is_like_label |= below(width, LABEL_BOX_PX_MAX) && below(height, LABEL_BOX_PX_MAX);
            self.is_like_label |= pushed_out;
        }
        self.place.cut(width, height);
    }
}
