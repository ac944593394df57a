//! XML of packages (office files, books) as a stream of tags and text, or as a small tree.
//!
//! Names are local names: a prefix is the file's own choice, and the formats read here have no two
//! elements of one local name that mean opposite things. Entities that a file declares are never
//! unfolded; what declares them is handed out as text.

use std::borrow::Cow;
use std::cell::Cell;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::domain::limits::{
    XML_ATTRIBUTES_MAX, XML_DEPTH_MAX, XML_NAMESPACES_MAX, XML_REQUIRED_MAX, XML_TREE_NODES_MAX,
};

mod namespaces;

/// Words of a format, such as names of its properties and ids, are not longer.
const WORD_BYTES_MAX: usize = 40;

/// One step through a part.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// An element begins; every one has its `Close`.
    Open(Tag<'a>),
    /// The innermost open element ends.
    Close,
    /// Text, references replaced; neighbours come one by one.
    Text(Cow<'a, str>),
    /// A comment.
    Comment(&'a str),
    /// A document type with declarations of its own.
    Declarations(&'a str),
}

/// The beginning of an element.
#[derive(Debug)]
pub(super) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        std::str::from_utf8(self.0.local_name().into_inner()).unwrap_or_default()
    }

    /// The prefix of the name; empty without one.
    pub(super) fn prefix(&self) -> &str {
        let prefix = self.0.name().prefix().map(quick_xml::name::Prefix::into_inner);
        std::str::from_utf8(prefix.unwrap_or_default()).unwrap_or_default()
    }

    /// The first attribute of this local name, references replaced.
    pub(super) fn attr(&self, name: &str) -> Option<String> {
        self.attrs().find(|(local, _)| *local == name).map(|(_, value)| value)
    }

    /// Prefixes that it binds, and to what.
    fn bindings(&self) -> impl Iterator<Item = (String, String)> {
        const BINDING: &[u8] = b"xmlns:";
        // Few elements have any: the others are not taken apart.
        let has_any = self.0.windows(BINDING.len()).any(|window| window == BINDING);
        let mut attributes = self.0.attributes();
        attributes.with_checks(false);
        attributes.flatten().take_while(move |_| has_any).filter_map(|attribute| {
            let prefix = attribute.key.as_ref().strip_prefix(BINDING)?;
            let raw = std::str::from_utf8(attribute.value.as_ref()).ok()?;
            Some((std::str::from_utf8(prefix).ok()?.to_owned(), unescaped(raw)))
        })
    }

    /// Every attribute by its local name. Broken ones are passed over.
    pub(super) fn attrs(&self) -> impl Iterator<Item = (&str, String)> {
        let mut attributes = self.0.attributes();
        attributes.with_checks(false);
        attributes.flatten().filter_map(|attribute| {
            let name = std::str::from_utf8(attribute.key.local_name().into_inner()).ok()?;
            let raw = std::str::from_utf8(attribute.value.as_ref()).ok()?;
            Some((name, unescaped(raw)))
        })
    }
}

/// Reads one part.
#[derive(Debug)]
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    depth: usize,
    /// Depth of the element that binds a prefix, the prefix, and whether programs know what it stands for; the
    /// last of a prefix holds.
    bound: Vec<(usize, String, bool)>,
    /// Why it ended early, and from where on nothing was read.
    stopped: Option<(&'static str, u64)>,
}

impl<'a> Xml<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = false;
        config.allow_dangling_amp = true;
        Self { reader, text, depth: 0, bound: Vec::new(), stopped: None }
    }

    /// The next step; `None` at the end, and where the part is broken.
    pub(super) fn step(&mut self) -> Option<Step<'a>> {
        while self.stopped.is_none() {
            let at = self.reader.buffer_position();
            match self.reader.read_event() {
                Ok(Event::Start(tag) | Event::Empty(tag)) => {
                    self.depth = self.depth.saturating_add(1);
                    if self.depth > XML_DEPTH_MAX {
                        self.stopped = Some(("elements nested deeper than a part may", at));
                        return None;
                    }
                    let tag = Tag(tag);
                    if !self.bind(&tag) {
                        self.stopped = Some(("more prefixes bound than a part may bind", at));
                        return None;
                    }
                    return Some(Step::Open(tag));
                }
                Ok(Event::End(_)) => {
                    while self.bound.pop_if(|(depth, ..)| *depth >= self.depth).is_some() {}
                    self.depth = self.depth.saturating_sub(1);
                    return Some(Step::Close);
                }
                Ok(Event::Text(text)) => return Some(Step::Text(lossy(text.into_inner()))),
                Ok(Event::CData(text)) => return Some(Step::Text(lossy(text.into_inner()))),
                Ok(Event::GeneralRef(name)) => {
                    return Some(Step::Text(Cow::Owned(replaced(&lossy(name.into_inner())))));
                }
                Ok(Event::Comment(text)) => {
                    if let Cow::Borrowed(bytes) = text.into_inner() {
                        return Some(Step::Comment(std::str::from_utf8(bytes).unwrap_or_default()));
                    }
                }
                Ok(Event::DocType(text)) => {
                    if let Cow::Borrowed(bytes) = text.into_inner() {
                        let text = std::str::from_utf8(bytes).unwrap_or_default();
                        if text.contains("<!ENTITY") {
                            return Some(Step::Declarations(text));
                        }
                    }
                }
                Ok(Event::PI(text)) => {
                    // Of those that programs write, each names a style sheet or the program.
                    let is_usual =
                        [&b"xml-stylesheet"[..], b"mso-"].iter().any(|name| text.starts_with(name))
                            && text
                                .split(u8::is_ascii_whitespace)
                                .skip(1)
                                .all(|piece| piece.is_empty() || piece.contains(&b'='));
                    if let (false, Cow::Borrowed(bytes)) = (is_usual, text.into_inner()) {
                        return Some(Step::Comment(std::str::from_utf8(bytes).unwrap_or_default()));
                    }
                }
                Ok(Event::Decl(_)) => {}
                Ok(Event::Eof) if self.depth > 0 => {
                    self.stopped = Some(("it ends before its elements do", at));
                    return None;
                }
                Ok(Event::Eof) => return None,
                Err(_) => {
                    self.stopped = Some(("its markup is broken", self.reader.error_position()));
                }
            }
        }
        None
    }

    /// Whether there is room for all prefixes that this tag binds.
    fn bind(&mut self, tag: &Tag<'_>) -> bool {
        for (prefix, name) in tag.bindings() {
            if self.bound.len() >= XML_NAMESPACES_MAX {
                return false;
            }
            self.bound.push((self.depth, prefix, namespaces::is_understood(&name)));
        }
        true
    }

    /// Whether present programs take this `mc:Choice`, which was just opened: they do when they know every
    /// namespace that it requires. One whose prefix is bound nowhere is known by its usual prefix.
    pub(super) fn is_understood(&self, choice: &Tag<'_>) -> bool {
        let known = |prefix: &str| {
            let bound = self.bound.iter().rev().find(|(_, known, _)| known == prefix);
            bound.map_or_else(|| namespaces::is_usual(prefix), |(.., is_known)| *is_known)
        };
        choice.attr("Requires").is_none_or(|names| {
            let names = || names.split_whitespace();
            names().nth(XML_REQUIRED_MAX).is_none() && names().all(known)
        })
    }

    /// Why the steps ended before the part did, and what was not read of it.
    pub(super) fn fault(&self) -> Option<(&'static str, &'a str)> {
        let (why, at) = self.stopped?;
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let at = self.text.floor_char_boundary(at.min(self.text.len()));
        Some((why, self.text.get(at..).unwrap_or_default()))
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a str {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        self.text.get(at..).unwrap_or_default()
    }

    /// The text in the element that was just opened, at any depth, and in comments there.
    pub(super) fn inner_text(&mut self) -> String {
        let mut text = String::new();
        let mut open = 1_usize;
        while open > 0 {
            match self.step() {
                Some(Step::Open(_)) => {
                    open = open.saturating_add(1);
                    part_words(&mut text);
                }
                Some(Step::Close) => open = open.saturating_sub(1),
                Some(Step::Text(piece)) => text.push_str(&piece),
                Some(Step::Comment(piece) | Step::Declarations(piece)) => {
                    part_words(&mut text);
                    text.push_str(piece);
                }
                None => break,
            }
        }
        text
    }

    /// Passes over the element that was just opened.
    pub(super) fn skip(&mut self) {
        let mut open = 1_usize;
        while open > 0 {
            match self.step() {
                Some(Step::Open(_)) => open = open.saturating_add(1),
                Some(Step::Close) => open = open.saturating_sub(1),
                Some(Step::Text(_) | Step::Comment(_) | Step::Declarations(_)) => {}
                None => return,
            }
        }
    }
}

/// An element of a small part, such as a list of styles or of relations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// The name without its prefix.
    pub(super) name: String,
    /// Attributes by local name, in order.
    pub(super) attrs: Vec<(String, String)>,
    /// Elements inside.
    pub(super) children: Vec<Self>,
    /// Text directly inside; past a bound of the tree also what is further in.
    pub(super) text: String,
    /// Of a `Choice`: present programs take it.
    pub(super) is_understood: bool,
    told: Told,
}

/// Whether somebody has taken the text of an element. It makes no difference between elements.
#[derive(Debug, Clone, Default)]
struct Told(Cell<bool>);

impl PartialEq for Told {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Told {}

impl Element {
    /// The root of a part. What is broken is left out; `None` without any element. Where the text of a part
    /// counts, `remains::tree` keeps the rest.
    pub(super) fn root(text: &str) -> Option<Self> {
        let mut xml = Xml::new(text);
        loop {
            if let Step::Open(tag) = xml.step()? {
                return Some(Self::below(&tag, &mut xml));
            }
        }
    }

    /// The element of a tag that was just opened, and all in it; comments come last, without a name.
    pub(super) fn below(tag: &Tag<'_>, xml: &mut Xml<'_>) -> Self {
        let mut open = vec![Self::of(tag, xml)];
        let mut nodes = 1_usize;
        // Elements past the bound that are open: their text goes to the last one within it.
        let mut beyond = 0_usize;
        let mut asides = String::new();
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) => {
                    nodes = nodes.saturating_add(1);
                    if nodes > XML_TREE_NODES_MAX {
                        beyond = beyond.saturating_add(1);
                        open.last_mut().into_iter().for_each(|it| part_words(&mut it.text));
                    } else {
                        open.push(Self::of(&tag, xml));
                    }
                }
                Step::Close if beyond > 0 => beyond -= 1,
                Step::Close => {
                    let Some(closed) = open.pop() else { break };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(closed),
                        None => return closed.beside(asides),
                    }
                }
                Step::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text);
                    }
                }
                Step::Comment(text) | Step::Declarations(text) => {
                    part_words(&mut asides);
                    asides.push_str(text);
                }
            }
        }
        while let Some(closed) = open.pop() {
            match open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None => return closed.beside(asides),
            }
        }
        Self::default()
    }

    /// With the comments in it as an element without a name, behind all others.
    fn beside(mut self, asides: String) -> Self {
        if !asides.is_empty() {
            self.children.push(Self { text: asides, ..Self::default() });
        }
        self
    }

    fn of(tag: &Tag<'_>, xml: &Xml<'_>) -> Self {
        let attrs = tag.attrs().take(XML_ATTRIBUTES_MAX);
        let attrs = attrs.map(|(name, value)| (name.to_owned(), value)).collect();
        let name = tag.name().to_owned();
        let is_understood = name == "Choice" && xml.is_understood(tag);
        Self { name, attrs, is_understood, ..Self::default() }
    }

    /// One of this name around others.
    pub(super) fn around(name: &str, children: Vec<Self>) -> Self {
        Self { name: name.to_owned(), children, ..Self::default() }
    }

    /// The text directly inside, which from now on is told.
    pub(super) fn said(&self) -> &str {
        self.told.0.set(true);
        &self.text
    }

    /// Of `mc:AlternateContent`: each branch, and whether present programs take it: the first that they
    /// understand.
    pub(super) fn branches(&self) -> impl Iterator<Item = (&Self, bool)> {
        let takes = |branch: &Self| branch.is_understood || branch.name == "Fallback";
        let taken = self.children.iter().position(takes);
        self.children.iter().enumerate().map(move |(at, branch)| (branch, Some(at) == taken))
    }

    /// Text that nobody has taken, of every element that has any.
    pub(super) fn untold(&self) -> impl Iterator<Item = &str> {
        self.untold_but(&[])
    }

    /// The same, without the single words of elements of these names, which are values of the format.
    pub(super) fn untold_but(&self, values: &[&str]) -> impl Iterator<Item = &str> {
        let untold = self.each().filter(|element| !element.told.0.get());
        let is_value = |element: &Self| values.contains(&element.name.as_str());
        untold
            .map(move |element| (element.text.trim(), is_value(element)))
            .filter(|(text, is_value)| !(text.is_empty() || *is_value && is_word(text)))
            .map(|(text, _)| text)
    }

    /// The first attribute of this local name.
    pub(super) fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(local, _)| local == name).map(|(_, value)| value.as_str())
    }

    /// The first element of this local name directly inside.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The elements of this local name directly inside.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Every element inside, at any depth, in document order, itself first.
    pub(super) fn each(&self) -> impl Iterator<Item = &Self> {
        let mut left = vec![self];
        std::iter::from_fn(move || {
            let element = left.pop()?;
            left.extend(element.children.iter().rev());
            Some(element)
        })
    }

    /// All text inside, at any depth, which from now on is told. Order is kept except of text around elements.
    pub(super) fn all_text(&self) -> String {
        self.each().map(Self::said).collect()
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= WORD_BYTES_MAX && !text.contains(char::is_whitespace)
}

/// Keeps what follows apart from what is there.
fn part_words(text: &mut String) {
    if !text.is_empty() && !text.ends_with(char::is_whitespace) {
        text.push(' ');
    }
}

fn lossy(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// What a reference stands for; one to an entity of the file itself stays as it is written.
fn replaced(name: &str) -> String {
    let number = name.strip_prefix('#').map(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    });
    match (name, number) {
        (_, Some(code)) => {
            let ch = code.ok().and_then(char::from_u32);
            ch.unwrap_or(char::REPLACEMENT_CHARACTER).to_string()
        }
        ("amp", _) => "&".to_owned(),
        ("lt", _) => "<".to_owned(),
        ("gt", _) => ">".to_owned(),
        ("quot", _) => "\"".to_owned(),
        ("apos", _) => "'".to_owned(),
        ("nbsp", _) => "\u{A0}".to_owned(),
        _ => format!("&{name};"),
    }
}

fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        match after.split_once(';').filter(|(name, _)| !name.contains('&')) {
            Some((name, behind)) => {
                text.push_str(&replaced(name));
                rest = behind;
            }
            None => {
                text.push('&');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let mut xml = Xml::new(text);
        let mut told = String::new();
        while let Some(step) = xml.step() {
            match step {
                Step::Open(tag) => {
                    told.push_str(&format!("({}", tag.name()));
                    tag.attrs()
                        .for_each(|(name, value)| told.push_str(&format!(" {name}={value}")));
                    told.push(' ');
                }
                Step::Close => told.push(')'),
                Step::Text(text) => told.push_str(&text),
                Step::Comment(text) => told.push_str(&format!("[{text}]")),
                Step::Declarations(_) => told.push('!'),
            }
        }
        if let Some((_, rest)) = xml.fault() {
            told.push_str(&format!("?{rest}"));
        }
        told
    }

    #[test]
    fn names_lose_prefixes_and_references_are_replaced() {
        let text = "<?xml version='1.0'?><w:p w:a='1 &lt; &#x32;'><w:t>a&amp;b&#33;</w:t><!--c--><w:e/></w:p>";
        assert_eq!(told(text), "(p a=1 < 2 (t a&b!)[c](e ))");
    }

    #[test]
    fn entities_of_the_file_are_not_unfolded() {
        let text = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><x y='&b;'>&b;</x>";
        assert_eq!(told(text), "!(x y=&b; &b;)");
    }

    #[test]
    fn broken_markup_ends_the_steps_and_leaves_the_rest() {
        assert!(told("<a><b>x</a>y").contains('?'), "{}", told("<a><b>x</a>y"));
        assert_eq!(told("<a>x"), "(a x?");
        let deep = format!("{}behind", "<a>".repeat(XML_DEPTH_MAX + 1));
        assert!(told(&deep).ends_with(" ?<a>behind"), "{}", told(&deep));
    }

    #[test]
    fn text_past_the_bound_of_a_tree_stays_in_it() {
        let text = format!("<r>{}<a>kept<b>words</b></a></r>", "<e/>".repeat(XML_TREE_NODES_MAX));
        let root = Element::root(&text).unwrap();
        assert_eq!(
            (root.children.len(), root.text.as_str()),
            (XML_TREE_NODES_MAX - 1, "kept words")
        );
    }

    #[test]
    fn text_that_nobody_takes_is_known() {
        let root = Element::root("<r>a<!--aside--><b>taken</b><c>left<d>all</d></c></r>").unwrap();
        assert_eq!(root.child("b").unwrap().said(), "taken");
        assert_eq!(root.untold().collect::<Vec<_>>(), ["a", "left", "all", "aside"]);
        root.all_text();
        assert_eq!(root.untold().count(), 0);
    }

    #[test]
    fn a_choice_is_taken_by_the_namespaces_behind_its_prefixes() {
        const WPS: &str = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape";
        for (binding, requires, is_taken) in [
            (format!("xmlns:q='{WPS}'"), "q", true),
            ("xmlns:wps='urn:other'".to_owned(), "wps", false),
            (format!("xmlns:wps='{WPS}' xmlns:o='urn:other'"), "wps o", false),
            (String::new(), "wps", true),
            (String::new(), "other", false),
        ] {
            let inside =
                format!("<mc:Choice Requires='{requires}'><x xmlns:q='urn:x'/></mc:Choice>");
            let text =
                format!("<r {binding}><mc:A><e xmlns:q='urn:e'/>{inside}<mc:Fallback/></mc:A></r>");
            let root = Element::root(&text).unwrap();
            let taken: Vec<_> = root.children[0].branches().map(|(_, taken)| taken).collect();
            assert_eq!(taken, [false, is_taken, !is_taken], "{binding} {requires}");
        }
    }

    #[test]
    fn instructions_for_programs_are_told_unless_they_are_usual() {
        let text =
            "<?mso-application progid='x'?><r><?for the reader of this?><?mso-x and this?></r>";
        assert_eq!(told(text), "(r [for the reader of this][mso-x and this])");
    }

    #[test]
    fn no_prefix_is_forgotten() {
        let bindings: String =
            (0..XML_NAMESPACES_MAX).map(|count| format!(" xmlns:a{count}='urn:x'")).collect();
        assert!(!told(&format!("<r{bindings}>text</r>")).contains('?'));
        assert!(told(&format!("<r{bindings}><e xmlns:wps='urn:y'/></r>")).contains(" ?<e xmlns"));
    }

    #[test]
    fn a_small_part_becomes_a_tree() {
        let root = Element::root("<r><a k='v'>x<b>y</b></a><a/></r>").unwrap();
        assert_eq!(root.all("a").count(), 2);
        assert_eq!(root.child("a").unwrap().attr("k"), Some("v"));
        assert_eq!(root.all_text(), "xy");
        assert_eq!(Element::root("no element"), None);
    }
}
