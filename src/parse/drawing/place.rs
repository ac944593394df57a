//! Places and sizes on a page or slide, in English Metric Units (914,400 to an inch).

use crate::parse::xml::Element;

/// Units of a point.
pub(in crate::parse) const EMU_PER_POINT: f64 = 12_700.0;
/// Units of a twentieth of a point, in which WordprocessingML measures.
pub(in crate::parse) const EMU_PER_TWIP: f64 = 635.0;
/// Boxes thinner than this hold no letter that is seen.
pub(in crate::parse) const THIN_EMU: f64 = EMU_PER_POINT;

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::parse) struct Area {
    pub(in crate::parse) left: f64,
    pub(in crate::parse) top: f64,
    pub(in crate::parse) width: f64,
    pub(in crate::parse) height: f64,
}

impl Area {
    pub(in crate::parse) const fn new(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, width, height }
    }

    fn right(&self) -> f64 {
        self.left + self.width
    }

    fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// What two have in common, in square units.
    pub(in crate::parse) fn shared(&self, other: &Self) -> f64 {
        let width = self.right().min(other.right()) - self.left.max(other.left);
        let height = self.bottom().min(other.bottom()) - self.top.max(other.top);
        if width > 0.0 && height > 0.0 { width * height } else { 0.0 }
    }

    pub(in crate::parse) fn size(&self) -> f64 {
        self.width.max(0.0) * self.height.max(0.0)
    }

    /// Whether nothing of it is on a page of this size.
    pub(in crate::parse) fn is_off(&self, width: f64, height: f64) -> bool {
        self.right() <= 0.0 || self.bottom() <= 0.0 || self.left >= width || self.top >= height
    }

    /// `xfrm` as an upright rectangle around the shape; the place may be anywhere in its parent.
    pub(in crate::parse) fn of(transform: &Element) -> Option<Self> {
        let (offset, extent) = (transform.child("off")?, transform.child("ext")?);
        let area = Self::new(
            units(offset.attr("x")?)?,
            units(offset.attr("y")?)?,
            units(extent.attr("cx")?)?,
            units(extent.attr("cy")?)?,
        );
        Some(area.turned(transform.attr("rot").and_then(units).unwrap_or(0.0) / 60_000.0))
    }

    /// The upright rectangle around this one after it was turned about its middle.
    fn turned(self, degrees: f64) -> Self {
        if degrees.abs() < 0.01 {
            return self;
        }
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let (sine, cosine) = (sine.abs(), cosine.abs());
        let width = self.width * cosine + self.height * sine;
        let height = self.width * sine + self.height * cosine;
        let (left, top) =
            (self.left + (self.width - width) / 2.0, self.top + (self.height - height) / 2.0);
        Self { left, top, width, height }
    }
}

/// How places in a group become places on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::parse) struct Group {
    scale: [f64; 2],
    shift: [f64; 2],
}

impl Group {
    /// The page itself.
    pub(in crate::parse) const PAGE: Self = Self { scale: [1.0; 2], shift: [0.0; 2] };

    /// A group with this `xfrm` inside this one.
    pub(in crate::parse) fn inner(&self, transform: Option<&Element>) -> Self {
        self.try_inner(transform).unwrap_or(*self)
    }

    fn try_inner(&self, transform: Option<&Element>) -> Option<Self> {
        let transform = transform?;
        let outer = self.placed(Area::of(transform)?);
        let (offset, extent) = (transform.child("chOff")?, transform.child("chExt")?);
        let from = [units(offset.attr("x")?)?, units(offset.attr("y")?)?];
        let size = [units(extent.attr("cx")?)?, units(extent.attr("cy")?)?];
        let ratio = |outer: f64, inner: f64| if inner.abs() < 1.0 { 1.0 } else { outer / inner };
        let scale = [ratio(outer.width, size[0]), ratio(outer.height, size[1])];
        let shift = [outer.left - from[0] * scale[0], outer.top - from[1] * scale[1]];
        Some(Self { scale, shift })
    }

    /// A place in the group as one on the page.
    pub(in crate::parse) fn placed(&self, area: Area) -> Area {
        let [across, down] = self.scale;
        let [left, top] = self.shift;
        Area {
            left: area.left * across + left,
            top: area.top * down + top,
            width: area.width * across,
            height: area.height * down,
        }
    }
}

/// A number of units; lengths may also be written with a unit (`2.5in`).
pub(in crate::parse) fn units(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.parse::<f64>().ok().filter(|value| value.is_finite());
    plain.or_else(|| length(text))
}

/// A length with its unit, as CSS and VML write it.
pub(in crate::parse) fn length(text: &str) -> Option<f64> {
    let text = text.trim();
    let at = text.find(|ch: char| ch.is_ascii_alphabetic() || ch == '%').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(at)?;
    let points = match unit.trim() {
        "pt" => 1.0,
        "in" => 72.0,
        "cm" => 72.0 / 2.54,
        "mm" => 72.0 / 25.4,
        "pc" | "pi" => 12.0,
        // Without a unit VML counts pixels, of which a screen has 96 to the inch.
        "px" | "" => 0.75,
        _ => return None,
    };
    let number: f64 = number.trim().parse().ok()?;
    Some(number * points * EMU_PER_POINT).filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_moves_and_scales_what_is_in_it() {
        let transform = Element::root(
            "<xfrm><off x='1000' y='0'/><ext cx='200' cy='200'/><chOff x='0' y='0'/>\
             <chExt cx='100' cy='100'/></xfrm>",
        );
        let group = Group::PAGE.inner(transform.as_ref());
        let placed = group.placed(Area::new(10.0, 10.0, 5.0, 5.0));
        assert_eq!(placed, Area::new(1_020.0, 20.0, 10.0, 10.0));
        assert!(placed.is_off(1_000.0, 1_000.0) && !placed.is_off(1_021.0, 1_000.0));
    }

    #[test]
    fn lengths_have_units() {
        assert_eq!(units("12700"), Some(12_700.0));
        assert_eq!(length("1in"), Some(914_400.0));
        assert_eq!(length("-2pt"), Some(-25_400.0));
        assert_eq!(length("50%"), None);
    }

    #[test]
    fn a_turned_box_reaches_further() {
        let area = Area::of(
            &Element::root("<x rot='5400000'><off x='0' y='0'/><ext cx='100' cy='20'/></x>")
                .unwrap(),
        );
        assert!((area.unwrap().height - 100.0).abs() < 0.01);
    }
}
