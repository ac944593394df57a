//! Pixels of simple images, so that text over them can be judged.
//!
//! Images in a colour space that is computed here, with 1 or 8 bits a component and nothing but the
//! packings that the library knows, and photographs (JPEG), are averaged down to a small grid. Let
//! through on purpose: fax and JBIG2 scans, JPEG 2000, images with masks, larger ones: text over them is
//! not vouched for.

use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId, Stream, dictionary};

use super::colour::{Colour, Rgb, Space};
use super::content::Drawn;
use super::geometry::{Matrix, Point, Rect};
use super::lexer::whole_number;
use super::objects::{get, get_array, get_integer, numbers_of, resolved};
use super::photograph::{self, Photograph};
use super::work::Work;
use crate::domain::limits::{PDF_IMAGE_BYTES_MAX, PDF_IMAGE_SIDE_KEPT};

/// The averaged pixels of an image, from its upper left corner.
#[derive(Debug)]
pub(super) struct Pixels {
    columns: usize,
    rows: usize,
    cells: Vec<[u8; 3]>,
}

/// How samples become colours.
struct Reading {
    width: usize,
    height: usize,
    bits: usize,
    components: usize,
    inverted: bool,
    space: Rc<Space>,
}

impl Pixels {
    /// The colour at a point of the unit square on which images are drawn.
    pub(super) fn at(&self, [x, y]: Point) -> Option<Rgb> {
        let cell = |value: f32, count: usize| {
            whole_number((value.clamp(0.0, 1.0) * count as f32).floor()).map(|c| c.min(count - 1))
        };
        let (column, row) = (cell(x, self.columns)?, cell(1.0 - y, self.rows)?);
        let rgb = self.cells.get(row * self.columns + column)?;
        Some(rgb.map(|value| f32::from(value) / 255.0))
    }

    /// Unpacks an image, if it is simple and small enough.
    pub(super) fn read(work: &mut Work<'_>, image: &Stream) -> Option<Self> {
        if let Some(before) = packed_as_photograph(work, &image.dict) {
            return Self::of_photograph(work, image, before);
        }
        let reading = Reading::of(work, &image.dict)?;
        let row_bytes = (reading.width * reading.components * reading.bits).div_ceil(8);
        let bytes_max = row_bytes.checked_mul(reading.height)?;
        if bytes_max > PDF_IMAGE_BYTES_MAX.min(work.image_bytes_left) {
            return None;
        }
        work.image_bytes_left -= bytes_max;
        let bytes = work.unpacked_quietly(image)?;
        (bytes.len() >= bytes_max).then(|| reading.averaged(&bytes, row_bytes))
    }
}

impl Pixels {
    /// `before`: what it is packed in besides.
    fn of_photograph(work: &mut Work<'_>, image: &Stream, before: Vec<Object>) -> Option<Self> {
        let bytes_max = PDF_IMAGE_BYTES_MAX.min(work.image_bytes_left);
        let photograph = if before.is_empty() {
            photograph::read(&image.content, bytes_max)?
        } else {
            let packing = dictionary! { "Filter" => before };
            let inner = work.unpacked_quietly(&Stream::new(packing, image.content.clone()))?;
            photograph::read(&inner, bytes_max)?
        };
        let Photograph { width, height, components, samples } = photograph;
        work.image_bytes_left = work.image_bytes_left.saturating_sub(samples.len());
        let space = Rc::new(if components == 1 { Space::Gray } else { Space::Rgb });
        let reading = Reading { width, height, bits: 8, components, inverted: false, space };
        Some(reading.averaged(&samples, width * components))
    }
}

/// What a photograph is packed in besides JPEG; `None` for other images, and where its samples do not mean
/// what they usually do.
fn packed_as_photograph(work: &Work<'_>, image: &Dictionary) -> Option<Vec<Object>> {
    let document = work.document;
    let mut filters = match get(document, image, b"Filter")? {
        Object::Array(names) => {
            names.iter().filter_map(|name| resolved(document, name)).cloned().collect()
        }
        one => vec![one.clone()],
    };
    let last = filters.pop()?;
    let is_indexed = matches!(get(document, image, b"ColorSpace"), Some(Object::Array(parts))
        if parts.first().is_some_and(|name| name.as_name().is_ok_and(|name| name == b"Indexed")));
    let is_photograph = matches!(last.as_name(), Ok(b"DCTDecode" | b"DCT"));
    let has_usual_samples = !image.has(b"Decode") && !is_indexed;
    let has_usual_packing = filters.is_empty() || !image.has(b"DecodeParms");
    (is_photograph && has_usual_samples && has_usual_packing).then_some(filters)
}

impl Reading {
    fn of(work: &mut Work<'_>, image: &Dictionary) -> Option<Self> {
        let document = work.document;
        let filters = match get(document, image, b"Filter") {
            Some(Object::Array(names)) => names.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        let is_plain = |name: &&Object| {
            let name = resolved(document, name).and_then(|name| name.as_name().ok());
            matches!(
                name,
                Some(
                    b"FlateDecode"
                        | b"Fl"
                        | b"LZWDecode"
                        | b"LZW"
                        | b"RunLengthDecode"
                        | b"RL"
                        | b"ASCII85Decode"
                        | b"A85"
                        | b"ASCIIHexDecode"
                        | b"AHx"
                )
            )
        };
        let size = |key: &[u8]| {
            let size = get_integer(document, image, key)?;
            usize::try_from(size).ok().filter(|size| (1..=65_536).contains(size))
        };
        let (width, height) = (size(b"Width")?, size(b"Height")?);
        let bits = size(b"BitsPerComponent")?;
        if !filters.iter().all(is_plain) || !matches!(bits, 1 | 8) {
            return None;
        }
        let space = work.image_space(image.get(b"ColorSpace").ok()?);
        let components = space.components();
        if components == 0 || (bits == 1 && components != 1) {
            return None;
        }
        let decode = get_array(document, image, b"Decode").map(|d| numbers_of(document, d, 8));
        let inverted = match decode.as_deref() {
            None | Some([0.0, 1.0 | 255.0, ..]) => false,
            Some([1.0, 0.0]) if matches!(*space, Space::Gray) => true,
            Some(_) => return None,
        };
        Some(Self { width, height, bits, components, inverted, space })
    }

    fn averaged(&self, bytes: &[u8], row_bytes: usize) -> Pixels {
        let columns = self.width.min(PDF_IMAGE_SIDE_KEPT);
        let rows = self.height.min(PDF_IMAGE_SIDE_KEPT);
        let mut sums = vec![[0_u32; 4]; columns * rows];
        let table = self.table();
        for (y, row) in bytes.chunks(row_bytes.max(1)).take(self.height).enumerate() {
            let start = (y * rows / self.height) * columns;
            for x in 0..self.width {
                let Some([red, green, blue]) = self.pixel(row, x, &table) else { continue };
                if let Some(sum) = sums.get_mut(start + x * columns / self.width) {
                    let [r, g, b, count] = *sum;
                    *sum =
                        [r + u32::from(red), g + u32::from(green), b + u32::from(blue), count + 1];
                }
            }
        }
        let cells = sums
            .into_iter()
            .map(|[r, g, b, count]| [r, g, b].map(|sum| byte(sum.checked_div(count).unwrap_or(0))))
            .collect();
        Pixels { columns, rows, cells }
    }

    /// Colours of the values of one component.
    fn table(&self) -> Vec<[u8; 3]> {
        if self.components != 1 {
            return Vec::new();
        }
        let indexed = matches!(*self.space, Space::Indexed { .. });
        let most = if self.bits == 1 { 1.0 } else { 255.0 };
        (0..=255_u8)
            .map(|value| {
                let value = f32::from(value);
                let value = if indexed { value } else { (value / most).min(1.0) };
                let value = if self.inverted { 1.0 - value } else { value };
                colour_bytes(self.space.colour(&[value]))
            })
            .collect()
    }

    fn pixel(&self, row: &[u8], x: usize, table: &[[u8; 3]]) -> Option<[u8; 3]> {
        match (self.bits, self.components, &*self.space) {
            (1, ..) => {
                let bit = row.get(x / 8)? >> (7 - x % 8) & 1;
                table.get(usize::from(bit)).copied()
            }
            (_, 1, _) => table.get(usize::from(*row.get(x)?)).copied(),
            (_, 3, Space::Rgb) => {
                let start = x * 3;
                row.get(start..start + 3)?.try_into().ok()
            }
            (_, count, space) => {
                let start = x * count;
                let values = row.get(start..start + count)?;
                let values: Vec<f32> = values.iter().map(|v| f32::from(*v) / 255.0).collect();
                Some(colour_bytes(space.colour(&values)))
            }
        }
    }
}

fn colour_bytes(colour: Colour) -> [u8; 3] {
    match colour {
        Colour::Rgb(rgb) => {
            rgb.map(|value| byte(whole_number((value * 255.0).round()).unwrap_or(0)))
        }
        Colour::Nothing | Colour::Unknown => [255; 3],
    }
}

fn byte(value: impl TryInto<u8>) -> u8 {
    value.try_into().unwrap_or(u8::MAX)
}

/// An image as it was drawn: which it is, where, and the way from the page to its unit square.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) id: ObjectId,
    pub(super) area: Rect,
    pub(super) back: Matrix,
    /// Its pixels, once they are needed and if they are known.
    pub(super) pixels: Option<Rc<Pixels>>,
}

impl Picture {
    pub(super) fn at(&self, point: Point) -> Option<Rgb> {
        self.pixels.as_ref()?.at(self.back.apply(point))
    }
}

/// Unpacks the images of a page that have text on them.
pub(super) fn prepare(work: &mut Work<'_>, drawn: &mut Drawn) {
    for picture in drawn.canvas.pictures_mut() {
        let Some(left) = work.tests_left.checked_sub(drawn.glyphs.len() / 4) else { return };
        work.tests_left = left;
        let has_text = drawn.glyphs.iter().any(|glyph| picture.area.contains(glyph.origin));
        if has_text {
            picture.pixels = work.pixels(picture.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use lopdf::{Document, dictionary};

    use super::*;

    fn pixels(dict: Dictionary, bytes: &[u8]) -> Option<Pixels> {
        let document = Document::with_version("1.5");
        let stream = Stream::new(dict, bytes.to_vec());
        Pixels::read(&mut Work::new(&document), &stream)
    }

    fn image(space: &str, bits: i64) -> Dictionary {
        dictionary! {
            "Width" => 2, "Height" => 2, "BitsPerComponent" => bits, "ColorSpace" => space,
        }
    }

    #[test]
    fn pixels_stand_where_they_are_drawn() {
        let found = pixels(image("DeviceGray", 8), &[0, 255, 255, 0]).unwrap();
        assert_eq!(found.at([0.2, 0.8]), Some([0.0; 3]));
        assert_eq!(found.at([0.8, 0.8]), Some([1.0; 3]));
        let bits = pixels(image("DeviceGray", 1), &[0b0100_0000, 0b1000_0000]).unwrap();
        assert_eq!(bits.at([0.2, 0.8]), Some([0.0; 3]));
        assert_eq!(bits.at([0.2, 0.2]), Some([1.0; 3]));
        let red = [255, 0, 0].repeat(4);
        let colours = pixels(image("DeviceRGB", 8), &red).unwrap();
        assert_eq!(colours.at([0.5, 0.5]), Some([1.0, 0.0, 0.0]));
    }

    #[test]
    fn what_is_short_or_packed_as_a_photograph_is_not_known() {
        assert!(pixels(image("DeviceGray", 8), &[0, 255]).is_none());
        let mut photograph = image("DeviceGray", 8);
        photograph.set("Filter", "DCTDecode");
        assert!(pixels(photograph, &[0; 4]).is_none());
        assert!(pixels(image("Pattern", 8), &[0; 4]).is_none());
    }
}
