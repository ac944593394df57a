//! Which declaration wins for each property of an element.
//!
//! Rules are found by the id, class or tag of what they are about, so that an element is tested
//! against few of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use html5ever::LocalName;

use super::css::matching::Matcher;
use super::css::property;
use super::css::selector::{Complex, Test};
use super::css::sheet::{Block, DOUBT, NO_LAYER, Rule, Sheets};
use super::css::truth::Truth;
use super::css::value::{PROPERTIES, Position, Property, Value, Wide};
use super::tree::{Element, NodeId, Tree};
use super::variables::substitute;

/// Inline styles that are kept read; pages repeat few of them very often.
const INLINE_KEPT_MAX: usize = 2_000;

/// How much a declaration weighs: origin and importance, layer, selector, order.
type Rank = (u8, u16, u32, u32);

const HINT: u8 = 1;
const AUTHOR: u8 = 2;
const ANIMATION: u8 = 3;
const IMPORTANT: u8 = 4;

/// The sheets of a page, ready to be asked.
#[derive(Debug)]
pub(crate) struct Cascade<'a> {
    pub(crate) sheets: &'a Sheets,
    pub(crate) matcher: Matcher<'a>,
    elements: Index<'a>,
    parts: Index<'a>,
    /// Rules that place what they are about.
    placing: Index<'a>,
    inline: RefCell<BTreeMap<String, Rc<Block>>>,
    quirks: bool,
}

/// Rules by what stands at their end.
#[derive(Debug, Default)]
struct Index<'a> {
    by_id: BTreeMap<&'a LocalName, Vec<usize>>,
    by_class: BTreeMap<&'a LocalName, Vec<usize>>,
    by_tag: BTreeMap<&'a LocalName, Vec<usize>>,
    others: Vec<usize>,
    is_used: bool,
}

impl<'a> Index<'a> {
    fn file(&mut self, selector: &'a Complex, index: usize) {
        let Some((tests, _)) = selector.parts.first() else {
            return;
        };
        let mut class = None;
        let mut tag = None;
        for test in tests {
            match test {
                Test::Id(id) => {
                    self.is_used = true;
                    return self.by_id.entry(id).or_default().push(index);
                }
                Test::Class(name) => class = Some(name),
                Test::Tag(name) => tag = Some(name),
                // A rule that is about nothing at rest: `a:hover`, `p::marker`.
                Test::Always(Truth::No) => return,
                _ => {}
            }
        }
        self.is_used = true;
        match (class, tag) {
            (Some(class), _) => self.by_class.entry(class).or_default().push(index),
            (None, Some(tag)) => self.by_tag.entry(tag).or_default().push(index),
            (None, None) => self.others.push(index),
        }
    }

    /// Hands on the rules that may be about this element.
    fn near(&self, element: &Element, mut test: impl FnMut(&[usize])) {
        let empty: &[usize] = &[];
        if let Some(id) = &element.id {
            test(self.by_id.get(id).map_or(empty, Vec::as_slice));
        }
        for class in &element.classes {
            test(self.by_class.get(class).map_or(empty, Vec::as_slice));
        }
        if !self.by_tag.is_empty() {
            match self.by_tag.get(&element.name.local) {
                Some(rules) => test(rules),
                None if element.is_html() => {}
                None => {
                    let lower = element.name.local.to_ascii_lowercase();
                    test(self.by_tag.get(&lower).map_or(empty, Vec::as_slice));
                }
            }
        }
        test(&self.others);
    }
}

/// Rules that are about an element, and how surely.
pub(crate) type Matched<'a> = Vec<(&'a Rule, u32, Truth)>;

impl<'a> Cascade<'a> {
    pub(crate) fn new(sheets: &'a Sheets, tree: &'a Tree) -> Self {
        let mut cascade = Self {
            sheets,
            matcher: Matcher::new(tree),
            elements: Index::default(),
            parts: Index::default(),
            placing: Index::default(),
            inline: RefCell::new(BTreeMap::new()),
            quirks: tree.quirks,
        };
        for (index, rule) in sheets.rules.iter().enumerate() {
            if let Some(selector) = rule.selector() {
                match selector.part {
                    None => {
                        cascade.elements.file(selector, index);
                        if rule.block.set.iter().any(is_placing) {
                            cascade.placing.file(selector, index);
                        }
                    }
                    Some(_) => cascade.parts.file(selector, index),
                }
            }
        }
        cascade
    }

    /// The rules that are about this element.
    pub(crate) fn matched(&self, node: NodeId, element: &Element) -> Matched<'a> {
        self.matched_in(&self.elements, node, element)
    }

    /// The rules that are about parts of this element.
    pub(crate) fn matched_parts(&self, node: NodeId, element: &Element) -> Matched<'a> {
        self.matched_in(&self.parts, node, element)
    }

    fn matched_in(&self, index: &Index<'a>, node: NodeId, element: &Element) -> Matched<'a> {
        let mut matched = Matched::new();
        // Past the bound every answer is in doubt, and the page with it.
        if !index.is_used || self.matcher.is_spent() {
            return matched;
        }
        index.near(element, |indexes| {
            for rule in indexes.iter().filter_map(|index| self.sheets.rules.get(*index)) {
                let Some(selector) = rule.selector() else {
                    continue;
                };
                let truth = self.matcher.matches(node, selector);
                if truth != Truth::No {
                    matched.push((rule, selector.weight, truth));
                }
            }
        });
        matched
    }

    /// Whether an element may be taken out of the flow; most cannot, and need not be looked at.
    pub(crate) fn may_be_placed(&self, element: &Element) -> bool {
        let mut has_rule = false;
        if self.placing.is_used {
            self.placing.near(element, |indexes| has_rule |= !indexes.is_empty());
        }
        let is_placed = |block: Rc<Block>| block.set.iter().any(is_placing);
        has_rule || self.inline(element).is_some_and(is_placed)
    }

    /// An element's own `style`.
    pub(crate) fn inline(&self, element: &Element) -> Option<Rc<Block>> {
        let text = element.attr("style").filter(|text| !text.trim().is_empty())?;
        if let Some(known) = self.inline.borrow().get(text) {
            return Some(Rc::clone(known));
        }
        let block = Rc::new(Block::parse(text, self.quirks));
        let mut kept = self.inline.borrow_mut();
        if kept.len() < INLINE_KEPT_MAX {
            kept.insert(text.to_owned(), Rc::clone(&block));
        }
        Some(block)
    }

    pub(crate) const fn quirks(&self) -> bool {
        self.quirks
    }
}

fn is_placing((property, value, _): &(Property, Value, bool)) -> bool {
    use Position::{Relative, Static, Sticky};
    *property == Property::Position && !matches!(value, Value::Position(Static | Relative | Sticky))
}

/// The winning declaration of each property.
#[derive(Debug)]
pub(crate) struct Winners<'v> {
    slots: [Option<(Rank, &'v Value)>; PROPERTIES],
    custom: BTreeMap<&'v str, (Rank, &'v str)>,
}

impl<'v> Winners<'v> {
    pub(crate) const fn new() -> Self {
        Self { slots: [None; PROPERTIES], custom: BTreeMap::new() }
    }

    /// Attributes that stand for style.
    pub(crate) fn hints(&mut self, set: &'v [(Property, Value)]) {
        for (property, value) in set {
            self.put(*property, value, (HINT, 0, 0, 0));
        }
    }

    /// Rules that hold in this view.
    pub(crate) fn rules(&mut self, matched: &Matched<'v>, view: u8) {
        for (rule, weight, truth) in matched {
            let holds = rule.views & view != 0 && (*truth == Truth::Yes || view == DOUBT);
            if holds {
                let rank = |important: bool| {
                    let layer = if important { NO_LAYER - rule.layer } else { rule.layer };
                    (if important { IMPORTANT } else { AUTHOR }, layer, *weight, rule.order)
                };
                self.block(&rule.block, rank);
            }
        }
    }

    pub(crate) fn inline(&mut self, block: &'v Block) {
        self.block(block, |important| {
            (if important { IMPORTANT } else { AUTHOR }, NO_LAYER, u32::MAX, u32::MAX)
        });
    }

    /// What an animation leaves when it has ended.
    pub(crate) fn animation(&mut self, sheets: &'v Sheets) {
        let Some(Value::Names(names)) = self.slot(Property::AnimationName) else {
            return;
        };
        let stays = self.slot(Property::AnimationFill) == Some(&Value::Flag(true));
        let rests = self.slot(Property::AnimationPlay) == Some(&Value::Flag(true));
        let is_long = self.slot(Property::AnimationTime) == Some(&Value::Word("long"));
        for frames in names.iter().filter_map(|name| sheets.keyframes.get(name)) {
            if rests {
                self.block(&frames.from, |_| (ANIMATION, 0, 0, 0));
            } else if is_long {
                // Whoever looks at any time sees what the first and the last frame agree on.
                for (property, value, _) in &frames.from.set {
                    if frames.to.set.iter().any(|(p, v, _)| p == property && v == value) {
                        self.put(*property, value, (ANIMATION, 0, 0, 0));
                    }
                }
            } else if stays {
                self.block(&frames.to, |_| (ANIMATION, 0, 0, 0));
            }
        }
    }

    fn block(&mut self, block: &'v Block, rank: impl Fn(bool) -> Rank) {
        for (property, value, important) in &block.set {
            self.put(*property, value, rank(*important));
        }
        for (name, value, important) in &block.custom {
            let rank = rank(*important);
            let slot = self.custom.entry(name).or_insert((rank, value));
            if slot.0 <= rank {
                *slot = (rank, value);
            }
        }
    }

    fn put(&mut self, property: Property, value: &'v Value, rank: Rank) {
        if property == Property::All {
            for slot in &mut self.slots {
                replace(slot, value, rank);
            }
        } else if let Some(slot) = self.slots.get_mut(property as usize) {
            replace(slot, value, rank);
        }
    }

    fn slot(&self, property: Property) -> Option<&'v Value> {
        self.slots.get(property as usize).and_then(Option::as_ref).map(|(_, value)| *value)
    }

    pub(crate) fn custom(&self) -> BTreeMap<&'v str, &'v str> {
        self.custom.iter().map(|(name, (_, value))| (*name, *value)).collect()
    }

    /// Text that a part of an element is made of.
    pub(crate) fn content(&self) -> Option<&'v str> {
        match self.slot(Property::Content) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The property's value, with `var()` replaced. Every property of every element is asked for, and few are
    /// set.
    #[inline]
    pub(crate) fn get(
        &self,
        property: Property,
        lookup: &dyn Fn(&str) -> Option<String>,
        quirks: bool,
    ) -> Got {
        match self.slot(property) {
            None => Got::Nothing,
            Some(value) => got(property, value, lookup, quirks),
        }
    }
}

fn got(
    property: Property,
    value: &Value,
    lookup: &dyn Fn(&str) -> Option<String>,
    quirks: bool,
) -> Got {
    match value {
        Value::Wide(Wide::Revert) => Got::Nothing,
        Value::Wide(Wide::Inherit) => Got::Inherit,
        Value::Wide(Wide::Initial) => Got::Initial,
        Value::Wide(Wide::Unset) => Got::Unset,
        Value::Pending(pending) => {
            let (name, text) = &**pending;
            pending_value(property, name, text, lookup, quirks)
        }
        value => Got::Value(value.clone()),
    }
}

fn replace<'v>(slot: &mut Option<(Rank, &'v Value)>, value: &'v Value, rank: Rank) {
    if slot.as_ref().is_none_or(|(present, _)| *present <= rank) {
        *slot = Some((rank, value));
    }
}

/// What a property comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Got {
    /// No declaration: inherited, or the browser's own.
    Nothing,
    Inherit,
    Initial,
    /// As if the page had said nothing, and without the browser's own.
    Unset,
    Value(Value),
}

fn pending_value(
    property: Property,
    name: &str,
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    quirks: bool,
) -> Got {
    let mut find = |name: &str, _: usize| lookup(name);
    let Some(text) = substitute(text, &mut find, 0) else {
        return Got::Unset;
    };
    let set = property::parse(name, &text, quirks);
    match set.into_iter().find(|(found, _)| *found == property) {
        None | Some((_, Value::Wide(Wide::Unset) | Value::Pending(_))) => Got::Unset,
        Some((_, Value::Wide(Wide::Inherit))) => Got::Inherit,
        Some((_, Value::Wide(Wide::Initial))) => Got::Initial,
        Some((_, Value::Wide(Wide::Revert))) => Got::Nothing,
        Some((_, value)) => Got::Value(value),
    }
}
