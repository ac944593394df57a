//! What reading one document may still spend, what it has learnt, and what it has to report.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::colour::Space;
use super::font::Font;
use super::image::Pixels;
use super::layers::Layers;
use super::objects::{StreamFault, dict_of, get_dict, resolved, unpack};
use super::tiles::Procedure;
use crate::domain::document::NoticeKind;
use crate::domain::limits::{
    PDF_FONTS_ENTRIES_MAX, PDF_IMAGES_BYTES_MAX, PDF_OPERATORS_MAX, PDF_PAINT_TESTS_MAX,
    PDF_UNPACKED_BYTES_MAX,
};

/// Images whose pixels are kept, 3 MiB each.
const PICTURES_KEPT: usize = 12;
/// One in so many glyphs may be unknown: bullets of lists, marks in plots.
const UNKNOWN_GLYPHS_ONE_IN: usize = 50;

#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) document: &'a Document,
    pub(super) layers: Layers,
    pub(super) unpacked_left: usize,
    pub(super) tests_left: usize,
    operators_left: usize,
    /// Bytes of images that may still be unpacked.
    pub(super) image_bytes_left: usize,
    /// Pixels of images that pages may share.
    pictures: BTreeMap<ObjectId, Option<Rc<Pixels>>>,
    font_entries_left: usize,
    /// By the place of their definition in memory, which also tells unnumbered objects apart.
    fonts: BTreeMap<usize, Rc<Font>>,
    /// Stands in for fonts that are not in the file.
    pub(super) missing_font: Rc<Font>,
    spaces: BTreeMap<usize, Rc<Space>>,
    /// What was met, each once; the page is where it was met first.
    pub(super) notices: BTreeMap<(NoticeKind, &'static str), Option<u32>>,
    pub(super) page: Option<u32>,
    /// Glyphs that were shown, those of fonts that do not say what they stand for, and where these begin.
    glyphs: usize,
    unknown_glyphs: usize,
    unknown_from: Option<u32>,
    /// Addresses that were given already.
    pub(super) links: BTreeSet<String>,
    /// Fields of which some widget is seen.
    pub(super) fields_shown: BTreeSet<ObjectId>,
    /// Annotations of pages, by their place in memory.
    pub(super) annotations_read: BTreeSet<usize>,
    /// Streams of pages, by their place in memory.
    pub(super) contents_read: BTreeSet<usize>,
    /// Streams whose content was run.
    pub(super) streams_run: BTreeSet<ObjectId>,
    /// What the glyph procedures of Type 3 fonts do.
    pub(super) procedures: BTreeMap<ObjectId, Procedure>,
    font_dicts: BTreeMap<usize, &'a Dictionary>,
    /// Files inside the file that were handed out.
    pub(super) files_given: BTreeSet<ObjectId>,
}

impl<'a> Work<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            layers: Layers::read(document),
            unpacked_left: PDF_UNPACKED_BYTES_MAX,
            tests_left: PDF_PAINT_TESTS_MAX,
            operators_left: PDF_OPERATORS_MAX,
            image_bytes_left: PDF_IMAGES_BYTES_MAX,
            pictures: BTreeMap::new(),
            font_entries_left: PDF_FONTS_ENTRIES_MAX,
            fonts: BTreeMap::new(),
            missing_font: Rc::new(Font::missing()),
            spaces: BTreeMap::new(),
            notices: BTreeMap::new(),
            glyphs: 0,
            unknown_glyphs: 0,
            unknown_from: None,
            page: None,
            links: BTreeSet::new(),
            fields_shown: BTreeSet::new(),
            annotations_read: BTreeSet::new(),
            files_given: BTreeSet::new(),
            contents_read: BTreeSet::new(),
            streams_run: BTreeSet::new(),
            procedures: BTreeMap::new(),
            font_dicts: BTreeMap::new(),
        }
    }

    pub(super) fn note(&mut self, kind: NoticeKind, detail: &'static str) {
        self.notices.entry((kind, detail)).or_insert(self.page);
    }

    /// Counts the glyphs of a string that was shown.
    pub(super) fn shown(&mut self, glyphs: usize, are_understood: bool) {
        self.glyphs = self.glyphs.saturating_add(glyphs);
        if !are_understood {
            self.unknown_from = self.unknown_from.or(self.page);
            self.unknown_glyphs = self.unknown_glyphs.saturating_add(glyphs);
        }
    }

    /// Notes that text could not be read, unless it is but a few bullets and marks in plots.
    pub(super) fn note_unknown_glyphs(&mut self) {
        if self.unknown_glyphs > self.glyphs / UNKNOWN_GLYPHS_ONE_IN {
            self.page = self.unknown_from;
            self.note(NoticeKind::Unreadable, "a font does not say what its glyphs stand for");
        }
    }

    /// Takes work off the budget; false, with a notice, when there is none left.
    pub(super) fn spend(&mut self, operators: usize) -> bool {
        if operators <= self.operators_left {
            self.operators_left -= operators;
            return true;
        }
        self.operators_left = 0;
        self.note(NoticeKind::LimitReached, "more drawing than one document may hold");
        false
    }

    /// Unpacks a stream; a fault is noted and gives nothing.
    pub(super) fn unpacked(&mut self, stream: &Stream) -> Option<Vec<u8>> {
        match unpack(self.document, stream, &mut self.unpacked_left) {
            Ok(bytes) => Some(bytes),
            Err(StreamFault::TooLarge) => {
                self.note(NoticeKind::LimitReached, "a stream is larger than may be unpacked");
                None
            }
            Err(StreamFault::Unreadable) => {
                self.note(NoticeKind::Unreadable, "a stream could not be unpacked");
                None
            }
        }
    }

    /// The same without a word about faults.
    pub(super) fn unpacked_quietly(&mut self, stream: &Stream) -> Option<Vec<u8>> {
        unpack(self.document, stream, &mut self.unpacked_left).ok()
    }

    /// The pixels of an image, if they can be had cheaply.
    pub(super) fn pixels(&mut self, id: ObjectId) -> Option<Rc<Pixels>> {
        if let Some(known) = self.pictures.get(&id) {
            return known.clone();
        }
        let Some(Object::Stream(image)) = self.document.objects.get(&id) else { return None };
        let pixels = Pixels::read(self, image).map(Rc::new);
        if self.pictures.len() >= PICTURES_KEPT {
            self.pictures.clear();
        }
        self.pictures.insert(id, pixels.clone());
        pixels
    }

    pub(super) fn image_space(&mut self, object: &Object) -> Rc<Space> {
        Space::read(self.document, None, object, &mut self.unpacked_left)
    }

    /// The font behind an object of a resource dictionary.
    pub(super) fn font(&mut self, object: &'a Object) -> Option<Rc<Font>> {
        let dict = resolved(self.document, object).and_then(dict_of)?;
        let place = std::ptr::from_ref(dict).addr();
        if let Some(font) = self.fonts.get(&place) {
            return Some(Rc::clone(font));
        }
        if self.font_entries_left == 0 {
            self.note(NoticeKind::LimitReached, "more fonts than one document may hold");
            return None;
        }
        let mut font = Font::read(self.document, dict, &mut self.unpacked_left);
        font.place = place;
        let font = Rc::new(font);
        self.font_dicts.insert(place, dict);
        self.font_entries_left = self.font_entries_left.saturating_sub(font.cost);
        self.fonts.insert(place, Rc::clone(&font));
        Some(font)
    }

    /// The dictionary that a font was read from.
    pub(super) fn font_dict(&self, font: &Font) -> Option<&'a Dictionary> {
        self.font_dicts.get(&font.place).copied()
    }

    /// The colour space of this name.
    pub(super) fn space(&mut self, resources: Option<&'a Dictionary>, name: &[u8]) -> Rc<Space> {
        let named = resources.and_then(|resources| {
            get_dict(self.document, resources, b"ColorSpace")?.get(name).ok()
        });
        let place = named.map(|named| std::ptr::from_ref(named).addr());
        if let Some(space) = place.and_then(|place| self.spaces.get(&place)) {
            return Rc::clone(space);
        }
        let by_name = Object::Name(name.to_vec());
        let space = Space::read(self.document, resources, &by_name, &mut self.unpacked_left);
        if let Some(place) = place {
            self.spaces.insert(place, Rc::clone(&space));
        }
        space
    }
}

/// Ids of the forms that are being drawn, innermost last: none may draw itself.
pub(super) type Active = BTreeSet<ObjectId>;
