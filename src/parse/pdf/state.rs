//! The graphics state: what the operators set and `q` saves.

use std::rc::Rc;

use super::colour::{BLACK, Colour, Space};
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
    /// A mode that is not computed.
    Other,
}

/// A colour and the space that its numbers are in.
#[derive(Debug, Clone)]
pub(super) struct Ink {
    pub(super) space: Rc<Space>,
    pub(super) colour: Colour,
}

/// What transparency groups around the content do to it as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) alpha: f32,
    pub(super) blend: Blend,
    pub(super) masked: bool,
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
    pub(super) masked: bool,
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
            fill: Ink { space: Rc::new(Space::Gray), colour: Colour::Rgb(BLACK) },
            stroke: Ink { space: Rc::new(Space::Gray), colour: Colour::Rgb(BLACK) },
            fill_alpha: 1.0,
            stroke_alpha: 1.0,
            blend: Blend::Normal,
            masked: false,
            group: Group { alpha: 1.0, blend: Blend::Normal, masked: false },
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
            blend: self.group.blend.max(self.blend),
            masked: self.group.masked || self.masked,
        };
        self.fill_alpha = 1.0;
        self.stroke_alpha = 1.0;
        self.blend = Blend::Normal;
        self.masked = false;
    }

    /// Narrows the clip to a shape with these bounds.
    pub(super) fn narrow(&mut self, bounds: Rect, exact: bool) {
        self.clip = Clip { bounds: self.clip.bounds.meet(bounds), exact: self.clip.exact && exact };
    }

    pub(super) fn effective_blend(&self) -> Blend {
        self.blend.max(self.group.blend)
    }

    pub(super) const fn is_masked(&self) -> bool {
        self.masked || self.group.masked
    }
}
