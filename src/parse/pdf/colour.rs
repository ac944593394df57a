//! Colours and colour spaces, as red, green and blue.
//!
//! Approximate on purpose: profiles are read by their number of components, inks by their alternate
//! space. What cannot be computed is `Unknown`, and its text is not vouched for.

use std::rc::Rc;

use lopdf::{Dictionary, Document, Object};

use super::function::{COMPONENTS_MAX, Function};
use super::lexer::whole_number;
use super::objects::{dict_of, get_dict, get_integer, resolved, unpack};
use crate::domain::limits::PDF_NESTING_MAX;

pub(super) type Rgb = [f32; 3];

pub(super) const WHITE: Rgb = [1.0; 3];
pub(super) const BLACK: Rgb = [0.0; 3];

/// What reading one colour space takes off the document's budget of unpacked bytes.
const SPACE_COST_BYTES: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Colour {
    Rgb(Rgb),
    /// The ink `None`: nothing is painted.
    Nothing,
    Unknown,
}

#[derive(Debug)]
pub(super) enum Space {
    Gray,
    Rgb,
    Cmyk,
    Lab,
    Indexed {
        base: Rc<Self>,
        table: Vec<u8>,
    },
    Inks {
        count: usize,
        alternate: Rc<Self>,
        function: Option<Function>,
    },
    /// The ink `All` or `Black`: a tint of 1 is black.
    BlackInk,
    NoInk,
    /// With the space of the colour that a pattern without one is drawn in.
    Pattern(Option<Rc<Self>>),
    Unknown,
}

impl Space {
    /// A colour space by name or definition.
    pub(super) fn read(
        document: &Document,
        resources: Option<&Dictionary>,
        object: &Object,
        unpacked_left: &mut usize,
    ) -> Rc<Self> {
        Rc::new(Self::within(document, resources, object, unpacked_left, PDF_NESTING_MAX))
    }

    fn within(
        document: &Document,
        resources: Option<&Dictionary>,
        object: &Object,
        unpacked_left: &mut usize,
        depth: usize,
    ) -> Self {
        let Some(depth) = depth.checked_sub(1) else { return Self::Unknown };
        *unpacked_left = unpacked_left.saturating_sub(SPACE_COST_BYTES);
        match resolved(document, object) {
            Some(Object::Name(name)) => Self::by_name(name).unwrap_or_else(|| {
                let named = resources.and_then(|resources| {
                    get_dict(document, resources, b"ColorSpace")?.get(name).ok()
                });
                // Names are looked up once: a name for a name is a loop.
                named.map_or(Self::Unknown, |named| {
                    Self::within(document, None, named, unpacked_left, depth)
                })
            }),
            Some(Object::Array(parts)) => {
                Self::by_parts(document, resources, parts, unpacked_left, depth)
                    .unwrap_or(Self::Unknown)
            }
            _ => Self::Unknown,
        }
    }

    fn by_name(name: &[u8]) -> Option<Self> {
        match name {
            b"DeviceGray" | b"CalGray" | b"G" => Some(Self::Gray),
            b"DeviceRGB" | b"CalRGB" | b"RGB" => Some(Self::Rgb),
            b"DeviceCMYK" | b"CMYK" => Some(Self::Cmyk),
            b"Pattern" => Some(Self::Pattern(None)),
            _ => None,
        }
    }

    fn by_parts(
        document: &Document,
        resources: Option<&Dictionary>,
        parts: &[Object],
        unpacked_left: &mut usize,
        depth: usize,
    ) -> Option<Self> {
        let kind = resolved(document, parts.first()?)?.as_name().ok()?;
        let mut nested = |object: &Object| {
            Rc::new(Self::within(document, resources, object, unpacked_left, depth))
        };
        match kind {
            b"Lab" => Some(Self::Lab),
            b"ICCBased" => {
                match get_integer(document, dict_of(resolved(document, parts.get(1)?)?)?, b"N")? {
                    1 => Some(Self::Gray),
                    3 => Some(Self::Rgb),
                    4 => Some(Self::Cmyk),
                    _ => None,
                }
            }
            b"Indexed" | b"I" => {
                let base = nested(parts.get(1)?);
                let table = match resolved(document, parts.get(3)?)? {
                    Object::Stream(stream) => unpack(document, stream, unpacked_left).ok()?,
                    Object::String(bytes, _) => {
                        bytes.iter().copied().take(256 * COMPONENTS_MAX).collect()
                    }
                    _ => return None,
                };
                Some(Self::Indexed { base, table })
            }
            b"Pattern" => Some(Self::Pattern(parts.get(1).map(nested))),
            b"Separation" => match resolved(document, parts.get(1)?)?.as_name().ok()? {
                b"None" => Some(Self::NoInk),
                b"All" | b"Black" => Some(Self::BlackInk),
                _ => {
                    let alternate = nested(parts.get(2)?);
                    let function = Function::read(document, parts.get(3)?, unpacked_left);
                    Some(Self::Inks { count: 1, alternate, function })
                }
            },
            b"DeviceN" => {
                let count = resolved(document, parts.get(1)?)?.as_array().ok()?.len();
                let alternate = nested(parts.get(2)?);
                let function = Function::read(document, parts.get(3)?, unpacked_left);
                Some(Self::Inks { count: count.min(COMPONENTS_MAX), alternate, function })
            }
            name => Self::by_name(name),
        }
    }

    /// The colour that a space starts with.
    pub(super) fn initial(&self) -> Colour {
        match self {
            Self::Cmyk => Colour::Rgb(BLACK),
            Self::Inks { count, .. } => self.colour(&vec![1.0; *count]),
            Self::BlackInk | Self::NoInk => self.colour(&[1.0]),
            Self::Gray | Self::Rgb | Self::Lab | Self::Indexed { .. } => self.colour(&[0.0; 3]),
            Self::Pattern(_) | Self::Unknown => Colour::Unknown,
        }
    }

    pub(super) fn colour(&self, values: &[f32]) -> Colour {
        self.colour_within(values).unwrap_or(Colour::Unknown)
    }

    /// Nesting was bounded when the space was read.
    fn colour_within(&self, values: &[f32]) -> Option<Colour> {
        match (self, values) {
            (Self::Gray, [gray, ..]) => Some(rgb([*gray; 3])),
            (Self::Rgb, [red, green, blue, ..]) => Some(rgb([*red, *green, *blue])),
            (Self::Cmyk, [cyan, magenta, yellow, black, ..]) => {
                let light = 1.0 - black;
                Some(rgb([*cyan, *magenta, *yellow].map(|ink| (1.0 - ink) * light)))
            }
            (Self::Lab, [l, a, b, ..]) => Some(rgb(lab(*l, *a, *b))),
            (Self::Indexed { base, table }, [index, ..]) => {
                let size = base.components();
                let start = whole_number(index.round())?.checked_mul(size)?;
                let entry = table.get(start..start.checked_add(size)?)?;
                let values: Vec<f32> = entry.iter().map(|byte| f32::from(*byte) / 255.0).collect();
                base.colour_within(&values)
            }
            (Self::Inks { count, alternate, function }, values) => {
                alternate.colour_within(&function.as_ref()?.run(values.get(..*count)?)?)
            }
            (Self::BlackInk, [tint, ..]) => Some(rgb([1.0 - tint; 3])),
            (Self::NoInk, _) => Some(Colour::Nothing),
            _ => None,
        }
    }

    pub(super) fn components(&self) -> usize {
        match self {
            Self::Rgb | Self::Lab => 3,
            Self::Cmyk => 4,
            Self::Inks { count, .. } => *count,
            Self::Gray | Self::Indexed { .. } | Self::BlackInk | Self::NoInk => 1,
            Self::Pattern(_) | Self::Unknown => 0,
        }
    }
}

fn rgb(values: Rgb) -> Colour {
    if values.iter().any(|value| value.is_nan()) {
        return Colour::Unknown;
    }
    Colour::Rgb(values.map(|value| value.clamp(0.0, 1.0)))
}

/// CIE L*a*b* under daylight, which is near enough to tell light from dark.
fn lab(l: f32, a: f32, b: f32) -> Rgb {
    let curve = |t: f32| if t > 6.0 / 29.0 { t * t * t } else { (t - 4.0 / 29.0) * 0.128_419 };
    let y = (l + 16.0) / 116.0;
    let (x, y, z) = (0.9505 * curve(y + a / 500.0), curve(y), 1.089 * curve(y - b / 200.0));
    let linear = [
        3.2406 * x - 1.5372 * y - 0.4986 * z,
        -0.9689 * x + 1.8758 * y + 0.0415 * z,
        0.0557 * x - 0.2040 * y + 1.0570 * z,
    ];
    linear.map(|value| {
        if value <= 0.003_130_8 { 12.92 * value } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
    })
}

/// `top` with this opacity over `below`.
pub(super) fn over(top: Rgb, alpha: f32, below: Rgb) -> Rgb {
    let mut mixed = below;
    for (mixed, top) in mixed.iter_mut().zip(top) {
        *mixed += (top - *mixed) * alpha;
    }
    mixed
}

/// The contrast ratio of WCAG 2.1: 1 for equal luminance, 21 for black on white.
pub(super) fn contrast(one: Rgb, other: Rgb) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance([red, green, blue]: Rgb) -> f32 {
    let linear = |value: f32| {
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// The largest difference in red, green or blue.
pub(super) fn distance(one: Rgb, other: Rgb) -> f32 {
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    fn space(object: impl Into<Object>) -> Rc<Space> {
        Space::read(&Document::new(), None, &object.into(), &mut 10_000)
    }

    fn name(name: &str) -> Object {
        Object::Name(name.into())
    }

    #[test]
    fn device_colours_are_what_their_numbers_say() {
        assert_eq!(space(name("DeviceGray")).colour(&[1.0]), Colour::Rgb(WHITE));
        assert_eq!(space(name("DeviceCMYK")).colour(&[0.0; 4]), Colour::Rgb(WHITE));
        assert_eq!(space(name("DeviceCMYK")).initial(), Colour::Rgb(BLACK));
    }

    #[test]
    fn indexed_colours_are_looked_up() {
        let table = Object::string_literal(vec![0, 0, 0, 255, 255, 255]);
        let indexed = space(vec![name("Indexed"), name("DeviceRGB"), 1.into(), table]);
        assert_eq!(indexed.colour(&[1.0]), Colour::Rgb(WHITE));
        assert_eq!(indexed.colour(&[2.0]), Colour::Unknown);
    }

    #[test]
    fn inks_are_seen_through_their_alternate() {
        let function = dictionary! {
            "FunctionType" => 2, "N" => 1,
            "C0" => vec![1.into(), 1.into(), 1.into()], "C1" => vec![0.into(), 0.into(), 0.into()],
        };
        let ink = vec![name("Separation"), name("Spot"), name("DeviceRGB"), function.into()];
        assert_eq!(space(ink).colour(&[0.0]), Colour::Rgb(WHITE));
        let none = vec![name("Separation"), name("None"), name("DeviceRGB"), Object::Null];
        assert_eq!(space(none).colour(&[1.0]), Colour::Nothing);
    }

    #[test]
    fn a_space_that_contains_itself_is_unknown() {
        let mut document = Document::with_version("1.5");
        let id = document.new_object_id();
        let parts =
            vec![name("Indexed"), Object::Reference(id), 1.into(), Object::string_literal("ab")];
        document.objects.insert(id, Object::Array(parts));
        let found = Space::read(&document, None, &Object::Reference(id), &mut 10_000);
        assert_eq!(found.colour(&[0.0]), Colour::Unknown);
    }

    #[test]
    fn contrast_is_that_of_the_web_guidelines() {
        assert!((contrast(BLACK, WHITE) - 21.0).abs() < 0.01);
        assert!((contrast([0.4667; 3], WHITE) - 4.48).abs() < 0.05);
    }
}
