//! Text of charts and diagrams: labels that are drawn, and the data behind them.

use crate::domain::document::{BlockKind, Hiding, Visibility};
use crate::parse::Builder;
use crate::parse::paragraphs::Paragraphs;
use crate::parse::xml::{Step, Xml};

/// Writes every text of a part, a paragraph for each `p`, `pt` or lone value. `shown`: what it is when
/// it belongs to what is drawn.
pub(in crate::parse) fn write(
    builder: &mut Builder,
    paragraphs: &mut Paragraphs,
    text: &str,
    shown: Visibility,
) {
    let mut xml = Xml::new(text);
    let mut open: Vec<String> = Vec::new();
    while let Some(step) = xml.step() {
        match step {
            Step::Open(tag) => {
                let name = tag.name().to_owned();
                if is_paragraph(&name) {
                    paragraphs.begin(BlockKind::Paragraph);
                }
                for (attribute, value) in tag.attrs() {
                    if matches!(attribute, "descr" | "title") {
                        let visibility = Visibility::Hidden(Hiding::MachineOnly);
                        paragraphs.attach(builder, &value, visibility);
                    }
                }
                open.push(name);
            }
            Step::Close => {
                if open.pop().is_some_and(|name| is_paragraph(&name)) {
                    paragraphs.end(builder, true);
                }
            }
            Step::Text(text) if text.trim().is_empty() => {
                if open.last().is_some_and(|name| name == "t") {
                    paragraphs.text(builder, &text, shown);
                }
            }
            Step::Text(text) => {
                let visibility = match open.last().map(String::as_str) {
                    Some("t" | "v" | "text") => shown,
                    _ if text.trim().bytes().all(|byte| !byte.is_ascii_alphabetic()) => continue,
                    _ => Visibility::Hidden(Hiding::MachineOnly),
                };
                paragraphs.text(builder, &text, visibility);
            }
            Step::Comment(_) | Step::Declarations(_) => {}
        }
    }
    for _ in open.iter().filter(|name| is_paragraph(name)) {
        paragraphs.end(builder, true);
    }
    if let Some((_, rest)) = xml.fault() {
        crate::parse::ooxml::broken(builder, paragraphs, rest);
    }
}

/// Elements whose text stands apart: a paragraph, and each cached value of a chart.
fn is_paragraph(name: &str) -> bool {
    matches!(name, "p" | "tx" | "v" | "f" | "formatCode" | "text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::Format;

    #[test]
    fn labels_are_shown_and_formulas_are_not() {
        let mut builder = Builder::new(Format::Pptx);
        let mut paragraphs = Paragraphs::new();
        let text = "<c:chart><c:f>Sheet1!B1</c:f><c:pt><c:v>North</c:v></c:pt><c:pt><c:v>4.5</c:v></c:pt>\
            <a:p><a:r><a:t>Sales</a:t></a:r> <a:r><a:t> in May</a:t></a:r></a:p></c:chart>";
        write(&mut builder, &mut paragraphs, text, Visibility::Shown);
        let blocks = builder.finish().blocks;
        let found: Vec<_> =
            blocks.iter().map(|block| (block.text.as_str(), block.visibility.is_shown())).collect();
        let expected =
            [("Sheet1!B1", false), ("North", true), ("4.5", true), ("Sales in May", true)];
        assert_eq!(found, expected);
    }
}
