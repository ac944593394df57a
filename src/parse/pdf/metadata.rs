//! What the file says about itself: the information dictionary and XMP.
//!
//! XMP is read as text between tags and as attribute values, without its schema: whatever an
//! extractor could take from it is there. Metadata of single objects inside the file are let through.

use lopdf::{Document, Object};

use super::objects::{get, get_dict, text};
use super::work::Work;
use crate::domain::document::{Block, BlockKind, Joint, Location, Visibility};
use crate::domain::limits::PDF_ATTACHED_MAX;
use crate::parse::Builder;

pub(super) fn read(work: &mut Work<'_>, builder: &mut Builder) {
    information(work.document, builder);
    let xmp = work.document.catalog().ok().and_then(|c| get(work.document, c, b"Metadata"));
    if let Some(Object::Stream(stream)) = xmp
        && let Some(bytes) = work.unpacked(stream)
    {
        let (decoded, ..) = encoding_rs::UTF_8.decode(&bytes);
        for (name, value) in values(&decoded) {
            property(builder, format!("xmp:{name}"), &value);
        }
    }
}

fn information(document: &Document, builder: &mut Builder) {
    let Some(information) = get_dict(document, &document.trailer, b"Info") else { return };
    for (key, _) in information.iter().take(PDF_ATTACHED_MAX) {
        let Some(value) = get(document, information, key).and_then(text) else { continue };
        if key == b"Title" {
            builder.title(&value);
        }
        property(builder, String::from_utf8_lossy(key).into_owned(), &value);
    }
}

fn property(builder: &mut Builder, name: String, value: &str) {
    builder.block(Block {
        text: value.trim().to_owned(),
        kind: BlockKind::Attached,
        joint: Joint::Line,
        visibility: Visibility::Metadata,
        location: Location::Property { name },
    });
}

/// Texts and attribute values of an XML packet, each with its element's or attribute's name.
fn values(xml: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut element = String::new();
    for part in xml.split('<').take(PDF_ATTACHED_MAX) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        if !tag.starts_with(['/', '?', '!']) {
            let name = tag.split([' ', '\n', '\r', '\t', '/']).next().unwrap_or_default();
            // Lists have items without a name of their own.
            if !name.starts_with("rdf:") {
                name.clone_into(&mut element);
            }
            found.extend(attributes(tag.get(name.len()..).unwrap_or_default()));
        } else if tag.starts_with('!') {
            found.push(("comment".to_owned(), unescaped(tag)));
        }
        if !text.trim().is_empty() {
            found.push((element.clone(), unescaped(text.trim())));
        }
    }
    found
}

/// Texts between tags, without attribute values.
pub(super) fn texts(xml: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in xml.split('<').take(PDF_ATTACHED_MAX) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        if !text.trim().is_empty() {
            let name = tag.split([' ', '\n', '\r', '\t', '/']).find(|name| !name.is_empty());
            found.push((name.unwrap_or_default().to_owned(), unescaped(text.trim())));
        }
    }
    found
}

fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = tag;
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
            break;
        };
        let Some((value, after)) = after.get(1..).and_then(|value| value.split_once(quote)) else {
            break;
        };
        let name = name.trim();
        if !name.starts_with("xmlns") && !name.starts_with("rdf:") && !value.trim().is_empty() {
            found.push((name.to_owned(), unescaped(value)));
        }
        rest = after;
    }
    found
}

pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let known = part.split_once(';').and_then(|(name, rest)| Some((entity(name)?, rest)));
        match known {
            Some((ch, rest)) => {
                out.push(ch);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xmp_texts_and_attributes_are_found() {
        let xml = "<?xpacket?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description xmp:CreatorTool=\"W &amp; X\">\
                   <dc:title><rdf:Alt><rdf:li xml:lang='en'>Plan &#65;</rdf:li></rdf:Alt></dc:title>\
                   <!-- note --></rdf:Description></x:xmpmeta>";
        let found = values(xml);
        let has = |name: &str, value: &str| found.contains(&(name.to_owned(), value.to_owned()));
        assert!(has("xmp:CreatorTool", "W & X"), "{found:?}");
        assert!(has("dc:title", "Plan A"), "{found:?}");
        assert!(found.iter().any(|(name, value)| name == "comment" && value.contains("note")));
    }
}
