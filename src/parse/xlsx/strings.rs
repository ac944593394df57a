//! Shared and inline strings: runs of text, each with letters of its own, and readings for pronunciation.

use super::colours::Palette;
use super::styles::Font;
use crate::domain::limits::RICH_STRINGS_MAX;
use crate::parse::remains::has_letters;
use crate::parse::xml::{Element, Step, Tag, Xml};

/// A string with its runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RichText {
    /// Runs; `None`: with the letters of the cell.
    pub(super) runs: Vec<(String, Option<Font>)>,
    /// How to read it aloud, shown above some characters at most.
    pub(super) phonetic: String,
    /// Text where the format has none.
    pub(super) stray: String,
}

impl RichText {
    /// Reads the element of a tag that was just opened: `si`, `is`, `text`.
    pub(super) fn below(tag: &Tag<'_>, xml: &mut Xml<'_>, palette: &Palette) -> Self {
        Self::of(&Element::below(tag, xml), palette)
    }

    pub(super) fn of(element: &Element, palette: &Palette) -> Self {
        let mut rich = Self::default();
        for child in &element.children {
            match child.name.as_str() {
                "t" => rich.runs.push((unescaped(&child.all_text()), None)),
                "r" => {
                    let font = child.child("rPr").map(|font| Font::read(font, palette));
                    let texts = child.all("t").map(|text| unescaped(&text.all_text()));
                    rich.runs.extend(texts.map(|text| (text, font)));
                }
                "rPh" => rich.phonetic.push_str(&unescaped(&child.all_text())),
                _ => {}
            }
        }
        let stray: Vec<&str> = element.untold().collect();
        rich.stray = unescaped(&stray.join(" "));
        element.all_text();
        rich
    }

    pub(super) fn text(&self) -> String {
        self.runs.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// All of it, where nothing is shown of it.
    pub(super) fn all(&self) -> String {
        let parts = [self.text(), self.phonetic.clone(), self.stray.clone()];
        parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
    }
}

/// `_x000D_` and the like stand for characters that XML does not hold.
pub(super) fn unescaped(text: &str) -> String {
    if !text.contains("_x") {
        return text.replace("\r\n", "\n");
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        plain.push_str(before);
        let code = after.get(..4).filter(|_| after.get(4..5) == Some("_"));
        let ch = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match ch {
            Some(ch) => {
                plain.push(ch);
                rest = after.get(5..).unwrap_or_default();
            }
            None => {
                plain.push_str("_x");
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain.replace("\r\n", "\n")
}

/// The shared strings of a file. Plain ones lie in one long text, so that millions of them fit.
#[derive(Debug, Default)]
pub(super) struct Strings {
    plain: String,
    rich: Vec<RichText>,
    /// Beginning and end in `plain`; for others `RICH` and a place in `rich`.
    entries: Vec<(u32, u32)>,
    used: Vec<bool>,
    /// Text that is in no string.
    pub(super) stray: Vec<String>,
    /// Why reading ended early, and the rest.
    pub(super) fault: Option<(&'static str, String)>,
}

const RICH: u32 = u32::MAX;

/// A shared string as it stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shared<'a> {
    Plain(&'a str),
    Rich(&'a RichText),
}

impl Strings {
    pub(super) fn read(text: &str, palette: &Palette) -> Self {
        let mut strings = Self::default();
        let mut xml = Xml::new(text);
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) if tag.name() == "si" => {
                    strings.push(RichText::below(&tag, &mut xml, palette));
                }
                Step::Text(text) if has_letters(&text) => {
                    strings.stray.push(text.trim().to_owned());
                }
                Step::Comment(text) | Step::Declarations(text) => {
                    strings.stray.push(text.trim().to_owned());
                }
                Step::Open(_) | Step::Close | Step::Text(_) => {}
            }
            if strings.rich.len() >= RICH_STRINGS_MAX {
                let why = "more strings with letters of their own than a file may have";
                strings.fault = Some((why, xml.rest().to_owned()));
                return strings;
            }
        }
        strings.fault = xml.fault().map(|(why, rest)| (why, rest.to_owned()));
        strings
    }

    fn push(&mut self, rich: RichText) {
        let is_plain = rich.phonetic.is_empty()
            && rich.stray.is_empty()
            && rich.runs.iter().all(|(_, font)| font.is_none());
        // Parts are far below 4 GiB (`PACKAGE_PART_BYTES_MAX`).
        let place = |at: usize| u32::try_from(at).unwrap_or(RICH - 1);
        let entry = if is_plain {
            let start = self.plain.len();
            rich.runs.iter().for_each(|(text, _)| self.plain.push_str(text));
            (place(start), place(self.plain.len()))
        } else {
            self.rich.push(rich);
            (RICH, place(self.rich.len() - 1))
        };
        self.entries.push(entry);
        self.used.push(false);
    }

    /// The string of this number, which from now on is known to be in a cell.
    pub(super) fn used(&mut self, number: usize) -> Option<Shared<'_>> {
        *self.used.get_mut(number)? = true;
        self.at(number)
    }

    fn at(&self, number: usize) -> Option<Shared<'_>> {
        let (start, end) = *self.entries.get(number)?;
        let end = usize::try_from(end).ok()?;
        if start == RICH {
            return self.rich.get(end).map(Shared::Rich);
        }
        self.plain.get(usize::try_from(start).ok()?..end).map(Shared::Plain)
    }

    /// Strings that are in no cell.
    pub(super) fn unused(&self) -> impl Iterator<Item = Shared<'_>> {
        let unused = self.used.iter().enumerate().filter(|(_, is_used)| !**is_used);
        unused.filter_map(|(number, _)| self.at(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_have_letters_of_their_own_and_readings_stand_apart() {
        let palette = Palette::read(None, None);
        let text =
            "<sst><si><t>plain</t></si><si><r><t>a</t></r><r><rPr><color rgb='FFFFFFFF'/></rPr>
            <t xml:space='preserve'> b</t></r><rPh sb='0' eb='1'><t>reading</t></rPh></si></sst>";
        let mut strings = Strings::read(text, &palette);
        assert!(matches!(strings.used(0), Some(Shared::Plain("plain"))));
        assert!(strings.used(2).is_none());
        let unused: Vec<_> = strings.unused().collect();
        let [Shared::Rich(rich)] = unused.as_slice() else { panic!("{unused:?}") };
        assert_eq!((rich.text().as_str(), rich.phonetic.as_str()), ("a b", "reading"));
        assert!(rich.runs[0].1.is_none() && rich.runs[1].1.is_some());
    }

    #[test]
    fn escapes_stand_for_characters() {
        assert_eq!(unescaped("a_x000D_b _x005F_x000D_ _xyz"), "a\rb _x000D_ _xyz");
    }
}
