//! The properties that decide whether text is seen, and the forms of their values.

use lightningcss::values::length::LengthPercentage;

use super::filter::Filter;
use super::motion::Motion;
use crate::parse::html::color::Paint;

/// A property that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Property {
    Display,
    Visibility,
    ContentVisibility,
    Opacity,
    Filter,
    Color,
    TextFill,
    Fill,
    FontSize,
    LetterSpacing,
    TextIndent,
    TextShadow,
    TextSecurity,
    WhiteSpace,
    ColorScheme,
    BackgroundColor,
    BackgroundImage,
    BackgroundClip,
    Mask,
    Position,
    Float,
    Left,
    Top,
    Right,
    Bottom,
    MarginLeft,
    MarginTop,
    MarginRight,
    MarginBottom,
    PaddingRight,
    PaddingBottom,
    Width,
    Height,
    MaxWidth,
    MaxHeight,
    MinWidth,
    MinHeight,
    OverflowX,
    OverflowY,
    Clip,
    ClipPath,
    Transform,
    Translate,
    Scale,
    Rotate,
    Zoom,
    AnimationName,
    AnimationFill,
    AnimationPlay,
    AnimationTime,
    WordSpacing,
    FontSizeAdjust,
    LineHeight,
    FontFamily,
    Direction,
    UnicodeBidi,
    BackgroundSize,
    BoxShadow,
    StrokeColor,
    StrokeWidth,
    /// The outline of SVG text.
    Stroke,
    Blend,
    MaskSize,
    Contain,
    GridRows,
    GridColumns,
    PaddingLeft,
    PaddingTop,
    ZIndex,
    /// Begins a stack of its own.
    Stacks,
    Backface,
    TransformOrigin,
    OffsetPath,
    Content,
    /// Every property at once.
    All,
}

/// How many properties there are, `All` left out.
pub(crate) const PROPERTIES: usize = Property::All as usize;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Wide(Wide),
    /// Text with `var()` in it, to be read where it is used; with the property it was written for.
    Pending(Box<(String, String)>),
    Display(Display),
    Position(Position),
    /// Yes or no: visible, clips, hides.
    Flag(bool),
    Number(f32),
    Length(LengthPercentage),
    /// `none`, `auto`, `normal`.
    Nothing,
    Paint(Paint),
    Images(Box<Images>),
    Motion(Box<Motion>),
    Names(Box<[String]>),
    /// A keyword of those that are told apart.
    Word(&'static str),
    /// Text that a style adds.
    Text(Box<str>),
    Filter(Box<Filter>),
    /// A browser may know it, we do not.
    Unknown,
}

/// Values that every property takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wide {
    Inherit,
    Initial,
    Unset,
    Revert,
}

/// What an element's box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    None,
    Contents,
    Inline,
    InlineBlock,
    Block,
    /// A block whose children are blocks whatever they say.
    Flexible,
    /// Such a container in a line.
    InlineFlexible,
}

/// How a box is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Static,
    Relative,
    Absolute,
    Fixed,
    Sticky,
}

/// Background images.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Images {
    /// Colours of gradients.
    pub(crate) stops: Vec<Paint>,
    /// An image whose colours are not read.
    pub(crate) picture: bool,
}
