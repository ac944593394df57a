//! Small PDFs for tests.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use crate::domain::document::{self, Hiding, Visibility};

/// A one-page file that a test adds to.
pub(super) struct Fixture {
    pub(super) file: Document,
    pub(super) page: Dictionary,
    pub(super) resources: Dictionary,
    pub(super) catalog: Dictionary,
    content: String,
}

pub(super) fn numbers(values: &[f32]) -> Object {
    Object::Array(values.iter().map(|value| Object::Real(*value)).collect())
}

impl Fixture {
    /// A letter page with the font `/F` (Helvetica) and this content.
    pub(super) fn new(content: &str) -> Self {
        let mut file = Document::with_version("1.7");
        let font = file.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
            "Encoding" => "WinAnsiEncoding",
        });
        Self {
            file,
            page: dictionary! {
                "Type" => "Page", "MediaBox" => numbers(&[0.0, 0.0, 612.0, 792.0]),
            },
            resources: dictionary! { "Font" => dictionary! { "F" => font } },
            catalog: dictionary! { "Type" => "Catalog" },
            content: content.to_owned(),
        }
    }

    /// Adds an object under a name of a resource category.
    pub(super) fn with(mut self, category: &str, name: &str, object: impl Into<Object>) -> Self {
        let id = self.file.add_object(object);
        self.name(category, name, id);
        self
    }

    pub(super) fn name(&mut self, category: &str, name: &str, id: ObjectId) {
        let mut named = match self.resources.get(category.as_bytes()) {
            Ok(Object::Dictionary(named)) => named.clone(),
            _ => Dictionary::new(),
        };
        named.set(name, id);
        self.resources.set(category, named);
    }

    pub(super) fn page_entry(mut self, key: &str, value: impl Into<Object>) -> Self {
        self.page.set(key, value);
        self
    }

    /// An opaque image `/Im` whose pixels are not read.
    pub(super) fn with_photograph(self) -> Self {
        let image = dictionary! {
            "Subtype" => "Image", "Width" => 1, "Height" => 1, "Filter" => "DCTDecode",
            "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        };
        self.with("XObject", "Im", Stream::new(image, vec![200]))
    }

    /// An opaque image `/Im` of these grey rows.
    pub(super) fn with_rows(self, rows: &[u8]) -> Self {
        let image = dictionary! {
            "Subtype" => "Image", "Width" => 1, "Height" => i64::try_from(rows.len()).unwrap(),
            "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        };
        self.with("XObject", "Im", Stream::new(image, rows.to_vec()))
    }

    pub(super) fn with_form(self, name: &str, dict: Dictionary, content: &str) -> Self {
        let mut dict = dict;
        dict.set("Subtype", "Form");
        dict.set("BBox", numbers(&[0.0, 0.0, 612.0, 792.0]));
        self.with("XObject", name, Stream::new(dict, content.as_bytes().to_vec()))
    }

    pub(super) fn bytes(mut self) -> Vec<u8> {
        let content = Stream::new(Dictionary::new(), self.content.into_bytes());
        let content = self.file.add_object(content);
        let tree = self.file.new_object_id();
        self.page.set("Contents", content);
        self.page.set("Resources", self.resources);
        self.page.set("Parent", tree);
        let page = self.file.add_object(self.page);
        let node = dictionary! { "Type" => "Pages", "Count" => 1, "Kids" => vec![page.into()] };
        self.file.objects.insert(tree, node.into());
        self.catalog.set("Pages", tree);
        let catalog = self.file.add_object(self.catalog);
        self.file.trailer.set("Root", catalog);
        let mut bytes = Vec::new();
        self.file.save_to(&mut bytes).unwrap();
        bytes
    }

    pub(super) fn read(self) -> document::Document {
        self.open().document
    }

    pub(super) fn open(self) -> document::Opened {
        super::parse(&self.bytes()).unwrap()
    }

    /// Visibility of the block that has this text.
    pub(super) fn visibility(self, text: &str) -> Visibility {
        visibility_of(&self.read(), text)
    }
}

pub(super) fn visibility_of(document: &document::Document, text: &str) -> Visibility {
    let block = document.blocks.iter().find(|block| block.text.contains(text));
    block.unwrap_or_else(|| panic!("`{text}` not in {:#?}", document.blocks)).visibility
}

/// Visibility of the words `the text` in a content of its own.
pub(super) fn judged(content: &str) -> Visibility {
    Fixture::new(content).visibility("the text")
}

/// The shown text of a document.
pub(super) fn shown(document: &document::Document) -> String {
    document::Reading::of(document, document::ReadingKind::Shown).text
}

/// A line of text at (72, 700) in this size.
pub(super) fn line(size: f32, text: &str) -> String {
    format!("BT /F {size} Tf 72 700 Td ({text}) Tj ET\n")
}

pub(super) const SHOWN: Visibility = Visibility::Shown;

pub(super) const fn hidden(how: Hiding) -> Visibility {
    Visibility::Hidden(how)
}
