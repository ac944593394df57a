//! Walks a tree with the styles of the open elements at hand, and hands every text on with what a
//! person sees of it.
//!
//! Up to three styles are kept for each open element: as the screen shows it, as paper does, and as
//! the screen would if everything in doubt were true. Text that only the last one hides is
//! undetermined.

mod around;
mod content;
mod judge;

use super::attached;
use super::cascade::{Cascade, Matched, Winners};
use super::css::sheet::{Block, DOUBT, PRINT, SCREEN};
use super::css::value::{Property, Value};
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

/// An open element.
struct Frame {
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
}

/// Reads one tree.
pub(crate) struct Walker<'a, 'r, 'b> {
    tree: &'a Tree,
    cascade: Cascade<'a>,
    reading: Reading<'r>,
    runs: &'a mut Runs<'b>,
    frames: Vec<Frame>,
    page: Style,
    root_font_px: f32,
    depth: usize,
    told_depth: bool,
}

impl<'a, 'r, 'b> Walker<'a, 'r, 'b> {
    pub(crate) fn new(
        tree: &'a Tree,
        cascade: Cascade<'a>,
        reading: Reading<'r>,
        runs: &'a mut Runs<'b>,
        is_dark: bool,
    ) -> Self {
        let page = Style::page(is_dark);
        let root_font_px = page.font_px();
        let (frames, depth, told_depth) = (Vec::new(), 0, false);
        Self { tree, cascade, reading, runs, frames, page, root_font_px, depth, told_depth }
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
        if self.cascade.matcher.is_spent() {
            builder.notice(
                NoticeKind::LimitReached,
                None,
                "more selector tests than one page may need",
            );
        }
        if self.cascade.sheets.is_cut {
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
        self.attach(node, element);
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

    fn frame(&mut self, node: NodeId, element: &Element) -> Frame {
        let own = user_agent::default(element);
        let hints = user_agent::hints(element);
        let matched = self.cascade.matched(node, element);
        let inline = self.cascade.inline(element);
        let sources =
            Sources { own: &own, hints: &hints, matched: &matched, inline: inline.as_deref() };
        let mut screen = self.view(SCREEN, element, &sources);
        let views = self.cascade.sheets.views;
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
            screen,
            print,
            doubt,
        }
    }

    fn view(&self, view: u8, element: &Element, sources: &Sources<'_>) -> View {
        let around = self.frames.last().map_or(&self.page, |frame| &frame.view(view).style);
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
        winners.animation(self.cascade.sheets);
        let outer = |name: &str| self.variable(view, name);
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
            quirks: self.cascade.quirks(),
            is_root: self.frames.is_empty(),
            is_svg: element.is_svg(),
            root_font_px: self.root_font_px,
        };
        View { style: around.inside(&setting), variables }
    }

    fn variable(&self, view: u8, name: &str) -> Option<String> {
        self.frames
            .iter()
            .rev()
            .filter_map(|frame| frame.view(view).variables.as_ref())
            .find_map(|variables| variables.get(name))
            .cloned()
            .flatten()
    }

    fn text(&mut self, node: NodeId, text: &str) {
        if self.frames.is_empty() {
            return;
        }
        let visibility = if self.depth > HTML_DEPTH_MAX {
            Visibility::Undetermined(Doubt::Broken)
        } else {
            let inner = self.frames.last().and_then(|frame| frame.inner);
            match (self.verdict(), inner) {
                (Visibility::Hidden(hiding), _) => Visibility::Hidden(hiding),
                (own, inner) => inner.unwrap_or(own),
            }
        };
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

impl Frame {
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
