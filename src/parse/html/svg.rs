//! Where text stands in a drawing: the coordinates of SVG, as far as attributes tell.
//!
//! Let through on purpose: coordinates in styles, text along a path, `use`, and marks that other
//! shapes cover.

use super::css::property::plain_number;
use super::css::scan::split;
use super::tree::Element;

/// Size of a drawing that says nothing of it.
const WIDTH_PX: f32 = 300.0;
const HEIGHT_PX: f32 = 150.0;
/// How wide a text may be that ends at its place, in sizes of its letters.
const TEXT_SIZES_MAX: f32 = 40.0;
/// A baseline this far above the border, in sizes of letters, leaves only what hangs from it.
const DESCENT_SIZES: f32 = 0.3;

/// A place in a drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Space {
    /// What is shown, in the units of the drawing: left, top, right, bottom; infinite when it does not cut.
    seen: [f32; 4],
    /// Pixels of one unit of the drawing.
    unit_px: f32,
    /// `matrix(a b c d e f)` of the groups around.
    matrix: [f32; 6],
    x: f32,
    y: f32,
    /// Text begins at its place and does not end there.
    begins: bool,
}

const STILL: [f32; 6] = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
const FAR: f32 = f32::INFINITY;

impl Space {
    /// The space in an element, given that around it.
    pub(crate) fn within(outer: Option<Self>, element: &Element, cuts: bool) -> Option<Self> {
        if !element.is_svg() {
            return None;
        }
        match (element.tag(), outer) {
            ("svg", _) => Some(Self::of_drawing(element, cuts)),
            ("foreignObject" | "symbol" | "pattern" | "marker", _) | (_, None) => None,
            (tag, Some(outer)) => Some(outer.moved(tag, element)),
        }
    }

    fn of_drawing(element: &Element, cuts: bool) -> Self {
        let size = |name: &str| length(element.attr(name)?);
        let (width, height) = (size("width"), size("height"));
        let view = element.attr("viewBox").and_then(four);
        let [left, top, across, down] =
            view.unwrap_or([0.0, 0.0, width.unwrap_or(WIDTH_PX), height.unwrap_or(HEIGHT_PX)]);
        let (mut sideways, mut upright) = (0.0, 0.0);
        let mut unit_px = 1.0;
        if view.is_some() {
            // The box may have another shape than the view: more is seen on two sides.
            let scales = (width.map(|px| px / across), height.map(|px| px / down));
            match scales {
                (Some(x), Some(y)) => {
                    unit_px = x.min(y);
                    sideways = (x / unit_px - 1.0) * across;
                    upright = (y / unit_px - 1.0) * down;
                }
                (x, y) => {
                    unit_px = x.or(y).unwrap_or(1.0);
                    (sideways, upright) = (across, down);
                }
            }
        } else if element.attr("width").is_none() || element.attr("height").is_none() {
            // A style may make it larger.
            (sideways, upright) = (across * 2.0, down * 2.0);
        }
        let (before, above) = if view.is_some() { (sideways, upright) } else { (0.0, 0.0) };
        let seen = [left - before, top - above, left + across + sideways, top + down + upright];
        let known = cuts && seen.iter().all(|side| side.is_finite()) && unit_px.is_finite();
        Self {
            seen: if known { seen } else { [-FAR, -FAR, FAR, FAR] },
            unit_px: if unit_px.is_finite() && unit_px > 0.0 { unit_px } else { 1.0 },
            matrix: STILL,
            x: 0.0,
            y: 0.0,
            begins: true,
        }
    }

    fn moved(mut self, tag: &str, element: &Element) -> Self {
        if let Some(transform) = element.attr("transform") {
            self.matrix = transforms(transform, self.matrix);
        }
        if matches!(tag, "text" | "tspan") {
            let at = |name: &str| first(element.attr(name)?);
            if tag == "text" {
                (self.x, self.y) = (0.0, 0.0);
            }
            self.x = at("x").unwrap_or(self.x) + at("dx").unwrap_or(0.0);
            self.y = at("y").unwrap_or(self.y) + at("dy").unwrap_or(0.0);
        }
        if tag == "textPath" {
            self.seen = [-FAR, -FAR, FAR, FAR];
        }
        match element.attr("text-anchor") {
            Some("start") => self.begins = true,
            Some(_) => self.begins = false,
            None => {}
        }
        self
    }

    /// The place in the units of the drawing.
    pub(crate) fn place(&self) -> (f32, f32) {
        self.map(self.x, self.y)
    }

    fn map(&self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = self.matrix;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// Pixels of one unit where text stands.
    pub(crate) fn unit_px(&self) -> f32 {
        let [a, b, c, d, ..] = self.matrix;
        self.unit_px * a.hypot(b).min(c.hypot(d))
    }

    /// Whether text of this size at this place is cut away.
    pub(crate) fn is_outside(&self, font_px: f32) -> bool {
        let [left, top, right, bottom] = self.seen;
        let [a, b, c, d, ..] = self.matrix;
        let (across, down) = (a.hypot(b) * font_px, c.hypot(d) * font_px);
        let is_turned = b.abs() > 0.01 * a.abs();
        let (x, y) = self.place();
        let wide = across * TEXT_SIZES_MAX;
        let before = if self.begins { 0.0 } else { wide };
        if is_turned {
            return x + wide < left || x - wide > right || y + wide < top || y - wide > bottom;
        }
        x + wide < left
            || x - before >= right
            || y + down * DESCENT_SIZES <= top
            || y - down >= bottom
    }

    /// The box of a shape, in the units of the drawing.
    pub(crate) fn box_of(&self, element: &Element) -> Option<[f32; 4]> {
        let [left, top, right, bottom] = self.seen;
        let share = |name: &str, whole: f32| {
            let text = element.attr(name)?;
            match text.trim().strip_suffix('%') {
                Some(percent) => plain_number(percent).map(|n| n / 100.0 * whole),
                None => length(text),
            }
        };
        let across = |name: &str| share(name, right - left);
        let down = |name: &str| share(name, bottom - top);
        let [x, y, width, height] = match element.tag() {
            "rect" | "image" => [
                across("x").unwrap_or(0.0),
                down("y").unwrap_or(0.0),
                across("width")?,
                down("height")?,
            ],
            "circle" => {
                let r = across("r")?;
                [across("cx").unwrap_or(0.0) - r, down("cy").unwrap_or(0.0) - r, 2.0 * r, 2.0 * r]
            }
            "ellipse" => {
                let (rx, ry) = (across("rx")?, down("ry")?);
                [
                    across("cx").unwrap_or(0.0) - rx,
                    down("cy").unwrap_or(0.0) - ry,
                    2.0 * rx,
                    2.0 * ry,
                ]
            }
            "path" => rectangle(&drawn(element.attr("d")?)?)?,
            "polygon" => {
                let points = numbers_up_to(element.attr("points")?, 12);
                rectangle(
                    &points
                        .chunks_exact(2)
                        .filter_map(|p| Some((*p.first()?, *p.get(1)?)))
                        .collect::<Vec<_>>(),
                )?
            }
            _ => return None,
        };
        let (one, other) = (self.map(x, y), self.map(x + width, y + height));
        Some([one.0.min(other.0), one.1.min(other.1), one.0.max(other.0), one.1.max(other.1)])
    }
}

/// A length in pixels; shares are not known.
fn length(text: &str) -> Option<f32> {
    let text = text.trim();
    let number = text.trim_end_matches(|ch: char| ch.is_ascii_alphabetic());
    let factor = match text.get(number.len()..)? {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" | "em" | "rem" => 16.0,
        "mm" => 3.78,
        "cm" => 37.8,
        "in" => 96.0,
        "ex" => 8.0,
        _ => return None,
    };
    plain_number(number).map(|number| number * factor)
}

fn numbers(text: &str) -> Vec<f32> {
    numbers_up_to(text, 8)
}

fn numbers_up_to(text: &str, most: usize) -> Vec<f32> {
    text.split(|ch: char| ch.is_whitespace() || ch == ',')
        .filter(|part| !part.is_empty())
        .map_while(length)
        .take(most)
        .collect()
}

/// Points of a path that is made of level and upright lines.
fn drawn(path: &str) -> Option<Vec<(f32, f32)>> {
    /// A rectangle has four.
    const COMMANDS_MAX: usize = 8;
    let mut points = Vec::new();
    let (mut x, mut y) = (0.0, 0.0);
    let mut rest = path.trim();
    for _ in 0..COMMANDS_MAX {
        let Some(command) = rest.chars().next() else {
            return Some(points);
        };
        let behind = rest.get(command.len_utf8()..)?;
        let end = behind.find(|ch: char| ch.is_ascii_alphabetic()).unwrap_or(behind.len());
        let n = numbers(&behind.get(..end)?.replace('-', " -"));
        match (command, n.as_slice()) {
            ('M' | 'm', [to_x, to_y]) => (x, y) = (*to_x, *to_y),
            ('h', [by]) => x += by,
            ('v', [by]) => y += by,
            ('H', [to]) => x = *to,
            ('V', [to]) => y = *to,
            ('z' | 'Z', []) => {}
            _ => return None,
        }
        points.push((x, y));
        rest = behind.get(end..)?.trim_start();
    }
    None
}

/// Left, top, width and height of points that are the corners of a rectangle.
fn rectangle(points: &[(f32, f32)]) -> Option<[f32; 4]> {
    let extent = |pick: fn(&(f32, f32)) -> f32| {
        points.iter().map(pick).fold((FAR, -FAR), |(low, high), n| (low.min(n), high.max(n)))
    };
    let ((left, right), (top, bottom)) = (extent(|p| p.0), extent(|p| p.1));
    let on = |value: f32, low: f32, high: f32| value == low || value == high;
    let corners = points.iter().all(|(x, y)| on(*x, left, right) && on(*y, top, bottom));
    (points.len() >= 4 && corners).then_some([left, top, right - left, bottom - top])
}

fn first(text: &str) -> Option<f32> {
    numbers(text).first().copied()
}

fn four(text: &str) -> Option<[f32; 4]> {
    <[f32; 4]>::try_from(numbers(text)).ok().filter(|view| view[2] > 0.0 && view[3] > 0.0)
}

/// Transforms that are applied one after the other; more than `TRANSFORMS_MAX` are no drawing.
fn transforms(text: &str, outer: [f32; 6]) -> [f32; 6] {
    const TRANSFORMS_MAX: usize = 16;
    let mut matrix = outer;
    for part in split(text, b')').into_iter().flat_map(|part| part.split(')')).take(TRANSFORMS_MAX)
    {
        let Some((name, inner)) = part.split_once('(') else {
            continue;
        };
        let n = numbers(inner);
        let at = |index: usize, missing: f32| n.get(index).copied().unwrap_or(missing);
        let own = match name.trim_matches([' ', ',', '\n', '\t']) {
            "translate" => [1.0, 0.0, 0.0, 1.0, at(0, 0.0), at(1, 0.0)],
            "scale" => [at(0, 1.0), 0.0, 0.0, at(1, at(0, 1.0)), 0.0, 0.0],
            "rotate" => {
                let (sin, cos) = at(0, 0.0).to_radians().sin_cos();
                let (x, y) = (at(1, 0.0), at(2, 0.0));
                [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y]
            }
            "matrix" => [at(0, 1.0), at(1, 0.0), at(2, 0.0), at(3, 1.0), at(4, 0.0), at(5, 0.0)],
            _ => continue,
        };
        matrix = product(matrix, own);
    }
    matrix
}

fn product(outer: [f32; 6], inner: [f32; 6]) -> [f32; 6] {
    let [a, b, c, d, e, f] = outer;
    let [g, h, i, j, k, l] = inner;
    [
        a * g + c * h,
        b * g + d * h,
        a * i + c * j,
        b * i + d * j,
        a * k + c * l + e,
        b * k + d * l + f,
    ]
}
