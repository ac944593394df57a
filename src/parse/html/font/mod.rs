//! Fonts that a page brings along in its own text: whether the letters of a text have shapes in them.
//!
//! Let through on purpose: fonts at other addresses, which are not fetched; shapes that show something else
//! than the letter, or a speck; fonts that a browser would refuse; which face of a family a browser takes by weight, style and range (all count,
//! and where they do not agree the text is in doubt); capitals that a style makes of small letters.

mod woff;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::css::scan::{split, words};
use super::page::data_in;
use crate::domain::limits::{HTML_FONT_BYTES_MAX, HTML_FONT_LOOKS_MAX};
use crate::parse::pdf::sfnt;

/// Faces of one family that are looked at; more are in doubt.
const FACES_MAX: usize = 64;

/// How much larger a font may be than what is written of it; compression makes honest ones five times smaller.
const EXPANSION_MAX: usize = 32;
/// So large it may always be.
const FONT_BYTES_MIN: usize = 16 << 10;

/// What a font makes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Drawn,
    /// No letter has a shape.
    Blank,
    /// Most letters have none, or it cannot be told.
    Doubtful,
}

/// All that a page says of one font.
#[derive(Debug)]
pub(crate) struct Family {
    faces: RefCell<Vec<Face>>,
    known: RefCell<BTreeMap<char, Option<Look>>>,
    draws_ascii: OnceCell<bool>,
    budget: Rc<Budget>,
}

#[derive(Debug)]
enum Face {
    /// The address that holds it.
    Packed(String),
    Open(Vec<u8>),
    /// Not fetched, or not understood.
    Unknown,
    /// Past a bound.
    Left,
}

/// What a page may unpack of fonts, and look up in them.
#[derive(Debug)]
pub(crate) struct Budget {
    left_bytes: Cell<usize>,
    left_looks: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left_bytes: Cell::new(HTML_FONT_BYTES_MAX),
            left_looks: Cell::new(HTML_FONT_LOOKS_MAX),
        }
    }
}

impl Family {
    pub(crate) fn new(budget: Rc<Budget>) -> Self {
        Self {
            faces: RefCell::default(),
            known: RefCell::default(),
            draws_ascii: OnceCell::new(),
            budget,
        }
    }

    /// Adds a face by its `src`.
    pub(crate) fn add(&self, sources: &str) {
        let mut faces = self.faces.borrow_mut();
        let addresses = split(sources, b',').into_iter().filter_map(address);
        if faces.len() < FACES_MAX {
            let data = addresses.clone().find(|address| is_data(address));
            faces.extend(data.map(|data| Face::Packed(data.to_owned())));
        }
        // A browser takes the first that it can get.
        let first = addresses.clone().next();
        if faces.len() > FACES_MAX {
            return;
        }
        if faces.len() == FACES_MAX || first.is_none_or(|first| !is_data(first)) {
            faces.push(Face::Unknown);
        }
    }

    /// Whether the page brings the font itself.
    pub(crate) fn is_brought(&self) -> bool {
        self.faces.borrow().iter().any(|face| !matches!(face, Face::Unknown))
    }

    /// What a text looks like in it.
    pub(crate) fn look(&self, text: &str) -> Look {
        if text.is_ascii() && self.draws_ascii() {
            return Look::Drawn;
        }
        let (mut blank, mut drawn, mut doubtful) = (0_usize, 0_usize, 0_usize);
        for ch in text.chars().filter(|ch| ch.is_alphanumeric()) {
            match self.look_of(ch) {
                None | Some(Look::Drawn) => drawn += 1,
                Some(Look::Blank) => blank += 1,
                Some(Look::Doubtful) => doubtful += 1,
            }
        }
        match (blank, drawn, doubtful) {
            (1.., 0, 0) => Look::Blank,
            _ if blank + doubtful > drawn => Look::Doubtful,
            _ => Look::Drawn,
        }
    }

    /// Whether it draws all letters and digits of ASCII that it has, as honest fonts do.
    fn draws_ascii(&self) -> bool {
        let is_drawn = |ch: char| matches!(self.look_of(ch), None | Some(Look::Drawn));
        let all = || ('0'..='z').filter(char::is_ascii_alphanumeric).all(is_drawn);
        *self.draws_ascii.get_or_init(all)
    }

    /// What a character looks like; `None` where no face that can be read has it.
    fn look_of(&self, ch: char) -> Option<Look> {
        if let Some(known) = self.known.borrow().get(&ch) {
            return *known;
        }
        let mut found = None;
        let mut is_unsure = false;
        for face in self.faces.borrow_mut().iter_mut() {
            let Some(left) = self.budget.left_looks.get().checked_sub(1) else {
                return Some(Look::Doubtful);
            };
            self.budget.left_looks.set(left);
            face.open(&self.budget.left_bytes);
            let program = match face {
                Face::Open(program) => program,
                Face::Left => return Some(Look::Doubtful),
                Face::Packed(_) | Face::Unknown => {
                    is_unsure = true;
                    continue;
                }
            };
            let look = sfnt::is_blank(program, ch)
                .map(|is_blank| if is_blank { Look::Blank } else { Look::Drawn });
            found = match (found, look) {
                (Some(one), Some(other)) if one != other => Some(Look::Doubtful),
                (one, other) => one.or(other),
            };
        }
        if is_unsure && found == Some(Look::Blank) {
            found = Some(Look::Doubtful);
        }
        self.known.borrow_mut().insert(ch, found);
        found
    }
}

impl Face {
    fn open(&mut self, left_bytes: &Cell<usize>) {
        let Self::Packed(address) = self else {
            return;
        };
        let most = address.len().saturating_mul(EXPANSION_MAX).max(FONT_BYTES_MIN);
        let allowed = left_bytes.get().min(most);
        let mut left = allowed;
        let program = data_in(address).and_then(|bytes| woff::unpacked(&bytes, &mut left));
        let is_past = left == 0;
        left_bytes.set(left_bytes.get().saturating_sub(allowed - left));
        *self = match program {
            Some(program) => Self::Open(program),
            None if is_past => Self::Left,
            None => Self::Unknown,
        };
    }
}

fn is_data(address: &str) -> bool {
    address.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("data:"))
}

/// The address in a source of a font; fonts of the system are not told apart from none.
fn address(source: &str) -> Option<&str> {
    let word = words(source).into_iter().next()?;
    let inner =
        word.get(..4).filter(|head| head.eq_ignore_ascii_case("url(")).and(word.get(4..))?;
    Some(inner.trim_end_matches(')').trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests;
