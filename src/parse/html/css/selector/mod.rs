//! Selectors: which elements a rule is about, as the page lies at rest.
//!
//! Own code instead of a selector library, for two reasons: every test is counted against a bound,
//! and a selector that is not understood answers `Maybe` instead of spoiling its rule. Nothing is
//! hovered, focused or visited; pseudo-elements are never the element's own text.

mod model;
mod pseudo;

use std::rc::Rc;

use html5ever::LocalName;

use super::scan::{find, is_name, split, unescape};
use super::truth::Truth;
use crate::domain::limits::{CSS_COMPOUNDS_MAX, CSS_SELECTOR_BYTES_MAX};
pub(crate) use model::{Attribute, Comparison, Complex, List, Part, Relation, Test};

/// What a selector list is read with.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The selectors of the rule around this one.
    pub(crate) nest: Option<Rc<List>>,
    pub(crate) quirks: bool,
}

/// No browser takes it.
#[derive(Debug)]
pub(crate) struct Invalid;

/// Reads a list; `Err` when its rule is thrown away.
pub(crate) fn parse(text: &str, context: &Context) -> Result<List, Invalid> {
    if text.len() > CSS_SELECTOR_BYTES_MAX {
        return Ok(List::unknown());
    }
    list(text, context, 0)
}

impl List {
    /// A list that cannot be judged: it may be about anything.
    fn unknown() -> Self {
        let parts = vec![(vec![Test::Always(Truth::Maybe)], None)];
        Self {
            selectors: vec![Complex { parts, weight: u32::MAX, part: None }],
            certain: false,
            is_doubtful: true,
        }
    }

    fn weight(&self) -> u32 {
        self.selectors.iter().map(|selector| selector.weight).max().unwrap_or(0)
    }
}

fn list(text: &str, context: &Context, nesting: usize) -> Result<List, Invalid> {
    let mut list = List { selectors: Vec::new(), certain: true, is_doubtful: false };
    for part in split(text, b',') {
        let mut reader = Reader::new(part, context, nesting);
        let complex = reader.complex(Relation::Within)?;
        list.certain &= reader.certain;
        list.is_doubtful |= reader.is_doubtful;
        list.selectors.push(complex.1);
    }
    Ok(list)
}

/// As `:is()` reads its arguments: what is wrong is left out.
fn forgiving(text: &str, context: &Context, nesting: usize) -> List {
    let mut list = List { selectors: Vec::new(), certain: true, is_doubtful: false };
    for part in split(text, b',') {
        let mut reader = Reader::new(part, context, nesting);
        if let Ok(complex) = reader.complex(Relation::Within) {
            list.certain &= reader.certain;
            list.is_doubtful |= reader.is_doubtful;
            list.selectors.push(complex.1);
        }
    }
    list
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    context: &'a Context,
    nesting: usize,
    certain: bool,
    is_doubtful: bool,
    part: Option<Part>,
}

const ID: u32 = 1 << 20;
const CLASS: u32 = 1 << 10;
const TAG: u32 = 1;

impl<'a> Reader<'a> {
    const fn new(text: &'a str, context: &'a Context, nesting: usize) -> Self {
        Self { text, at: 0, context, nesting, certain: true, is_doubtful: false, part: None }
    }

    /// A test that cannot be made.
    const fn maybe(&mut self) -> Test {
        self.is_doubtful = true;
        Test::Always(Truth::Maybe)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Skips comments, which part nothing here; true if there was white space.
    fn skip(&mut self, blanks: bool) -> bool {
        let mut found = false;
        while let Some(byte) = self.peek() {
            if byte == b'/' && self.text.get(self.at..).is_some_and(|rest| rest.starts_with("/*")) {
                let rest = self.text.get(self.at + 2..).unwrap_or_default();
                self.at = rest.find("*/").map_or(self.text.len(), |end| self.at + end + 4);
            } else if blanks && byte.is_ascii_whitespace() {
                self.at += 1;
                found = true;
            } else {
                break;
            }
        }
        found
    }

    fn relation(&mut self) -> Option<Relation> {
        let blank = self.skip(true);
        let relation = match self.peek() {
            Some(b'>') => Relation::Child,
            Some(b'+') => Relation::Next,
            Some(b'~') => Relation::Later,
            _ => return blank.then_some(Relation::Within),
        };
        self.at += 1;
        self.skip(true);
        Some(relation)
    }

    /// A selector, with the relation that it begins with (for `:has()` and nested rules).
    fn complex(&mut self, first: Relation) -> Result<(Relation, Complex), Invalid> {
        let leading = self.relation().filter(|found| *found != Relation::Within);
        let mut forward: Vec<(Vec<Test>, Relation)> = Vec::new();
        let mut weight = 0_u32;
        let mut relation = leading.unwrap_or(first);
        loop {
            let (tests, more) = self.compound()?;
            weight = weight.saturating_add(more);
            forward.push((tests, relation));
            if forward.len() > CSS_COMPOUNDS_MAX {
                return Err(Invalid);
            }
            match self.relation() {
                Some(next) if self.peek().is_some() => relation = next,
                Some(Relation::Within) | None if self.peek().is_none() => break,
                _ => return Err(Invalid),
            }
        }
        let own = forward.first().map_or(first, |(_, relation)| *relation);
        let nested = self.nesting == 0 && !self.text.contains('&');
        let outer = self.context.nest.clone().filter(|_| nested);
        if leading.is_some() && outer.is_none() && self.context.nest.is_none() && self.nesting == 0
        {
            return Err(Invalid);
        }
        // From right to left; the leftmost part stands to nothing, unless a rule is around it.
        let mut ordered: Vec<_> = forward
            .into_iter()
            .enumerate()
            .map(|(index, (tests, relation))| (tests, (index > 0).then_some(relation)))
            .collect();
        ordered.reverse();
        if let Some(outer) = outer {
            weight = weight.saturating_add(outer.weight());
            self.certain &= outer.certain;
            self.is_doubtful |= outer.is_doubtful;
            if let Some(last) = ordered.last_mut() {
                last.1 = Some(own);
            }
            ordered.push((vec![Test::Any(outer)], None));
        }
        Ok((own, Complex { parts: ordered, weight, part: self.part }))
    }

    fn compound(&mut self) -> Result<(Vec<Test>, u32), Invalid> {
        let mut tests = Vec::new();
        let mut weight = 0_u32;
        let start = self.at;
        loop {
            self.skip(false);
            let (test, more) = match self.peek() {
                Some(b'*') => {
                    self.at += 1;
                    self.namespace()?;
                    continue;
                }
                Some(b'&') => {
                    self.at += 1;
                    self.outer()
                }
                Some(b'#') => {
                    self.at += 1;
                    (Test::Id(self.folded_name()?), ID)
                }
                Some(b'.') => {
                    self.at += 1;
                    (Test::Class(self.folded_name()?), CLASS)
                }
                Some(b'[') => (self.attribute()?, CLASS),
                Some(b':') => self.pseudo()?,
                Some(b'|') => {
                    self.at += 1;
                    continue;
                }
                Some(byte) if is_name(byte) || byte == b'\\' => {
                    let name = self.name()?;
                    if self.peek() == Some(b'|') {
                        self.at += 1;
                        self.certain = false;
                        continue;
                    }
                    (Test::Tag(LocalName::from(name.to_ascii_lowercase())), TAG)
                }
                _ => break,
            };
            weight = weight.saturating_add(more);
            tests.push(test);
            if tests.len() > CSS_COMPOUNDS_MAX {
                return Err(Invalid);
            }
        }
        if self.at == start { Err(Invalid) } else { Ok((tests, weight)) }
    }

    /// `*|tag`: any namespace.
    fn namespace(&mut self) -> Result<(), Invalid> {
        if self.eat(b'|') && self.peek().is_none() {
            return Err(Invalid);
        }
        Ok(())
    }

    fn outer(&mut self) -> (Test, u32) {
        match self.context.nest.clone() {
            Some(outer) => {
                self.certain &= outer.certain;
                self.is_doubtful |= outer.is_doubtful;
                let weight = outer.weight();
                (Test::Any(outer), weight)
            }
            None => (Test::Root, 0),
        }
    }

    fn name(&mut self) -> Result<String, Invalid> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            if byte == b'\\' {
                // The escaped character may be longer than a byte; its rest counts as name bytes.
                self.at = self.escape_end();
            } else if is_name(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
        let name = self.text.get(start..self.at).ok_or(Invalid)?;
        if name.is_empty() { Err(Invalid) } else { Ok(unescape(name).into_owned()) }
    }

    /// Behind an escape, with the blank that ends its digits.
    fn escape_end(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        let digits = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
        if !digits(at) {
            return (at + 1).min(bytes.len());
        }
        let last = at + 6;
        while at < last && digits(at) {
            at += 1;
        }
        at + usize::from(bytes.get(at).is_some_and(u8::is_ascii_whitespace))
    }

    fn folded_name(&mut self) -> Result<LocalName, Invalid> {
        let name = self.name()?;
        let quirks = self.context.quirks;
        Ok(LocalName::from(if quirks { name.to_ascii_lowercase() } else { name }))
    }

    /// What stands between this bracket and its partner; moves behind it.
    fn bracket(&mut self, close: u8) -> &'a str {
        let start = self.at + 1;
        let (end, _) = find(self.text, start, &[close]);
        self.at = (end + 1).min(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }

    fn attribute(&mut self) -> Result<Test, Invalid> {
        let text = self.bracket(b']');
        let mut inner = Reader::new(text, self.context, self.nesting);
        inner.skip(true);
        if inner.eat(b'*') || inner.peek() == Some(b'|') {
            inner.eat(b'|');
        }
        let name = inner.name()?.to_ascii_lowercase();
        inner.skip(true);
        let comparison = match inner.peek() {
            None => Comparison::Present,
            Some(b'=') => Comparison::Equal,
            Some(b'~') => Comparison::Word,
            Some(b'|') => Comparison::Language,
            Some(b'^') => Comparison::Start,
            Some(b'$') => Comparison::End,
            Some(b'*') => Comparison::Part,
            Some(_) => return Err(Invalid),
        };
        let (mut value, mut any_case) = (String::new(), case_is_ignored(&name));
        if comparison != Comparison::Present {
            inner.at += usize::from(comparison != Comparison::Equal);
            if !inner.eat(b'=') {
                return Err(Invalid);
            }
            inner.skip(true);
            value = inner.value()?;
            inner.skip(true);
            match inner.text.get(inner.at..).unwrap_or_default().trim() {
                "" => {}
                "i" | "I" => any_case = true,
                "s" | "S" => any_case = false,
                _ => return Err(Invalid),
            }
        }
        let name = LocalName::from(name);
        Ok(Test::Attribute(Box::new(Attribute { name, comparison, value, any_case })))
    }

    fn value(&mut self) -> Result<String, Invalid> {
        let Some(quote @ (b'"' | b'\'')) = self.peek() else {
            return self.name();
        };
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut at = start;
        while bytes.get(at).is_some_and(|byte| *byte != quote) {
            at += if bytes.get(at) == Some(&b'\\') { 2 } else { 1 };
        }
        self.at = (at + 1).min(self.text.len());
        Ok(unescape(self.text.get(start..at.min(self.text.len())).ok_or(Invalid)?).into_owned())
    }
}

/// Attributes whose values HTML compares in any case; those that pages style by.
fn case_is_ignored(name: &str) -> bool {
    matches!(
        name,
        "align"
            | "type"
            | "dir"
            | "lang"
            | "rel"
            | "media"
            | "method"
            | "scope"
            | "shape"
            | "valign"
            | "bgcolor"
            | "color"
            | "face"
            | "target"
            | "http-equiv"
            | "charset"
    )
}
