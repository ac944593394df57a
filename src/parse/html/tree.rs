//! The tree of a page: a flat arena that the tree builder of `html5ever` fills.
//!
//! Nodes are numbers in one vector, so that neither walking nor dropping a tree recurses. Each
//! element and text remembers what place of the source was being read when it was made; HTML does
//! not use it, Markdown does.

use std::cell::{Cell, Ref, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, LocalName, QualName};

/// Position of a node in the arena.
pub(crate) type NodeId = u32;
/// No node.
pub(crate) const NONE: NodeId = u32::MAX;
/// The document itself.
pub(crate) const ROOT: NodeId = 0;

/// One node with its links.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) parent: NodeId,
    pub(crate) first: NodeId,
    pub(crate) last: NodeId,
    pub(crate) prev: NodeId,
    pub(crate) next: NodeId,
    /// Bytes of the source that it came from; Markdown only.
    pub(crate) source: (u32, u32),
    pub(crate) data: Data,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Data {
    /// The document, or the contents of a template.
    Container,
    Element(Box<Element>),
    Text(StrTendril),
    Comment(StrTendril),
}

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: QualName,
    pub(crate) attrs: Vec<Attribute>,
    /// Filled by `Tree::name`, when there are rules to match.
    pub(crate) id: Option<LocalName>,
    pub(crate) classes: Vec<LocalName>,
    /// Contents of a template.
    pub(crate) contents: NodeId,
    /// Position among its parent's elements, from 1; and how many there are. Filled by `number`.
    pub(crate) position: u32,
    pub(crate) siblings: u32,
}

impl Element {
    pub(crate) fn tag(&self) -> &str {
        &self.name.local
    }

    pub(crate) fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|attr| *attr.name.local == *name).map(|attr| &*attr.value)
    }

    pub(crate) fn is_html(&self) -> bool {
        self.name.ns == html5ever::ns!(html)
    }

    pub(crate) fn is_svg(&self) -> bool {
        self.name.ns == html5ever::ns!(svg)
    }
}

/// A page's nodes.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    pub(crate) elements: usize,
    /// No or an old doctype: classes match in any case and lengths need no unit.
    pub(crate) quirks: bool,
    /// Name of whatever is no element.
    nameless: QualName,
}

impl Tree {
    pub(crate) fn new() -> Self {
        let nameless = QualName::new(None, html5ever::ns!(), LocalName::from(""));
        let mut tree = Self { nodes: Vec::new(), elements: 0, quirks: false, nameless };
        tree.push(Data::Container, (0, 0));
        tree
    }

    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::try_from(id).ok()?)
    }

    fn get_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(usize::try_from(id).ok()?)
    }

    /// Every node, whether it is still in the tree or not.
    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> {
        0..u32::try_from(self.nodes.len()).unwrap_or(NONE)
    }

    pub(crate) fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.get(id)?.data {
            Data::Element(element) => Some(element),
            Data::Container | Data::Text(_) | Data::Comment(_) => None,
        }
    }

    fn element_mut(&mut self, id: NodeId) -> Option<&mut Element> {
        match &mut self.get_mut(id)?.data {
            Data::Element(element) => Some(element),
            Data::Container | Data::Text(_) | Data::Comment(_) => None,
        }
    }

    pub(crate) fn parent(&self, id: NodeId) -> NodeId {
        self.get(id).map_or(NONE, |node| node.parent)
    }

    pub(crate) fn first(&self, id: NodeId) -> NodeId {
        self.get(id).map_or(NONE, |node| node.first)
    }

    pub(crate) fn next(&self, id: NodeId) -> NodeId {
        self.get(id).map_or(NONE, |node| node.next)
    }

    pub(crate) fn prev(&self, id: NodeId) -> NodeId {
        self.get(id).map_or(NONE, |node| node.prev)
    }

    /// The nearest element before this node among its siblings.
    pub(crate) fn prev_element(&self, id: NodeId) -> NodeId {
        let mut at = self.prev(id);
        while at != NONE && self.element(at).is_none() {
            at = self.prev(at);
        }
        at
    }

    /// The node after `at` in document order that lies within `top`; template contents are not
    /// within. `skip` leaves out what is below `at`.
    pub(crate) fn following(&self, at: NodeId, top: NodeId, skip: bool) -> NodeId {
        let first = if skip { NONE } else { self.first(at) };
        if first != NONE {
            return first;
        }
        let mut at = at;
        while at != top && at != NONE {
            let next = self.next(at);
            if next != NONE {
                return next;
            }
            at = self.parent(at);
        }
        NONE
    }

    fn push(&mut self, data: Data, source: (u32, u32)) -> NodeId {
        let id = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let (parent, first, last, prev, next) = (NONE, NONE, NONE, NONE, NONE);
        self.nodes.push(Node { parent, first, last, prev, next, source, data });
        id
    }

    fn detach(&mut self, id: NodeId) {
        let Some((parent, prev, next)) = self.get(id).map(|n| (n.parent, n.prev, n.next)) else {
            return;
        };
        if let Some(node) = self.get_mut(prev) {
            node.next = next;
        }
        if let Some(node) = self.get_mut(next) {
            node.prev = prev;
        }
        if let Some(node) = self.get_mut(parent) {
            if node.first == id {
                node.first = next;
            }
            if node.last == id {
                node.last = prev;
            }
        }
        if let Some(node) = self.get_mut(id) {
            (node.parent, node.prev, node.next) = (NONE, NONE, NONE);
        }
    }

    /// Puts `id` under `parent` before `before`, or last when that is `NONE`.
    fn insert(&mut self, id: NodeId, parent: NodeId, before: NodeId) {
        self.detach(id);
        let prev = if before == NONE {
            self.get(parent).map_or(NONE, |node| node.last)
        } else {
            self.prev(before)
        };
        if let Some(node) = self.get_mut(id) {
            (node.parent, node.prev, node.next) = (parent, prev, before);
        }
        match self.get_mut(prev) {
            Some(node) => node.next = id,
            None => {
                if let Some(node) = self.get_mut(parent) {
                    node.first = id;
                }
            }
        }
        match self.get_mut(before) {
            Some(node) => node.prev = id,
            None => {
                if let Some(node) = self.get_mut(parent) {
                    node.last = id;
                }
            }
        }
    }

    /// Adds text, to the text before it if there is any: two places of one run must not differ.
    fn insert_text(&mut self, text: &StrTendril, parent: NodeId, before: NodeId, at: (u32, u32)) {
        let prev = if before == NONE {
            self.get(parent).map_or(NONE, |node| node.last)
        } else {
            self.prev(before)
        };
        if let Some(node) = self.get_mut(prev)
            && let Data::Text(present) = &mut node.data
        {
            present.push_tendril(text);
            node.source.1 = node.source.1.max(at.1);
            return;
        }
        let id = self.push(Data::Text(text.clone()), at);
        self.insert(id, parent, before);
    }

    /// Fills ids and classes, which only matching needs.
    pub(crate) fn name(&mut self) {
        let quirks = self.quirks;
        for node in &mut self.nodes {
            if let Data::Element(element) = &mut node.data {
                element.fill(quirks);
            }
        }
    }

    /// Fills positions.
    pub(crate) fn number(&mut self) {
        for index in 0..self.nodes.len() {
            self.number_children(u32::try_from(index).unwrap_or(NONE));
        }
    }

    fn number_children(&mut self, parent: NodeId) {
        let mut count = 0;
        let mut at = self.first(parent);
        while at != NONE {
            if let Some(element) = self.element_mut(at) {
                count += 1;
                element.position = count;
            }
            at = self.next(at);
        }
        let mut at = if count == 0 { NONE } else { self.first(parent) };
        while at != NONE {
            if let Some(element) = self.element_mut(at) {
                element.siblings = count;
            }
            at = self.next(at);
        }
    }
}

impl Element {
    fn fill(&mut self, quirks: bool) {
        let folded = |text: &str| {
            if quirks { LocalName::from(text.to_ascii_lowercase()) } else { LocalName::from(text) }
        };
        let id = self.attr("id").filter(|id| !id.is_empty()).map(folded);
        let classes = self
            .attr("class")
            .map(|classes| classes.split_ascii_whitespace().map(folded).collect())
            .unwrap_or_default();
        (self.id, self.classes) = (id, classes);
    }
}

/// What the tree builder writes into, with counters of its work.
#[derive(Debug)]
pub(crate) struct Sink {
    tree: RefCell<Tree>,
    /// Looks at open elements: the measure of quadratic nesting.
    pub(crate) steps: Cell<usize>,
    /// What place of the source is being read.
    pub(crate) at: Cell<(u32, u32)>,
    last_parent: Cell<NodeId>,
}

impl Sink {
    pub(crate) fn new() -> Self {
        Self {
            tree: RefCell::new(Tree::new()),
            steps: Cell::new(0),
            at: Cell::new((0, 0)),
            last_parent: Cell::new(ROOT),
        }
    }

    pub(crate) fn elements(&self) -> usize {
        self.tree.borrow().elements
    }

    /// Adds a comment where the last node was added, past the tokenizer: whatever its text is, it
    /// stays a comment.
    pub(crate) fn comment(&self, text: &str) {
        let mut tree = self.tree.borrow_mut();
        let id = tree.push(Data::Comment(StrTendril::from_slice(text)), self.at.get());
        tree.insert(id, self.last_parent.get(), NONE);
    }

    fn step(&self) {
        self.steps.set(self.steps.get().saturating_add(1));
    }

    fn place(&self, child: NodeOrText<NodeId>, parent: NodeId, before: NodeId) {
        let mut tree = self.tree.borrow_mut();
        self.last_parent.set(parent);
        match child {
            NodeOrText::AppendNode(id) => tree.insert(id, parent, before),
            NodeOrText::AppendText(text) => {
                tree.insert_text(&text, parent, before, self.at.get());
            }
        }
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Tree;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Tree {
        self.tree.into_inner()
    }

    fn parse_error(&self, _: std::borrow::Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        self.step();
        Ref::map(self.tree.borrow(), |tree| {
            tree.element(*target).map_or(&tree.nameless, |element| &element.name)
        })
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        let mut tree = self.tree.borrow_mut();
        tree.elements = tree.elements.saturating_add(1);
        let contents =
            if flags.template { tree.push(Data::Container, self.at.get()) } else { NONE };
        let (id, classes, position, siblings) = (None, Vec::new(), 0, 0);
        let element = Element { name, attrs, id, classes, contents, position, siblings };
        let made = tree.push(Data::Element(Box::new(element)), self.at.get());
        // Contents know their template, but are not among its children.
        if let Some(node) = tree.get_mut(contents) {
            node.parent = made;
        }
        made
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.tree.borrow_mut().push(Data::Comment(text), self.at.get())
    }

    /// Extractors that keep comments keep these too.
    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        let mut text = target;
        text.push_char(' ');
        text.push_tendril(&data);
        self.create_comment(text)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.place(child, *parent, NONE);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        prev_element: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        let parent = self.tree.borrow().parent(*element);
        if parent == NONE {
            self.place(child, *prev_element, NONE);
        } else {
            self.place(child, parent, *element);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.tree.borrow().element(*target).map_or(*target, |element| element.contents)
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        self.step();
        x == y
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.tree.borrow_mut().quirks = mode == QuirksMode::Quirks;
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let parent = self.tree.borrow().parent(*sibling);
        let parent = if parent == NONE { ROOT } else { parent };
        self.place(child, parent, *sibling);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attrs: Vec<Attribute>) {
        let mut tree = self.tree.borrow_mut();
        let Some(element) = tree.element_mut(*target) else {
            return;
        };
        for attr in attrs {
            let full = element.attrs.len() >= crate::domain::limits::HTML_ATTRIBUTES_MAX;
            if !full && !element.attrs.iter().any(|present| present.name == attr.name) {
                element.attrs.push(attr);
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.tree.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut tree = self.tree.borrow_mut();
        loop {
            let child = tree.first(*node);
            if child == NONE {
                break;
            }
            self.step();
            tree.insert(child, *new_parent, NONE);
        }
    }
}
