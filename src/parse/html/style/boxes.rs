//! What an element does as a box: where it stands, what it cuts, what it paints under its text.

use std::rc::Rc;

use lightningcss::values::length::LengthPercentage;

use super::{Setting, Style};
use crate::domain::document::{Hiding, Visibility};
use crate::parse::html::area::{Area, Axis};
use crate::parse::html::cascade::Got;
use crate::parse::html::color::Paint;
use crate::parse::html::css::media::SCREEN_HEIGHT_PX;
use crate::parse::html::css::motion::Motion;
use crate::parse::html::css::value::{Display, Images, Position, Property, Value};
use crate::parse::html::ground::{Eye, Ground};
use crate::parse::html::place::{
    BOX_PX_MIN, LABEL_BOX_PX_MAX, Measure, Offsets, own_height, own_width, pixels,
};

/// Filters within filters; more are no style.
const TINTS_MAX: usize = 8;
/// From here on a box hides what is behind it.
const OPAQUE_MIN: f32 = 0.99;

/// Whether `content` puts a picture in the place of an element.
fn is_picture(content: &str) -> bool {
    let lower = content.trim_start().to_ascii_lowercase();
    ["url(", "image-set(", "-webkit-image-set(", "linear-gradient("]
        .iter()
        .any(|name| lower.starts_with(name))
}

impl Style {
    /// What an element does to everything painted in it.
    pub(super) fn effects(&mut self, setting: &Setting<'_>) {
        if let Some(Value::Number(opacity)) = setting.value(Property::Opacity) {
            self.opacity *= opacity.clamp(0.0, 1.0);
        }
        match setting.value(Property::Filter) {
            Some(Value::Filter(filter)) => {
                self.opacity *= filter.opacity;
                self.is_doubtful |= filter.is_doubtful;
                if !filter.steps.is_empty() && self.tints.len() < TINTS_MAX {
                    self.tints.push(Rc::new(*filter));
                }
            }
            Some(Value::Unknown) => self.is_doubtful = true,
            _ => {}
        }
        if let Some(Value::Number(zoom)) = setting.value(Property::Zoom) {
            self.scale *= zoom.abs();
        }
        if let Some(Value::Word(mode)) = setting.value(Property::Blend) {
            self.blend = Some((mode, Rc::clone(&self.ground)));
        }
        self.is_doubtful |= setting.flag(Property::OffsetPath) == Some(true);
        if let Some(Value::Text(content)) = setting.value(Property::Content)
            && is_picture(&content)
        {
            self.vanish(Hiding::NotDisplayed, false);
        }
        if setting.flag(Property::ContentVisibility) == Some(true) && self.boxed() {
            self.vanish(Hiding::Invisible, false);
        }
        let mask = setting.value(Property::Mask);
        let masked = matches!(mask, Some(Value::Flag(_) | Value::Unknown));
        if mask == Some(Value::Flag(true))
            || masked && setting.flag(Property::MaskSize) == Some(true)
        {
            self.vanish(Hiding::NotPainted, false);
        }
        self.is_doubtful |= mask == Some(Value::Unknown);
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
        let size = setting.value(Property::BackgroundSize);
        let is_none = size == Some(Value::Word("none"));
        let images = match setting.value(Property::BackgroundImage).filter(|_| !is_none) {
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
            let eye = Eye {
                text: self.color,
                is_dark: self.is_dark,
                tints: &self.tints,
                in_part: size == Some(Value::Word("part")),
            };
            let before = Rc::clone(&self.ground);
            self.ground = Ground::under(&self.ground, color, images.as_deref(), &eye);
            if let Some(Value::Paint(paint)) = setting.value(Property::BoxShadow) {
                self.ground = Ground::under(&self.ground, Some(paint), None, &eye);
            }
            let painted = !Rc::ptr_eq(&before, &self.ground);
            self.is_opaque = painted && self.ground.is_opaque() && self.opacity >= OPAQUE_MIN;
            // A box that is sent behind lies under this ground, unless it begins a stack of its own.
            self.has_veil |= self.is_opaque && !setting.is_page;
        }
    }

    /// What stands above what, as far as one box alone tells.
    fn stacked(&mut self, outer: &Self, setting: &Setting<'_>) {
        let placed = self.position != Position::Static;
        if let Some(Value::Number(z)) = setting.value(Property::ZIndex) {
            self.z_index = Some(z);
        }
        if placed && self.z_index.is_some_and(|z| z < 0.0) && outer.has_veil {
            // In the flow it surely lies in the box that paints the ground.
            match self.position {
                Position::Relative => self.vanish(Hiding::Covered, false),
                _ => self.is_doubtful = true,
            }
        }
        let has = |property: Property| {
            setting.value(property).is_some_and(|value| value != Value::Nothing)
        };
        let begins = placed && self.z_index.is_some()
            || matches!(self.position, Position::Fixed | Position::Sticky)
            || matches!(outer.display, Display::Flexible | Display::InlineFlexible)
                && self.z_index.is_some()
            || [
                Property::Opacity,
                Property::Filter,
                Property::Transform,
                Property::Translate,
                Property::Scale,
                Property::Rotate,
                Property::Mask,
                Property::ClipPath,
                Property::Contain,
                Property::Stacks,
                Property::Blend,
                Property::AnimationName,
            ]
            .into_iter()
            .any(has);
        self.is_lifted = begins;
        self.has_veil &= !begins;
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
        self.stacked(outer, setting);
        if matches!(self.position, Position::Absolute | Position::Fixed) && by.left.is_some() {
            self.place.end(
                self.side(setting, Property::Width).or(self.side(setting, Property::MaxWidth)),
            );
        }
        match self.position {
            Position::Fixed => self.release(),
            // A box is cut only by what is around the box that it is placed by.
            Position::Absolute if outer.cut == Some(false) => self.release(),
            Position::Absolute | Position::Static | Position::Relative | Position::Sticky => {}
        }
        if self.position != Position::Static {
            self.place.base();
        }
        if self.position != Position::Static && self.cut.is_some() {
            self.cut = Some(true);
        }
        let cuts = |property: Property| setting.flag(property) == Some(true);
        let x = cuts(Property::OverflowX);
        let y = cuts(Property::OverflowY);
        let contain = match setting.value(Property::Contain) {
            Some(Value::Word(word)) => word,
            _ => "",
        };
        let own_cuts = setting.own.cuts && setting.flag(Property::OverflowX) != Some(false);
        self.shows_overflow = setting.flag(Property::OverflowX) == Some(false);
        self.cuts_across = x;
        let cuts = x || y || own_cuts || contain.ends_with("paint");
        if boxed {
            self.rooms(setting);
        }
        if boxed && cuts {
            self.cut_box(setting, contain.starts_with("size"));
            self.shut_out(outer, x, y);
        }
        if boxed {
            let pad = |property: Property| self.side(setting, property).unwrap_or(0.0).max(0.0);
            let (left, top) = (pad(Property::PaddingLeft), pad(Property::PaddingTop));
            self.place.indent(left, top);
        }
        self.is_like_label |= self.gone.is_none() && (self.place.is_off() || self.is_outdented());
    }

    /// What room it gives to its children, and whether it fills the box around it.
    fn rooms(&mut self, setting: &Setting<'_>) {
        let height = self.side(setting, Property::Height);
        let row = matches!(self.display, Display::Flexible | Display::InlineFlexible);
        self.has_height = height.is_some()
            && !matches!(
                setting.value(Property::Height),
                Some(Value::Length(LengthPercentage::Percentage(_)))
            );
        self.shuts_height = row
            && (setting.flag(Property::GridRows) == Some(true)
                || self.has_height && height.is_some_and(|height| height < BOX_PX_MIN));
        self.shuts_width = row && setting.flag(Property::GridColumns) == Some(true);
        let zero = |property: Property| {
            self.side(setting, property).is_some_and(|offset| offset.abs() < 1.0)
        };
        let whole = |property: Property| matches!(setting.value(property), Some(Value::Length(LengthPercentage::Percentage(share))) if share.0 >= 1.0);
        // A box with a size of its own, or with margins, leaves room between the sides it is placed by.
        let whole_way = |start: Property, end: Property, size: Property, margins: [Property; 2]| {
            let is_free =
                matches!(setting.value(size), None | Some(Value::Nothing | Value::Word("auto")));
            let close =
                |margin: Property| self.side(setting, margin).is_none_or(|by| by.abs() < 1.0);
            let ends = (zero(start), zero(end));
            let reaches = ends == (true, true) && is_free || (ends.0 || ends.1) && whole(size);
            reaches && margins.into_iter().all(close)
        };
        let [left, right] = [Property::MarginLeft, Property::MarginRight];
        let wide = whole_way(Property::Left, Property::Right, Property::Width, [left, right]);
        let [above, below] = [Property::MarginTop, Property::MarginBottom];
        let high = whole_way(Property::Top, Property::Bottom, Property::Height, [above, below]);
        let still = [Property::Transform, Property::Translate, Property::Scale, Property::ClipPath]
            .into_iter()
            .all(|property| setting.value(property).is_none_or(|value| value == Value::Nothing));
        self.fills = self.position == Position::Absolute && wide && high && still;
        let placed = matches!(self.position, Position::Absolute | Position::Fixed);
        self.area = (placed && still).then(|| {
            use Property as P;
            let across =
                self.axis(setting, [P::Left, P::Right, P::Width, P::MarginLeft, P::MarginRight]);
            let down =
                self.axis(setting, [P::Top, P::Bottom, P::Height, P::MarginTop, P::MarginBottom]);
            let length = |property: Property| self.side(setting, property);
            let pads = [P::PaddingTop, P::PaddingBottom, P::PaddingLeft, P::PaddingRight];
            let padding: f32 = pads.into_iter().filter_map(length).map(|pad| pad.max(0.0)).sum();
            let margin = length(P::MarginTop);
            Area {
                across: Axis { is_whole: wide, ..across },
                down: Axis { is_whole: high, ..down },
                margin,
                around_px: padding + margin.unwrap_or(0.0).max(0.0),
            }
        });
    }

    /// One direction of a placed box; margins move it, and shares depend on what it is placed in.
    fn axis(
        &self,
        setting: &Setting<'_>,
        [start, end, size, margin, far_margin]: [Property; 5],
    ) -> Axis {
        let length = |property: Property| match setting.value(property) {
            Some(Value::Length(LengthPercentage::Percentage(share))) => {
                (share.0 == 0.0).then_some(0.0)
            }
            Some(Value::Length(length)) => pixels(&length, self.measure(setting, 0.0)),
            _ => None,
        };
        let moved = length(margin).unwrap_or(0.0);
        let start = length(start).map(|start| start + moved);
        let far = length(far_margin).unwrap_or(0.0);
        let end = length(end).filter(|_| moved >= 0.0).map(|end| end + far);
        Axis { start, end, size: length(size), is_whole: false }
    }

    fn side(&self, setting: &Setting<'_>, property: Property) -> Option<f32> {
        match setting.value(property) {
            Some(Value::Length(length)) => pixels(&length, self.measure(setting, own_width(false))),
            _ => None,
        }
    }

    /// A box that cuts, in one that gives it no room.
    fn shut_out(&mut self, outer: &Self, x: bool, y: bool) {
        let in_flow = !matches!(self.position, Position::Absolute | Position::Fixed);
        let shut = outer.shuts_width && x || outer.shuts_height && y;
        if in_flow && shut && !self.has_height && self.cut.is_none() {
            self.cut = Some(self.position != Position::Static);
        }
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
                Some(Value::Motion(motion)) => {
                    let in_row =
                        matches!(self.display, Display::Flexible | Display::InlineFlexible);
                    self.is_track |= in_row && !motion.x.is_empty() && self.outer_cuts_across;
                    self.moved(&motion, own, high, &mut by);
                    self.is_doubtful |=
                        motion.is_tilted && setting.flag(Property::TransformOrigin) == Some(true);
                    self.shows_back ^= motion.shows_back;
                }
                Some(Value::Unknown) => self.is_doubtful = true,
                _ => {}
            }
        }
        if self.shows_back && setting.flag(Property::Backface) == Some(true) {
            self.vanish(Hiding::Invisible, false);
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
    fn cut_box(&mut self, setting: &Setting<'_>, is_alone: bool) {
        let (wide, high) = (own_width(false), SCREEN_HEIGHT_PX);
        let length = |property: Property, whole: f32| match setting.value(property) {
            // A share of a height that is not given is no height.
            Some(Value::Length(LengthPercentage::Percentage(share)))
                if whole == high && (share.0 > 0.0 || !self.outer_has_height) =>
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
        // Its content does not widen it.
        let height = height.or(is_alone.then_some(0.0));
        let is_loose_height = height.is_none();
        // What overflows may still be seen in the padding at its end.
        let pad = |property: Property| length(property, wide).unwrap_or(0.0).max(0.0);
        let width = width.map(|width| width + pad(Property::PaddingRight));
        let height = height.map(|height| height + pad(Property::PaddingBottom));
        let right_end = width.map(|width| width + pad(Property::PaddingLeft));
        let bottom_end = height.map(|height| height + pad(Property::PaddingTop));
        let below = |size: Option<f32>, least: f32| size.is_some_and(|size| size < least);
        let closed = below(width, BOX_PX_MIN) || below(height, BOX_PX_MIN);
        let pushed_out =
            width.map_or(self.indent_px >= wide, |width| self.indent_px >= width.max(1.0));
        if (closed || pushed_out) && self.cut.is_none() {
            self.cut = Some(self.position != Position::Static);
            self.is_like_label |= below(width, LABEL_BOX_PX_MAX) && below(height, LABEL_BOX_PX_MAX);
            self.is_like_label |= pushed_out;
        }
        self.cuts_flat_lines |= is_loose_height;
        self.place.cut(right_end, bottom_end);
    }
}
