//! The style that an element ends up with, and what it means for the text in it.
//!
//! A style is inherited, so that the reader needs to keep only those of the open elements.

mod boxes;
mod verdict;

use std::rc::Rc;

use super::cascade::{Got, Winners};
use super::color::{self, BLACK, Paint, Rgba, WHITE};
use super::css::value::{Display, Images, Position, Property, Value};
use super::ground::{Ground, plain};
use super::place::{Measure, Place, own_width, pixels};
use super::user_agent::{self, Default};
use crate::domain::document::{Hiding, Visibility};

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

    /// The style of an element in this one of which no declaration speaks; `None` when the browser's
    /// own style needs the long way.
    pub(crate) fn undeclared(&self, own: &Default, is_svg: bool) -> Option<Self> {
        if own.ground.is_some() || own.cuts {
            return None;
        }
        let mut style = self.clone();
        style.in_svg = is_svg;
        style.position = Position::Static;
        style.display = own.display;
        if matches!(self.display, Display::Flexible | Display::InlineFlexible) {
            style.become_block();
        }
        style.keeps_blanks |= own.keeps_blanks;
        if let Some(color) = own.color {
            style.color = Some(user_agent::own_color(color, self.is_dark));
        }
        if let Some(font_px) = own.font_px {
            style.font_px = font_px;
        }
        if own.display == Display::None {
            style.gone = Some(own.unseen);
        }
        Some(style)
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
            self.become_block();
        }
    }

    const fn become_block(&mut self) {
        self.display = match self.display {
            Display::Inline | Display::InlineBlock => Display::Block,
            Display::InlineFlexible => Display::Flexible,
            other => other,
        };
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
