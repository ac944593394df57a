//! Follows the groups and words of a file.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::flow::Flow;
use super::lexer::{Lexer, Token};
use super::passed::{self, Fallback};
use super::state::{Look, Place, Shading, State, Under};
use super::words::{
    FOR_PROGRAMS, NOT_DISPLAYED, apart, character, character_set, code_page, destination,
};
use crate::domain::document::{Alternate, Block, BlockKind, Hiding, Joint, NoticeKind, Visibility};
use crate::domain::limits::{BLOCKS_MAX, RTF_GROUPS_MAX, RTF_TABLE_MAX};
use crate::parse::Builder;
use crate::parse::html::color::Rgba;

/// Twips beyond the edge of a page at which a shape is outside; margins are narrower.
const OUTSIDE_TWIPS: i32 = 2_000;
/// Width or height of a shape that holds no letter, in twips.
const SHAPE_TWIPS_MIN: i32 = 30;

/// A group that is open.
#[derive(Debug)]
struct Group {
    /// What holds again when it ends.
    before: State,
    /// Whether its text has paragraphs of its own.
    is_apart: bool,
    /// Whether no word has come in it yet, and whether the mark `\*` has.
    is_new: bool,
    is_optional: bool,
}

/// A table's cells, as their row defines them.
#[derive(Debug, Default)]
struct Row {
    cells: Vec<Shading>,
    next: Shading,
    at: usize,
}

/// Sizes of a page and of the shape in the making, in twips.
#[derive(Debug)]
struct Sizes {
    page: [i32; 2],
    shape: [i32; 4],
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    lexer: Lexer<'a>,
    groups: Vec<Group>,
    /// Groups that are open beyond the bound.
    beyond: usize,
    state: State,
    flows: Vec<Flow>,
    code_page: &'static Encoding,
    /// Bytes of text that are not decoded yet.
    bytes: Vec<u8>,
    /// First half of a character beyond the base plane.
    half: Option<u16>,
    /// Letters that a Unicode character has made needless.
    needless: usize,
    fallback: Fallback,
    colours: Vec<Option<Rgba>>,
    colour: Option<[f32; 3]>,
    fonts: BTreeMap<i32, &'static Encoding>,
    default_font: i32,
    styles: BTreeMap<i32, (Look, Option<u8>)>,
    row: Row,
    sizes: Sizes,
    property: String,
    has_ended: bool,
    is_title: bool,
    pub(super) title: String,
    notices: Vec<(NoticeKind, &'static str)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            lexer: Lexer::new(bytes),
            groups: Vec::new(),
            beyond: 0,
            state: State::START,
            flows: vec![Flow::new("text")],
            code_page: WINDOWS_1252,
            bytes: Vec::new(),
            half: None,
            needless: 0,
            fallback: Fallback::new(),
            colours: Vec::new(),
            colour: None,
            fonts: BTreeMap::new(),
            default_font: -1,
            styles: BTreeMap::new(),
            row: Row::default(),
            sizes: Sizes { page: [12_240, 15_840], shape: [0; 4] },
            property: String::new(),
            has_ended: false,
            is_title: false,
            title: String::new(),
            notices: Vec::new(),
        }
    }

    pub(super) fn read(&mut self) {
        while !self.has_ended {
            let Some(token) = self.lexer.next() else {
                self.flush();
                self.notice(NoticeKind::Truncated, "it ends before its groups do");
                break;
            };
            self.take(token);
            if self.flows.last().is_some_and(|flow| flow.count() > BLOCKS_MAX) {
                self.notice(NoticeKind::LimitReached, "more text than one document may hold");
                self.lexer.skip(usize::MAX);
                self.has_ended = true;
            }
        }
        while self.groups.len() > 1 {
            self.close();
        }
    }

    /// What follows the last group.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.lexer.rest()
    }

    /// Hands over the blocks; gives what is to be told.
    pub(super) fn finish(mut self, builder: &mut Builder) -> Vec<(NoticeKind, &'static str)> {
        self.flush();
        let passed = self.fallback.end();
        self.pass(passed);
        for mut flow in self.flows {
            flow.end(Joint::Paragraph);
            flow.blocks.into_iter().for_each(|block| builder.long_block(block));
        }
        self.notices
    }

    fn notice(&mut self, kind: NoticeKind, detail: &'static str) {
        if !self.notices.contains(&(kind, detail)) {
            self.notices.push((kind, detail));
        }
    }

    fn take(&mut self, token: Token<'a>) {
        match token {
            Token::Byte(byte) => {
                if self.needless > 0 {
                    self.needless -= 1;
                    self.fallback.pass(byte);
                    return;
                }
                self.bytes.push(byte);
                if byte == b';' && self.state.place == Place::Colours {
                    self.end_colour();
                }
                self.touch();
            }
            Token::Open => self.open(),
            Token::Close => self.close(),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Word(word, number) => {
                if self.needless > 0
                    && let Some(ch) = character(word)
                {
                    self.needless -= 1;
                    self.fallback.pass(u8::try_from(ch).unwrap_or(b'?'));
                    return;
                }
                self.word(word, number);
                self.touch();
            }
        }
    }

    /// The group has something in it.
    fn touch(&mut self) {
        if let Some(group) = self.groups.last_mut() {
            group.is_new = false;
        }
    }

    fn open(&mut self) {
        self.flush();
        self.needless = 0;
        if self.groups.len() >= RTF_GROUPS_MAX {
            self.beyond += 1;
            self.notice(NoticeKind::LimitReached, "groups nest deeper than they may");
            return;
        }
        let group = Group { before: self.state, is_apart: false, is_new: true, is_optional: false };
        self.groups.push(group);
    }

    fn close(&mut self) {
        self.flush();
        self.needless = 0;
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let Some(group) = self.groups.pop() else {
            self.has_ended = true;
            return;
        };
        if self.state.place == Place::Aside(Visibility::Metadata) {
            // Each property is a line of its own.
            self.end(Joint::Line);
        }
        self.state = group.before;
        if group.is_apart
            && self.flows.len() > 1
            && let Some(mut flow) = self.flows.pop()
        {
            flow.end(Joint::Paragraph);
            if let Some(outer) = self.flows.last_mut() {
                outer.set_behind(flow.blocks);
            }
        }
        self.has_ended = self.groups.is_empty();
    }

    fn symbol(&mut self, symbol: u8) {
        if self.needless > 0 && symbol != b'*' {
            self.needless -= 1;
            self.fallback.pass(symbol);
            return;
        }
        let text = match symbol {
            b'*' => {
                if let Some(group) = self.groups.last_mut() {
                    group.is_optional = true;
                }
                return;
            }
            b'\r' | b'\n' => return self.word("par", None),
            b'{' | b'}' | b'\\' => {
                self.bytes.push(symbol);
                return;
            }
            b'~' => "\u{A0}",
            b'-' => "\u{AD}",
            b'_' => "\u{2011}",
            b'\t' => "\t",
            _ => return,
        };
        self.flush();
        self.push(text);
        self.touch();
    }

    fn word(&mut self, word: &'a str, number: Option<i32>) {
        self.flush_for(word);
        if let Some(ch) = character(word) {
            self.push(ch.encode_utf8(&mut [0; 4]));
            return;
        }
        let is_on = number != Some(0);
        let index = number.and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
        match word {
            "u" => self.unicode(number.unwrap_or_default()),
            "bin" => self.binary(index),
            "par" | "sect" => self.end(Joint::Paragraph),
            "page" => self.end(Joint::Page),
            "cell" => {
                self.end(Joint::Line);
                self.row.at += 1;
            }
            "nestcell" => self.end(Joint::Line),
            "row" => {
                self.end(Joint::Line);
                self.row.at = 0;
            }
            "nestrow" => self.end(Joint::Line),
            "uc" => self.state.fallback = index,
            "ansicpg" => {
                self.code_page = code_page(index.try_into().unwrap_or(0)).unwrap_or(WINDOWS_1252)
            }
            "mac" => self.code_page = encoding_rs::MACINTOSH,
            "deff" => self.default_font = number.unwrap_or(-1),
            "f" => self.state.font = number.unwrap_or(-1),
            "fcharset" if self.state.place == Place::Fonts => self.font(number.unwrap_or_default()),
            "red" | "green" | "blue" if self.state.place == Place::Colours => {
                self.channel(word, index)
            }
            "v" => self.state.look.is_hidden = is_on,
            "deleted" => self.state.look.is_deleted = is_on,
            "fs" => self.state.look.size = number.unwrap_or(Look::PLAIN.size),
            "charscalex" => self.state.look.scale = number.unwrap_or(Look::PLAIN.scale),
            "cf" => self.state.look.ink = index,
            "highlight" => self.state.look.highlight = index,
            "cb" | "chcbpat" => self.state.look.shading.ground = index,
            "chcfpat" => self.state.look.shading.pattern = index,
            "chshdng" => self.state.look.shading.share = number.unwrap_or_default(),
            "cbpat" => self.state.paragraph.ground = index,
            "cfpat" => self.state.paragraph.pattern = index,
            "shading" => self.state.paragraph.share = number.unwrap_or_default(),
            "clcbpat" => self.row.next.ground = index,
            "clcfpat" => self.row.next.pattern = index,
            "clshdng" => self.row.next.share = number.unwrap_or_default(),
            "trowd" => self.row = Row::default(),
            "cellx" => {
                let shading = std::mem::take(&mut self.row.next);
                if self.row.cells.len() < RTF_TABLE_MAX {
                    self.row.cells.push(shading);
                }
            }
            "intbl" => self.state.is_in_table = true,
            "itap" => self.state.nesting = number.unwrap_or(1),
            "plain" => (self.state.look, self.state.font) = (Look::PLAIN, self.default_font),
            "pard" => self.begin_paragraph(),
            "s" | "cs" | "ds" => self.style(number.unwrap_or_default()),
            "outlinelevel" => {
                self.state.outline = u8::try_from(index).ok().filter(|level| *level < 9)
            }
            "ls" => self.state.is_item = true,
            "paperw" => self.sizes.page[0] = number.unwrap_or(12_240),
            "paperh" => self.sizes.page[1] = number.unwrap_or(15_840),
            "shpleft" => self.sizes.shape[0] = number.unwrap_or_default(),
            "shptop" => self.sizes.shape[1] = number.unwrap_or_default(),
            "shpright" => self.sizes.shape[2] = number.unwrap_or_default(),
            "shpbottom" => self.sizes.shape[3] = number.unwrap_or_default(),
            "shpinst" => {
                self.sizes.shape = [0; 4];
                self.state.shape = Some(Under::Unknown);
            }
            "htmlrtf" => self.state.is_rtf_only = is_on,
            "title" if self.state.place == Place::Aside(Visibility::Metadata) => {
                self.is_title = true
            }
            "objdata" => self.notice(NoticeKind::Unreadable, "it embeds an object"),
            "objautlink" | "objupdate" => {
                self.notice(
                    NoticeKind::ActiveContent,
                    "an object in it is loaded when it is opened",
                );
            }
            _ => {}
        }
        self.begin(word);
    }

    /// Bytes are decoded before whatever may change how, and where they go.
    fn flush_for(&mut self, word: &str) {
        if !matches!(word, "uc") {
            self.flush();
        }
    }

    /// A word at the beginning of a group may say where its text goes.
    fn begin(&mut self, word: &str) {
        let Some(group) = self.groups.last_mut().filter(|group| group.is_new) else { return };
        let is_optional = group.is_optional;
        let outer = match self.state.place {
            Place::Page => None,
            place => Some(place),
        };
        // Only the description of a picture is text.
        if outer == Some(Place::Nowhere) && !matches!(word, "sn" | "sv") {
            return;
        }
        let part = apart(word);
        if let Some(part) = part {
            group.is_apart = true;
            self.flows.push(Flow::new(part));
        }
        match (destination(word, is_optional), outer) {
            // What is in something aside stays there, the tables and properties aside.
            (Some(Place::Aside(_)), Some(Place::Aside(_) | Place::Styles | Place::Fonts)) => {}
            (Some(place), _) => self.state.place = place,
            (None, _) => {}
        }
        match word {
            "upr" => self.state.place = Place::Aside(Visibility::Alternate(Alternate::OtherMedium)),
            "ud" => {
                // In place of the group around it, which is for programs that know no Unicode.
                let around = self.groups.iter().rev().nth(1);
                self.state.place = around.map_or(Place::Page, |group| group.before.place);
            }
            "shptxt" => self.state.outer = self.shape_hides().or(self.state.outer),
            "listtext" | "pntext" => self.state.is_item = true,
            _ => {}
        }
        if part.is_some() && self.state.place == Place::Page {
            self.state.look = Look { is_hidden: self.state.look.is_hidden, ..Look::PLAIN };
            self.state.paragraph = Shading::default();
            self.state.is_in_table = false;
        }
    }

    fn begin_paragraph(&mut self) {
        self.state.paragraph = Shading::default();
        self.state.is_in_table = false;
        self.state.nesting = 1;
        self.state.outline = None;
        self.state.is_item = false;
        self.state.style = 0;
    }

    /// What a shape does to its text by its place and size.
    fn shape_hides(&self) -> Option<Visibility> {
        let [left, top, right, bottom] = self.sizes.shape;
        let [width, height] = self.sizes.page;
        if self.sizes.shape == [0; 4] {
            return None;
        }
        let is_outside = right < -OUTSIDE_TWIPS
            || bottom < -OUTSIDE_TWIPS
            || left > width.saturating_add(OUTSIDE_TWIPS)
            || top > height.saturating_add(OUTSIDE_TWIPS);
        if is_outside {
            return Some(Visibility::Hidden(Hiding::OffPage));
        }
        let is_closed = right.saturating_sub(left) < SHAPE_TWIPS_MIN
            || bottom.saturating_sub(top) < SHAPE_TWIPS_MIN;
        is_closed.then_some(Visibility::Hidden(Hiding::Clipped))
    }

    fn unicode(&mut self, number: i32) {
        let unit = u16::try_from(number.rem_euclid(0x1_0000)).unwrap_or_default();
        let text = match (self.half.take(), unit) {
            (_, 0xD800..0xDC00) => {
                self.half = Some(unit);
                String::new()
            }
            (Some(half), _) => String::from_utf16_lossy(&[half, unit]),
            // Symbols of fonts have their codes in the area of private use.
            (None, _) => String::from_utf16_lossy(&[unit]),
        };
        self.fallback.begin(&text, self.encoding());
        self.put(&text);
        self.needless = self.state.fallback;
    }

    /// Passes over bytes that are no text, and keeps what of them is.
    fn binary(&mut self, count: usize) {
        let rest = self.lexer.rest();
        let bytes = rest.get(..count).unwrap_or(rest);
        self.lexer.skip(count);
        self.pass(passed::binary(bytes, self.encoding()));
    }

    /// What word processors pass over stands behind the paragraph.
    fn pass(&mut self, block: Option<Block>) {
        if let Some(flow) = self.flows.last_mut() {
            flow.set_behind(block.into_iter().collect());
        }
    }

    fn font(&mut self, set: i32) {
        if let Some(encoding) = character_set(set).filter(|_| self.fonts.len() < RTF_TABLE_MAX) {
            self.fonts.insert(self.state.font, encoding);
        }
    }

    fn channel(&mut self, word: &str, value: usize) {
        let colour = self.colour.get_or_insert([0.0; 3]);
        let channel = match word {
            "red" => colour.first_mut(),
            "green" => colour.get_mut(1),
            _ => colour.get_mut(2),
        };
        if let Some(channel) = channel {
            *channel = f32::from(u8::try_from(value).unwrap_or(u8::MAX));
        }
    }

    fn end_colour(&mut self) {
        self.bytes.clear();
        let colour = self.colour.take().map(|[red, green, blue]| Rgba::solid(red, green, blue));
        if self.colours.len() < RTF_TABLE_MAX {
            self.colours.push(colour);
        }
    }

    /// Takes over a style, or, in the list of styles, says which is defined.
    fn style(&mut self, number: i32) {
        self.state.style = number;
        if self.state.place == Place::Styles {
            return;
        }
        if let Some((look, outline)) = self.styles.get(&number) {
            self.state.look = Look { is_deleted: self.state.look.is_deleted, ..*look };
            self.state.outline = *outline;
        }
    }

    /// The name of a style ends its definition.
    fn define(&mut self, name: &str) {
        let name = name.trim_end_matches(';').trim().to_ascii_lowercase();
        let level = name.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok());
        let outline = level.and_then(|level| level.checked_sub(1)).or(self.state.outline);
        if self.styles.len() < RTF_TABLE_MAX {
            self.styles.insert(self.state.style, (self.state.look, outline));
        }
    }

    fn end(&mut self, next: Joint) {
        let passed = self.fallback.show("\n");
        self.pass(passed);
        if let Some(flow) = self.flows.last_mut() {
            flow.end(next);
        }
    }

    /// Decodes the bytes that have come.
    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let (text, _) = self.encoding().decode_without_bom_handling(&bytes);
        self.push(&text);
    }

    fn encoding(&self) -> &'static Encoding {
        self.fonts.get(&self.state.font).copied().unwrap_or(self.code_page)
    }

    fn push(&mut self, text: &str) {
        let passed = self.fallback.show(text);
        self.pass(passed);
        self.put(text);
    }

    /// Text in the present state.
    fn put(&mut self, text: &str) {
        let mut state = self.state;
        match state.place {
            Place::Nowhere | Place::Colours => return,
            Place::Styles => self.define(text),
            Place::PropertyName => return self.property = text.trim().to_owned(),
            Place::PropertyValue => match self.value(text) {
                Some(place) => state.place = place,
                None => return,
            },
            Place::Fonts | Place::Page | Place::Aside(_) => {}
        }
        if std::mem::take(&mut self.is_title) {
            self.title = text.trim().to_owned();
        }
        let bare: String;
        let mut text = text;
        if state.place == Place::Aside(FOR_PROGRAMS) {
            self.instruction(text);
            // Patterns of numbers hold counts as characters.
            bare = text.chars().filter(|ch| !ch.is_control()).collect();
            text = &bare;
        }
        let kind = match (state.place, state.outline) {
            (Place::Page, Some(level)) => BlockKind::Heading((level + 1).min(6)),
            (Place::Page, None) if state.is_item => BlockKind::ListItem,
            (Place::Page, None) if state.is_in_table => BlockKind::Cell,
            (Place::Page, None) => BlockKind::Paragraph,
            _ => BlockKind::Attached,
        };
        let visibility = state.visibility(&self.colours, self.cell());
        if let Some(flow) = self.flows.last_mut() {
            flow.push(text, visibility, kind);
        }
    }

    /// Fields that run other programs.
    fn instruction(&mut self, text: &str) {
        let name = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        if matches!(name.as_str(), "DDE" | "DDEAUTO" | "INCLUDETEXT" | "IMPORT") {
            self.notice(NoticeKind::ActiveContent, "a field in it fetches from elsewhere");
        }
    }

    /// What lies under the text of a table.
    fn cell(&self) -> Under {
        if !self.state.is_in_table {
            return Under::Known(None);
        }
        if self.state.nesting > 1 {
            return Under::Unknown;
        }
        match self.row.cells.get(self.row.at) {
            Some(shading) => Under::Known(State::cell_shading(*shading, &self.colours)),
            None => Under::Unknown,
        }
    }

    /// A property of a shape: most are numbers, some are text.
    fn value(&mut self, text: &str) -> Option<Place> {
        let text = text.trim();
        match self.property.as_str() {
            "fillColor" => {
                let colour = text.parse::<u32>().ok()?;
                let [red, green, blue, _] = colour.to_le_bytes().map(f32::from);
                let under = Under::Known(Some(Rgba::solid(red, green, blue)));
                // It holds for the text box, which stands in the group around.
                for group in self.groups.iter_mut().rev().take(3) {
                    group.before.shape = group.before.shape.map(|_| under);
                }
                None
            }
            "fHidden" if text == "1" => {
                for group in self.groups.iter_mut().rev().take(3) {
                    if group.before.shape.is_some() {
                        group.before.outer = Some(NOT_DISPLAYED);
                    }
                }
                None
            }
            "gtextUNICODE" => Some(Place::Page),
            "wzDescription" | "wzTooltip" => {
                Some(Place::Aside(Visibility::Alternate(Alternate::AltText)))
            }
            _ if text.chars().any(char::is_alphabetic) => Some(Place::Aside(FOR_PROGRAMS)),
            _ => None,
        }
    }
}
