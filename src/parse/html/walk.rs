//! Walks a tree with the styles of the open elements at hand, and hands every text on with what a
//! person sees of it.
//!
//! Up to three styles are kept for each open element: as the screen shows it, as paper does, and as
//! the screen would if everything in doubt were true. Text that only the last one hides is
//! undetermined.

use super::attached;
use super::cascade::{Cascade, Matched, Winners};
use super::css::property::{Display, Position, Property, Value};
use super::css::sheet::{Block, DOUBT, PRINT, SCREEN};
use super::nested;
use super::overlap::has_picture_near;
use super::page::{Reading, text_of};
use super::runs::{Gap, Piece, Runs};
use super::style::{Setting, Style};
use super::tree::{Data, Element, NONE, NodeId, Tree};
use super::user_agent;
use super::variables::{Variables, resolve};
use crate::domain::document::{Alternate, BlockKind, Doubt, Hiding, NoticeKind, Visibility};
use crate::domain::limits::{HTML_DEPTH_MAX, SCREEN_READER_CHARS_MAX};

/// Nodes that are looked at to measure a label.
const LABEL_NODES_MAX: usize = 500;

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
        let around = self.frames.last().map_or(&self.page, |frame| &frame.view(view).style);
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

    /// What an element is because of the element around it.
    fn forced(&mut self, node: NodeId, element: &Element) -> Option<Visibility> {
        if element.tag() == "template" && element.attr("shadowrootmode").is_some() {
            return Some(self.shadow(element));
        }
        let outer = self.frames.last()?;
        let inner = outer.inner?;
        // The line that a closed part is opened by.
        if inner == Visibility::Alternate(Alternate::Collapsed)
            && element.tag() == "summary"
            && !self.has_summary_before(node)
        {
            return None;
        }
        Some(inner)
    }

    fn has_summary_before(&self, node: NodeId) -> bool {
        let mut at = self.tree.prev_element(node);
        while at != NONE {
            if self.tree.element(at).is_some_and(|element| element.tag() == "summary") {
                return true;
            }
            at = self.tree.prev_element(at);
        }
        false
    }

    /// A shadow tree is shown instead of the element's own children, which come out only in a slot.
    fn shadow(&mut self, element: &Element) -> Visibility {
        let contents = element.contents;
        let mut at = self.tree.first(contents);
        let mut has_slot = false;
        while at != NONE && !has_slot {
            has_slot = self.tree.element(at).is_some_and(|element| element.tag() == "slot");
            at = self.tree.following(at, contents, false);
        }
        if let Some(outer) = self.frames.last_mut().filter(|_| !has_slot) {
            outer.inner = Some(Visibility::Hidden(Hiding::NotDisplayed));
        }
        Visibility::Undetermined(Doubt::UnknownStyle)
    }

    /// Whether an element that is moved away is a label for screen readers: they are short.
    fn is_label(&self, node: NodeId, element: &Element, style: &Style) -> bool {
        let outer = self.frames.last().map_or(&self.page, |frame| &frame.screen.style);
        if !style.is_like_label || outer.is_like_label {
            return false;
        }
        if element.attr("aria-hidden").is_some_and(|hidden| hidden.eq_ignore_ascii_case("true")) {
            return false;
        }
        let mut chars = 0;
        let mut at = self.tree.first(node);
        for _ in 0..LABEL_NODES_MAX {
            if at == NONE {
                return true;
            }
            if let Some(Data::Text(text)) = self.tree.get(at).map(|node| &node.data) {
                let left = SCREEN_READER_CHARS_MAX + 1 - chars;
                chars += text.chars().filter(|ch| !ch.is_whitespace()).take(left).count();
                if chars > SCREEN_READER_CHARS_MAX {
                    return false;
                }
            }
            at = self.tree.following(at, node, false);
        }
        false
    }

    fn attach(&mut self, node: NodeId, element: &Element) {
        if element.attrs.is_empty() {
            return;
        }
        let all = self.reading.source.is_some();
        for (value, visibility) in attached::values(element, all) {
            let own = self.verdict();
            match visibility {
                None => {
                    let piece = self.piece(own);
                    let (tree, reading) = (self.tree, &self.reading);
                    self.runs.text(value, &piece, || reading.place(tree, node));
                }
                Some(Visibility::Alternate(_)) if matches!(own, Visibility::Hidden(_)) => {
                    let place = self.reading.place(self.tree, node);
                    self.runs.attach(value, own, place);
                }
                Some(visibility) => {
                    let place = self.reading.place(self.tree, node);
                    self.runs.attach(value, visibility, place);
                }
            }
        }
    }

    /// Elements whose content is not simply text and elements; whether to go on into it.
    fn content(&mut self, node: NodeId, element: &Element) -> bool {
        match element.tag() {
            "script" | "style" => self.program(node, element),
            "title" if element.is_html() => self.title(node),
            "noscript" | "iframe" | "noembed" | "noframes" if element.is_html() => {
                self.documents(node, element);
            }
            _ => return true,
        }
        false
    }

    fn program(&mut self, node: NodeId, element: &Element) {
        let kind = element.attr("type").unwrap_or_default().to_ascii_lowercase();
        let visibility = if element.tag() == "script" && kind.contains("ld+json") {
            Visibility::Metadata
        } else if self.reading.source.is_some() {
            // Whoever reads the Markdown as it is reads this too.
            Visibility::Hidden(Hiding::NotDisplayed)
        } else {
            return;
        };
        let place = self.reading.place(self.tree, node);
        self.runs.attach(&text_of(self.tree, node), visibility, place);
    }

    fn title(&mut self, node: NodeId) {
        let text = text_of(self.tree, node);
        self.runs.builder.title(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        let place = self.reading.place(self.tree, node);
        self.runs.attach(&text, Visibility::Metadata, place);
    }

    fn documents(&mut self, node: NodeId, element: &Element) {
        let own = self.verdict();
        let unseen = match own {
            Visibility::Hidden(Hiding::NotDisplayed) | Visibility::Shown => {
                Visibility::Alternate(Alternate::OtherMedium)
            }
            other => other,
        };
        let fallback = text_of(self.tree, node);
        let prefix = super::path::path(self.tree, node);
        if let Some(inner) = element.attr("srcdoc") {
            let forced = Some(own).filter(|own| !own.is_shown());
            nested::read(inner, forced, &prefix, &self.reading, self.runs);
        }
        nested::read(&fallback, Some(unseen), &prefix, &self.reading, self.runs);
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

    /// What a person sees of text in the innermost open element.
    fn verdict(&mut self) -> Visibility {
        let Some(frame) = self.frames.last() else {
            return Visibility::Shown;
        };
        if let Some(known) = frame.verdict {
            return known;
        }
        let found = self.judge(frame);
        if let Some(frame) = self.frames.last_mut() {
            frame.verdict = Some(found);
        }
        found
    }

    fn judge(&self, frame: &Frame) -> Visibility {
        let others = self.cascade.sheets.has_others && self.is_named();
        let seen = frame.screen.style.verdict(others);
        match seen {
            Visibility::Shown => {}
            Visibility::Hidden(Hiding::LowContrast) if self.is_over_picture() => {
                return Visibility::Undetermined(Doubt::OverImage);
            }
            Visibility::Hidden(_) => {
                let printed = frame.print.as_ref().map(|view| view.style.verdict(others));
                if printed.is_some_and(Visibility::is_shown) {
                    return Visibility::Alternate(Alternate::OtherMedium);
                }
                return seen;
            }
            Visibility::Alternate(_) | Visibility::Metadata | Visibility::Undetermined(_) => {
                return seen;
            }
        }
        if let Some(forced) = self.reading.forced {
            return forced;
        }
        let doubted = frame.doubt.as_ref().map(|view| view.style.verdict(others));
        let blind = self.cascade.sheets.is_cut || self.cascade.matcher.is_spent();
        if blind || matches!(doubted, Some(Visibility::Hidden(_))) {
            return Visibility::Undetermined(Doubt::UnknownStyle);
        }
        Visibility::Shown
    }

    /// Whether a sheet elsewhere could speak of an element around this text.
    fn is_named(&self) -> bool {
        self.frames
            .iter()
            .filter_map(|frame| self.tree.element(frame.node))
            .any(|element| element.attr("class").is_some() || element.attr("id").is_some())
    }

    /// Whether the text lies on a picture beside it: a caption on a photograph.
    fn is_over_picture(&self) -> bool {
        self.frames
            .iter()
            .rev()
            .filter(|frame| {
                matches!(frame.screen.style.position, Position::Absolute | Position::Fixed)
            })
            .take(2)
            .any(|frame| has_picture_near(self.tree, frame.node))
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

/// Whether it stands in lines of its own. What is not displayed is taken as the browser would have
/// it: extractors do not look at styles.
const fn is_block(display: Display, own: Display) -> bool {
    let shown = match display {
        Display::None => own,
        other => other,
    };
    matches!(shown, Display::Block | Display::Flexible)
}

fn gap_of(element: &Element) -> Gap {
    match element.tag() {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "blockquote"
        | "pre" | "table" | "figure" | "hr" | "article" | "section" | "aside" | "header"
        | "footer" | "nav" | "main" | "form" | "fieldset" | "address" | "details" | "html"
        | "body" => Gap::Paragraph,
        _ => Gap::Line,
    }
}

fn kind_of(element: &Element, inherited: BlockKind) -> BlockKind {
    match element.tag() {
        "h1" => BlockKind::Heading(1),
        "h2" => BlockKind::Heading(2),
        "h3" => BlockKind::Heading(3),
        "h4" => BlockKind::Heading(4),
        "h5" => BlockKind::Heading(5),
        "h6" => BlockKind::Heading(6),
        "li" | "dt" | "dd" => BlockKind::ListItem,
        "td" | "th" => BlockKind::Cell,
        "blockquote" => BlockKind::Quote,
        "pre" | "xmp" | "listing" | "plaintext" => BlockKind::Code,
        _ => inherited,
    }
}

/// What is inside of elements that are shown without their content.
fn inner_of(element: &Element) -> Option<Visibility> {
    let kind = match element.tag() {
        "details" if element.attr("open").is_none() => Alternate::Collapsed,
        "select" | "textarea" | "datalist" => Alternate::FormField,
        "object" | "video" | "audio" | "canvas" | "meter" | "progress" => Alternate::OtherMedium,
        _ => return None,
    };
    element.is_html().then_some(Visibility::Alternate(kind))
}
