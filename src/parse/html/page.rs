//! What holds for a page as a whole: its sheets, and how its places are told.

use std::rc::Rc;

use super::css::scan::split;
use super::css::sheet::Sheets;
use super::font::Budget;
use super::path::path;
use super::tree::{Data, Element, NONE, NodeId, ROOT, Tree};
use crate::domain::document::{Location, Visibility};

/// How a page is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading<'s> {
    /// The Markdown that the page was made from.
    pub(crate) source: Option<&'s Lines<'s>>,
    /// What everything shown in it is, when it is itself a part that is not shown.
    pub(crate) forced: Option<Visibility>,
    /// Path of the element that holds it.
    pub(crate) prefix: String,
    /// Documents around this one.
    pub(crate) nesting: usize,
}

impl Reading<'_> {
    /// Where a node stands.
    pub(crate) fn place(&self, tree: &Tree, node: NodeId) -> Location {
        if let Some(lines) = self.source {
            let (start, end) = tree.get(node).map_or((0, 0), |node| node.source);
            return lines.location(start, end);
        }
        let mut path = path(tree, node);
        if !self.prefix.is_empty() {
            path = format!("{} > {path}", self.prefix);
        }
        Location::Dom { path }
    }
}

/// Lines of a text.
#[derive(Debug)]
pub(crate) struct Lines<'s> {
    text: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    pub(crate) fn new(text: &'s str) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(behind).collect() }
    }

    fn location(&self, start: u32, end: u32) -> Location {
        let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let line = self.starts.partition_point(|line| *line <= offset(start));
        let end = offset(end).min(self.text.len());
        Location::Text {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            start_byte: u64::from(start),
            end_byte: u64::try_from(end).unwrap_or(u64::MAX),
        }
    }
}

/// The sheets under a node, in order. Those in templates and in `noscript` do not count.
pub(crate) fn sheets(tree: &Tree, top: NodeId, fonts: &Rc<Budget>) -> Sheets {
    let mut sheets = Sheets::new(tree.quirks, Rc::clone(fonts));
    let mut at = tree.first(top);
    while at != NONE {
        if let Some(element) = tree.element(at) {
            match element.tag() {
                "style" => add_style(tree, at, element, &mut sheets),
                "link" => add_link(element, &mut sheets),
                _ => {}
            }
        }
        at = tree.following(at, top, false);
    }
    sheets.finish();
    sheets
}

/// The sheets of each shadow tree that the page declares, by the container of its contents.
pub(crate) fn shadow_sheets(tree: &Tree, fonts: &Rc<Budget>) -> Vec<(NodeId, Sheets)> {
    let mut found = Vec::new();
    for id in tree.ids() {
        let Some(element) = tree.element(id) else { continue };
        if element.tag() == "template" && element.attr("shadowrootmode").is_some() {
            found.push((element.contents, sheets(tree, element.contents, fonts)));
        }
    }
    found
}

fn add_style(tree: &Tree, node: NodeId, element: &Element, sheets: &mut Sheets) {
    let kind = element.attr("type").unwrap_or_default().trim();
    if !kind.is_empty() && !kind.eq_ignore_ascii_case("text/css") {
        return;
    }
    sheets.add(&text_of(tree, node), element.attr("media").unwrap_or_default());
}

/// Text directly in an element.
pub(crate) fn text_of(tree: &Tree, node: NodeId) -> String {
    let mut text = String::new();
    let mut at = tree.first(node);
    while let Some(child) = tree.get(at) {
        if let Data::Text(part) = &child.data {
            text.push_str(part);
        }
        at = child.next;
    }
    text
}

fn add_link(element: &Element, sheets: &mut Sheets) {
    let rel = element.attr("rel").unwrap_or_default().to_ascii_lowercase();
    let is_sheet = rel.split_whitespace().any(|word| word == "stylesheet");
    if !is_sheet || rel.contains("alternate") {
        return;
    }
    let address = element.attr("href").unwrap_or_default().trim();
    match sheet_in(address) {
        Some(text) => sheets.add(&text, element.attr("media").unwrap_or_default()),
        None => sheets.has_others = true,
    }
}

/// A sheet that is written out in its address.
pub(crate) fn sheet_in(address: &str) -> Option<String> {
    Some(String::from_utf8_lossy(&data_in(address)?).into_owned())
}

/// The bytes that are written out in an address.
pub(crate) fn data_in(address: &str) -> Option<Vec<u8>> {
    let head = address.get(..5)?;
    let rest = address.get(5..).filter(|_| head.eq_ignore_ascii_case("data:"))?;
    let (kind, data) = rest.split_once(',')?;
    let bytes = percent_decoded(data);
    let is_base64 = split(kind, b';').iter().any(|part| part.eq_ignore_ascii_case("base64"));
    Some(if is_base64 { base64_decoded(&bytes) } else { bytes })
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = digit(bytes.get(at + 1)).zip(digit(bytes.get(at + 2)));
        match pair.filter(|_| *byte == b'%') {
            Some((high, low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or(0));
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}

fn base64_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            decoded.push(u8::try_from(bits >> held & 0xFF).unwrap_or(0));
        }
    }
    decoded
}

/// Whether the page says that it is dark and never light.
pub(crate) fn is_dark(tree: &Tree) -> bool {
    let mut at = tree.first(ROOT);
    while at != NONE {
        match tree.element(at) {
            Some(element) if element.tag() == "body" => return false,
            Some(element) if element.tag() == "meta" => {
                let named = element
                    .attr("name")
                    .is_some_and(|name| name.eq_ignore_ascii_case("color-scheme"));
                let content = element.attr("content").unwrap_or_default().to_ascii_lowercase();
                if named {
                    return content.contains("dark") && !content.contains("light");
                }
            }
            _ => {}
        }
        at = tree.following(at, ROOT, false);
    }
    false
}
