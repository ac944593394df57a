//! Style sheets → rules that can be matched: selectors with their blocks, where they hold, and how
//! they rank.
//!
//! Let through on purpose: sheets at other addresses (`<link>`, `@import`) are not fetched; what
//! only they hide stays shown. `@scope` rules count as if they held everywhere, in doubt.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::media::{Media, media, supports};
use super::property;
use super::scan::{self, Item, items};
use super::selector::{self, Complex, Context, List};
use super::truth::Truth;
use super::value::{Property, Value};
use crate::domain::limits::{CSS_NESTING_MAX, CSS_RULES_MAX};
use crate::parse::html::font::{self, Family};
use crate::parse::html::page::sheet_in;

/// What a block of declarations sets.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) set: Vec<(Property, Value, bool)>,
    /// Custom properties, as text.
    pub(crate) custom: Vec<(String, String, bool)>,
}

impl Block {
    pub(crate) fn parse(text: &str, quirks: bool) -> Self {
        let mut block = Self::default();
        for item in items(text, false) {
            if let Item::Declaration(declaration) = item {
                block.add(&declaration, quirks);
            }
        }
        block
    }

    fn add(&mut self, declaration: &scan::Declaration<'_>, quirks: bool) {
        let important = declaration.important;
        if declaration.name.starts_with("--") {
            let value = declaration.value.to_owned();
            self.custom.push((declaration.name.to_string(), value, important));
            return;
        }
        let set = property::parse(&declaration.name, declaration.value, quirks);
        self.set.extend(set.into_iter().map(|(property, value)| (property, value, important)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.custom.is_empty()
    }
}

/// Readings of the page in which a rule holds.
pub(crate) const SCREEN: u8 = 1;
pub(crate) const PRINT: u8 = 2;
/// The screen, if everything that is in doubt holds too.
pub(crate) const DOUBT: u8 = 4;

/// One selector with its block.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) list: Rc<List>,
    pub(crate) index: usize,
    pub(crate) block: Rc<Block>,
    /// `SCREEN`, `PRINT` and `DOUBT`.
    pub(crate) views: u8,
    /// Rank of its layer; the highest is no layer.
    pub(crate) layer: u16,
    pub(crate) order: u32,
}

impl Rule {
    pub(crate) fn selector(&self) -> Option<&Complex> {
        self.list.selectors.get(self.index)
    }
}

/// Rank of rules that are in no layer.
pub(crate) const NO_LAYER: u16 = u16::MAX;

/// All sheets of a page together.
#[derive(Debug, Default)]
pub(crate) struct Sheets {
    pub(crate) rules: Vec<Rule>,
    pub(crate) keyframes: BTreeMap<String, Frames>,
    /// Custom properties that are declared: whether they are inherited, and their value before any.
    pub(crate) registered: BTreeMap<String, (bool, Option<String>)>,
    /// Fonts that the page brings, by name.
    pub(crate) fonts: BTreeMap<String, Rc<Family>>,
    font_budget: Rc<font::Budget>,
    /// Views that differ from the screen.
    pub(crate) views: u8,
    /// More rules than are kept: what is shown is in doubt.
    pub(crate) is_cut: bool,
    /// Sheets that are not fetched.
    pub(crate) has_others: bool,
    layers: BTreeMap<String, u16>,
    /// For each rule the path of its layer; ranks are known only at the end.
    paths: Vec<Rc<[u16]>>,
    unnamed: usize,
    quirks: bool,
}

/// The first and the last frame of an animation.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    pub(crate) from: Block,
    pub(crate) to: Block,
}

/// What surrounds a rule.
#[derive(Debug, Clone)]
struct Around {
    media: Media,
    layer: String,
    path: Rc<[u16]>,
    nest: Option<Rc<List>>,
    depth: usize,
}

impl Sheets {
    pub(crate) fn new(quirks: bool, font_budget: Rc<font::Budget>) -> Self {
        Self { quirks, font_budget, ..Self::default() }
    }

    /// Adds a sheet; `query` is the `media` of its element.
    pub(crate) fn add(&mut self, text: &str, query: &str) {
        let around = Around {
            media: media(query),
            layer: String::new(),
            path: Rc::from([u16::MAX]),
            nest: None,
            depth: 0,
        };
        self.read(text, &around, true);
    }

    /// Ranks the layers; no sheet may be added after.
    pub(crate) fn finish(&mut self) {
        let mut paths: Vec<_> = self.paths.clone();
        paths.sort();
        paths.dedup();
        for (rule, path) in self.rules.iter_mut().zip(&self.paths) {
            let rank = paths.partition_point(|other| other < path);
            let is_layered = path.len() > 1;
            rule.layer =
                if is_layered { u16::try_from(rank).unwrap_or(NO_LAYER - 1) } else { NO_LAYER };
        }
        self.paths.clear();
    }

    fn read(&mut self, text: &str, around: &Around, is_sheet: bool) {
        if around.depth > CSS_NESTING_MAX {
            self.is_cut = true;
            return;
        }
        let mut own = Block::default();
        for item in items(text, is_sheet) {
            match item {
                Item::Declaration(declaration) => own.add(&declaration, self.quirks),
                Item::Rule { prelude, block } => {
                    self.keep(&mut own, around);
                    self.rule(prelude, block, around);
                }
                Item::At { name, prelude, block } => {
                    self.keep(&mut own, around);
                    self.at_rule(&name, prelude, block, around);
                }
            }
        }
        self.keep(&mut own, around);
    }

    /// Adds the declarations that were read for the selectors around them.
    fn keep(&mut self, own: &mut Block, around: &Around) {
        if own.is_empty() {
            return;
        }
        let block = Rc::new(std::mem::take(own));
        let Some(list) = &around.nest else {
            return;
        };
        let holds =
            if list.certain { around.media } else { around.media.and(Media::both(Truth::Maybe)) };
        let views = views(holds);
        if views == 0 {
            return;
        }
        if list.is_doubtful {
            self.views |= DOUBT;
        }
        self.views |= views ^ (if views & SCREEN == 0 { 0 } else { SCREEN | PRINT | DOUBT });
        for index in 0..list.selectors.len() {
            if self.rules.len() >= CSS_RULES_MAX {
                self.is_cut = true;
                return;
            }
            let order = u32::try_from(self.rules.len()).unwrap_or(u32::MAX);
            let (list, block) = (Rc::clone(list), Rc::clone(&block));
            self.rules.push(Rule { list, index, block, views, layer: 0, order });
            self.paths.push(Rc::clone(&around.path));
        }
    }

    fn rule(&mut self, prelude: &str, block: &str, around: &Around) {
        let context = Context { nest: around.nest.clone(), quirks: self.quirks };
        if let Ok(list) = selector::parse(prelude, &context) {
            let nest = Some(Rc::new(list));
            self.read(block, &Around { nest, depth: around.depth + 1, ..around.clone() }, false);
        }
    }

    fn at_rule(&mut self, name: &str, prelude: &str, block: Option<&str>, around: &Around) {
        let Some(block) = block else {
            match name {
                "layer" => {
                    for layer in scan::split(prelude, b',') {
                        self.layer(around, layer);
                    }
                }
                "import" => self.import(prelude, around),
                _ => {}
            }
            return;
        };
        let mut inner = Around { depth: around.depth + 1, ..around.clone() };
        match name {
            "media" => inner.media = inner.media.and(media(prelude)),
            "supports" => inner.media = inner.media.and(Media::both(supports(prelude))),
            "layer" => (inner.layer, inner.path) = self.layer(around, prelude),
            // What they ask for depends on a layout that is not made.
            "container" | "scope" => inner.media = inner.media.and(Media::both(Truth::Maybe)),
            "property" => return self.register(prelude, block),
            "font-face" => return self.font(block),
            // Only what an element begins with, for a moment.
            "starting-style" => return,
            "keyframes" | "-webkit-keyframes" => return self.keyframes(prelude, block),
            _ => return,
        }
        self.read(block, &inner, around.nest.is_none());
    }

    /// Full name and path of a layer; names rank in the order in which they are first met.
    fn layer(&mut self, around: &Around, name: &str) -> (String, Rc<[u16]>) {
        let name = if name.trim().is_empty() {
            self.unnamed += 1;
            format!("\u{0}{}", self.unnamed)
        } else {
            name.trim().to_owned()
        };
        let mut full = around.layer.clone();
        let mut path: Vec<u16> =
            around.path.iter().copied().filter(|rank| *rank != u16::MAX).collect();
        for part in name.split('.').take(CSS_NESTING_MAX) {
            full.push('.');
            full.push_str(part.trim());
            let next = u16::try_from(self.layers.len()).unwrap_or(u16::MAX - 1);
            path.push(*self.layers.entry(full.clone()).or_insert(next));
        }
        path.push(u16::MAX);
        (full, Rc::from(path))
    }

    /// A sheet that is written out in its address; others are not fetched.
    fn import(&mut self, prelude: &str, around: &Around) {
        let (head, media_list) = match scan::words(prelude).split_first() {
            Some((head, _)) => (*head, prelude.get(head.len()..).unwrap_or_default()),
            None => return,
        };
        let address = match head.get(..4) {
            Some(url) if url.eq_ignore_ascii_case("url(") => head.get(4..).unwrap_or_default(),
            _ => head,
        };
        let address = address.trim_end_matches(')').trim().trim_matches(['"', '\'']);
        let Some(text) = sheet_in(address) else {
            self.has_others = true;
            return;
        };
        let media = around.media.and(media(media_list));
        self.read(&text, &Around { media, depth: around.depth + 1, ..around.clone() }, true);
    }

    fn register(&mut self, name: &str, block: &str) {
        let mut inherits = true;
        let mut initial = None;
        for item in items(block, false) {
            if let Item::Declaration(declaration) = item {
                match &*declaration.name {
                    "inherits" => inherits = !declaration.value.eq_ignore_ascii_case("false"),
                    "initial-value" => initial = Some(declaration.value.to_owned()),
                    _ => {}
                }
            }
        }
        if self.registered.len() < CSS_RULES_MAX {
            self.registered.insert(scan::unescape(name.trim()).into_owned(), (inherits, initial));
        }
    }

    fn font(&mut self, block: &str) {
        let (mut name, mut sources) = (None, "");
        for item in items(block, false) {
            if let Item::Declaration(declaration) = item {
                match &*declaration.name {
                    "font-family" => {
                        let plain = scan::unescape(declaration.value.trim_matches(['"', '\'']));
                        name = Some(plain.to_lowercase());
                    }
                    "src" => sources = declaration.value,
                    _ => {}
                }
            }
        }
        if let Some(name) = name.filter(|_| self.fonts.len() < CSS_RULES_MAX) {
            let new = || Rc::new(Family::new(Rc::clone(&self.font_budget)));
            self.fonts.entry(name).or_insert_with(new).add(sources);
        }
    }

    /// Keeps the frames that an animation begins and ends in.
    fn keyframes(&mut self, name: &str, block: &str) {
        let mut frames = Frames::default();
        for item in items(block, true) {
            let Item::Rule { prelude, block } = item else {
                continue;
            };
            let block = || Block::parse(block, self.quirks);
            let mut at = scan::split(prelude, b',').into_iter();
            if at.clone().any(|frame| frame == "100%" || frame.eq_ignore_ascii_case("to")) {
                frames.to = block();
            }
            if at.any(|frame| frame == "0%" || frame.eq_ignore_ascii_case("from")) {
                frames.from = block();
            }
        }
        if self.keyframes.len() < CSS_RULES_MAX {
            let name = scan::unescape(name.trim_matches(['"', '\''])).into_owned();
            self.keyframes.insert(name, frames);
        }
    }
}

fn views(media: Media) -> u8 {
    let mut views = 0;
    if media.screen == Truth::Yes {
        views |= SCREEN;
    }
    if media.print == Truth::Yes {
        views |= PRINT;
    }
    if media.screen != Truth::No {
        views |= DOUBT;
    }
    views
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(text: &str) -> Sheets {
        let mut sheets = Sheets::new(false, Rc::default());
        sheets.add(text, "");
        sheets.finish();
        sheets
    }

    #[test]
    fn only_what_matters_is_kept() {
        let found = sheets("a{border:1px} b{color:red;cursor:help} @font-face{src:x} c{}");
        assert_eq!(found.rules.len(), 1);
        assert_eq!(found.views, 0);
    }

    #[test]
    fn views_are_those_in_which_a_rule_holds() {
        let found = sheets(
            "a{top:0} @media print{b{top:0}} @media (gleam){c{top:0}} @media (max-width:9px){d{top:0}}",
        );
        let views: Vec<_> = found.rules.iter().map(|rule| rule.views).collect();
        assert_eq!(views, [SCREEN | PRINT | DOUBT, PRINT, DOUBT]);
        assert_eq!(found.views, PRINT | DOUBT);
    }

    #[test]
    fn layers_rank_below_what_is_in_none() {
        let found = sheets(
            "a{top:0} @layer x, y; @layer y{b{top:0}} @layer x{c{top:0} @layer z{d{top:0}}}",
        );
        let layer = |at: usize| found.rules.get(at).map(|rule| rule.layer).unwrap();
        assert_eq!(layer(0), NO_LAYER);
        assert!(layer(2) < layer(1), "x comes before y");
        assert!(layer(3) < layer(2), "a layer within x comes before the rest of x");
    }

    #[test]
    fn nested_rules_are_unfolded() {
        let found = sheets(".a{ .b &{top:0} > .c{top:0} left:0; @media print{top:1px} }");
        assert_eq!(found.rules.len(), 4);
    }

    #[test]
    fn a_rule_with_an_invalid_selector_is_dropped_whole() {
        assert!(sheets("p, :not(, b{display:block} .x:: {top:0}").rules.is_empty());
    }

    #[test]
    fn a_sheet_of_blocks_in_blocks_is_cut() {
        let found = sheets(&"@media all{".repeat(100_000));
        assert!(found.is_cut);
    }
}
