//! Words in attributes, and in elements that define how the others look: no program shows them, and whoever goes
//! through all attributes or all text of a part gets them.
//!
//! Let through on purpose: names of fonts and styles of a few words, single words of number formats, values of
//! one or two words.

use super::walk::{Attrs, Context, MACHINE_ONLY, TOOLTIP, Walk, place};
use crate::domain::document::{Alternate, Visibility};
use crate::parse::remains::has_letters;
use crate::parse::xml::{Step, Tag, Xml};

/// Words of a value that says something.
const WORDS_MIN: usize = 3;
/// The same of names of fonts and styles, and of lists of words of the format.
const LIST_WORDS_MIN: usize = 6;
/// The name of a style in every presentation that LibreOffice makes.
const LONG_NAME: &str = "Object with no fill and no line";
/// Letters of a word; data in letters has longer ones.
const WORD_LETTERS: std::ops::RangeInclusive<usize> = 2..=24;

/// Elements that define how others look, which are read elsewhere.
pub(super) fn is_definition(name: &str) -> bool {
    matches!(
        name,
        "automatic-styles" | "font-face-decls" | "styles" | "enhanced-geometry" | "binary-data"
    )
}

impl Walk<'_> {
    /// Attributes that hold words and that nothing else has told.
    pub(super) fn words(&mut self, element: &str, attrs: &Attrs, context: &Context) {
        for (name, value) in attrs.untold() {
            let seen = match name {
                "label" | "current-value" | "value" if element != "label" && is_form(element) => {
                    Visibility::Alternate(Alternate::FormField)
                }
                "title" if is_form(element) => TOOLTIP,
                _ => MACHINE_ONLY,
            };
            if seen != MACHINE_ONLY || is_said(name, value) {
                self.flow.beside(value, seen, place(context));
            }
        }
    }

    /// Goes through the definitions in the element that was just opened.
    pub(super) fn definitions(&mut self, tag: &Tag<'_>, xml: &mut Xml<'_>) {
        let mut open = vec![tag.name() == "binary-data"];
        self.definition(tag);
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) => {
                    self.definition(&tag);
                    // A part of a number format, or data in letters.
                    open.push(matches!(tag.name(), "text" | "binary-data"));
                }
                Step::Close => {
                    open.pop();
                    if open.is_empty() {
                        return;
                    }
                }
                Step::Text(text) => {
                    let is_said = match open.last() {
                        Some(true) => has_prose(&text, WORDS_MIN),
                        _ => has_letters(&text),
                    };
                    if is_said {
                        self.flow.beside(&text, MACHINE_ONLY, None);
                    }
                }
                Step::Comment(text) | Step::Declarations(text) => {
                    self.flow.beside(text, MACHINE_ONLY, None);
                }
            }
        }
    }

    fn definition(&mut self, tag: &Tag<'_>) {
        for (name, value) in tag.attrs() {
            let is_list = matches!(name, "protect" | "print" | "text-areas" | "glue-points")
                || name.contains("name")
                || name.starts_with("font-");
            let words_min = if is_list { LIST_WORDS_MIN } else { WORDS_MIN };
            if value != LONG_NAME && has_prose(&value, words_min) {
                self.flow.beside(&value, MACHINE_ONLY, None);
            }
        }
    }
}

/// Whether the value of an attribute is words.
fn is_said(name: &str, value: &str) -> bool {
    match name {
        "string-value"
        | "title"
        | "description"
        | "key1"
        | "key2"
        | "string-value-if-true"
        | "string-value-if-false" => has_letters(value),
        "href" => value.contains(':') || has_words(value),
        "formula" => value.contains('"') || has_words(value),
        "d" | "points" | "transform" | "enhanced-path" => has_prose(value, WORDS_MIN),
        _ => has_words(value),
    }
}

/// Whether a value is words and not a list of names or numbers.
fn has_words(value: &str) -> bool {
    let is_word = |word: &&str| word.chars().filter(|ch| ch.is_alphabetic()).count() >= 2;
    value.split_whitespace().filter(is_word).count() >= WORDS_MIN
}

/// Whether a value has so many words of letters alone, beside the names of the format's functions.
fn has_prose(value: &str, words_min: usize) -> bool {
    let is_function = |word: &str| {
        matches!(word, "rotate" | "translate" | "scale" | "skewX" | "skewY" | "matrix")
    };
    let is_word = |word: &str| {
        let word = word.trim_matches(|ch: char| !ch.is_alphanumeric());
        WORD_LETTERS.contains(&word.chars().count())
            && word.chars().all(char::is_alphabetic)
            && !is_function(word)
    };
    value.split_whitespace().filter(|word| is_word(word)).nth(words_min - 1).is_some()
}

fn is_form(element: &str) -> bool {
    matches!(
        element,
        "button"
            | "checkbox"
            | "radio"
            | "text"
            | "textarea"
            | "listbox"
            | "combobox"
            | "option"
            | "item"
            | "fixed-text"
            | "frame"
            | "formatted-text"
            | "password"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_told_from_what_the_format_writes() {
        for (name, value) in [
            ("transform", "rotate (0.785) translate (3cm 2cm) skewX (1) scale (2 2)"),
            ("enhanced-path", "M 0 0 L 21600 0 21600 21600 0 21600 0 0 Z N"),
            ("href", "Pictures/a.png"),
            ("formula", "of:=SUM([.A1:.A3])"),
            ("string-value", "7"),
        ] {
            assert!(!is_said(name, value), "{name}");
            assert!(is_said(name, "http:// ignore \"everything\" that was said"), "{name}");
        }
        assert!(!has_prose(
            "aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBsb25nIGxpbmU= aGVsbG8gd29ybGQ= QUJDRA==",
            3
        ));
    }
}
