//! Text of parts that no reader takes apart: behind a break in the markup, and in parts that only programs
//! read.
//!
//! Let through on purpose: attributes of one word, which are names and numbers of the format.

use super::Builder;
use super::xml::{Element, Step, Xml};
use crate::domain::document::{
    Block, BlockKind, Doubt, Hiding, Joint, Location, NoticeKind, Visibility,
};
use crate::domain::finding::draw_safely;
use crate::domain::limits::TEXT_BLOCK_BYTES_MAX;

/// Keeps what lies behind a break in a part's markup. Tags stay in it: where they end is not known.
pub(super) fn broken(builder: &mut Builder, part: &str, fault: Option<(&'static str, &str)>) {
    let Some((why, mut rest)) = fault else { return };
    let detail = format!("part `{}`: {why}", draw_safely(part));
    builder.notice_once(NoticeKind::Malformed, &detail);
    let mut lines = Lines::new(part, Visibility::Undetermined(Doubt::Broken));
    while !rest.is_empty() {
        let end = rest.len().min(TEXT_BLOCK_BYTES_MAX);
        let end = (0..=end).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (head, tail) = rest.split_at_checked(end.max(1)).unwrap_or((rest, ""));
        lines.push(builder, head.trim());
        rest = tail;
    }
    lines.end(builder);
}

/// All text of a part that only programs read.
pub(super) fn machine_text(builder: &mut Builder, part: &str, text: &str) {
    text_but(builder, part, text, &|_, _| false);
}

/// The same but for text and attributes `content` that were read otherwise: of all that is in an element of
/// which `is_known` says so by its depth and name.
pub(super) fn text_but(
    builder: &mut Builder,
    part: &str,
    text: &str,
    is_known: &dyn Fn(usize, &str) -> bool,
) {
    let mut lines = Lines::new(part, Visibility::Hidden(Hiding::MachineOnly));
    let mut xml = Xml::new(text);
    let mut open: Vec<bool> = Vec::new();
    while let Some(step) = xml.step() {
        let was_read = open.last().is_some_and(|was_read| *was_read);
        match step {
            Step::Open(tag) => {
                let was_read = was_read || is_known(open.len(), tag.name());
                open.push(was_read);
                for (name, value) in tag.attrs() {
                    let is_value = matches!(name, "v" | "value" | "string-value" | "caption")
                        || value.contains(char::is_whitespace);
                    if is_value && !(was_read && name == "content") {
                        lines.push(builder, value.trim());
                    }
                }
            }
            Step::Text(_) if was_read => {}
            Step::Text(text) => lines.push(builder, text.trim()),
            Step::Comment(text) | Step::Declarations(text) => lines.push(builder, text.trim()),
            Step::Close => drop(open.pop()),
        }
    }
    lines.end(builder);
    broken(builder, part, xml.fault());
}

/// The tree of a part. What lies behind a break in its markup, around its root or in comments there is kept.
pub(super) fn tree(builder: &mut Builder, part: &str, text: &str) -> Option<Element> {
    let mut xml = Xml::new(text);
    let mut lines = Lines::new(part, Visibility::Hidden(Hiding::MachineOnly));
    let mut root = None;
    let mut behind = None;
    loop {
        let rest = xml.rest();
        match xml.step() {
            Some(Step::Open(tag)) if root.is_none() => root = Some(Element::below(&tag, &mut xml)),
            Some(Step::Comment(text) | Step::Declarations(text)) => {
                lines.push(builder, text.trim());
            }
            Some(Step::Text(text)) if text.trim().is_empty() || root.is_none() => {
                lines.push(builder, text.trim());
            }
            Some(Step::Open(_) | Step::Text(_)) => {
                behind = Some(("it goes on after its last element", rest));
                break;
            }
            Some(Step::Close) => {}
            None => break,
        }
    }
    lines.end(builder);
    broken(builder, part, xml.fault().or(behind));
    root
}

/// Text of a tree that its reader has not taken: it stands where the format has none.
pub(super) fn untold(builder: &mut Builder, part: &str, root: &Element) {
    let mut lines = Lines::new(part, Visibility::Hidden(Hiding::MachineOnly));
    root.untold().filter(|text| has_letters(text)).for_each(|text| lines.push(builder, text));
    lines.end(builder);
}

/// Text between the tags of a part that has none: of styles, settings, themes.
pub(super) fn stray_text(builder: &mut Builder, part: &str, text: &str) {
    let mut lines = Lines::new(part, Visibility::Hidden(Hiding::MachineOnly));
    let mut xml = Xml::new(text);
    while let Some(step) = xml.step() {
        match step {
            Step::Text(text) if has_letters(&text) => lines.push(builder, text.trim()),
            Step::Comment(text) | Step::Declarations(text) => lines.push(builder, text.trim()),
            Step::Text(_) | Step::Open(_) | Step::Close => {}
        }
    }
    lines.end(builder);
    broken(builder, part, xml.fault());
}

/// Places, sizes and truths have none.
pub(super) fn has_letters(text: &str) -> bool {
    text.contains(char::is_alphabetic) && !matches!(text.trim(), "True" | "False")
}

/// Lines of a part, joined into blocks.
#[derive(Debug)]
pub(super) struct Lines<'p> {
    part: &'p str,
    visibility: Visibility,
    text: String,
    number: u32,
}

impl<'p> Lines<'p> {
    pub(super) fn new(part: &'p str, visibility: Visibility) -> Self {
        Self { part, visibility, text: String::new(), number: 0 }
    }

    pub(super) fn push(&mut self, builder: &mut Builder, line: &str) {
        if line.is_empty() {
            return;
        }
        if !self.text.is_empty() && self.text.len() + line.len() > TEXT_BLOCK_BYTES_MAX {
            self.end(builder);
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
    }

    pub(super) fn end(&mut self, builder: &mut Builder) {
        self.number = self.number.saturating_add(1);
        builder.block(Block {
            text: std::mem::take(&mut self.text),
            kind: BlockKind::Attached,
            joint: Joint::Line,
            visibility: self.visibility,
            location: Location::Part { part: self.part.to_owned(), paragraph: self.number },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::{Document, Format};

    fn read(text: &str) -> Document {
        let mut builder = Builder::new(Format::Xlsx);
        machine_text(&mut builder, "part", text);
        builder.finish()
    }

    #[test]
    fn text_and_attributes_of_several_words_are_kept() {
        let document = read("<a id='7' v='x' note='two words'>text<!--aside--></a>");
        assert_eq!(document.blocks[0].text, "x\ntwo words\ntext\naside");
        assert!(document.notices.is_empty());
    }

    #[test]
    fn what_lies_behind_the_tree_of_a_part_is_kept() {
        for text in
            ["<a><b>taken</b></c>behind", "<a><b>taken</b></a>behind", "<a><b>taken</b><c>behind"]
        {
            let mut builder = Builder::new(Format::Xlsx);
            let root = tree(&mut builder, "part", text).unwrap();
            assert_eq!(root.child("b").unwrap().said(), "taken");
            untold(&mut builder, "part", &root);
            let blocks = builder.finish().blocks;
            assert!(blocks.iter().any(|block| block.text.contains("behind")), "{text}");
            assert!(blocks.iter().all(|block| !block.text.contains("taken")), "{text}");
        }
    }

    #[test]
    fn comments_around_a_tree_are_kept_and_break_nothing() {
        let mut builder = Builder::new(Format::Xlsx);
        tree(&mut builder, "part", "<!--before--><a/><!--after-->\n");
        let document = builder.finish();
        assert_eq!(document.blocks[0].text, "before\nafter");
        assert!(document.notices.is_empty());
    }

    #[test]
    fn what_lies_behind_a_break_is_kept() {
        let document = read("<a>before</b>behind the break");
        let all: String = document.blocks.iter().map(|block| block.text.as_str()).collect();
        assert!(all.contains("before") && all.contains("behind the break"), "{all}");
        assert_eq!(document.notices[0].kind, NoticeKind::Malformed);
    }
}
