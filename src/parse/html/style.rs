//! The style that an element ends up with, and what it means for the text in it.
//!
//! A style is inherited, so that the reader needs to keep only those of the open elements.

use std::rc::Rc;

use super::cascade::{Got, Winners};
use super::color::{self, ALPHA_MIN, BLACK, Paint, Rgba, WHITE};
use super::css::property::{Display, Images, Position, Property, Value};
use super::css::shape::Motion;
use super::ground::{Ground, Ink, legibility, plain};
use super::place::{
    BOX_PX_MIN, LABEL_BOX_PX_MAX, Measure, OFF_BEFORE_PX, Offsets, Place, own_height, own_width,
    pixels,
};
use super::user_agent::{self, Default};
use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};

/// Type smaller than this is no type: a speck.
const FONT_PX_MIN: f32 = 2.0;
/// Letters that are moved together by this share of their size lie on top of each other.
const SPACING_MIN: f32 = -0.45;
const ROOT_FONT_PX: f32 = 16.0;

/// A computed style.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    pub(crate) display: Display,
    pub(crate) position: Position,
    pub(crate) keeps_blanks: bool,
    /// Out of the flow: it neither takes room nor parts what is around it.
    pub(crate) is_loose: bool,
    color: Option<Rgba>,
    text_fill: Option<Option<Rgba>>,
    /// Paint of SVG text.
    fill: Option<Rgba>,
    font_px: f32,
    spacing_px: f32,
    indent_px: f32,
    shadow: Option<Rgba>,
    is_veiled: bool,
    is_visible: bool,
    is_dark: bool,
    opacity: f32,
    scale: f32,
    ground: Rc<Ground>,
    shaped: Option<Rc<Images>>,
    place: Place,
    /// Hidden with everything in it.
    gone: Option<Visibility>,
    /// Cut by a box that hides its overflow; and whether boxes placed in it are cut too.
    cut: Option<bool>,
    /// Hidden in a way that labels for screen readers are.
    pub(crate) is_like_label: bool,
    /// Found short enough to be such a label.
    pub(crate) is_label: bool,
    is_doubtful: bool,
    in_svg: bool,
}

/// What a style is computed with.
pub(crate) struct Setting<'a> {
    pub(crate) own: &'a Default,
    pub(crate) winners: &'a Winners<'a>,
    pub(crate) lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) quirks: bool,
    pub(crate) is_root: bool,
    pub(crate) is_svg: bool,
    pub(crate) root_font_px: f32,
}

impl Setting<'_> {
    fn get(&self, property: Property) -> Got {
        self.winners.get(property, self.lookup, self.quirks)
    }

    fn value(&self, property: Property) -> Option<Value> {
        match self.get(property) {
            Got::Value(value) => Some(value),
            Got::Nothing | Got::Inherit | Got::Initial | Got::Unset => None,
        }
    }

    fn flag(&self, property: Property) -> Option<bool> {
        match self.value(property) {
            Some(Value::Flag(flag)) => Some(flag),
            _ => None,
        }
    }
}

impl Style {
    /// The style of the page around its root.
    pub(crate) fn page(is_dark: bool) -> Self {
        let (text, ground) = if is_dark { (WHITE, color::DARK_PAGE) } else { (BLACK, WHITE) };
        Self {
            display: Display::Block,
            position: Position::Static,
            keeps_blanks: false,
            is_loose: false,
            color: Some(text),
            text_fill: None,
            fill: Some(BLACK),
            font_px: ROOT_FONT_PX,
            spacing_px: 0.0,
            indent_px: 0.0,
            shadow: None,
            is_veiled: false,
            is_visible: true,
            is_dark,
            opacity: 1.0,
            scale: 1.0,
            ground: Ground::page(ground),
            shaped: None,
            place: Place::ORIGIN,
            gone: None,
            cut: None,
            is_like_label: false,
            is_label: false,
            is_doubtful: false,
            in_svg: false,
        }
    }

    pub(crate) const fn font_px(&self) -> f32 {
        self.font_px
    }

    /// The style of an element in this one.
    pub(crate) fn inside(&self, setting: &Setting<'_>) -> Self {
        let mut style = self.clone();
        style.in_svg = setting.is_svg;
        style.boxes(self, setting);
        style.fonts(self, setting);
        style.inks(self, setting);
        style.texts(self, setting);
        if style.display == Display::None {
            let said = setting.own.display != Display::None;
            let unseen = Visibility::Hidden(Hiding::NotDisplayed);
            style.gone = Some(if said { unseen } else { setting.own.unseen });
            return style;
        }
        if style.display != Display::Contents {
            style.effects(setting);
            style.placed(self, setting);
        }
        style
    }

    fn boxes(&mut self, outer: &Self, setting: &Setting<'_>) {
        self.position = match setting.get(Property::Position) {
            Got::Value(Value::Position(position)) => position,
            Got::Inherit => outer.position,
            _ => Position::Static,
        };
        self.display = match setting.get(Property::Display) {
            Got::Value(Value::Display(display)) => display,
            Got::Inherit => outer.display,
            Got::Initial | Got::Unset => Display::Inline,
            Got::Value(_) | Got::Nothing => setting.own.display,
        };
        let placed = matches!(self.position, Position::Absolute | Position::Fixed);
        let floats = setting.flag(Property::Float) == Some(true);
        let row = matches!(outer.display, Display::Flexible | Display::InlineFlexible);
        self.is_loose = placed || (outer.is_loose && self.display != Display::None);
        if placed || floats || row {
            self.display = match self.display {
                Display::Inline | Display::InlineBlock => Display::Block,
                Display::InlineFlexible => Display::Flexible,
                other => other,
            };
        }
    }

    fn measure(&self, setting: &Setting<'_>, whole: f32) -> Measure {
        let root_font_px = if setting.is_root { self.font_px } else { setting.root_font_px };
        Measure { font_px: self.font_px, root_font_px, whole }
    }

    fn fonts(&mut self, outer: &Self, setting: &Setting<'_>) {
        let own = setting.own.font_px.unwrap_or(outer.font_px);
        self.font_px = match setting.get(Property::FontSize) {
            Got::Value(Value::Number(factor)) => outer.font_px * factor,
            Got::Value(Value::Length(length)) => {
                let (font_px, whole) = (outer.font_px, outer.font_px);
                let root_font_px = setting.root_font_px;
                pixels(&length, Measure { font_px, root_font_px, whole }).unwrap_or(own)
            }
            Got::Inherit | Got::Unset => outer.font_px,
            Got::Initial => ROOT_FONT_PX,
            Got::Value(_) | Got::Nothing => own,
        }
        .max(0.0);
        self.spacing_px = match setting.get(Property::LetterSpacing) {
            Got::Value(Value::Length(length)) => {
                pixels(&length, self.measure(setting, self.font_px)).unwrap_or(0.0)
            }
            Got::Value(_) | Got::Initial => 0.0,
            Got::Inherit | Got::Unset | Got::Nothing => outer.spacing_px,
        };
    }

    fn inks(&mut self, outer: &Self, setting: &Setting<'_>) {
        if let Some(dark) = setting.flag(Property::ColorScheme) {
            self.is_dark = dark;
            if setting.is_root && dark {
                (self.color, self.fill) = (Some(WHITE), Some(BLACK));
                self.ground = Ground::page(color::DARK_PAGE);
            }
        }
        let inherited = self.color;
        let initial = Some(if self.is_dark { WHITE } else { BLACK });
        self.color = match setting.get(Property::Color) {
            Got::Value(Value::Paint(paint)) => plain(paint, inherited),
            Got::Value(_) => None,
            Got::Initial => initial,
            Got::Inherit | Got::Unset => inherited,
            Got::Nothing => match setting.own.color {
                Some(own) => Some(user_agent::own_color(own, self.is_dark)),
                None => inherited,
            },
        };
        self.text_fill = match setting.get(Property::TextFill) {
            Got::Value(Value::Paint(Paint::Current(1.0))) | Got::Initial => None,
            Got::Value(Value::Paint(paint)) => Some(plain(paint, self.color)),
            Got::Value(_) => Some(None),
            Got::Inherit | Got::Unset | Got::Nothing => outer.text_fill,
        };
        self.fill = match setting.get(Property::Fill) {
            Got::Value(Value::Paint(paint)) => plain(paint, self.color),
            Got::Value(Value::Nothing) => Some(Rgba { alpha: 0.0, ..BLACK }),
            Got::Value(_) => None,
            Got::Initial => Some(BLACK),
            Got::Inherit | Got::Unset | Got::Nothing => outer.fill,
        };
        self.shadow = match setting.get(Property::TextShadow) {
            Got::Value(Value::Paint(paint)) => plain(paint, self.color),
            Got::Value(_) | Got::Initial => None,
            Got::Inherit | Got::Unset | Got::Nothing => outer.shadow,
        };
    }

    fn texts(&mut self, outer: &Self, setting: &Setting<'_>) {
        let inherited = |property: Property, initial: bool, outer: bool| match setting.get(property)
        {
            Got::Value(Value::Flag(flag)) => flag,
            Got::Initial => initial,
            Got::Value(_) | Got::Inherit | Got::Unset | Got::Nothing => outer,
        };
        self.is_visible = inherited(Property::Visibility, true, outer.is_visible);
        self.is_veiled = inherited(Property::TextSecurity, false, outer.is_veiled);
        let blanks = outer.keeps_blanks || setting.own.keeps_blanks;
        self.keeps_blanks = inherited(Property::WhiteSpace, false, blanks);
        self.indent_px = match setting.get(Property::TextIndent) {
            Got::Value(Value::Length(length)) => {
                pixels(&length, self.measure(setting, own_width(false))).unwrap_or(0.0)
            }
            Got::Value(_) | Got::Initial => 0.0,
            Got::Inherit | Got::Unset | Got::Nothing => outer.indent_px,
        };
    }

    /// What an element does to everything painted in it.
    fn effects(&mut self, setting: &Setting<'_>) {
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

    fn placed(&mut self, outer: &Self, setting: &Setting<'_>) {
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
        let (width, height) = (own_width(false), super::css::media::SCREEN_HEIGHT_PX);
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
        let (wide, high) = (own_width(false), super::css::media::SCREEN_HEIGHT_PX);
        let length = |property: Property, whole: f32| match setting.value(property) {
            // A share of a height that is not given is no height.
            Some(Value::Length(lightningcss::values::length::LengthPercentage::Percentage(
                share,
            ))) if whole == high && share.0 > 0.0 => None,
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

    fn is_outdented(&self) -> bool {
        self.indent_px <= OFF_BEFORE_PX
    }

    /// What a person gets of the text in this element. `others`: sheets that were not read may have
    /// a say.
    pub(crate) fn verdict(&self, others: bool) -> Visibility {
        let label = |hiding: Hiding| {
            if self.is_label {
                Visibility::Alternate(Alternate::ScreenReader)
            } else {
                Visibility::Hidden(hiding)
            }
        };
        match self.gone {
            Some(Visibility::Hidden(Hiding::Clipped)) => return label(Hiding::Clipped),
            Some(gone) => return gone,
            None => {}
        }
        if !self.is_visible {
            return Visibility::Hidden(Hiding::Invisible);
        }
        if self.opacity <= ALPHA_MIN {
            return Visibility::Hidden(Hiding::Transparent);
        }
        if self.cut.is_some() || self.place.is_cut_away() {
            return label(Hiding::Clipped);
        }
        if self.place.is_off() || self.is_outdented() {
            return label(Hiding::OffPage);
        }
        if self.font_px * self.scale < FONT_PX_MIN || self.spacing_px <= self.font_px * SPACING_MIN
        {
            return Visibility::Hidden(Hiding::TooSmall);
        }
        if self.is_veiled {
            return Visibility::Hidden(Hiding::NotPainted);
        }
        if self.is_doubtful {
            return Visibility::Undetermined(Doubt::UnknownStyle);
        }
        legibility(&self.ink(), &self.ground, others)
    }

    fn ink(&self) -> Ink<'_> {
        let color = match (self.in_svg, self.text_fill) {
            (true, _) => self.fill,
            (false, Some(fill)) => fill,
            (false, None) => self.color,
        };
        Ink { color, shadow: self.shadow, shaped: self.shaped.as_deref() }
    }

    /// Whether everything in it is hidden, whatever is said inside.
    pub(crate) const fn is_gone(&self) -> bool {
        self.gone.is_some()
    }

    /// Whether its borders part what a person reads before it from what comes after.
    pub(crate) fn takes_part(&self) -> bool {
        self.gone.is_none() && self.cut.is_none() && !self.place.is_off()
    }

    /// Makes everything in it what `visibility` says.
    pub(crate) const fn lose(&mut self, visibility: Visibility) {
        self.gone = Some(visibility);
        self.is_like_label = false;
    }
}
