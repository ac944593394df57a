//! Whether pictures have holes, measured in their bytes: what is under one without holes is not seen.
//!
//! Let through on purpose: pictures of lines and areas (SVG, EMF, WMF), WebP and TIFF, and PNG whose rows are
//! interlaced, of which nothing is known.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::ZlibDecoder;

use crate::domain::limits::{PICTURE_BYTES_MAX, PICTURES_BYTES_MAX};
use crate::parse::package::Package;

/// Opacity, of 255, from which a pixel lets nothing through that could be read.
const OPAQUE_MIN: u8 = 250;
/// Of so many pixels one may let something through: rounded corners.
const HOLES: u64 = 100;

/// The pictures of a package, each looked at once.
#[derive(Debug)]
pub(in crate::parse) struct Pictures {
    known: BTreeMap<String, bool>,
    /// Bytes that may still be looked at.
    left: usize,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { known: BTreeMap::new(), left: PICTURES_BYTES_MAX }
    }
}

impl Pictures {
    /// Whether a picture is known to have no holes.
    pub(in crate::parse) fn is_opaque(&mut self, package: &mut Package<'_>, name: &str) -> bool {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        // A name without a part costs nothing, and is not kept.
        if !package.has(name) {
            return false;
        }
        let most = self.left.min(PICTURE_BYTES_MAX);
        let bytes = package.part_within(name, most).unwrap_or_default();
        self.left = self.left.saturating_sub(if bytes.is_empty() { most } else { bytes.len() });
        let is_opaque = is_opaque(&bytes, &mut self.left);
        self.known.insert(name.to_owned(), is_opaque);
        is_opaque
    }
}

/// `left`: bytes that may still be unfolded.
fn is_opaque(bytes: &[u8], left: &mut usize) -> bool {
    if bytes.starts_with(b"\xff\xd8\xff") || bytes.starts_with(b"BM") {
        return true;
    }
    if let Some(rest) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        return is_opaque_png(rest, left);
    }
    let gif = bytes.strip_prefix(b"GIF87a").or_else(|| bytes.strip_prefix(b"GIF89a"));
    gif.is_some_and(|rest| is_opaque_gif(rest) == Some(true))
}

/// The next chunk of a PNG, and what comes after it.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (name, rest) = rest.split_at_checked(4)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (data, rest) = rest.split_at_checked(length)?;
    Some((name, data, rest.get(4..)?))
}

fn is_opaque_png(mut rest: &[u8], left: &mut usize) -> bool {
    let (mut head, mut pixels) = (None, Vec::new());
    while let Some((name, data, after)) = chunk(rest) {
        rest = after;
        match (name, &head) {
            (b"IHDR", None) => head = Head::read(data),
            // The opacity of the colours of a palette, or a colour that stands for nothing.
            (b"tRNS", Some(head)) => {
                let is_palette = head.kind == 3;
                if !is_palette || data.iter().any(|alpha| *alpha < OPAQUE_MIN) {
                    return false;
                }
            }
            (b"IDAT", Some(head)) if !head.has_alpha() => return true,
            (b"IDAT", Some(_)) => pixels.extend_from_slice(data),
            (b"IEND", _) => break,
            _ => {}
        }
    }
    head.is_some_and(|head| head.without_holes(&pixels, left).unwrap_or(false))
}

/// What a PNG says of itself.
#[derive(Debug, Clone, Copy)]
struct Head {
    width: usize,
    height: usize,
    depth: u8,
    kind: u8,
    is_interlaced: bool,
}

impl Head {
    fn read(data: &[u8]) -> Option<Self> {
        let (width, rest) = data.split_first_chunk::<4>()?;
        let (height, rest) = rest.split_first_chunk::<4>()?;
        let size = |bytes: &[u8; 4]| usize::try_from(u32::from_be_bytes(*bytes)).ok();
        let [depth, kind, _, _, interlace] = rest.first_chunk::<5>().copied()?;
        let (width, height) = (size(width)?, size(height)?);
        Some(Self { width, height, depth, kind, is_interlaced: interlace != 0 })
    }

    const fn has_alpha(self) -> bool {
        matches!(self.kind, 4 | 6)
    }

    /// Goes through the alpha channel; `None` where it cannot be read within the bounds.
    fn without_holes(self, packed: &[u8], left: &mut usize) -> Option<bool> {
        let sample = match (self.depth, self.is_interlaced) {
            (8, false) => 1_usize,
            (16, false) => 2,
            _ => return None,
        };
        let pixel = sample * if self.kind == 6 { 4 } else { 2 };
        let stride = self.width.checked_mul(pixel)?.checked_add(1)?;
        let all = stride.checked_mul(self.height)?;
        if all > *left || all > PICTURE_BYTES_MAX || self.width == 0 || self.height == 0 {
            return None;
        }
        *left -= all;
        let allowed = (self.width as u64).saturating_mul(self.height as u64) / HOLES;
        let mut from = ZlibDecoder::new(packed);
        let (mut row, mut above) = (vec![0_u8; stride], vec![0_u8; self.width]);
        let mut holes = 0_u64;
        for _ in 0..self.height {
            from.read_exact(&mut row).ok()?;
            let (filter, bytes) = row.split_first()?;
            // The filters work on each channel alone; the high byte of a sample is enough.
            let alphas = bytes.iter().skip(pixel - sample).step_by(pixel);
            let (mut before, mut corner) = (0_u8, 0_u8);
            for (raw, above) in alphas.zip(&mut above) {
                let alpha = raw.wrapping_add(predicted(*filter, before, *above, corner)?);
                (before, corner, *above) = (alpha, *above, alpha);
                holes += u64::from(alpha < OPAQUE_MIN);
            }
            if holes > allowed {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// What a filter of PNG takes a byte to be, from those left of it, above, and left above.
fn predicted(filter: u8, left: u8, above: u8, corner: u8) -> Option<u8> {
    let [l, a, c] = [left, above, corner].map(i16::from);
    Some(match filter {
        0 => 0,
        1 => left,
        2 => above,
        3 => left.midpoint(above),
        4 => {
            let far = |of: i16| (l + a - c - of).abs();
            if far(l) <= far(a) && far(l) <= far(c) {
                left
            } else if far(a) <= far(c) {
                above
            } else {
                corner
            }
        }
        _ => return None,
    })
}

/// Whether the first picture of a GIF has no colour that stands for nothing, and is as large as the whole.
fn is_opaque_gif(rest: &[u8]) -> Option<bool> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3_usize << ((flags & 7) + 1) };
    let size = rest.get(..4)?;
    let mut rest = rest.get(7 + table(*rest.get(4)?)..)?;
    loop {
        match rest.first()? {
            0x21 => {
                let is_control = rest.get(1) == Some(&0xf9);
                if is_control && rest.get(3)? & 1 == 1 {
                    return Some(false);
                }
                rest = rest.get(2..)?;
                while let Some((length, after)) = rest.split_first() {
                    rest = after.get(usize::from(*length)..)?;
                    if *length == 0 {
                        break;
                    }
                }
            }
            0x2c => return Some(rest.get(1..5)? == [0; 4] && rest.get(5..9)? == size),
            _ => return None,
        }
    }
}

#[cfg(test)]
pub(in crate::parse) mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn chunk_of(name: &[u8], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length, name, data, &[0; 4]].concat()
    }

    /// A PNG of 20 by 20 pixels of this colour type, with these rows and this chunk before them.
    pub(in crate::parse) fn png(kind: u8, rows: &[u8], before: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(rows).unwrap();
        let pixels = packer.finish().unwrap();
        let head = [0, 0, 0, 20, 0, 0, 0, 20, 8, kind, 0, 0, 0];
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend(chunk_of(b"IHDR", &head));
        before.iter().for_each(|(name, data)| bytes.extend(chunk_of(name, data)));
        bytes.extend(chunk_of(b"IDAT", &pixels));
        bytes.extend(chunk_of(b"IEND", b""));
        bytes
    }

    fn opaque(bytes: &[u8]) -> bool {
        is_opaque(bytes, &mut PICTURE_BYTES_MAX.clone())
    }

    /// Rows of red, green, blue and this opacity, each with the filter that names the pixel left of it.
    fn rows(alpha: impl Fn(usize) -> u8) -> Vec<u8> {
        let mut all = Vec::new();
        for y in 0..20 {
            all.push(1);
            let mut before = 0_u8;
            for x in 0..20 {
                let alpha = alpha(y * 20 + x);
                all.extend([0, 0, 0, alpha.wrapping_sub(before)]);
                before = alpha;
            }
        }
        all
    }

    #[test]
    fn pictures_without_an_alpha_channel_have_no_holes() {
        assert!(opaque(b"\xff\xd8\xff\xe0"));
        assert!(opaque(&png(2, b"", &[])));
        assert!(opaque(&png(3, b"", &[(b"tRNS", &[255, 255])])));
        assert!(!opaque(&png(3, b"", &[(b"tRNS", &[255, 0])])));
        assert!(!opaque(&png(2, b"", &[(b"tRNS", &[0; 6])])));
        for bytes in [&b"<svg/>"[..], b"", b"\x89PNG\r\n\x1a\n", b"RIFF____WEBP"] {
            assert!(!opaque(bytes));
        }
    }

    #[test]
    fn an_alpha_channel_is_looked_through() {
        assert!(opaque(&png(6, &rows(|_| 255), &[])));
        assert!(opaque(&png(6, &rows(|at| if at == 0 { 0 } else { 255 }), &[])), "a corner");
        assert!(!opaque(&png(6, &rows(|at| if at % 20 == 0 { 0 } else { 255 }), &[])));
        assert!(!opaque(&png(6, &rows(|_| 128), &[])));
        assert!(!opaque(&png(6, &[0; 30], &[])), "a part of the rows is missing");
    }

    #[test]
    fn a_gif_says_whether_a_colour_stands_for_nothing() {
        let gif = |flags: u8| {
            let mut bytes = b"GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
            bytes.extend([0x21, 0xf9, 4, flags, 0, 0, 0, 0]);
            bytes.extend([0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0]);
            bytes
        };
        assert!(opaque(&gif(0)));
        assert!(!opaque(&gif(1)));
        assert!(!opaque(b"GIF89a\x02\0\x02\0\x80\0\0"));
    }

    #[test]
    fn what_is_looked_at_ends() {
        let packed =
            crate::parse::package::tests::packed(&[("a.png", &png(6, &rows(|_| 255), &[]))]);
        let mut package = Package::open(&packed, "zip").unwrap();
        assert!(Pictures::default().is_opaque(&mut package, "a.png"));
        let mut spent = Pictures { left: 1_000, ..Pictures::default() };
        assert!(!spent.is_opaque(&mut package, "a.png"));
        assert!(!spent.is_opaque(&mut package, "b.png"));
        assert!(!spent.known.contains_key("b.png"));
    }
}
