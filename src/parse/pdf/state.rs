//! The graphics state: what the operators set and `q` saves.

use std::rc::Rc;

use lopdf::ObjectId;

use super::colour::{BLACK, Colour, Rgb, Space};
use super::font::Font;
use super::geometry::{Matrix, Rect};

/// Where paint lands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Clip {
    /// Bounds: outside of them nothing is painted.
    pub(super) bounds: Rect,
    /// Whether everything inside is painted, too.
    pub(super) exact: bool,
}

/// How paint mixes with what lies under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Blend {
    Normal,
    Multiply,
    Screen,
    Overlay,
    Darken,
    Lighten,
    Dodge,
    Burn,
    HardLight,
    SoftLight,
    Difference,
    Exclusion,
    /// A mode that is not computed.
    Other,
}

impl Blend {
    pub(super) fn named(name: &[u8]) -> Self {
        match name {
            b"Normal" | b"Compatible" => Self::Normal,
            b"Multiply" => Self::Multiply,
            b"Screen" => Self::Screen,
            b"Overlay" => Self::Overlay,
            b"Darken" => Self::Darken,
            b"Lighten" => Self::Lighten,
            b"ColorDodge" => Self::Dodge,
            b"ColorBurn" => Self::Burn,
            b"HardLight" => Self::HardLight,
            b"SoftLight" => Self::SoftLight,
            b"Difference" => Self::Difference,
            b"Exclusion" => Self::Exclusion,
            _ => Self::Other,
        }
    }

    /// What a mode within a group with a mode of its own comes to.
    fn within(self, group: Self) -> Self {
        match (self, group) {
            (mode, Self::Normal) | (Self::Normal, mode) => mode,
            (one, other) if one == other => one,
            _ => Self::Other,
        }
    }

    /// The colour that ink of this colour leaves on a ground, where it is opaque.
    pub(super) fn mixed(self, ink: Rgb, ground: Rgb) -> Rgb {
        let mut mixed = ink;
        for (value, below) in mixed.iter_mut().zip(ground) {
            *value = self.component(*value, below).clamp(0.0, 1.0);
        }
        mixed
    }

    fn component(self, ink: f32, below: f32) -> f32 {
        match self {
            Self::Normal | Self::Other => ink,
            Self::Multiply => ink * below,
            Self::Screen => ink + below - ink * below,
            Self::Overlay => Self::HardLight.component(below, ink),
            Self::Darken => ink.min(below),
            Self::Lighten => ink.max(below),
            Self::Dodge if below == 0.0 => 0.0,
            Self::Dodge if ink >= 1.0 => 1.0,
            Self::Dodge => below / (1.0 - ink),
            Self::Burn if below >= 1.0 => 1.0,
            Self::Burn if ink <= 0.0 => 0.0,
            Self::Burn => 1.0 - (1.0 - below) / ink,
            Self::HardLight if ink <= 0.5 => 2.0 * ink * below,
            Self::HardLight => Self::Screen.component(2.0 * ink - 1.0, below),
            Self::SoftLight if ink <= 0.5 => below - (1.0 - 2.0 * ink) * below * (1.0 - below),
            Self::SoftLight => below + (2.0 * ink - 1.0) * (below.sqrt() - below),
            Self::Difference => (ink - below).abs(),
            Self::Exclusion => ink + below - 2.0 * ink * below,
        }
    }
}

/// Soft masks over the content, by their number on the page from 1: its own, and that of the groups
/// around it; 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Masks {
    pub(super) own: u32,
    pub(super) group: u32,
    /// More than two lie over each other.
    pub(super) many: bool,
}

impl Masks {
    const NONE: Self = Self { own: 0, group: 0, many: false };

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    const fn enter_group(self) -> Self {
        let group = if self.group == 0 { self.own } else { self.group };
        Self { own: 0, group, many: self.many || (self.group != 0 && self.own != 0) }
    }
}

/// A colour and the space that its numbers are in.
#[derive(Debug, Clone)]
pub(super) struct Ink {
    pub(super) space: Rc<Space>,
    pub(super) colour: Colour,
    /// The tiling pattern that it is, if it is one.
    pub(super) tiles: Option<Tiles>,
}

/// A tiling pattern, and the colour it is drawn in if it has none of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tiles {
    pub(super) id: ObjectId,
    pub(super) colour: Colour,
}

impl Ink {
    pub(super) const fn plain(space: Rc<Space>, colour: Colour) -> Self {
        Self { space, colour, tiles: None }
    }
}

/// What transparency groups around the content do to it as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) alpha: f32,
    pub(super) blend: Blend,
}

#[derive(Debug, Clone)]
pub(super) struct TextState {
    pub(super) font: Option<Rc<Font>>,
    pub(super) size: f32,
    pub(super) char_space: f32,
    pub(super) word_space: f32,
    /// Horizontal scaling; 1 is plain.
    pub(super) stretch: f32,
    pub(super) leading: f32,
    pub(super) rise: f32,
    /// Render mode, 0 to 7.
    pub(super) mode: u8,
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) matrix: Matrix,
    pub(super) clip: Clip,
    pub(super) fill: Ink,
    pub(super) stroke: Ink,
    pub(super) fill_alpha: f32,
    pub(super) stroke_alpha: f32,
    pub(super) blend: Blend,
    pub(super) masks: Masks,
    pub(super) group: Group,
    pub(super) line_width: f32,
    pub(super) text: TextState,
    /// The text that paint is clipped to, counted from 1; 0 for none.
    pub(super) text_clip: u32,
}

impl State {
    pub(super) fn new(shown: Rect) -> Self {
        Self {
            matrix: Matrix::IDENTITY,
            clip: Clip { bounds: shown, exact: true },
            fill: Ink::plain(Rc::new(Space::Gray), Colour::Rgb(BLACK)),
            stroke: Ink::plain(Rc::new(Space::Gray), Colour::Rgb(BLACK)),
            fill_alpha: 1.0,
            stroke_alpha: 1.0,
            blend: Blend::Normal,
            masks: Masks::NONE,
            group: Group { alpha: 1.0, blend: Blend::Normal },
            line_width: 1.0,
            text: TextState {
                font: None,
                size: 0.0,
                char_space: 0.0,
                word_space: 0.0,
                stretch: 1.0,
                leading: 0.0,
                rise: 0.0,
                mode: 0,
            },
            text_clip: 0,
        }
    }

    /// Starts a transparency group: what is set now applies to the group as a whole.
    pub(super) fn enter_group(&mut self) {
        self.group = Group {
            alpha: self.group.alpha * self.fill_alpha,
            blend: self.blend.within(self.group.blend),
        };
        self.fill_alpha = 1.0;
        self.stroke_alpha = 1.0;
        self.blend = Blend::Normal;
        self.masks = self.masks.enter_group();
    }

    /// Narrows the clip to a shape with these bounds.
    pub(super) fn narrow(&mut self, bounds: Rect, exact: bool) {
        self.clip = Clip { bounds: self.clip.bounds.meet(bounds), exact: self.clip.exact && exact };
    }

    pub(super) fn effective_blend(&self) -> Blend {
        self.blend.within(self.group.blend)
    }

    pub(super) fn is_masked(&self) -> bool {
        !self.masks.is_none()
    }
}
