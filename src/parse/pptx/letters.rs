//! Properties of letters and their inheritance by levels (ECMA-376 part 1, 21.1.2).

use crate::parse::drawing::colour::{self, percent};
use crate::parse::drawing::fill::Fill;
use crate::parse::drawing::theme::Palette;
use crate::parse::html::color::Rgba;
use crate::parse::xml::Element;

/// Levels of a list, and so of all text.
const LEVELS: usize = 9;

/// Properties of a run; `None` where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Letters {
    pub(super) ink: Option<Fill>,
    /// Line around the letters.
    pub(super) edge: Option<Fill>,
    pub(super) highlight: Option<Rgba>,
    /// In points.
    pub(super) size: Option<f32>,
    /// Added between letters, in points.
    pub(super) spacing: Option<f32>,
    /// Left margin of the paragraph in units.
    pub(super) margin: Option<f64>,
    pub(super) align: Option<Align>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// The properties of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Levels([Letters; LEVELS]);

impl Letters {
    /// `a:rPr`, `a:defRPr`.
    pub(super) fn read(element: &Element, palette: &Palette<'_>) -> Self {
        let hundredths = |name| {
            let number = element.attr(name)?.parse::<f32>().ok()?;
            Some(number / 100.0).filter(|number| number.is_finite())
        };
        let line = element.child("ln");
        let highlight = element.child("highlight");
        let mut found = Self {
            ink: Fill::inside(element, palette, None),
            edge: line.and_then(|line| Fill::inside(line, palette, None)),
            highlight: highlight.and_then(|it| colour::inside(it, palette, None)),
            size: hundredths("sz"),
            spacing: hundredths("spc"),
            margin: None,
            align: None,
        };
        if element.child("hlinkClick").is_some()
            && let Some(link) = palette.named("hlink")
        {
            // Links have the theme's colour, whatever the run says.
            found.ink = Some(Fill::Plain(link));
        }
        found
    }

    /// `a:pPr` and the properties of a level, which say the same things.
    pub(super) fn of_paragraph(element: &Element, palette: &Palette<'_>) -> Self {
        let inner = element.child("defRPr");
        let mut found = inner.map_or_else(Self::default, |inner| Self::read(inner, palette));
        found.margin = element.attr("marL").and_then(crate::parse::drawing::place::units);
        found.align = element.attr("algn").map(|align| match align {
            "ctr" => Align::Middle,
            "r" => Align::Right,
            _ => Align::Left,
        });
        found
    }

    /// Lays other properties over these.
    pub(super) fn take(&mut self, other: &Self) {
        self.ink = other.ink.or(self.ink);
        self.edge = other.edge.or(self.edge);
        self.highlight = other.highlight.or(self.highlight);
        self.size = other.size.or(self.size);
        self.spacing = other.spacing.or(self.spacing);
        self.margin = other.margin.or(self.margin);
        self.align = other.align.or(self.align);
    }
}

impl Levels {
    /// `a:lstStyle`, `p:titleStyle` and their like.
    pub(super) fn read(element: &Element, palette: &Palette<'_>) -> Self {
        let mut levels = Self::default();
        if let Some(all) = element.child("defPPr") {
            let all = Letters::of_paragraph(all, palette);
            levels.0.iter_mut().for_each(|level| level.take(&all));
        }
        for child in &element.children {
            let digit = child.name.strip_prefix("lvl").and_then(|rest| rest.strip_suffix("pPr"));
            let number = digit.and_then(|digit| digit.parse::<usize>().ok());
            if let Some(level) = number.and_then(|number| levels.0.get_mut(number.checked_sub(1)?))
            {
                level.take(&Letters::of_paragraph(child, palette));
            }
        }
        levels
    }

    pub(super) fn take(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            own.take(other);
        }
    }

    /// The same properties at every level.
    pub(super) fn take_all(&mut self, other: &Letters) {
        self.0.iter_mut().for_each(|level| level.take(other));
    }

    pub(super) fn at(&self, level: usize) -> Letters {
        self.0.get(level).copied().unwrap_or_default()
    }
}

/// The share of its size to which text was shrunk to fit.
pub(super) fn shrunk(body: &Element) -> f32 {
    let fit = body.child("normAutofit").and_then(|fit| fit.attr("fontScale"));
    fit.and_then(percent).unwrap_or(1.0)
}
