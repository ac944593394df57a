//! Walks a tree with the styles of the open elements at hand, and hands every text on with what a
//! person sees of it.
//!
//! Up to three styles are kept for each open element: as the screen shows it, as paper does, and as
//! the screen would if everything in doubt were true. Text that only the last one hides is
//! undetermined.

mod around;
mod content;
mod covers;
mod generated;
mod judge;
mod layers;
mod shadow;

use std::collections::BTreeMap;

use covers::Bar;
use layers::{Layer, Shape};
use shadow::Slots;

use super::attached;
use super::cascade::{Cascade, Matched, Winners};
use super::css::selector::Part;
use super::css::sheet::{Block, DOUBT, PRINT, SCREEN};
use super::css::value::{Display, Property, Value};
use super::font::Look;
use super::page::Reading;
use super::runs::{Gap, Piece, Runs};
use super::structure::{gap_of, inner_of, is_block, kind_of};
use super::style::{Setting, Style};
use super::tree::{Data, Element, NONE, NodeId, Tree};
use super::user_agent;
use super::variables::{Variables, resolve};
use crate::domain::document::{BlockKind, Doubt, Hiding, NoticeKind, Visibility};
use crate::domain::limits::HTML_DEPTH_MAX;

/// One view of an open element.
struct View {
    style: Style,
    variables: Option<Variables>,
}

/// What was computed of an element before the walk came to it.
struct Computed<'a> {
    matched: Matched<'a>,
    view: View,
}

/// An open element.
struct Frame<'a> {
    node: NodeId,
    screen: View,
    print: Option<View>,
    doubt: Option<View>,
    kind: BlockKind,
    owner: NodeId,
    gap: Gap,
    takes_part: bool,
    /// What its content is, whatever style says: fallbacks, fields, closed parts.
    inner: Option<Visibility>,
    verdict: Option<Visibility>,
    /// Rules about its parts.
    parts: Matched<'a>,
    /// Boxes that lie over all of it.
    layers: Vec<Layer>,
    /// Boxes among its children that may lie over text that is placed by the page, once they were looked for.
    bars: Option<Vec<Bar>>,
    /// What its own text is, since such a box lies over it.
    cover: Option<Visibility>,
    /// The shadow tree that it is in, by the container of its contents.
    scope: NodeId,
    /// Slots that its shadow tree has, when it hosts one.
    slots: Option<Slots>,
    /// Shapes of the drawing that it is, so far.
    shapes: Vec<Shape>,
}

/// Reads one tree.
pub(crate) struct Walker<'a, 'r, 'b> {
    tree: &'a Tree,
    page_cascade: Cascade<'a>,
    shadows: BTreeMap<NodeId, Cascade<'a>>,
    reading: Reading<'r>,
    runs: &'a mut Runs<'b>,
    frames: Vec<Frame<'a>>,
    /// Children of open elements that were looked at ahead, so that it is not done twice.
    ahead: BTreeMap<NodeId, Computed<'a>>,
    page: Style,
    root_font_px: f32,
    depth: usize,
    told_depth: bool,
}

impl<'a, 'r, 'b> Walker<'a, 'r, 'b> {
    pub(crate) fn new(
        tree: &'a Tree,
        page_cascade: Cascade<'a>,
        shadows: BTreeMap<NodeId, Cascade<'a>>,
        reading: Reading<'r>,
        runs: &'a mut Runs<'b>,
        is_dark: bool,
    ) -> Self {
        let page = Style::page(is_dark);
        let root_font_px = page.font_px();
        let (frames, depth, told_depth) = (Vec::new(), 0, false);
        Self {
            tree,
            page_cascade,
            shadows,
            reading,
            runs,
            frames,
            ahead: BTreeMap::new(),
            page,
            root_font_px,
            depth,
            told_depth,
        }
    }

    /// The sheets that hold where the walk stands.
    fn cascade(&self) -> &Cascade<'a> {
        let scope = self.frames.last().map_or(NONE, |frame| frame.scope);
        if scope == NONE {
            return &self.page_cascade;
        }
        self.shadows.get(&scope).unwrap_or(&self.page_cascade)
    }

    /// Reads everything under a node.
    pub(crate) fn walk(&mut self, top: NodeId) {
        let mut at = self.tree.first(top);
        while at != NONE && !self.runs.builder.is_full() {
            let first = if self.visit(at) { self.first_in(at) } else { NONE };
            if first != NONE {
                at = first;
                continue;
            }
            if self.tree.element(at).is_some() {
                self.leave();
            }
            at = self.after(at, top);
        }
        self.runs.flush();
        self.tell();
    }

    fn first_in(&self, node: NodeId) -> NodeId {
        let contents = self.tree.element(node).map_or(NONE, |element| element.contents);
        self.tree.first(if contents == NONE { node } else { contents })
    }

    /// The next node after everything in `at`; elements that end on the way are left.
    fn after(&mut self, at: NodeId, top: NodeId) -> NodeId {
        let mut at = at;
        loop {
            let next = self.tree.next(at);
            if next != NONE {
                return next;
            }
            at = self.tree.parent(at);
            if at == top || at == NONE {
                return NONE;
            }
            if self.tree.element(at).is_some() {
                self.leave();
            }
        }
    }

    fn tell(&mut self) {
        let builder = &mut self.runs.builder;
        if self.page_cascade.matcher.is_spent() {
            builder.notice(
                NoticeKind::LimitReached,
                None,
                "more selector tests than one page may need",
            );
        }
        if self.page_cascade.sheets.is_cut {
            builder.notice(
                NoticeKind::LimitReached,
                None,
                "more style rules than one page may have",
            );
        }
    }

    /// Handles a node; whether its children are to be read.
    fn visit(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        match tree.get(node).map(|node| &node.data) {
            Some(Data::Element(element)) => self.enter(node, element),
            Some(Data::Text(text)) => {
                self.text(node, text);
                false
            }
            Some(Data::Comment(text)) => {
                let place = self.reading.place(tree, self.place_of(node));
                self.runs.attach(text, Visibility::Hidden(Hiding::Comment), place);
                false
            }
            Some(Data::Container) => true,
            None => false,
        }
    }

    /// Markdown has a place for every node; HTML only for elements.
    fn place_of(&self, node: NodeId) -> NodeId {
        if self.reading.source.is_some() { node } else { self.tree.parent(node) }
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth >= HTML_DEPTH_MAX {
            return;
        }
        self.generated(Part::After);
        if let Some(frame) = self.frames.pop() {
            self.runs.part(frame.gap, frame.takes_part);
        }
    }

    fn enter(&mut self, node: NodeId, element: &Element) -> bool {
        self.depth += 1;
        if self.depth > HTML_DEPTH_MAX {
            self.too_deep(node, element);
            return true;
        }
        let frame = self.frame(node, element);
        self.runs.part(frame.gap, frame.takes_part);
        if element.tag() == "br" {
            self.runs.part(Gap::Break, frame.screen.style.takes_part());
        }
        self.frames.push(frame);
        self.open_layers(node);
        self.look_for_bars(node);
        self.note_shape(element);
        self.attach(node, element);
        self.generated(Part::Before);
        self.content(node, element)
    }

    fn too_deep(&mut self, node: NodeId, element: &Element) {
        if !self.told_depth {
            self.told_depth = true;
            let place = self.reading.place(self.tree, node);
            let detail = "elements nested deeper than a page may be";
            self.runs.builder.notice(NoticeKind::LimitReached, Some(place), detail);
        }
        for (value, _) in attached::values(element, false) {
            let place = self.reading.place(self.tree, node);
            self.runs.attach(value, Visibility::Undetermined(Doubt::Broken), place);
        }
    }

    fn frame(&mut self, node: NodeId, element: &Element) -> Frame<'a> {
        let mut own = user_agent::default(element);
        if matches!(element.tag(), "option" | "optgroup") && !self.is_in_field() {
            own.display = Display::Block;
        }
        let hints = user_agent::hints(element);
        let (matched, known) = match self.ahead.remove(&node) {
            Some(Computed { matched, view }) => (Some(matched), Some(view)),
            None => (None, None),
        };
        let cascade = self.cascade();
        let matched = matched.unwrap_or_else(|| cascade.matched(node, element));
        let parts = cascade.matched_parts(node, element);
        let inline = cascade.inline(element);
        let sources =
            Sources { own: &own, hints: &hints, matched: &matched, inline: inline.as_deref() };
        let mut screen = known.unwrap_or_else(|| self.view(SCREEN, element, &sources));
        let views = cascade.sheets.views;
        let mut print = (views & PRINT != 0).then(|| self.view(PRINT, element, &sources));
        let mut doubt = (views & DOUBT != 0).then(|| self.view(DOUBT, element, &sources));
        if self.frames.is_empty() {
            self.root_font_px = screen.style.font_px();
        }
        let forced = self.forced(node, element);
        let label = self.is_label(node, element, &screen.style);
        for view in [Some(&mut screen), print.as_mut(), doubt.as_mut()].into_iter().flatten() {
            view.style.is_label |= label;
            if let Some(forced) = forced.filter(|_| !view.style.is_gone()) {
                view.style.lose(forced);
            }
        }
        let space = self.space(element, &screen.style);
        screen.style.space = space;
        let outer = self.frames.last();
        let inherited = outer.map_or(BlockKind::Paragraph, |outer| outer.kind);
        let is_block = is_block(screen.style.display, own.display);
        let owner = if is_block { node } else { outer.map_or(node, |outer| outer.owner) };
        Frame {
            node,
            kind: kind_of(element, inherited),
            owner,
            gap: if is_block { gap_of(element) } else { Gap::None },
            takes_part: screen.style.takes_part(),
            inner: inner_of(element),
            verdict: None,
            parts,
            layers: Vec::new(),
            bars: None,
            cover: None,
            scope: self.scope_of(element),
            slots: self.slots_of(node, element),
            shapes: Vec::new(),
            screen,
            print,
            doubt,
        }
    }

    /// Whether the walk is in a list to choose from.
    fn is_in_field(&self) -> bool {
        self.frames
            .iter()
            .rev()
            .filter_map(|frame| self.tree.element(frame.node))
            .any(|element| matches!(element.tag(), "select" | "datalist"))
    }

    fn view(&self, view: u8, element: &Element, sources: &Sources<'_>) -> View {
        self.view_in(&self.frames, view, element, sources)
    }

    /// A view of an element in the innermost of these.
    fn view_in(
        &self,
        frames: &[Frame<'_>],
        view: u8,
        element: &Element,
        sources: &Sources<'_>,
    ) -> View {
        let around = frames.last().map_or(&self.page, |frame| &frame.view(view).style);
        if sources.are_empty()
            && let Some(style) = around.undeclared(sources.own, element.is_svg())
        {
            return View { style, variables: None };
        }
        let mut winners = Winners::new();
        winners.hints(sources.hints);
        winners.rules(sources.matched, view);
        if let Some(inline) = sources.inline {
            winners.inline(inline);
        }
        let cascade = self.cascade();
        winners.animation(cascade.sheets);
        let outer = |name: &str| self.variable_in(frames, view, name);
        let custom = winners.custom();
        let variables = (!custom.is_empty()).then(|| resolve(&custom, &outer));
        let lookup = |name: &str| match variables.as_ref().and_then(|own| own.get(name)) {
            Some(value) => value.clone(),
            None => outer(name),
        };
        let setting = Setting {
            own: sources.own,
            winners: &winners,
            lookup: &lookup,
            quirks: cascade.quirks(),
            is_root: frames.is_empty(),
            is_svg: element.is_svg(),
            root_font_px: self.root_font_px,
            fonts: &cascade.sheets.fonts,
            is_page: matches!(element.tag(), "html" | "body"),
        };
        View { style: around.inside(&setting), variables }
    }

    fn variable(&self, view: u8, name: &str) -> Option<String> {
        self.variable_in(&self.frames, view, name)
    }

    fn variable_in(&self, frames: &[Frame<'_>], view: u8, name: &str) -> Option<String> {
        let registered = self.cascade().sheets.registered.get(name);
        let initial = || registered.and_then(|(_, initial)| initial.clone());
        if registered.is_some_and(|(inherits, _)| !inherits) {
            return initial();
        }
        frames
            .iter()
            .rev()
            .filter_map(|frame| frame.view(view).variables.as_ref())
            .find_map(|variables| variables.get(name))
            .cloned()
            .flatten()
            .or_else(initial)
    }

    fn text(&mut self, node: NodeId, text: &str) {
        if self.frames.is_empty() {
            return;
        }
        let visibility = if self.depth > HTML_DEPTH_MAX {
            Visibility::Undetermined(Doubt::Broken)
        } else {
            let inner = self.frames.last().and_then(|frame| frame.inner);
            let own = self.verdict();
            match (self.layered(node, own), inner) {
                (Visibility::Hidden(hiding), _) => Visibility::Hidden(hiding),
                (own, inner) => self.unslotted().or(inner).unwrap_or(own),
            }
        };
        if visibility.is_shown() && self.turned(node, text) {
            return;
        }
        let visibility = if visibility.is_shown() { self.drawn(text) } else { visibility };
        let piece = self.piece(visibility);
        let (tree, reading) = (self.tree, &self.reading);
        let whose = if reading.source.is_some() {
            node
        } else if visibility.is_shown() {
            piece.owner
        } else {
            tree.parent(node)
        };
        self.runs.text(text, &piece, || reading.place(tree, whose));
        if reading.source.is_some() {
            let end = tree.get(node).map_or(0, |node| node.source.1);
            self.runs.extend(u64::from(end));
        }
    }

    /// What a person gets of a text that would be shown: nothing, where its font has no shapes.
    fn drawn(&self, text: &str) -> Visibility {
        match self.frames.last().map_or(Look::Drawn, |frame| frame.screen.style.look(text)) {
            Look::Drawn => Visibility::Shown,
            Look::Blank => Visibility::Hidden(Hiding::NotPainted),
            Look::Doubtful => Visibility::Undetermined(Doubt::UnknownFont),
        }
    }

    fn piece(&self, visibility: Visibility) -> Piece {
        let frame = self.frames.last();
        Piece {
            visibility,
            kind: frame.map_or(BlockKind::Paragraph, |frame| frame.kind),
            owner: frame.map_or(NONE, |frame| frame.owner),
            keeps_blanks: frame.is_some_and(|frame| frame.screen.style.keeps_blanks),
            is_loose: frame.is_some_and(|frame| frame.screen.style.is_loose),
        }
    }
}

impl Frame<'_> {
    fn view(&self, view: u8) -> &View {
        match view {
            PRINT => self.print.as_ref(),
            DOUBT => self.doubt.as_ref(),
            _ => None,
        }
        .unwrap_or(&self.screen)
    }
}

/// Where an element's declarations come from.
struct Sources<'v> {
    own: &'v user_agent::Default,
    hints: &'v [(Property, Value)],
    matched: &'v Matched<'v>,
    inline: Option<&'v Block>,
}

impl Sources<'_> {
    const fn are_empty(&self) -> bool {
        self.hints.is_empty() && self.matched.is_empty() && self.inline.is_none()
    }
}
