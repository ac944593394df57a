//! Books (EPUB 2 and 3): the pages in the order of reading, each as the HTML reader finds it with the
//! style sheets of the book.
//!
//! Let through on purpose: what scripts would change; sound and pictures; the second and further renditions
//! of a book, whose pages count as not displayed; the trees that a page declares as entities, which are
//! told and stay as they are written.

mod package;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use encoding_rs::Encoding;

use super::decode::decode;
use super::ooxml::{unread_part, value};
use super::package::{Package, Unread};
use super::sheets::{Markup, with_sheets};
use super::sniff::sniff;
use super::xml::Element;
use super::{Builder, ParseError, html, remains, text};
use crate::domain::document::{
    Alternate, Document, Format, Hiding, Joint, NoticeKind, Opened, Visibility,
};
use crate::domain::limits::BOOK_SHEETS_BYTES_MAX;
use package::{CONTAINER, ENCRYPTION, Item, Opf, encrypted, main_part, opf, part_name};

const NOT_DISPLAYED: Visibility = Visibility::Hidden(Hiding::NotDisplayed);
const ON_REQUEST: Visibility = Visibility::Alternate(Alternate::Collapsed);

pub(super) fn parse(bytes: &[u8]) -> Result<Opened, ParseError> {
    let mut package = Package::open(bytes, "epub")?;
    let mut builder = Builder::new(Format::Epub);
    if package.has_twins() {
        let detail = "two parts in it have one name; only the last was read";
        builder.notice_once(NoticeKind::Unreadable, detail);
    }
    if package.overlaps() {
        builder.notice_once(NoticeKind::LimitReached, "parts in it share their bytes");
        return Ok(builder.finish_opened());
    }
    let container = optional(&mut package, &mut builder, CONTAINER);
    let Some(main) = main_part(&container, &package, &mut builder) else {
        let detail = "it does not say which parts it has".to_owned();
        return Err(ParseError::Structure { format: "epub", detail });
    };
    let account = package.text(&main).map_err(|unread| ParseError::Structure {
        format: "epub",
        detail: format!("the list of its parts {}", unread.clause()),
    })?;
    let opf = opf(&account, &main, &mut builder);
    let encryption = optional(&mut package, &mut builder, ENCRYPTION);
    let secret = encrypted(&encryption);
    let mut book = Book {
        package,
        builder,
        secret,
        sheets: BTreeMap::new(),
        sheets_left: BOOK_SHEETS_BYTES_MAX,
        done: BTreeSet::from([main, CONTAINER.to_owned(), ENCRYPTION.to_owned()]),
    };
    book.read(&opf);
    for (name, text) in [(CONTAINER, &container), (ENCRYPTION, &encryption)] {
        remains::machine_text(&mut book.builder, name, text);
    }
    Ok(book.builder.finish_opened())
}

/// A part that need not be there.
fn optional(package: &mut Package<'_>, builder: &mut Builder, part: &str) -> String {
    match package.text(part) {
        Ok(text) => return text,
        Err(Unread::Missing) => {}
        Err(unread) => unread_part(builder, part, unread),
    }
    String::new()
}

struct Book<'a> {
    package: Package<'a>,
    builder: Builder,
    /// Parts that are encrypted.
    secret: BTreeSet<String>,
    /// Style sheets that were read.
    sheets: BTreeMap<String, Option<Rc<str>>>,
    sheets_left: usize,
    /// Parts that were read, or need not be.
    done: BTreeSet<String>,
}

impl Book<'_> {
    fn read(&mut self, opf: &Opf) {
        for (index, is_linear) in &opf.spine {
            if let Some(item) = opf.items.get(*index) {
                self.page(&item.name, (!is_linear).then_some(ON_REQUEST));
            }
        }
        for item in &opf.items {
            self.beside(item);
        }
        for name in self.package.names().to_vec() {
            self.unlisted(&name);
        }
    }

    /// A part that is listed and not in the order of reading.
    fn beside(&mut self, item: &Item) {
        if item.has("scripted") || item.media.contains("javascript") {
            self.builder.notice_once(NoticeKind::ActiveContent, "its pages run scripts");
        }
        if self.done.contains(&item.name) {
            return;
        }
        let format = Format::of_media_type(&item.media);
        match format {
            _ if item.media == "application/x-dtbncx+xml" => self.contents(&item.name),
            _ if item.media == "image/svg+xml" => self.page(&item.name, Some(ON_REQUEST)),
            _ if item.is_page() => {
                let outer = if item.has("nav") { ON_REQUEST } else { NOT_DISPLAYED };
                self.page(&item.name, Some(outer));
            }
            Some(format) if format != Format::Json => {
                if let Some(bytes) = self.part(&item.name) {
                    self.builder.member(&item.name, Some(format), bytes);
                }
            }
            _ => {}
        }
    }

    /// A part that no list names; extractors that walk the archive find it.
    fn unlisted(&mut self, name: &str) {
        if self.done.contains(name) {
            return;
        }
        let lower = name.to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
        if ends(&[".xhtml", ".html", ".htm"]) {
            self.page(name, Some(NOT_DISPLAYED));
        } else if ends(&[".ncx"]) {
            self.contents(name);
        } else if ends(&[".opf", ".xml"]) {
            self.data(name);
        } else if (ends(&[".txt", ".md", ".json"]) || lower.starts_with("meta-inf/"))
            && !lower.ends_with('/')
            && let Some(bytes) = self.part(name)
        {
            if !ends(&[".txt", ".md", ".json"])
                && sniff(&bytes, Some(Format::Text)) == Format::Unsupported
            {
                self.builder
                    .notice_once(NoticeKind::Unreadable, "a part beside the pages is no text");
                return;
            }
            self.builder.absorb(text::parse(&bytes).into(), name, Some(NOT_DISPLAYED));
        }
    }

    /// The bytes of a part, once.
    fn part(&mut self, name: &str) -> Option<Vec<u8>> {
        if !self.done.insert(name.to_owned()) {
            return None;
        }
        let read = match self.secret.contains(name) {
            true => Err(Unread::Encrypted),
            false => self.package.part(name),
        };
        read.map_err(|unread| unread_part(&mut self.builder, name, unread)).ok()
    }

    fn page(&mut self, name: &str, outer: Option<Visibility>) {
        let Some(bytes) = self.part(name) else { return };
        let text = page_text(&bytes);
        if text.contains("<!ENTITY") {
            let detail = "a page declares entities of its own";
            self.builder.notice_once(NoticeKind::Malformed, detail);
        }
        let markup = if is_xhtml(name, &text) { Markup::Xhtml } else { Markup::Html };
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut sheet = |from: Option<&str>, address: &str| {
            let folder = from.map_or(folder, |from| from.rsplit_once('/').map_or("", |(it, _)| it));
            self.sheet(part_name(folder, address))
        };
        let (text, is_over) = with_sheets(without_declaration(&text), markup, &mut sheet);
        let mut document = html::parse(format!("\u{FEFF}{text}").as_bytes());
        begin_page(&mut document);
        self.builder.absorb(document.into(), name, outer);
        if is_over || self.sheets_left == 0 {
            let detail = "its pages have more style sheets than they may";
            self.builder.notice_once(NoticeKind::LimitReached, detail);
        }
    }

    fn sheet(&mut self, name: String) -> Option<(String, Rc<str>)> {
        if self.sheets_left == 0 {
            return None;
        }
        let package = &mut self.package;
        let read = || package.text(&name).ok().map(Rc::from);
        let css = self.sheets.entry(name.clone()).or_insert_with(read).clone()?;
        match self.sheets_left.checked_sub(css.len()) {
            Some(left) => self.sheets_left = left,
            None => {
                self.sheets_left = 0;
                return None;
            }
        }
        Some((name, css))
    }

    /// A table of contents of EPUB 2.
    fn contents(&mut self, name: &str) {
        let Some(bytes) = self.part(name) else { return };
        let text = page_text(&bytes);
        let root = Element::root(&text).unwrap_or_default();
        // Comments, which have no name, are read below.
        for element in root.each().filter(|element| !element.name.is_empty()) {
            self.builder.long_block(value(&element.text, name, ON_REQUEST));
            if let Some(content) = element.attr("content") {
                self.builder.long_block(value(content, name, Visibility::Metadata));
            }
        }
        remains::text_but(&mut self.builder, name, &text, &|depth, _| depth == 0);
    }

    /// XML that only programs read.
    fn data(&mut self, name: &str) {
        let Some(bytes) = self.part(name) else { return };
        remains::machine_text(&mut self.builder, name, &page_text(&bytes));
    }
}

/// HTML takes the declaration of XML for a comment; one that is longer than usual may be one.
fn without_declaration(text: &str) -> &str {
    let inner = text.strip_prefix("<?xml version=").and_then(|rest| rest.split_once("?>"));
    inner.filter(|(said, _)| said.len() < DECLARATION_BYTES / 2).map_or(text, |(_, rest)| rest)
}

/// The first run of a page stands on a new one.
fn begin_page(document: &mut Document) {
    if let Some(first) = document.blocks.iter_mut().find(|block| block.visibility.is_shown()) {
        first.joint = Joint::Page;
    }
}

fn is_xhtml(name: &str, text: &str) -> bool {
    let begins = text.trim_start_matches('\u{FEFF}').trim_start().starts_with("<?xml");
    begins || text.contains("http://www.w3.org/1999/xhtml") || !name.ends_with(".html")
}

/// Bytes in which an XML declaration stands.
const DECLARATION_BYTES: usize = 200;

/// The text of a page in the encoding that it declares as XML.
fn page_text(bytes: &[u8]) -> String {
    let head = bytes.get(..DECLARATION_BYTES).unwrap_or(bytes);
    let head: String = head.iter().map(|byte| char::from(*byte)).collect();
    let declared = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split("?>").next())
        .and_then(|rest| rest.split_once("encoding"))
        .map(|(_, rest)| rest.trim_start_matches([' ', '=', '"', '\'']))
        .and_then(|rest| rest.split(['"', '\'']).next())
        .and_then(|label| Encoding::for_label(label.as_bytes()));
    match declared {
        Some(encoding) => encoding.decode(bytes).0.into_owned(),
        None => decode(bytes).text.into_owned(),
    }
}
