//! Pseudo-classes and pseudo-elements, as a page at rest answers them.

use std::rc::Rc;

use html5ever::LocalName;

use super::{
    Attribute, CLASS, Comparison, Complex, Invalid, List, Part, Reader, Relation, TAG, Test,
};
use super::{forgiving, list};
use crate::domain::limits::CSS_SELECTOR_NESTING_MAX;
use crate::parse::html::css::scan::split;
use crate::parse::html::css::truth::Truth;

impl Reader<'_> {
    pub(super) fn pseudo(&mut self) -> Result<(Test, u32), Invalid> {
        self.at += 1;
        let element = self.eat(b':');
        let name = self.name()?.to_ascii_lowercase();
        let argument = (self.peek() == Some(b'(')).then(|| self.bracket(b')'));
        if element || matches!(&*name, "before" | "after" | "first-line" | "first-letter") {
            return Ok((self.pseudo_element(&name), TAG));
        }
        match argument {
            Some(argument) => self.function(&name, argument),
            None => Ok((self.state(&name), CLASS)),
        }
    }

    fn pseudo_element(&mut self, name: &str) -> Test {
        self.certain &= !is_foreign(name);
        let part = match name {
            "before" => Part::Before,
            "after" => Part::After,
            "first-line" => Part::FirstLine,
            _ => return Test::Always(Truth::No),
        };
        // Within `:not()` and its like there are no parts of elements.
        if self.nesting > 0 || self.part.is_some() {
            return Test::Always(Truth::No);
        }
        self.part = Some(part);
        Test::Always(Truth::Yes)
    }

    fn function(&mut self, name: &str, argument: &str) -> Result<(Test, u32), Invalid> {
        if self.nesting >= CSS_SELECTOR_NESTING_MAX {
            self.certain = false;
            return Ok((self.maybe(), 0));
        }
        match name {
            "not" => {
                let inner = Rc::new(list(argument, self.context, self.nesting + 1)?);
                self.certain &= inner.certain;
                self.is_doubtful |= inner.is_doubtful;
                let weight = inner.weight();
                Ok((Test::Not(inner), weight))
            }
            "is" | "where" | "matches" | "-webkit-any" | "-moz-any" => {
                let inner = Rc::new(forgiving(argument, self.context, self.nesting + 1));
                self.certain &= inner.certain && !is_foreign(name);
                self.is_doubtful |= inner.is_doubtful;
                let weight = if name == "where" { 0 } else { inner.weight() };
                Ok((Test::Any(inner), weight))
            }
            "has" => self.has(argument),
            "nth-child" | "nth-last-child" | "nth-of-type" | "nth-last-of-type" => {
                self.nth(name, argument)
            }
            "host"
            | "host-context"
            | "slotted"
            | "state"
            | "part"
            | "highlight"
            | "active-view-transition-type" => Ok((Test::Always(Truth::No), CLASS)),
            _ => {
                self.certain &= matches!(name, "lang" | "dir");
                Ok((self.maybe(), CLASS))
            }
        }
    }

    fn has(&mut self, argument: &str) -> Result<(Test, u32), Invalid> {
        let mut inner = Vec::new();
        for part in split(argument, b',') {
            let nesting = self.nesting + 1;
            let mut reader = Reader::new(part, self.context, nesting);
            inner.push(reader.complex(Relation::Within)?);
            self.certain &= reader.certain;
            self.is_doubtful |= reader.is_doubtful;
        }
        let weight = inner.iter().map(|(_, complex)| complex.weight).max().unwrap_or(0);
        Ok((Test::Has(Rc::new(inner)), weight))
    }

    fn nth(&mut self, name: &str, argument: &str) -> Result<(Test, u32), Invalid> {
        let argument = argument.trim().to_ascii_lowercase();
        let from_end = name.contains("last");
        let same_tag = name.ends_with("of-type");
        if argument.contains(" of ") {
            return Ok((self.maybe(), CLASS));
        }
        let (step, offset) = steps(&argument).ok_or(Invalid)?;
        Ok((Test::Nth { step, offset, from_end, same_tag }, CLASS))
    }

    /// A pseudo-class without arguments.
    fn state(&mut self, name: &str) -> Test {
        let nth = |from_end, same_tag| Test::Nth { step: 0, offset: 1, from_end, same_tag };
        let both = |same_tag| {
            let tests = vec![nth(false, same_tag), nth(true, same_tag)];
            let selectors = vec![Complex { parts: vec![(tests, None)], weight: 0, part: None }];
            Test::Any(Rc::new(List { selectors, certain: true, is_doubtful: false }))
        };
        match name {
            "root" | "scope" => Test::Root,
            "empty" | "-moz-only-whitespace" => Test::Empty,
            "first-child" => nth(false, false),
            "last-child" => nth(true, false),
            "first-of-type" => nth(false, true),
            "last-of-type" => nth(true, true),
            "only-child" => both(false),
            "only-of-type" => both(true),
            "link" | "any-link" | "-webkit-any-link" => present("href"),
            "checked" => any_of(&["checked", "selected"]),
            "disabled" => present("disabled"),
            "enabled" => absent("disabled"),
            "required" => present("required"),
            "optional" => absent("required"),
            "open" => present("open"),
            "defined" | "read-only" => Test::Always(Truth::Yes),
            "hover"
            | "active"
            | "focus"
            | "focus-visible"
            | "focus-within"
            | "visited"
            | "target"
            | "target-within"
            | "target-current"
            | "fullscreen"
            | "-webkit-full-screen"
            | "modal"
            | "popover-open"
            | "picture-in-picture"
            | "host"
            | "autofill"
            | "-webkit-autofill"
            | "local-link"
            | "current"
            | "past"
            | "future"
            | "playing"
            | "paused"
            | "buffering"
            | "stalled"
            | "muted"
            | "volume-locked"
            | "seeking"
            | "user-invalid"
            | "user-valid"
            | "active-view-transition"
            | "first"
            | "left"
            | "right"
            | "blank"
            | "indeterminate"
            | "interest-source" => Test::Always(Truth::No),
            "valid" | "invalid" | "in-range" | "out-of-range" | "placeholder-shown" | "default"
            | "read-write" => self.maybe(),
            _ => {
                self.certain = false;
                let ours = name.starts_with("-webkit-") || is_foreign(name);
                if ours { Test::Always(Truth::No) } else { self.maybe() }
            }
        }
    }
}

/// Known to other browsers only.
fn is_foreign(name: &str) -> bool {
    ["-moz-", "-ms-", "-o-", "-khtml-"].iter().any(|prefix| name.starts_with(prefix))
}

fn present(name: &str) -> Test {
    let (comparison, value) = (Comparison::Present, String::new());
    let name = LocalName::from(name);
    Test::Attribute(Box::new(Attribute { name, comparison, value, any_case: false }))
}

fn any_of(names: &[&str]) -> Test {
    let selectors = names
        .iter()
        .map(|name| Complex { parts: vec![(vec![present(name)], None)], weight: 0, part: None })
        .collect();
    Test::Any(Rc::new(List { selectors, certain: true, is_doubtful: false }))
}

fn absent(name: &str) -> Test {
    let selectors =
        vec![Complex { parts: vec![(vec![present(name)], None)], weight: 0, part: None }];
    Test::Not(Rc::new(List { selectors, certain: true, is_doubtful: false }))
}

/// `an+b` → (a, b).
fn steps(text: &str) -> Option<(i32, i32)> {
    let text: String = text.chars().filter(|ch| !ch.is_whitespace()).collect();
    match text.as_str() {
        "odd" => return Some((2, 1)),
        "even" => return Some((2, 0)),
        _ => {}
    }
    let Some((step, offset)) = text.split_once('n') else {
        return Some((0, text.parse().ok()?));
    };
    let step = match step {
        "" | "+" => 1,
        "-" => -1,
        number => number.parse().ok()?,
    };
    let offset = if offset.is_empty() { 0 } else { offset.parse().ok()? };
    Some((step, offset))
}
