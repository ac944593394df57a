//! The page tree: pages in order, with what they inherit.
//!
//! Pages that the tree does not lead to are not shown by any viewer and are left out, unless the
//! tree leads nowhere at all: then every page object counts, in the order of their numbers.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::geometry::Rect;
use super::objects::{dict_of, get, get_array, get_dict, get_number, get_numbers};
use crate::domain::limits::{PDF_NESTING_MAX, PDF_PAGES_MAX};

/// US Letter: what viewers take when a page has no box.
pub(super) const LETTER: [f32; 4] = [0.0, 0.0, 612.0, 792.0];

#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    /// From 1.
    pub(super) number: u32,
    pub(super) dict: &'a Dictionary,
    pub(super) resources: Option<&'a Dictionary>,
    /// What a viewer shows, in the page's own units.
    pub(super) shown: Rect,
    /// Points per unit.
    pub(super) unit: f32,
}

impl Page<'_> {
    /// An area in points from the lower left corner of what is shown.
    pub(super) fn location_area(&self, area: Rect) -> [f32; 4] {
        [
            (area.left - self.shown.left) * self.unit,
            (area.bottom - self.shown.bottom) * self.unit,
            (area.right - self.shown.left) * self.unit,
            (area.top - self.shown.bottom) * self.unit,
        ]
    }
}

/// What a page takes from the nodes above it.
#[derive(Debug, Clone, Copy, Default)]
struct Inherited<'a> {
    resources: Option<&'a Dictionary>,
    media: Option<[f32; 4]>,
    crop: Option<[f32; 4]>,
}

#[derive(Debug)]
pub(super) struct Pages<'a> {
    pub(super) pages: Vec<Page<'a>>,
    /// There are more than may be read.
    pub(super) cut: bool,
    /// The tree led nowhere.
    pub(super) gathered: bool,
}

/// All pages of a document.
pub(super) fn pages(document: &Document) -> Pages<'_> {
    let mut found = Pages { pages: Vec::new(), cut: false, gathered: false };
    let root = document.catalog().ok().and_then(|catalog| catalog.get(b"Pages").ok());
    if let Some(root) = root {
        walk(document, root, &mut found);
    }
    if found.pages.is_empty() {
        found.gathered = true;
        for object in document.objects.values() {
            if let Object::Dictionary(dict) = object
                && dict.has_type(b"Page")
            {
                let inherited = Inherited::default().joined(document, dict);
                found.add(document, dict, inherited);
            }
        }
    }
    found
}

fn walk<'a>(document: &'a Document, root: &'a Object, found: &mut Pages<'a>) {
    let mut nodes_seen: BTreeSet<ObjectId> = BTreeSet::new();
    let mut stack = vec![(root, Inherited::default(), 0_usize)];
    while let Some((object, inherited, depth)) = stack.pop() {
        let Ok((id, node)) = document.dereference(object) else { continue };
        let Some(dict) = dict_of(node) else { continue };
        let inherited = inherited.joined(document, dict);
        let Some(kids) = get_array(document, dict, b"Kids") else {
            if !found.add(document, dict, inherited) {
                return;
            }
            continue;
        };
        // Every node once: a node under itself, or shared by many, would be walked without end.
        let is_new = id.is_none_or(|id| nodes_seen.insert(id));
        if is_new && depth < 8 * PDF_NESTING_MAX {
            let room = (2 * PDF_PAGES_MAX).saturating_sub(stack.len());
            found.cut |= kids.len() > room;
            let kids = kids.iter().take(room);
            let start = stack.len();
            stack.extend(kids.map(|kid| (kid, inherited, depth + 1)));
            if let Some(added) = stack.get_mut(start..) {
                added.reverse();
            }
        }
    }
}

impl<'a> Inherited<'a> {
    fn joined(self, document: &'a Document, dict: &'a Dictionary) -> Self {
        Self {
            resources: get_dict(document, dict, b"Resources").or(self.resources),
            media: get_numbers(document, dict, b"MediaBox").or(self.media),
            crop: get_numbers(document, dict, b"CropBox").or(self.crop),
        }
    }
}

impl<'a> Pages<'a> {
    /// Whether there was room.
    fn add(&mut self, document: &Document, dict: &'a Dictionary, inherited: Inherited<'a>) -> bool {
        if self.pages.len() >= PDF_PAGES_MAX {
            self.cut = true;
            return false;
        }
        let sound = |corners: Option<[f32; 4]>| corners.map(Rect::of).filter(Rect::is_sound);
        let media = sound(inherited.media).unwrap_or_else(|| Rect::of(LETTER));
        let shown = sound(inherited.crop)
            .map(|crop| crop.meet(media))
            .filter(Rect::is_sound)
            .unwrap_or(media);
        let unit = get_number(document, dict, b"UserUnit");
        self.pages.push(Page {
            number: u32::try_from(self.pages.len() + 1).unwrap_or(u32::MAX),
            dict,
            resources: inherited.resources,
            shown,
            // Larger units than an inch make pages of miles; they are a mistake or a trick.
            unit: unit.filter(|unit| (0.01..=72.0).contains(unit)).unwrap_or(1.0),
        });
        true
    }
}

/// The streams of a page's content, in order.
pub(super) fn content_streams<'a>(
    document: &'a Document,
    page: &Page<'a>,
) -> Vec<&'a lopdf::Stream> {
    match get(document, page.dict, b"Contents") {
        Some(Object::Stream(stream)) => vec![stream],
        Some(Object::Array(parts)) => parts
            .iter()
            .take(PDF_PAGES_MAX)
            .filter_map(|part| super::objects::resolved(document, part)?.as_stream().ok())
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    fn tree(kids: impl FnOnce(&mut Document, ObjectId) -> Vec<Object>) -> Document {
        let mut document = Document::with_version("1.5");
        let root = document.new_object_id();
        let kids = kids(&mut document, root);
        let media: Vec<Object> = vec![0.into(), 0.into(), 200.into(), 100.into()];
        let node = dictionary! { "Type" => "Pages", "Kids" => kids, "MediaBox" => media };
        document.objects.insert(root, node.into());
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
        document.trailer.set("Root", catalog);
        document
    }

    #[test]
    fn pages_inherit_their_box_and_keep_their_order() {
        let document = tree(|document, _| {
            let crop: Vec<Object> = vec![10.into(), 10.into(), 500.into(), 50.into()];
            let first = document.add_object(dictionary! { "Type" => "Page", "CropBox" => crop });
            let second = document.add_object(dictionary! { "Type" => "Page", "UserUnit" => 2 });
            vec![first.into(), second.into()]
        });
        let found = pages(&document).pages;
        assert_eq!(found[0].shown, Rect::of([10.0, 10.0, 200.0, 50.0]));
        assert_eq!((found[1].shown.right, found[1].unit, found[1].number), (200.0, 2.0, 2));
    }

    #[test]
    fn a_tree_that_contains_itself_ends() {
        let document = tree(|document, root| {
            let page = document.add_object(dictionary! { "Type" => "Page" });
            vec![root.into(), page.into(), root.into()]
        });
        assert_eq!(pages(&document).pages.len(), 1);
    }

    #[test]
    fn pages_without_a_tree_are_gathered() {
        let mut document = Document::with_version("1.5");
        document.add_object(dictionary! { "Type" => "Page" });
        let found = pages(&document);
        assert!(found.gathered);
        assert_eq!(found.pages.len(), 1);
    }
}
