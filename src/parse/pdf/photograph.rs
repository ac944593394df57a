//! Photographs packed as JPEG, unpacked to grey or to red, green and blue.
//!
//! Let through on purpose: photographs in printing inks (four components).

use std::panic::{AssertUnwindSafe, catch_unwind};

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Rows of samples of 8 bits.
pub(super) struct Photograph {
    pub(super) width: usize,
    pub(super) height: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub(super) components: usize,
    pub(super) samples: Vec<u8>,
}

/// Unpacks a photograph of at most so many bytes.
pub(super) fn read(packed: &[u8], bytes_max: usize) -> Option<Photograph> {
    let read = catch_unwind(AssertUnwindSafe(|| unpacked(packed, bytes_max)));
    read.ok().flatten()
}

fn unpacked(packed: &[u8], bytes_max: usize) -> Option<Photograph> {
    let mut decoder = JpegDecoder::new(ZCursor::new(packed));
    decoder.decode_headers().ok()?;
    let info = decoder.info()?;
    let (components, wanted) = match info.components {
        1 => (1, ColorSpace::Luma),
        3 => (3, ColorSpace::RGB),
        _ => return None,
    };
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    let bytes = width.checked_mul(height)?.checked_mul(components)?;
    if bytes == 0 || bytes > bytes_max {
        return None;
    }
    decoder.set_options(DecoderOptions::default().jpeg_set_out_colorspace(wanted));
    let samples = decoder.decode().ok()?;
    (samples.len() == bytes).then_some(Photograph { width, height, components, samples })
}
