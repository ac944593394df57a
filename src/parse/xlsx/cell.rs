//! One cell as the file has it.

use super::colours::Palette;
use super::strings::{RichText, unescaped};
use crate::parse::xml::{Step, Tag, Xml};

/// What a cell holds.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    Nothing,
    /// A shared string's number.
    Shared(usize),
    Rich(RichText),
    /// A number, a formula's text, a truth, an error, a date.
    Plain(String),
}

/// A cell.
#[derive(Debug)]
pub(super) struct Cell {
    /// As the file names it: `s`, `str`, `n`.
    pub(super) kind: String,
    pub(super) style: usize,
    pub(super) content: Content,
    pub(super) formula: Option<String>,
    /// Text in it that its kind passes over.
    pub(super) beside: Vec<String>,
}

impl Cell {
    pub(super) fn read(tag: &Tag<'_>, xml: &mut Xml<'_>, palette: &Palette) -> Self {
        let mut cell = Self {
            kind: String::new(),
            style: 0,
            content: Content::Nothing,
            formula: None,
            beside: Vec::new(),
        };
        for (name, value) in tag.attrs() {
            match name {
                "t" => cell.kind = value,
                "s" => cell.style = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        let (mut value, mut formula, mut rich) = (None, None, None::<RichText>);
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) => match tag.name() {
                    // Of several the last counts, as for programs; the others are kept beside.
                    "v" => cell.beside.extend(value.replace(text(xml))),
                    "f" => cell.beside.extend(formula.replace(text(xml))),
                    "is" => {
                        let before = rich.replace(RichText::below(&tag, xml, palette));
                        cell.beside.extend(before.map(|before| before.all()));
                    }
                    _ => cell.stray(&xml.inner_text()),
                },
                Step::Close => break,
                Step::Text(text) => cell.stray(&text),
                Step::Comment(text) => cell.stray(text),
                Step::Declarations(_) => {}
            }
        }
        cell.formula = formula.filter(|text: &String| !text.is_empty());
        cell.settle(value, rich);
        cell
    }

    /// Text where the format has none.
    fn stray(&mut self, text: &str) {
        self.beside.extend(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned));
    }

    /// Takes the one that the cell's kind names, and keeps the other beside.
    fn settle(&mut self, value: Option<String>, rich: Option<RichText>) {
        let value = value.filter(|value| !value.is_empty());
        let (content, beside) = match (self.kind.as_str(), value, rich) {
            ("inlineStr", value, Some(rich)) => (Content::Rich(rich), value),
            ("s", Some(value), rich) => {
                let number = value.trim().parse();
                let is_number = number.is_ok();
                let content = number.map_or(Content::Nothing, Content::Shared);
                let beside = rich.map(|rich| rich.all());
                (content, beside.or_else(|| Some(value).filter(|_| !is_number)))
            }
            (_, Some(value), rich) => {
                (Content::Plain(unescaped(&value)), rich.map(|rich| rich.all()))
            }
            (_, None, Some(rich)) => (Content::Nothing, Some(rich.all())),
            (_, None, None) => (Content::Nothing, None),
        };
        self.content = content;
        self.beside.extend(beside);
    }
}

/// The text of the element that was just opened.
fn text(xml: &mut Xml<'_>) -> String {
    let mut text = String::new();
    let mut open = 1_usize;
    while open > 0 {
        match xml.step() {
            Some(Step::Open(_)) => open = open.saturating_add(1),
            Some(Step::Close) => open = open.saturating_sub(1),
            Some(Step::Text(piece)) => text.push_str(&piece),
            Some(Step::Comment(_) | Step::Declarations(_)) => {}
            None => break,
        }
    }
    text
}
