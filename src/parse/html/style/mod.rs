//! The style that an element ends up with, and what it means for the text in it.
//!
//! A style is inherited, so that the reader needs to keep only those of the open elements.

mod boxes;
mod verdict;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::area::Area;
use super::cascade::{Got, Winners};
use super::color::{self, BLACK, Paint, Rgba, WHITE};
use super::css::filter::Filter;
use super::css::value::{Display, Images, Position, Property, Value};
use super::font::{Family, Look};
use super::ground::{Ground, plain};
use super::place::{Measure, Place, own_width, pixels};
use super::svg::Space;
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
    /// The page names that paint.
    fill_is_said: bool,
    font_px: f32,
    spacing_px: f32,
    indent_px: f32,
    shadow: Option<Rgba>,
    shadow_is_crisp: bool,
    /// Outline of the letters, and of SVG text.
    stroke: Option<Rgba>,
    stroke_px: f32,
    outline: Option<Rgba>,
    /// How letters are mixed with the ground that was under them where the mixing began.
    blend: Option<(&'static str, Rc<Ground>)>,
    /// Filters of the boxes around it, from outside.
    tints: Vec<Rc<Filter>>,
    word_spacing_px: f32,
    /// Height of small letters that type is brought to.
    adjust: Option<f32>,
    line_px: Option<f32>,
    /// Set in a font whose name says that it has no shapes.
    is_blank: bool,
    /// The first font that the page brings in its own text, and whether another is asked for before it.
    font: Option<(Rc<Family>, bool)>,
    is_rtl: bool,
    /// Letters stand in the order that the page says, whatever they are.
    pub(crate) overrides_order: bool,
    /// Its children get no room: across, or down.
    shuts_width: bool,
    shuts_height: bool,
    outer_has_height: bool,
    cuts_across: bool,
    outer_cuts_across: bool,
    /// A row of slides that is moved behind a window.
    is_track: bool,
    /// Lines without height are cut.
    cuts_flat_lines: bool,
    /// Its box paints an opaque ground, or any.
    pub(crate) is_opaque: bool,
    /// It lies over the whole of the box around it.
    pub(crate) fills: bool,
    /// The room that it takes in what it is placed in, where its sides tell.
    pub(crate) area: Option<Area>,
    /// Its height is declared.
    pub(crate) has_height: bool,
    pub(crate) z_index: Option<f32>,
    /// It begins a stack of its own, so that it is painted like what is placed.
    pub(crate) is_lifted: bool,
    /// What leaves its box is seen.
    pub(crate) shows_overflow: bool,
    /// A ground that a box behind it would lie under.
    has_veil: bool,
    /// Where it stands in a drawing.
    pub(crate) space: Option<Space>,
    shows_back: bool,
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
    /// Fonts that the page brings.
    pub(crate) fonts: &'a BTreeMap<String, Rc<Family>>,
    /// The root or the body: their grounds are the page's.
    pub(crate) is_page: bool,
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
            fill_is_said: false,
            font_px: ROOT_FONT_PX,
            spacing_px: 0.0,
            indent_px: 0.0,
            shadow: None,
            shadow_is_crisp: false,
            stroke: None,
            stroke_px: 0.0,
            outline: None,
            blend: None,
            tints: Vec::new(),
            word_spacing_px: 0.0,
            adjust: None,
            line_px: None,
            is_blank: false,
            font: None,
            is_rtl: false,
            overrides_order: false,
            shuts_width: false,
            shuts_height: false,
            has_height: true,
            outer_has_height: false,
            cuts_across: false,
            outer_cuts_across: false,
            is_track: false,
            cuts_flat_lines: false,
            is_opaque: false,
            fills: false,
            area: None,
            z_index: None,
            has_veil: false,
            is_lifted: false,
            shows_overflow: false,
            space: None,
            shows_back: false,
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

    pub(crate) const fn line_px(&self) -> Option<f32> {
        self.line_px
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
        style.reset(self);
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
        style.reset(self);
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

    /// What is not inherited.
    const fn reset(&mut self, outer: &Self) {
        self.shuts_width = false;
        self.shuts_height = false;
        self.outer_has_height = outer.has_height;
        self.outer_cuts_across = outer.cuts_across;
        self.cuts_across = false;
        self.has_height = false;
        self.is_opaque = false;
        self.fills = false;
        self.area = None;
        self.z_index = None;
        self.is_lifted = false;
        self.shows_overflow = false;
        self.overrides_order =
            outer.overrides_order && matches!(self.display, Display::Inline | Display::Contents);
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
        let late = [Property::Display, Property::Visibility, Property::Opacity, Property::FontSize];
        self.is_doubtful |=
            late.iter().any(|property| setting.value(*property) == Some(Value::Unknown));
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
        self.word_spacing_px = match setting.get(Property::WordSpacing) {
            Got::Value(Value::Length(length)) => {
                pixels(&length, self.measure(setting, self.font_px)).unwrap_or(0.0)
            }
            Got::Value(_) | Got::Initial => 0.0,
            Got::Inherit | Got::Unset | Got::Nothing => outer.word_spacing_px,
        };
        self.adjust = match setting.get(Property::FontSizeAdjust) {
            Got::Value(Value::Number(number)) => Some(number),
            Got::Value(_) | Got::Initial => None,
            Got::Inherit | Got::Unset | Got::Nothing => outer.adjust,
        };
        self.line_px = match setting.get(Property::LineHeight) {
            Got::Value(Value::Number(factor)) => Some(factor * self.font_px),
            Got::Value(Value::Length(length)) => {
                pixels(&length, self.measure(setting, self.font_px))
            }
            Got::Value(_) | Got::Initial => None,
            Got::Inherit | Got::Unset | Got::Nothing => outer.line_px,
        };
        self.is_blank = match setting.get(Property::FontFamily) {
            Got::Value(Value::Names(names)) => names
                .first()
                .is_some_and(|name| is_blank_font(name) && setting.fonts.contains_key(name)),
            Got::Value(_) | Got::Initial => false,
            Got::Inherit | Got::Unset | Got::Nothing => outer.is_blank,
        };
        self.font = match setting.get(Property::FontFamily) {
            Got::Value(Value::Names(names)) => {
                let brought =
                    |name: &String| setting.fonts.get(name).filter(|family| family.is_brought());
                let mut found = names.iter().enumerate();
                found.find_map(|(at, name)| Some((Rc::clone(brought(name)?), at > 0)))
            }
            Got::Value(_) | Got::Initial => None,
            Got::Inherit | Got::Unset | Got::Nothing => outer.font.clone(),
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
            Got::Value(Value::Paint(paint)) => plain(paint, inherited, self.is_dark),
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
            Got::Value(Value::Paint(paint)) => Some(plain(paint, self.color, self.is_dark)),
            Got::Value(_) => Some(None),
            Got::Inherit | Got::Unset | Got::Nothing => outer.text_fill,
        };
        self.fill_is_said |= matches!(setting.get(Property::Fill), Got::Value(_));
        self.fill = match setting.get(Property::Fill) {
            Got::Value(Value::Paint(paint)) => plain(paint, self.color, self.is_dark),
            Got::Value(Value::Nothing) => Some(Rgba { alpha: 0.0, ..BLACK }),
            Got::Value(_) => None,
            Got::Initial => Some(BLACK),
            Got::Inherit | Got::Unset | Got::Nothing => outer.fill,
        };
        self.outlines(outer, setting);
    }

    fn outlines(&mut self, outer: &Self, setting: &Setting<'_>) {
        let seen = |paint: Paint| plain(paint, self.color, self.is_dark);
        (self.shadow, self.shadow_is_crisp) = match setting.get(Property::TextShadow) {
            Got::Value(Value::Paint(paint)) => (seen(paint), false),
            Got::Value(Value::Images(crisp)) => (crisp.stops.first().copied().and_then(seen), true),
            Got::Value(_) | Got::Initial => (None, false),
            Got::Inherit | Got::Unset | Got::Nothing => (outer.shadow, outer.shadow_is_crisp),
        };
        self.stroke = match setting.get(Property::StrokeColor) {
            Got::Value(Value::Paint(paint)) => seen(paint),
            Got::Value(_) | Got::Initial => None,
            Got::Inherit | Got::Unset | Got::Nothing => outer.stroke,
        };
        self.outline = match setting.get(Property::Stroke) {
            Got::Value(Value::Paint(paint)) => seen(paint),
            Got::Value(_) | Got::Initial => None,
            Got::Inherit | Got::Unset | Got::Nothing => outer.outline,
        };
        self.stroke_px = match setting.get(Property::StrokeWidth) {
            Got::Value(Value::Length(length)) => {
                pixels(&length, self.measure(setting, self.font_px)).unwrap_or(0.0)
            }
            Got::Value(_) | Got::Initial => 0.0,
            Got::Inherit | Got::Unset | Got::Nothing if setting.is_svg && !outer.in_svg => 1.0,
            Got::Inherit | Got::Unset | Got::Nothing => outer.stroke_px,
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
        self.is_rtl = inherited(Property::Direction, false, outer.is_rtl);
        if let Some(overrides) = setting.flag(Property::UnicodeBidi) {
            self.overrides_order = overrides;
        }
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

    /// What a text looks like in the font that the page brings for it.
    pub(crate) fn look(&self, text: &str) -> Look {
        match &self.font {
            Some((font, is_other)) => match font.look(text) {
                Look::Blank if *is_other => Look::Doubtful,
                look => look,
            },
            None => Look::Drawn,
        }
    }

    /// Whether everything in it is hidden, whatever is said inside.
    pub(crate) const fn is_gone(&self) -> bool {
        self.gone.is_some()
    }

    /// Whether its borders part what a person reads before it from what comes after.
    pub(crate) fn takes_part(&self) -> bool {
        self.gone.is_none() && self.cut.is_none() && !self.place.is_off()
    }

    /// Whether what it paints is seen.
    pub(crate) fn is_seen(&self) -> bool {
        self.is_visible && self.opacity > color::ALPHA_MIN && self.cut.is_none()
    }

    /// Whether the page names the paint of its shapes.
    pub(crate) const fn names_fill(&self) -> bool {
        self.fill_is_said
    }

    /// The fill of a shape as it is seen; `None` when it is not known.
    pub(crate) fn fill_seen(&self) -> Option<Rgba> {
        self.fill.map(|fill| Rgba { alpha: fill.alpha * self.opacity, ..fill })
    }

    /// Makes everything in it what `visibility` says.
    pub(crate) const fn lose(&mut self, visibility: Visibility) {
        self.gone = Some(visibility);
        self.is_like_label = false;
    }
}

/// Fonts that are made to show nothing, by their names.
fn is_blank_font(name: &str) -> bool {
    ["blank", "invisible", "redact", "hidden"].iter().any(|word| name.contains(word))
}
