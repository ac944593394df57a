//! What holds for the text of a group: its look, and where it goes.

use crate::domain::document::{Alternate, Doubt, Hiding, Visibility};
use crate::parse::html::color::{BLACK, Rgba, WHITE, is_lost};

/// Half points below which nobody reads a letter.
const SIZE_MIN: i32 = 3;
/// Width of letters in per cent below which they are a line.
const SCALE_MIN: i32 = 10;

/// Where the text of a group goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Onto the page.
    Page,
    /// Nowhere: it is no text, or it was read otherwise.
    Nowhere,
    /// To what nobody is shown in this way.
    Aside(Visibility),
    /// The table of colours.
    Colours,
    /// The table of fonts.
    Fonts,
    /// The list of styles.
    Styles,
    /// Name of a property of a shape.
    PropertyName,
    /// Its value.
    PropertyValue,
}

/// Colours of a stretch of text or of a table's cell, as numbers of the table of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shading {
    pub(super) ground: usize,
    pub(super) pattern: usize,
    /// Share of the pattern in hundredths of a per cent.
    pub(super) share: i32,
}

impl Shading {
    fn colour(self, colours: &[Option<Rgba>]) -> Option<Rgba> {
        let of = |index: usize| colours.get(index).copied().flatten();
        if self.share <= 0 {
            return of(self.ground);
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 10,000")]
        let alpha = self.share.min(10_000) as f32 / 10_000.0;
        let pattern = of(self.pattern).unwrap_or(BLACK);
        Some(Rgba { alpha, ..pattern }.over(of(self.ground).unwrap_or(WHITE)))
    }
}

/// The look of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) is_hidden: bool,
    pub(super) is_deleted: bool,
    /// In half points.
    pub(super) size: i32,
    /// In per cent.
    pub(super) scale: i32,
    pub(super) ink: usize,
    pub(super) highlight: usize,
    pub(super) shading: Shading,
}

impl Look {
    pub(super) const PLAIN: Self = Self {
        is_hidden: false,
        is_deleted: false,
        size: 24,
        scale: 100,
        ink: 0,
        highlight: 0,
        shading: Shading { ground: 0, pattern: 0, share: 0 },
    };
}

/// What lies under text besides its own shading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Under {
    /// Paper, or this colour.
    Known(Option<Rgba>),
    /// A cell or shape whose colour is not known yet.
    Unknown,
}

/// Everything that a group inherits and gives back.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) place: Place,
    pub(super) look: Look,
    pub(super) paragraph: Shading,
    /// Letters that stand for one Unicode character in programs that know none.
    pub(super) fallback: usize,
    pub(super) font: i32,
    pub(super) style: i32,
    pub(super) is_in_table: bool,
    /// Tables within tables.
    pub(super) nesting: i32,
    /// Level of an outline from 0; none for running text.
    pub(super) outline: Option<u8>,
    pub(super) is_item: bool,
    /// Between marks of text that stands only for the RTF form of a mail written in HTML.
    pub(super) is_rtf_only: bool,
    /// What all shown text of this group is instead, for what hides the whole of it.
    pub(super) outer: Option<Visibility>,
    /// Whether a shape holds it, and its colour.
    pub(super) shape: Option<Under>,
}

impl State {
    pub(super) const START: Self = Self {
        place: Place::Page,
        look: Look::PLAIN,
        paragraph: Shading { ground: 0, pattern: 0, share: 0 },
        fallback: 1,
        font: -1,
        style: 0,
        is_in_table: false,
        nesting: 1,
        outline: None,
        is_item: false,
        is_rtf_only: false,
        outer: None,
        shape: None,
    };

    /// What a person gets of text in this state.
    pub(super) fn visibility(&self, colours: &[Option<Rgba>], cell: Under) -> Visibility {
        match self.place {
            Place::Page => {}
            Place::Aside(visibility) => return visibility,
            Place::Nowhere
            | Place::Colours
            | Place::Fonts
            | Place::Styles
            | Place::PropertyName
            | Place::PropertyValue => return Visibility::Hidden(Hiding::MachineOnly),
        }
        let look = self.look;
        if look.is_hidden {
            return Visibility::Hidden(Hiding::NotDisplayed);
        }
        if look.is_deleted {
            return Visibility::Hidden(Hiding::Deleted);
        }
        if let Some(outer) = self.outer {
            return outer;
        }
        if look.size < SIZE_MIN || look.scale < SCALE_MIN {
            return Visibility::Hidden(Hiding::TooSmall);
        }
        if let Some(unseen) = self.faint(colours, cell) {
            return unseen;
        }
        if self.is_rtf_only {
            return Visibility::Alternate(Alternate::OtherMedium);
        }
        Visibility::Shown
    }

    /// Ink that its ground swallows. Ink without a colour of its own is dark or light as its ground needs.
    fn faint(&self, colours: &[Option<Rgba>], cell: Under) -> Option<Visibility> {
        let ink = colours.get(self.look.ink).copied().flatten()?;
        let highlight = colours.get(self.look.highlight).copied().flatten();
        let own = highlight
            .or_else(|| self.look.shading.colour(colours))
            .or_else(|| self.paragraph.colour(colours));
        let under = match (own, self.shape) {
            (Some(colour), _) => Under::Known(Some(colour)),
            (None, Some(shape)) => shape,
            (None, None) => cell,
        };
        match under {
            Under::Known(colour) => is_lost(ink, colour.unwrap_or(WHITE))
                .then_some(Visibility::Hidden(Hiding::LowContrast)),
            Under::Unknown => {
                is_lost(ink, WHITE).then_some(Visibility::Undetermined(Doubt::UnknownColour))
            }
        }
    }

    pub(super) fn cell_shading(shading: Shading, colours: &[Option<Rgba>]) -> Option<Rgba> {
        shading.colour(colours)
    }
}
