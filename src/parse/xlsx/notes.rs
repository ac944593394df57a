//! Comments on cells, old and threaded, and boxes of the old drawing format.

use super::strings::RichText;
use super::styles::Styles;
use crate::domain::document::{Alternate, Block, BlockKind, Hiding, Joint, Location, Visibility};
use crate::parse::Builder;
use crate::parse::ooxml::value;
use crate::parse::remains;
use crate::parse::xml::Element;

/// Reads a part of comments of either kind.
pub(super) fn read(builder: &mut Builder, sheet: &str, part: &str, text: &str, styles: &Styles) {
    let Some(root) = remains::tree(builder, part, text) else { return };
    for element in root.each() {
        let text = match element.name.as_str() {
            "comment" => {
                let rich = element.child("text").map(|text| RichText::of(text, &styles.palette));
                let rich = rich.unwrap_or_default();
                for text in [&rich.phonetic, &rich.stray] {
                    builder.block(value(text, part, Visibility::Hidden(Hiding::MachineOnly)));
                }
                rich.text()
            }
            "threadedComment" => element.child("text").map(Element::all_text).unwrap_or_default(),
            "author" => {
                builder.block(value(element.said(), "author", Visibility::Metadata));
                continue;
            }
            _ => continue,
        };
        let cell = element.attr("ref").unwrap_or_default().to_owned();
        builder.block(Block {
            text: text.trim().to_owned(),
            kind: BlockKind::Attached,
            joint: Joint::Line,
            visibility: Visibility::Alternate(Alternate::Notes),
            location: Location::Cell { sheet: sheet.to_owned(), cell },
        });
    }
    remains::untold(builder, part, &root);
}

/// Reads an old drawing (VML): frames of comments, labels of buttons.
pub(super) fn old_drawing(
    builder: &mut Builder,
    part: &str,
    text: &str,
    outer: Option<Visibility>,
) {
    let Some(root) = remains::tree(builder, part, text) else { return };
    for shape in root.each().filter(|element| element.attr("style").is_some()) {
        if let Some(text) = shape.attr("alt") {
            builder.block(value(text, part, Visibility::Alternate(Alternate::AltText)));
        }
        let Some(inner) = shape.child("textbox") else { continue };
        let data = shape.child("ClientData").and_then(|data| data.attr("ObjectType"));
        let is_hidden =
            shape.attr("style").is_some_and(|style| style.contains("visibility:hidden"));
        let seen = match data {
            Some("Note") => Visibility::Alternate(Alternate::Notes),
            _ if is_hidden => Visibility::Hidden(Hiding::Invisible),
            _ => outer.unwrap_or(Visibility::Shown),
        };
        let words = inner.each().map(|element| element.said().trim());
        let words: Vec<&str> = words.filter(|text| !text.is_empty()).collect();
        builder.block(value(&words.join(" "), part, seen));
    }
    remains::untold(builder, part, &root);
}
