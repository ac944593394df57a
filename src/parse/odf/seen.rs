//! What a person gets of letters: by their own look, and by what lies under them.

use super::style::{Fill, Style};
use crate::domain::document::{Doubt, Hiding, Visibility};
use crate::parse::html::color::{Rgba, WHITE, is_lost};

/// Letters of this size or less, in points, cannot be read.
pub(super) const SIZE_MAX_UNREAD: f32 = 1.5;
/// Letters scaled to this width or less are lines.
const SCALE_MAX_UNREAD: f32 = 0.03;
/// Letters with less opacity than this are none.
const OPACITY_MIN: f32 = 0.1;
/// Paragraphs that begin further out than this, in points, are beyond any page.
const INDENT_MAX: f32 = 1_500.0;

/// What lies under letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ground {
    Plain(Rgba),
    /// A picture over what is told; letters that are lost without it may be readable on it.
    Picture(Rgba),
    /// The ground that its maker chose for the whole page, or what is not measured.
    Unknown,
}

impl Ground {
    pub(super) const PAGE: Self = Self::Plain(WHITE);

    /// This ground under a fill.
    pub(super) const fn under(self, fill: Option<Fill>) -> Self {
        match fill {
            None | Some(Fill::None) => self,
            Some(Fill::Plain(colour)) => Self::Plain(colour),
            Some(Fill::Other) => Self::Unknown,
        }
    }
}

/// What a person gets of letters on a ground.
pub(super) fn seen(letters: &Style, indent: Option<f32>, ground: Ground) -> Visibility {
    if letters.is_hidden == Some(true) {
        return Visibility::Hidden(Hiding::NotDisplayed);
    }
    let is_narrow = letters.scale.is_some_and(|scale| scale <= SCALE_MAX_UNREAD);
    if is_narrow || letters.size().is_some_and(|size| size <= SIZE_MAX_UNREAD) {
        return Visibility::Hidden(Hiding::TooSmall);
    }
    if letters.opacity.is_some_and(|opacity| opacity < OPACITY_MIN) {
        return Visibility::Hidden(Hiding::Transparent);
    }
    if indent.is_some_and(|indent| indent.abs() > INDENT_MAX) {
        return Visibility::Hidden(Hiding::OffPage);
    }
    let Some(Some(ink)) = letters.ink else { return Visibility::Shown };
    match ground.under(letters.marked) {
        Ground::Plain(under) if is_lost(ink, under) => Visibility::Hidden(Hiding::LowContrast),
        Ground::Picture(under) if is_lost(ink, under) => Visibility::Undetermined(Doubt::OverImage),
        Ground::Plain(_) | Ground::Picture(_) | Ground::Unknown => Visibility::Shown,
    }
}
