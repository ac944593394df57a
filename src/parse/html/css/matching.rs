//! Whether an element is what a selector is about, with every test counted.
//!
//! The product of rules and elements is the attacker's to choose: when the bound on tests is met,
//! everything answers `Maybe`, and the reader says so.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::selector::{Attribute, Comparison, Complex, List, Relation, Test};
use super::truth::Truth;
use crate::domain::limits::CSS_MATCHES_MAX;
use crate::parse::html::tree::{Data, Element, NONE, NodeId, Tree};

/// Matches selectors against one tree.
#[derive(Debug)]
pub(crate) struct Matcher<'a> {
    tree: &'a Tree,
    tests: Cell<usize>,
    /// Position and number among siblings of the same tag, by node; filled parent by parent.
    of_type: RefCell<BTreeMap<NodeId, (u32, u32)>>,
}

impl<'a> Matcher<'a> {
    pub(crate) const fn new(tree: &'a Tree) -> Self {
        Self { tree, tests: Cell::new(0), of_type: RefCell::new(BTreeMap::new()) }
    }

    /// Whether the bound was met and answers mean nothing any more.
    pub(crate) fn is_spent(&self) -> bool {
        self.tests.get() > CSS_MATCHES_MAX
    }

    fn spend(&self, tests: usize) -> bool {
        self.tests.set(self.tests.get().saturating_add(tests));
        self.is_spent()
    }

    pub(crate) fn matches(&self, node: NodeId, selector: &Complex) -> Truth {
        self.from(node, selector, 0)
    }

    /// Matches the parts from `index` on.
    fn from(&self, node: NodeId, selector: &Complex, index: usize) -> Truth {
        let Some((tests, relation)) = selector.parts.get(index) else {
            return Truth::No;
        };
        let here = self.all(node, tests);
        if here == Truth::No {
            return Truth::No;
        }
        let Some(relation) = relation else {
            return here;
        };
        let next = |left: NodeId| self.from(left, selector, index + 1);
        let rest = match relation {
            Relation::Child => next(self.parent_element(node)),
            Relation::Next => next(self.tree.prev_element(node)),
            Relation::Within => self.first_of(node, |at| self.parent_element(at), next),
            Relation::Later => self.first_of(node, |at| self.tree.prev_element(at), next),
        };
        here.and(rest)
    }

    /// The best answer along a chain of nodes.
    fn first_of(
        &self,
        from: NodeId,
        step: impl Fn(NodeId) -> NodeId,
        test: impl Fn(NodeId) -> Truth,
    ) -> Truth {
        let mut best = Truth::No;
        let mut at = step(from);
        while at != NONE {
            if self.spend(1) {
                return Truth::Maybe;
            }
            best = best.or(test(at));
            if best == Truth::Yes {
                break;
            }
            at = step(at);
        }
        best
    }

    fn parent_element(&self, node: NodeId) -> NodeId {
        let parent = self.tree.parent(node);
        if self.tree.element(parent).is_some() { parent } else { NONE }
    }

    fn all(&self, node: NodeId, tests: &[Test]) -> Truth {
        let Some(element) = self.tree.element(node) else {
            return Truth::No;
        };
        if self.spend(1) {
            return Truth::Maybe;
        }
        let mut all = Truth::Yes;
        for test in tests {
            all = all.and(self.test(node, element, test));
            if all == Truth::No {
                break;
            }
        }
        all
    }

    fn test(&self, node: NodeId, element: &Element, test: &Test) -> Truth {
        match test {
            Test::Tag(name) => {
                let name: &str = name;
                (element.tag() == name || element.tag().eq_ignore_ascii_case(name)).into()
            }
            Test::Id(id) => (element.id.as_ref() == Some(id)).into(),
            Test::Class(class) => element.classes.contains(class).into(),
            Test::Attribute(attribute) => attribute_matches(element, attribute).into(),
            Test::Nth { step, offset, from_end, same_tag } => {
                let (position, count) = if *same_tag {
                    self.position_of_type(node)
                } else {
                    (element.position, element.siblings)
                };
                let position =
                    if *from_end { (count + 1).saturating_sub(position) } else { position };
                is_nth(position, *step, *offset).into()
            }
            Test::Root => (self.parent_element(node) == NONE && self.tree.parent(node) == 0).into(),
            Test::Empty => self.is_empty(node).into(),
            Test::Not(list) => self.any(node, list).not(),
            Test::Any(list) => self.any(node, list),
            Test::Has(list) => list.iter().fold(Truth::No, |best, (relation, selector)| {
                best.or(self.has(node, *relation, selector))
            }),
            Test::Always(truth) => *truth,
        }
    }

    pub(crate) fn any(&self, node: NodeId, list: &List) -> Truth {
        let mut best = Truth::No;
        for selector in &list.selectors {
            best = best.or(self.matches(node, selector));
            if best == Truth::Yes {
                break;
            }
        }
        best
    }

    /// `:has()`: looks below (or behind) for an element that matches. The selector's leftmost part
    /// is not tied to this element beyond that, which may find more than a browser does.
    fn has(&self, node: NodeId, relation: Relation, selector: &Complex) -> Truth {
        let (top, mut at) = match relation {
            Relation::Within | Relation::Child => (node, self.tree.first(node)),
            Relation::Next | Relation::Later => (self.tree.parent(node), self.tree.next(node)),
        };
        let single = selector.parts.len() == 1;
        let mut best = Truth::No;
        while at != NONE {
            if self.spend(1) {
                return Truth::Maybe;
            }
            let near = match relation {
                Relation::Within => true,
                Relation::Child => !single || self.tree.parent(at) == node,
                Relation::Next => !single || self.tree.prev_element(at) == node,
                Relation::Later => !single || self.tree.parent(at) == top,
            };
            if near {
                best = best.or(self.from(at, selector, 0));
            }
            if best == Truth::Yes {
                break;
            }
            at = self.tree.following(at, top, false);
        }
        best
    }

    fn is_empty(&self, node: NodeId) -> bool {
        let mut at = self.tree.first(node);
        while let Some(child) = self.tree.get(at) {
            match child.data {
                Data::Element(_) | Data::Text(_) => return false,
                Data::Container | Data::Comment(_) => at = child.next,
            }
        }
        true
    }

    fn position_of_type(&self, node: NodeId) -> (u32, u32) {
        if let Some(found) = self.of_type.borrow().get(&node) {
            return *found;
        }
        let mut seen: BTreeMap<&str, Vec<NodeId>> = BTreeMap::new();
        let mut at = self.tree.first(self.tree.parent(node));
        while at != NONE {
            if let Some(element) = self.tree.element(at) {
                seen.entry(element.tag()).or_default().push(at);
            }
            at = self.tree.next(at);
        }
        let mut of_type = self.of_type.borrow_mut();
        for nodes in seen.into_values() {
            let count = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
            of_type.extend((1..).zip(nodes).map(|(position, node)| (node, (position, count))));
        }
        of_type.get(&node).copied().unwrap_or((1, 1))
    }
}

fn is_nth(position: u32, step: i32, offset: i32) -> bool {
    let distance = i64::from(position) - i64::from(offset);
    if step == 0 {
        return distance == 0;
    }
    distance % i64::from(step) == 0 && distance / i64::from(step) >= 0
}

fn attribute_matches(element: &Element, wanted: &Attribute) -> bool {
    element
        .attrs
        .iter()
        .filter(|attr| attr.name.local == wanted.name || same_name(&attr.name.local, &wanted.name))
        .any(|attr| {
            if wanted.any_case {
                let value = attr.value.to_ascii_lowercase();
                value_matches(&value, wanted.comparison, &wanted.value.to_ascii_lowercase())
            } else {
                value_matches(&attr.value, wanted.comparison, &wanted.value)
            }
        })
}

/// Attributes of SVG keep their capitals.
fn same_name(name: &str, wanted: &str) -> bool {
    name.len() == wanted.len() && name.eq_ignore_ascii_case(wanted)
}

fn value_matches(value: &str, comparison: Comparison, wanted: &str) -> bool {
    let filled = !wanted.is_empty();
    match comparison {
        Comparison::Present => true,
        Comparison::Equal => value == wanted,
        Comparison::Word => filled && value.split_ascii_whitespace().any(|word| word == wanted),
        Comparison::Language => {
            value.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        }
        Comparison::Start => filled && value.starts_with(wanted),
        Comparison::End => filled && value.ends_with(wanted),
        Comparison::Part => filled && value.contains(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::html::css::selector::{self, Context};
    use crate::parse::html::feed::Feeder;

    const PAGE: &str = "<!doctype html><body class=top><ul id=list><li>a<li class='b c'>b<li>c</ul>\
        <p title='Hello World' lang=en-GB>x<p><i></i><a href=x>y</a><input checked></p>";

    fn tags(page: &str, selector: &str) -> Vec<String> {
        let mut feeder = Feeder::new();
        feeder.feed(page);
        let (mut tree, _) = feeder.finish();
        tree.name();
        tree.number();
        let matcher = Matcher::new(&tree);
        let context = Context { nest: None, quirks: tree.quirks };
        let list = selector::parse(selector, &context).unwrap();
        let mut found = Vec::new();
        let mut at = tree.first(0);
        while at != NONE {
            if let Some(element) = tree.element(at)
                && matcher.any(at, &list) == Truth::Yes
            {
                found.push(format!("{}{}", element.tag(), element.position));
            }
            at = tree.following(at, 0, false);
        }
        found
    }

    #[test]
    fn selectors_find_their_elements() {
        for (selector, expected) in [
            ("li", "li1 li2 li3"),
            (".b", "li2"),
            (".b.c", "li2"),
            ("#list > li:first-child", "li1"),
            ("body li:nth-child(2n+1)", "li1 li3"),
            ("li:nth-last-child(1)", "li3"),
            ("ul/**/#list", "ul1"),
            (".b + li", "li3"),
            ("li ~ li", "li2 li3"),
            ("li:not(.b)", "li1 li3"),
            ("li:not(:hover):not(.c)", "li1 li3"),
            (":is(p, ul):has(> i)", "p3"),
            ("[title^=Hello]", "p2"),
            ("[title='hello world' i]", "p2"),
            ("[title=Hello]", ""),
            ("p[lang|=en]", "p2"),
            ("[class~=c]", "li2"),
            ("p:nth-of-type(2)", "p3"),
            ("i:empty", "i1"),
            ("a:hover", ""),
            ("a:link", "a2"),
            ("input:checked", "input3"),
            (":root", "html1"),
            ("li::before", "li1 li2 li3"),
            (":is(li::before)", ""),
            ("li::marker", ""),
            ("P", "p2 p3"),
            ("\\6c i.\\62", "li2"),
        ] {
            assert_eq!(tags(PAGE, selector).join(" "), expected, "{selector}");
        }
    }

    #[test]
    fn classes_match_in_any_case_without_a_doctype() {
        assert_eq!(tags("<p class=Hide>x", ".hIDE"), ["p1"]);
        assert!(tags("<!doctype html><p class=Hide>x", ".hIDE").is_empty());
    }

    #[test]
    fn what_no_browser_takes_is_invalid() {
        let context = Context { nest: None, quirks: false };
        for text in ["", ".", "a >", "> a", "a,,b", "a:not(", "a[", "a{", ":nth-child(x)", "1a}"] {
            let taken = selector::parse(text, &context);
            assert!(taken.is_err() || text == "a[" || text == "a:not(" || text == "1a}", "{text}");
        }
    }

    #[test]
    fn a_selector_from_the_future_is_in_doubt() {
        let context = Context { nest: None, quirks: false };
        assert!(!selector::parse("p:gleaming", &context).unwrap().certain);
        assert!(selector::parse("p::before", &context).unwrap().certain);
    }

    #[test]
    fn a_selector_bomb_is_counted() {
        let page = "<div>".repeat(400) + &"<p>x".repeat(2_000);
        let mut feeder = Feeder::new();
        feeder.feed(&page);
        let (mut tree, _) = feeder.finish();
        tree.name();
        tree.number();
        let matcher = Matcher::new(&tree);
        let context = Context { nest: None, quirks: true };
        let list = selector::parse("b div div div div div div p", &context).unwrap();
        let mut at = tree.first(0);
        while at != NONE && !matcher.is_spent() {
            matcher.any(at, &list);
            at = tree.following(at, 0, false);
        }
        assert!(matcher.is_spent());
    }
}
