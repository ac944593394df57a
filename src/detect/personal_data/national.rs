//! Numbers that states give to people, by form and checksum. A form that many numbers have counts only
//! where a word near it says what it is.

mod check;
mod table;

use std::sync::LazyLock;

use table::{Form, NUMBERS, National, Need};

use super::{personal, stands_free};
use crate::detect::values::{Value, has_word_near};
use crate::domain::sensitive::Sensitive;

/// Letters and digits before the first separator, of the longest form.
const FIRST_GROUP_MAX: usize = 18;

type Known = (&'static National, &'static Form);

/// Forms by the length of their first group: most numbers in a text have a length that none has.
static BY_GROUP: LazyLock<Vec<Vec<Known>>> = LazyLock::new(|| {
    let mut by_group = vec![Vec::new(); FIRST_GROUP_MAX + 1];
    for national in NUMBERS {
        for form in national.forms {
            let first = form.template.bytes().take_while(u8::is_ascii_alphanumeric).count();
            if let Some(group) = by_group.get_mut(first) {
                group.push((national, form));
            }
        }
    }
    by_group
});

/// The number whose first letter or digit stands here.
pub(super) fn value(text: &str, start: usize) -> Option<Value> {
    let rest = text.get(start..)?;
    let first =
        rest.bytes().take(FIRST_GROUP_MAX + 1).take_while(u8::is_ascii_alphanumeric).count();
    let known = BY_GROUP.get(first)?;
    known.iter().find_map(|(national, form)| {
        let (letters, length) = form.letters(rest)?;
        let range = start..start + length;
        let is_it = stands_free(text, range.start, range.end) && (national.check)(&letters);
        let is_said = is_it && has_word_near(text, &range, national.words);
        (is_said || (is_it && form.need == Need::FormAlone)).then(|| {
            let confidence = if is_said { 95 } else { 80 };
            personal(range, Sensitive::NationalNumber, confidence, national.note)
        })
    })
}

impl Form {
    /// The letters and digits of the number that a text begins with, and its length in bytes.
    fn letters(&self, text: &str) -> Option<(Vec<u8>, usize)> {
        let mut letters = Vec::new();
        let mut chars = text.char_indices();
        let mut end = 0;
        for wanted in self.template.chars() {
            let (at, ch) = chars.next()?;
            let fits = match wanted {
                'd' => ch.is_ascii_digit(),
                'A' => ch.is_ascii_alphabetic(),
                'w' => ch.is_ascii_alphanumeric(),
                ' ' => matches!(ch, ' ' | '\u{A0}' | '\u{2009}' | '\u{202F}'),
                other => ch == other,
            };
            if !fits {
                return None;
            }
            if ch.is_ascii_alphanumeric() {
                letters.push(u8::try_from(ch.to_ascii_uppercase()).ok()?);
            }
            end = at + ch.len_utf8();
        }
        Some((letters, end))
    }
}
