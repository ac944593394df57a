//! What a book says of itself (OPF): its parts, their order, and what describes it.

use std::collections::BTreeSet;

use crate::domain::document::{NoticeKind, Visibility};
use crate::parse::Builder;
use crate::parse::eml::percent_decoded;
use crate::parse::ooxml::{resolved, value};
use crate::parse::package::Package;
use crate::parse::remains;
use crate::parse::xml::Element;

/// A part that the book lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    id: String,
    /// Its name in the package.
    pub(super) name: String,
    pub(super) media: String,
    pub(super) properties: String,
    /// What stands for it in programs that do not know its type.
    fallback: Option<String>,
}

impl Item {
    pub(super) fn has(&self, property: &str) -> bool {
        self.properties.split_ascii_whitespace().any(|known| known == property)
    }

    pub(super) fn is_page(&self) -> bool {
        matches!(
            self.media.as_str(),
            "application/xhtml+xml"
                | "text/html"
                | "text/x-oeb1-document"
                | "image/svg+xml"
                | "application/x-dtbook+xml"
                | "application/xml"
                | "text/xml"
        )
    }
}

/// The book's own account.
#[derive(Debug, Default)]
pub(super) struct Opf {
    pub(super) items: Vec<Item>,
    /// Places in `items` in the order of reading, and whether a reader comes by when turning pages.
    pub(super) spine: Vec<(usize, bool)>,
}

/// The part that names the one that lists all others.
pub(super) const CONTAINER: &str = "META-INF/container.xml";
/// The part that says which others are encrypted.
pub(super) const ENCRYPTION: &str = "META-INF/encryption.xml";

/// The name of the part that lists all others.
pub(super) fn main_part(
    container: &str,
    package: &Package<'_>,
    builder: &mut Builder,
) -> Option<String> {
    let root = Element::root(container).unwrap_or_default();
    let mut named = root.each().filter(|element| element.name == "rootfile");
    let first = named.next().and_then(|element| element.attr("full-path"));
    if named.next().is_some() {
        let detail = "it holds several renditions of the book; the first was read as the book";
        builder.notice_once(NoticeKind::Malformed, detail);
    }
    let any = || package.names().iter().find(|name| name.ends_with(".opf")).cloned();
    first.map(str::to_owned).or_else(any)
}

/// Reads the account; what describes the book goes to the builder.
pub(super) fn opf(text: &str, part: &str, builder: &mut Builder) -> Opf {
    let root = Element::root(text).unwrap_or_default();
    let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder);
    for element in root.all("metadata").flat_map(Element::each) {
        if element.name == "title" {
            builder.title(&element.text);
        }
        let name =
            element.attr("property").or_else(|| element.attr("name")).unwrap_or(&element.name);
        for text in [Some(element.text.as_str()), element.attr("content")].into_iter().flatten() {
            builder.long_block(value(text, name, Visibility::Metadata));
        }
    }
    let is_known = |depth: usize, name: &str| depth == 1 && name == "metadata";
    remains::text_but(builder, part, text, &is_known);
    let item = |element: &Element| {
        let own = |name: &str| element.attr(name).unwrap_or_default().to_owned();
        Item {
            id: own("id"),
            name: part_name(folder, &own("href")),
            media: own("media-type").trim().to_ascii_lowercase(),
            properties: own("properties"),
            fallback: element.attr("fallback").map(str::to_owned),
        }
    };
    let manifest = root.all("manifest").flat_map(|manifest| manifest.all("item"));
    let items: Vec<Item> = manifest.map(item).collect();
    let mut spine = Vec::new();
    let mut seen = BTreeSet::new();
    let by_id: std::collections::BTreeMap<&str, usize> =
        items.iter().enumerate().rev().map(|(index, item)| (item.id.as_str(), index)).collect();
    for reference in root.all("spine").flat_map(|spine| spine.all("itemref")) {
        let is_linear = reference.attr("linear") != Some("no");
        let mut index = reference.attr("idref").and_then(|id| by_id.get(id).copied());
        let readable = |index: usize| items.get(index).filter(|item| !item.is_page());
        if let Some(fallback) = index.and_then(readable).and_then(|item| item.fallback.as_deref()) {
            index = by_id.get(fallback).copied().or(index);
        }
        match index {
            Some(index) if seen.insert(index) => spine.push((index, is_linear)),
            Some(_) => {}
            None => {
                let detail = "its order names a part that it does not list";
                builder.notice_once(NoticeKind::Malformed, detail);
            }
        }
    }
    Opf { items, spine }
}

/// The name of the part at an address that a part in this folder gives.
pub(super) fn part_name(folder: &str, address: &str) -> String {
    let address = address.split(['#', '?']).next().unwrap_or_default();
    resolved(folder, &percent_decoded(address))
}

/// Algorithms that only keep fonts from being copied.
const OBFUSCATIONS: &[&str] =
    &["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#rc"];

/// Names of parts that are encrypted, fonts aside.
pub(super) fn encrypted(encryption: &str) -> BTreeSet<String> {
    let root = Element::root(encryption).unwrap_or_default();
    let is_content = |data: &&Element| {
        let method = data.child("EncryptionMethod").and_then(|method| method.attr("Algorithm"));
        let method = method.unwrap_or_default().to_ascii_lowercase();
        !OBFUSCATIONS.contains(&method.as_str())
    };
    let data = root.each().filter(|element| element.name == "EncryptedData").filter(is_content);
    data.flat_map(Element::each)
        .filter(|element| element.name == "CipherReference")
        .filter_map(|element| element.attr("URI"))
        .map(|address| part_name("", address))
        .collect()
}
